/** Random values that are legal at one version of a schema: one more interpreter of the same data. */
import fc from 'fast-check';
import { uuidAt } from '../../src/base/uuid.ts';
import { defaultOf } from '../../src/protocol/codec.ts';
import type { Fields, Life, Message, Node } from '../../src/protocol/schema.ts';

const uint8 = fc.uint8Array({ maxLength: 40 });
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

export function arbitrary(node: Node, version: number): fc.Arbitrary<unknown> {
  switch (node.kind) {
    case 'bool':
      return fc.boolean();
    case 'int8':
      return fc.integer({ min: -0x80, max: 0x7f });
    case 'int16':
      return fc.integer({ min: -0x8000, max: 0x7fff });
    case 'uint16':
      return fc.integer({ min: 0, max: 0xffff });
    case 'int32':
      return fc.integer();
    case 'uint32':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'float64':
      return fc.double({ noNaN: true });
    case 'uuid':
      return fc.uint8Array({ minLength: 16, maxLength: 16 }).map(bytes => uuidAt(bytes));
    case 'string':
      return text;
    case 'bytes':
    case 'records':
      return uint8;
    case 'array':
      return fc.array(arbitrary(node.of, version), { maxLength: 3 });
    case 'struct':
      return fc.record(
        Object.fromEntries(Object.entries(node.fields).map(([key, f]) => [key, fieldValue(f.life, version)])),
        { noNullPrototype: true },
      );
  }
}

function fieldValue(life: Life, version: number): fc.Arbitrary<unknown> {
  const absent = fc.constant(defaultOf(life));
  if (version < life.from || version > life.to) return absent;
  const options = [{ weight: 4, arbitrary: arbitrary(life.node, version) }];
  if (life.nullFrom <= version && version <= life.nullTo) options.push({ weight: 1, arbitrary: fc.constant(null) });
  if (life.tag >= 0) options.push({ weight: 1, arbitrary: absent });
  return fc.oneof(...options);
}

export const arbitraryOf = (message: Message<Fields>, version: number): fc.Arbitrary<Record<string, unknown>> =>
  arbitrary({ kind: 'struct', fields: message.fields }, version) as fc.Arbitrary<Record<string, unknown>>;
