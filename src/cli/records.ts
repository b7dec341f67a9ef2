import { text } from '../base/bytes.ts';
import type { FetchedBatch } from '../client/fetcher.ts';
import type { LogRecord } from '../protocol/records/batch.ts';
import { type Format, json } from './output.ts';

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

/** Prints one record on a line of its own. Waits for a slow reader of the output instead of filling memory. */
export function printRecord(
  read: ReadRecord,
  { format, keySeparator, namesTopics }: RecordFormat,
): Promise<void> | undefined {
  const line = format === 'json' ? asJson(read, namesTopics) : asLine(read.record, keySeparator);
  if (process.stdout.write(`${line}\n`)) return undefined;
  return new Promise(resolve => process.stdout.once('drain', resolve));
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
