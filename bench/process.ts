import { readFileSync } from 'node:fs';

/** The unit of times in /proc on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Fields of /proc/PID/stat behind the name, which may hold anything. */
const statOf = (pid: number): readonly string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');

/** CPU seconds a process has used so far, user and system, all its threads. */
export function cpuSeconds(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** How long ago a process was started, to within 10 ms. */
export function ageMs(pid: number): number {
  const upSeconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return Math.max(0, upSeconds - Number(statOf(pid)[19]) / ticksPerSecond) * 1000;
}

/** Resident memory of a process in MB, page cache not counted. */
export function residentMb(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kb) / 1024;
}

/** What a process had to wait for the disk to read, in MB: what was in the page cache does not count. */
export function readMb(pid: number): number {
  const [, bytes] = /^read_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))!;
  return Number(bytes) / 1e6;
}

/** What the processors have done since the start, in ticks of all of them. */
export interface Processors {
  readonly all: number;
  /** What a virtual machine's host gave to others although there was work here. */
  readonly stolen: number;
}

export function processors(): Processors {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.trim().split(/\s+/);
  // user nice system idle iowait irq softirq steal; what follows is contained in the first two.
  const named = ticks.slice(0, 8).map(Number);
  return { all: named.reduce((sum, each) => sum + each, 0), stolen: named[7] ?? 0 };
}

/** Which share of the machine's time was stolen since `before`. */
export function stolenSince(before: Processors): number {
  const now = processors();
  return now.all === before.all ? 0 : (now.stolen - before.stolen) / (now.all - before.all);
}
