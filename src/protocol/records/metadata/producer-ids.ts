// Blocks of producer ids.
import { type Infer, int32, int64, message } from '../../schema.ts';

/** Every id below nextProducerId has been handed to some broker. */
export const ProducerIdsRecord = message({
  name: 'ProducerIdsRecord',
  key: 15,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    brokerId: int32,
    brokerEpoch: int64.or(-1n),
    nextProducerId: int64,
  },
});
export type ProducerIdsRecord = Infer<typeof ProducerIdsRecord>;
