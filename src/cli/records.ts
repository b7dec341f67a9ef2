import { text } from '../base/bytes.ts';
import type { FetchedBatch } from '../client/fetcher.ts';
import type { LogRecord } from '../protocol/records/batch.ts';
import { type Format, json, write } from './output.ts';

const recordsPerWrite = 1000;

/** How records are printed: JSON lines, or values with keys in front when a separator is given. */
export interface RecordFormat {
  readonly format: Format;
  readonly keySeparator?: string;
  /** With several topics, JSON names the topic of each record. */
  readonly namesTopics: boolean;
}

export interface ReadRecord {
  readonly topic: string;
  readonly partition: number;
  readonly record: LogRecord;
}

/** Control records mark the ends of transactions; they are not for readers. */
export const dataRecords = (batches: readonly FetchedBatch[]): ReadRecord[] =>
  batches.flatMap(({ topic, partition, batch }) =>
    batch.control ? [] : batch.records.map(record => ({ topic, partition, record })),
  );

/** Prints records, one a line. False when nobody reads them any more; waits for a slow reader instead of filling memory. */
export async function printRecords(
  records: readonly ReadRecord[],
  { format, keySeparator, namesTopics }: RecordFormat,
): Promise<boolean> {
  for (let at = 0; at < records.length; at += recordsPerWrite) {
    const lines = records
      .slice(at, at + recordsPerWrite)
      .map(read => `${format === 'json' ? asJson(read, namesTopics) : asLine(read.record, keySeparator)}\n`);
    if (!(await write(lines.join('')))) return false;
  }
  return true;
}

function asJson({ topic, partition, record }: ReadRecord, namesTopics: boolean): string {
  const { offset, timestamp, key, value, headers } = record;
  return json({
    ...(namesTopics && { topic }),
    partition,
    offset,
    timestamp,
    key: key && text(key),
    value: value && text(value),
    ...(headers.length > 0 && { headers: headers.map(h => ({ key: h.key, value: h.value && text(h.value) })) }),
  });
}

function asLine({ key, value }: LogRecord, separator: string | undefined): string {
  const shown = value ? text(value) : '';
  return separator === undefined ? shown : `${key ? text(key) : ''}${separator}${shown}`;
}
