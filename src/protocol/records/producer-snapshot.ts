// <base offset>.snapshot: what a partition knows of its producers at that offset. Version (int16), CRC-32C of what follows
// it, entries. An entry with currentTxnFirstOffset -1 has no open transaction.
import { crc32c } from '../../base/crc32c.ts';
import { codecOf, decode } from '../codec.ts';
import { array, type Infer, type Init, int16, int32, int64, message, struct, uint32 } from '../schema.ts';
import { Reader, WireError, Writer } from '../wire.ts';

export const ProducerSnapshot = message({
  name: 'ProducerSnapshot',
  key: -1,
  min: 1,
  max: 1,
  flexibleFrom: Infinity,
  fields: {
    crc: uint32,
    producerEntries: array(
      struct({
        producerId: int64,
        epoch: int16,
        lastSequence: int32,
        lastOffset: int64,
        offsetDelta: int32,
        timestamp: int64,
        coordinatorEpoch: int32,
        currentTxnFirstOffset: int64,
      }),
    ),
  },
});
export type ProducerSnapshot = Infer<typeof ProducerSnapshot>;

const version = 1;
const crcAt = 2;
const entriesAt = 6;

export type ProducerEntry = ProducerSnapshot['producerEntries'][number];

export function encodeProducerSnapshot(entries: Init<typeof ProducerSnapshot>['producerEntries']): Uint8Array {
  const w = new Writer(entriesAt + 4 + entries.length * 46);
  w.i16(version);
  codecOf(ProducerSnapshot, version).write(w, { crc: 0, producerEntries: entries });
  w.patchU32(crcAt, crc32c(w.done().subarray(entriesAt)));
  return w.done();
}

/** Throws WireError for a wrong checksum, an unknown version or bytes too many or few. */
export function decodeProducerSnapshot(bytes: Uint8Array): readonly ProducerEntry[] {
  const found = new Reader(bytes).i16();
  const { crc, producerEntries } = decode(ProducerSnapshot, found, bytes.subarray(crcAt));
  if (crc !== crc32c(bytes.subarray(entriesAt))) throw new WireError('wrong CRC of a producer snapshot');
  return producerEntries;
}
