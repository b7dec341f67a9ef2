// .
import { array, type Infer, int16, int32, int64, message, struct, uint32 } from '../schema.ts';

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
