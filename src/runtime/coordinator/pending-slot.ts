// A request that waits for its answer: what stands behind the slots that machines hold.
import { assert } from '../../base/assert.ts';
import { refuse } from '../../base/result.ts';
import type { WireRefusal } from '../../core/controller/decision.ts';
import { Slot } from '../../core/coordinator/turn.ts';
import { type ErrorName, errorCode, errorOf } from '../../protocol/errors.ts';

export class PendingSlot<Reply> extends Slot<Reply> {
  private settle: ((reply: Reply | WireRefusal) => void) | undefined;
  private refused = false;
  private answered = false;

  constructor(settle: (reply: Reply | WireRefusal) => void) {
    super();
    this.settle = settle;
  }

  /** The machine has decided the answer; it may not have gone out yet. */
  decide(): void {
    assert(!this.answered, 'a slot is answered once');
    this.answered = true;
  }

  /** Without effect on a slot that was refused meanwhile: whoever waited is gone. */
  resolve(reply: Reply): void {
    assert(this.settle !== undefined || this.refused, 'an answer goes out once');
    this.settle?.(reply);
    this.settle = undefined;
  }

  refuse(error: ErrorName): void {
    this.refused = true;
    this.settle?.(refusalOf(error));
    this.settle = undefined;
  }
}

export const refusalOf = (error: ErrorName): WireRefusal => refuse(error, errorOf(errorCode[error]).message);
