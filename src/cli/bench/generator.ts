import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ClientFailure } from '../../client/failure.ts';
import { packageRoot } from '../../dataplane/package-root.ts';
import { errorOf } from '../../protocol/errors.ts';
import type { Format } from '../output.ts';
import { table } from '../output.ts';

/** What the load generator prints at the end. Bytes are those of record batches on the wire, latencies milliseconds. */
export interface Result {
  readonly bytes: number;
  /** Before compression. */
  readonly plainBytes: number;
  readonly records: number;
  readonly requests: number;
  readonly errors: number;
  readonly lastError: number;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  readonly plainBytesPerSecond: number;
  readonly recordsPerSecond: number;
  readonly requestsPerSecond: number;
  readonly clientCpuSeconds: number;
  readonly latencyMs: Readonly<Record<'p50' | 'p90' | 'p99' | 'p999' | 'max', number>>;
  /** Points of the latency curve: [share of all requests, ms]. */
  readonly curve: readonly (readonly [number, number])[];
  /** Connections that did nothing beside the load. */
  readonly idle?: { readonly connections: number; readonly openSeconds: number; readonly disturbed: number };
}

interface Second {
  readonly second: { readonly bytes: number; readonly records: number; readonly requests: number };
}

const generator = join(packageRoot, 'build', 'Release', 'milena-bench');

/** Runs the generator; its second-by-second lines become a progress line where a person looks on. */
export async function generate(
  args: readonly string[],
  { seconds, format }: { readonly seconds: number; readonly format: Format },
): Promise<Result> {
  const child = spawn(generator, [...args, '--seconds', String(seconds)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', error => reject(new ClientFailure(`${generator}: ${error.message}; "npm run build" makes it`)));
    child.once('close', resolve);
  });
  ended.catch(() => undefined);
  const live = process.stderr.isTTY && format === 'table';
  let result: Result | undefined;
  let at = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const found = JSON.parse(line) as Result | Second;
    if (!('second' in found)) result = found;
    else if (live) process.stderr.write(`\r${progress(++at, seconds, found)}`);
  }
  if (live) process.stderr.write('\r\x1b[K');
  const code = await ended;
  if (!result || (said !== '' && code !== 0))
    throw new ClientFailure(said.trim() || `the load generator ended with code ${code}`);
  return result;
}

/** Throws when a broker has refused something: a figure of refusals measures nothing. */
export function expectNoErrors({ errors, lastError }: Result): void {
  if (errors > 0) throw new ClientFailure(`${errors} errors, the last ${errorOf(lastError).name} (${lastError})`);
}

const barWidth = 30;

export function progress(at: number, seconds: number, { second }: Second): string {
  const filled = Math.min(barWidth, Math.round((at / seconds) * barWidth));
  const bar = '#'.repeat(filled).padEnd(barWidth, '.');
  const { bytes, records, requests } = second;
  return `[${bar}] ${at}/${seconds} s  ${(bytes / 1e6).toFixed(1)} MB/s  ${records} records/s  ${requests} requests/s   `;
}

/** One row for each result, with a first column that names it when there are several. */
export function resultTable(results: readonly (readonly [name: string, result: Result])[]): string {
  const named = results.length > 1;
  const header = ['MB/S', 'RECORDS/S', 'REQUESTS/S', 'P50 MS', 'P99 MS', 'P99.9 MS', 'MAX MS', 'CLIENT CPU S'];
  const rows = results.map(([name, result]) => {
    const { latencyMs: ms } = result;
    const cells = [
      (result.plainBytesPerSecond / 1e6).toFixed(1),
      Math.round(result.recordsPerSecond),
      Math.round(result.requestsPerSecond),
      ms.p50,
      ms.p99,
      ms.p999,
      ms.max,
      result.clientCpuSeconds,
    ];
    return named ? [name, ...cells] : cells;
  });
  return table(named ? ['', ...header] : header, rows);
}
