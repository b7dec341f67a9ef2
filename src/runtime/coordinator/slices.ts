// Shares the event loop between shards that load and everything else: one slice of work, of whichever shard is next, in
// each pass of the loop.

export class Slices {
  private readonly soon: (run: () => void) => void;
  private readonly waiting: (() => void)[] = [];

  constructor(soon: (run: () => void) => void) {
    this.soon = soon;
  }

  /** Resolves when it is the caller's turn to work for a few milliseconds. */
  turn(): Promise<void> {
    return new Promise(resolve => {
      this.waiting.push(resolve);
      if (this.waiting.length === 1) this.soon(() => this.next());
    });
  }

  private next(): void {
    this.waiting.shift()?.();
    if (this.waiting.length > 0) this.soon(() => this.next());
  }
}
