// A request that waits for its answer: what stands behind the slots that machines hold.
import { assert } from '../../base/assert.ts';
import type { Eventual } from '../../base/eventual.ts';
import { refuse } from '../../base/result.ts';
import type { WireRefusal } from '../../core/controller/decision.ts';
import { Slot } from '../../core/coordinator/turn.ts';
import { type ErrorName, errorCode, errorOf } from '../../protocol/errors.ts';

export interface Waiting {
  refuse(error: ErrorName): void;
}

export class PendingSlot<Reply> extends Slot<Reply> implements Waiting {
  private readonly open: Set<Waiting>;
  private settled: { readonly reply: Reply | WireRefusal } | undefined;
  private waiter: ((reply: Reply | WireRefusal) => void) | undefined;
  private refused = false;
  private answered = false;

  /** It is in `open` for as long as somebody waits for it. */
  constructor(open: Set<Waiting>) {
    super();
    this.open = open;
  }

  /** Once, when the turn it was made for is over. */
  outcome(): Eventual<Reply | WireRefusal> {
    if (this.settled !== undefined) return this.settled.reply;
    this.open.add(this);
    return new Promise(resolve => {
      this.waiter = resolve;
    });
  }

  /** The machine has decided the answer; it may not have gone out yet. */
  decide(): void {
    assert(!this.answered, 'a slot is answered once');
    this.answered = true;
  }

  /** Without effect on a slot that was refused meanwhile: whoever waited is gone. */
  resolve(reply: Reply): void {
    assert(this.settled === undefined || this.refused, 'an answer goes out once');
    if (this.settled === undefined) this.settle(reply);
  }

  refuse(error: ErrorName): void {
    this.refused = true;
    if (this.settled === undefined) this.settle(refusalOf(error));
  }

  private settle(reply: Reply | WireRefusal): void {
    this.settled = { reply };
    if (this.waiter === undefined) return;
    this.open.delete(this);
    this.waiter(reply);
  }
}

export const refusalOf = (error: ErrorName): WireRefusal => refuse(error, errorOf(errorCode[error]).message);
