// Start and stop are symmetric, and stop is a gate: refuse new work, then wait for what is in flight.

export class Gate {
  private inside = 0;
  private closing: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  get isOpen(): boolean {
    return this.closing === undefined;
  }

  /** How many entered and did not leave yet. */
  get inFlight(): number {
    return this.inside;
  }

  /** False once the gate closes; whoever entered leaves exactly once. */
  enter(): boolean {
    if (this.closing !== undefined) return false;
    this.inside++;
    return true;
  }

  leave(): void {
    this.inside--;
    if (this.inside === 0) this.closing?.resolve();
  }

  /** Lets nobody in any more; resolves when the last one left. Idempotent. */
  close(): Promise<void> {
    if (this.closing === undefined) {
      let resolve: () => void = () => undefined;
      const promise = new Promise<void>(done => {
        resolve = done;
      });
      this.closing = { promise, resolve };
      if (this.inside === 0) resolve();
    }
    return this.closing.promise;
  }
}
