import fc from 'fast-check';
import { compressSync as snappy } from 'snappy';
import { expect, test } from 'vitest';
import { openCodecs } from '../../../src/client/codecs.ts';
import { compressions } from '../../../src/protocol/records/batch.ts';

const codecs = await openCodecs();

test.each(compressions)('%s gives back what it was given', compression => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100_000 }), bytes => {
      const whole = codecs.decompress(compression, codecs.compress(compression, bytes), bytes.length);
      expect(Buffer.compare(whole, bytes)).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test('plain snappy without the framing is read too', () => {
  const bytes = Buffer.from('abcabcabcabcabcabc');
  expect(Buffer.from(codecs.decompress('snappy', snappy(bytes), 100))).toEqual(bytes);
});

test.each(compressions.filter(c => c !== 'none'))('%s beyond the limit is refused', compression => {
  const packed = codecs.compress(compression, new Uint8Array(10_000));
  expect(() => codecs.decompress(compression, packed, 9_999)).toThrow();
});
