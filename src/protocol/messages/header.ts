// Request and response headers. Which version precedes a message depends on the message's own: see api.ts.
// The client id keeps its old two-byte length in every version, because a server must be able to read it before it knows
// whether the client is flexible (KIP-482).
import { type Infer, int16, int32, message, string } from '../schema.ts';

export const RequestHeader = message({
  name: 'RequestHeader',
  key: -1,
  min: 1,
  max: 2,
  flexibleFrom: 2,
  fields: {
    requestApiKey: int16,
    requestApiVersion: int16,
    correlationId: int32,
    clientId: string.nullable().rigid(),
  },
});
export type RequestHeader = Infer<typeof RequestHeader>;

export const ResponseHeader = message({
  name: 'ResponseHeader',
  key: -1,
  min: 0,
  max: 1,
  flexibleFrom: 1,
  fields: {
    correlationId: int32,
  },
});
export type ResponseHeader = Infer<typeof ResponseHeader>;
