/** Milena against Apache Kafka's answers kept as data (test/golden): same error codes, same shapes, connections open or closed alike. Needs no Java. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../src/index.ts';
import { scratchDir } from '../support/paths.ts';
import { goldenFiles, readGolden } from './golden.ts';
import { type Played, playSuite } from './play.ts';

const SUITE_DEADLINE_MS = 300_000;

for (const file of goldenFiles()) {
  const { suite, played: kafka } = readGolden(file);
  describe(suite.name, () => {
    let broker: Broker;
    let milena: readonly Played[];

    beforeAll(async () => {
      const dataDir = join(scratchDir('answers'), 'data');
      broker = await Broker.start({ port: 0, dataDir, config: { 'node.id': '1', 'num.partitions': '1' } });
      const port = Number(broker.bootstrapServers.split(':').at(-1));
      milena = await playSuite(port, suite);
    }, SUITE_DEADLINE_MS);
    afterAll(() => broker?.stop());

    // Some steps look at the same thing again and again: their names alone do not tell them apart.
    for (const [i, expected] of kafka.entries()) {
      test(`${i}: ${expected.name}`, () => {
        expect(milena[i]).toEqual(expected);
      });
    }
  });
}
