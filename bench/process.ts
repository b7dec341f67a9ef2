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
