import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type AbiType, type AbiUnion, commands, counters, events } from '../../../src/dataplane/abi.ts';
import { decoderOf, encoderOf } from '../../../src/dataplane/codec.ts';
import { countersByName } from '../../../src/dataplane/counters.ts';
import type { PlaneCommand, PlaneEvent } from '../../../src/runtime/ports.ts';

describe('the messages of the strait', () => {
  it('are those of the ports', () => {
    type TestOnly = 'holdSyncs' | 'failCall' | 'killAtCall';
    expectTypeOf<PlaneCommand>().toExtend<Exclude<AbiUnion<typeof commands>, { type: TestOnly }>>();
    expectTypeOf<Exclude<AbiUnion<typeof commands>, { type: TestOnly }>>().toExtend<PlaneCommand>();
    expectTypeOf<Exclude<AbiUnion<typeof events>, { type: 'stopped' }>>().toExtend<PlaneEvent>();
    expectTypeOf<PlaneEvent>().toExtend<Exclude<AbiUnion<typeof events>, { type: 'stopped' }>>();
  });

  it('are the same in C++', () => {
    const script = fileURLToPath(new URL('../../../scripts/gen-abi.mjs', import.meta.url));
    const check = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect(check.stderr).toBe('');
    expect(check.status).toBe(0);
  });

  it('survive the crossing', () => {
    const arbitrary = (type: AbiType): fc.Arbitrary<unknown> => {
      if (typeof type !== 'string') {
        if ('enum' in type) return fc.constantFrom(...type.of);
        if ('array' in type) return fc.array(arbitrary(type.array), { maxLength: 4 });
        return fc.record(
          Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, arbitrary(field)])),
        );
      }
      switch (type) {
        case 'bool':
          return fc.boolean();
        case 'i16':
          return fc.integer({ min: -0x8000, max: 0x7fff });
        case 'i32':
          return fc.integer({ min: -0x80000000, max: 0x7fffffff });
        case 'u32':
          return fc.integer({ min: 0, max: 0xffffffff });
        case 'i64':
          return fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
        case 'count':
          return fc.maxSafeInteger();
        case 'uuid':
          return fc.uint8Array({ minLength: 16, maxLength: 16 });
        case 'string':
          return fc.string({ unit: 'binary' });
        case 'bytes':
          return fc.uint8Array();
      }
    };
    for (const table of [commands, events]) {
      const message = fc.oneof(
        ...Object.entries(table).map(([type, fields]) =>
          arbitrary({ struct: type, fields }).map(value => ({ type, ...(value as object) })),
        ),
      );
      const encoder = encoderOf(table) as unknown as { add(message: unknown): number; take(): Uint8Array };
      fc.assert(
        fc.property(fc.array(message, { maxLength: 5 }), messages => {
          const sizes = messages.map(each => encoder.add(each));
          const bytes = encoder.take();
          expect(bytes.length).toBe(sizes.at(-1) ?? 0);
          const read: unknown[] = [];
          decoderOf(table)(bytes, each => read.push(each));
          expect(read).toEqual(messages);
        }),
      );
    }
  });

  it('refuse what does not fit, in words', () => {
    const encoder = encoderOf(commands);
    const encode = (message: AbiUnion<typeof commands>) => encoder.add(message);
    const handle = { index: 1, generation: 1 };
    expect(() => encode({ type: 'drop', partition: { index: -1, generation: 1 }, ticket: 1 })).toThrow(
      'drop.partition.index',
    );
    expect(() => encode({ type: 'drop', partition: handle, ticket: 0.5 })).toThrow('drop.ticket');
    expect(() => encode({ type: 'deleteBefore', partition: handle, offset: 1n << 63n, ticket: 1 })).toThrow('64-bit');
    expect(() => encode({ type: 'query', ticket: 1, what: 'sizes' as 'log', partitions: [] })).toThrow(
      'producers, log',
    );
    expect(() => encode({ type: 'nonsense' } as unknown as AbiUnion<typeof commands>)).toThrow("'nonsense'");
    // A message that was refused half-way leaves nothing behind.
    expect(encoder.take()).toHaveLength(0);
    expect(() => decoderOf(events)(Uint8Array.of(1, 0, 0, 0, 99), () => {})).toThrow('different sources');
  });

  it('name every counter once', () => {
    expect(new Set(counters).size).toBe(counters.length);
    expect(Object.keys(countersByName(new BigInt64Array(counters.length)))).toEqual([...counters]);
  });
});
