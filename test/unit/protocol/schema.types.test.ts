// What the compiler infers from a schema: checked by tsc, run for completeness.
import { expectTypeOf, test } from 'vitest';
import type { Uuid } from '../../../src/base/uuid.ts';
import type { HeartbeatRequest } from '../../../src/protocol/messages/12-heartbeat.ts';
import type { MetadataRecord } from '../../../src/protocol/records/metadata/record.ts';
import {
  array,
  type Infer,
  type Init,
  int32,
  int64,
  message,
  string,
  struct,
  uuid,
} from '../../../src/protocol/schema.ts';

const Sample = message({
  name: 'Sample',
  key: 0,
  min: 0,
  max: 1,
  flexibleFrom: 1,
  fields: {
    id: uuid,
    count: int64.since(1).or(0n),
    label: string.nullable().tag(0).or(null),
    rows: array(struct({ a: int32, b: int32.or(1) })).nullable(1),
  },
});

test('decoded: every field, null where some version allows it', () => {
  expectTypeOf<Infer<typeof Sample>>().toEqualTypeOf<{
    id: Uuid;
    count: bigint;
    label: string | null;
    rows: readonly { a: number; b: number }[] | null;
  }>();
});

test('to send: fields with a declared default may be left out, at every depth', () => {
  expectTypeOf<Init<typeof Sample>>().toEqualTypeOf<{
    readonly id: Uuid;
    readonly rows: readonly { readonly a: number; readonly b?: number | undefined }[] | null;
    readonly count?: bigint | undefined;
    readonly label?: string | null | undefined;
  }>();
});

test('what was decoded can be sent', () => {
  expectTypeOf<Infer<typeof Sample>>().toExtend<Init<typeof Sample>>();
  expectTypeOf<HeartbeatRequest>().toExtend<Init<typeof HeartbeatRequest>>();
});

test('the record union discriminates', () => {
  expectTypeOf<Extract<MetadataRecord, { type: 'topic' }>['data']>().toEqualTypeOf<{ name: string; topicId: Uuid }>();
});
