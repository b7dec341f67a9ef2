/** The machine a fake data plane runs on: its disks and ports outlive the planes, so that a simulation can stop, crash and restart them. */
import { misuse, PlaneFailure } from './failure.ts';
import type { FakeLog } from './fake-log.ts';

interface Directory {
  locked: boolean;
  readonly logs: Map<string, FakeLog>;
}

const EADDRINUSE = 98;
const EACCES = 13;

export class FakeHost {
  private readonly directories = new Map<string, Directory>();
  private readonly ports = new Set<number>();
  private nextPort = 40_000;
  /** Directories that cannot be opened. */
  readonly broken = new Set<string>();
  /** Runs what a thread of the real plane would do later; a simulation passes its own scheduler. */
  readonly later: (run: () => void) => void;

  constructor(later: (run: () => void) => void = run => void setImmediate(run)) {
    this.later = later;
  }

  lock(path: string): Map<string, FakeLog> {
    if (this.broken.has(path)) throw new PlaneFailure('IO', `log directory ${path}: Permission denied`, EACCES);
    const directory = this.directories.get(path) ?? { locked: false, logs: new Map<string, FakeLog>() };
    if (directory.locked) throw new PlaneFailure('LOCKED', `log directory ${path}: another broker has locked it`);
    directory.locked = true;
    this.directories.set(path, directory);
    return directory.logs;
  }

  unlock(path: string): void {
    const directory = this.directories.get(path);
    if (directory !== undefined) directory.locked = false;
  }

  bind(port: number): number {
    if (this.ports.has(port))
      throw new PlaneFailure('PORT_IN_USE', `cannot listen on port ${port}: Address already in use`, EADDRINUSE);
    const bound = port === 0 ? this.nextPort++ : port;
    this.ports.add(bound);
    return bound;
  }

  unbind(port: number): void {
    this.ports.delete(port);
  }

  /** A power cut of one directory whose plane is gone; see FakeLog.crash. */
  crash(path: string, keepUnsynced = 0): void {
    const directory = this.directories.get(path);
    if (directory === undefined || directory.locked) throw misuse(`crash: ${path} is not a directory nobody uses`);
    for (const log of directory.logs.values()) log.crash(keepUnsynced);
  }
}
