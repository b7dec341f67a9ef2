// Files in memory, as durable as they claim to be: what was written survives, what is removed is gone.
import type { Files } from '../../src/runtime/ports.ts';

export class MemoryFiles implements Files {
  readonly contents = new Map<string, Uint8Array>();
  readonly directories = new Set<string>();
  /** Every change, as `verb path`. */
  readonly changes: string[] = [];
  /** Set to make the next write fail with this code, after which it is cleared. */
  failNextWrite: string | undefined;
  /** Called before every change. */
  changing: () => void = () => {};

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.contents.get(path)?.slice();
  }

  async writeAtomically(path: string, bytes: Uint8Array, before = new Map<string, Uint8Array>()): Promise<void> {
    for (const [name, content] of before) await this.writeAtomically(name, content);
    if (this.failNextWrite !== undefined) {
      const code = this.failNextWrite;
      this.failNextWrite = undefined;
      throw Object.assign(new Error(`${code}: write`), { code });
    }
    this.change(`write ${path}`);
    this.contents.set(path, bytes.slice());
  }

  async list(path: string): Promise<readonly string[] | undefined> {
    const names = new Set<string>();
    for (const known of [...this.contents.keys(), ...this.directories]) {
      if (known.startsWith(`${path}/`)) names.add(known.slice(path.length + 1).split('/')[0]!);
    }
    return names.size === 0 && !this.directories.has(path) ? undefined : [...names];
  }

  async makeDirectory(path: string): Promise<void> {
    this.change(`mkdir ${path}`);
    this.directories.add(path);
  }

  async remove(path: string): Promise<void> {
    this.change(`remove ${path}`);
    for (const known of this.contents.keys()) {
      if (known === path || known.startsWith(`${path}/`)) this.contents.delete(known);
    }
  }

  private change(what: string): void {
    this.changing();
    this.changes.push(what);
  }
}
