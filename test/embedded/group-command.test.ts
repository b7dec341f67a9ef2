import { afterAll, beforeAll } from 'vitest';
import { Broker } from '../../src/index.ts';
import { groupCommandTests } from '../support/group-command.ts';
import { freshDir } from './support.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start({ dataDir: freshDir(), config: { 'group.initial.rebalance.delay.ms': '0' } });
});
afterAll(() => broker.stop());

groupCommandTests(() => broker.bootstrapServers);
