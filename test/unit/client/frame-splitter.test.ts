import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameSplitter } from '../../../src/client/frame-splitter.ts';
import { sized } from '../../../src/protocol/frame.ts';

test('payloads come out whole and in order, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.array(fc.integer({ min: 1, max: 30 })),
      (payloads, cuts) => {
        const stream = Buffer.concat(payloads.map(sized));
        const splitter = new FrameSplitter();
        const found: Uint8Array[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          found.push(...splitter.push(stream.subarray(at, at + cut)));
          at = Math.min(stream.length, at + cut);
        }
        expect(found.map(f => [...f])).toEqual(payloads.map(p => [...p]));
      },
    ),
  );
});

test('a size no broker sends is refused', () => {
  expect(() => new FrameSplitter().push(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toThrow(/is this a Kafka broker/);
  expect(() => new FrameSplitter().push(new TextEncoder().encode('HTTP/1.1'))).toThrow(/is this a Kafka broker/);
});
