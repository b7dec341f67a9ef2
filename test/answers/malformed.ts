/** The ways in which every API's request can be broken, whatever its schema. */
import type { Message } from '../../src/protocol/schema.ts';
import { type Step, servedApi, step } from './suite.ts';

const TRAILING_BYTES = 3;

function withVersion(frame: Uint8Array, version: number): Uint8Array {
  const out = Buffer.from(frame);
  out.writeInt16BE(version, 2);
  return out;
}

/** From a valid frame of one version. Bytes behind the body are accepted by Kafka, a body cut short is not. */
export const malformed = (frame: Uint8Array): Step[] => [
  step('bytes behind the body', Buffer.concat([frame, Buffer.alloc(TRAILING_BYTES)])),
  step('the last byte missing', frame.subarray(0, frame.length - 1)),
  step('only half of it', frame.subarray(0, frame.length >> 1)),
  step('only key, version and correlation id', frame.subarray(0, 8)),
];

/** Versions that Kafka does not answer; frames whose bodies do not matter. */
export function unserved(message: Message, frame: Uint8Array): Step[] {
  const { min, max } = servedApi(message);
  return [-1, min - 1, max + 1, 99]
    .filter((version, i, all) => all.indexOf(version) === i)
    .map(version => step(`version ${version}`, withVersion(frame, version)));
}
