import { expect, test } from 'vitest';
import { javaAddress } from '../../../src/server/client-identity.ts';

/** From Java's InetAddress.getHostAddress. */
test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '0:0:0:0:0:0:0:1'],
  ['::', '0:0:0:0:0:0:0:0'],
  ['fe80::', 'fe80:0:0:0:0:0:0:0'],
  ['2001:db8::8a2e:370:7334', '2001:db8:0:0:0:8a2e:370:7334'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
])('%s is written %s', (address, java) => {
  expect(javaAddress(address)).toBe(java);
});
