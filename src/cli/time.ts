import { InvalidArgumentError } from 'commander';

/** For commander: ISO 8601, or ms since 1970. A time of day without a zone is UTC, as in Kafka's own tools. */
export function timestamp(given: string): bigint {
  const ms = /^\d+$/.test(given) ? Number(given) : iso8601.test(given) ? Date.parse(inUtc(given)) : Number.NaN;
  if (!Number.isSafeInteger(ms)) {
    throw new InvalidArgumentError('Give a time as 2026-01-31T12:00:00Z or in ms since 1970.');
  }
  return BigInt(ms);
}

// Date.parse alone takes much that is no ISO 8601, in the zone of the machine.
const iso8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

const inUtc = (given: string): string => (/T[^Z+-]*$/.test(given) ? `${given}Z` : given);

const dayMs = 86_400_000;

/** For commander: an ISO 8601 duration of days, hours, minutes and seconds (P1DT12H, PT0.5S) in ms. */
export function duration(given: string): bigint {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$/.exec(given.toUpperCase());
  const [days, hours, minutes, seconds] = (match ?? []).slice(1).map(part => Number(part ?? 0));
  const ms = days! * dayMs + hours! * 3_600_000 + minutes! * 60_000 + Math.floor(seconds! * 1000);
  if (!match || !/\d/.test(given) || given.toUpperCase().endsWith('T') || !Number.isSafeInteger(ms)) {
    throw new InvalidArgumentError('Give an ISO 8601 duration like P1DT12H or PT30M.');
  }
  return BigInt(ms);
}
