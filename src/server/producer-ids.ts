// Hands out producer ids from blocks that the controller allocates, so that a record of the metadata log is needed once
// per block and not per producer. What is left of a block is lost with the process: ids are never handed out twice.
import { isRefusal } from '../base/result.ts';
import type { ApiRefusal } from './api.ts';

export interface ProducerIdBlock {
  readonly first: bigint;
  readonly count: number;
}

export class ProducerIds {
  private readonly allocate: () => Promise<ProducerIdBlock | ApiRefusal>;
  private next = 0n;
  private end = 0n;
  private filling: Promise<ApiRefusal | undefined> | undefined;

  constructor(allocate: () => Promise<ProducerIdBlock | ApiRefusal>) {
    this.allocate = allocate;
  }

  async take(): Promise<bigint | ApiRefusal> {
    while (this.next === this.end) {
      // Whoever finds the block empty while the next one is on its way waits for that one.
      this.filling ??= this.fill();
      const refusal = await this.filling;
      if (refusal !== undefined) return refusal;
    }
    return this.next++;
  }

  private async fill(): Promise<ApiRefusal | undefined> {
    try {
      const block = await this.allocate();
      if (isRefusal(block)) return block;
      this.next = block.first;
      this.end = block.first + BigInt(block.count);
      return undefined;
    } finally {
      this.filling = undefined;
    }
  }
}
