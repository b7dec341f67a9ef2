/** `milena group` beside kafka-consumer-groups: the suite of the embedded broker on Kafka itself, and each tool's files and words in the other's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';
import { groupCommandTests } from '../support/group-command.ts';
import { scratchDir } from '../support/paths.ts';
import type { ProcessPeer } from '../support/peer.ts';
import { mustKafkaTool, startKafka } from './support/kafka.ts';
import { startMilena } from './support/milena.ts';

const consumerGroups = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';

describe.each([
  ['kafka', startKafka],
  ['milena', startMilena],
] as const)('%s', (name, start) => {
  let peer: ProcessPeer;
  beforeAll(async () => {
    peer = await start();
  });
  afterAll(() => peer?.stop());

  if (name === 'kafka') groupCommandTests(() => peer.bootstrap);

  const theirs = async (...args: string[]): Promise<string> =>
    (await mustKafkaTool(consumerGroups, ['--bootstrap-server', peer.bootstrap, ...args])).stdout;
  const ours = (): Cli => new Cli(peer.bootstrap);
  const rows = (text: string): string[][] =>
    text
      .split('\n')
      .map(line => line.trim().split(/\s+/))
      .filter(cells => cells.length > 2)
      .sort();

  test('the plans of one tool are the plans of the other', async () => {
    const home = scratchDir('plans');
    await ours().must(['topic', 'create', 'plans', '--partitions', '2']);
    await ours().must(['produce', 'plans', '-p', '0'], 'a\nb\nc\n');
    await ours().must(['produce', 'plans', '-p', '1'], 'a\nb\nc\nd\n');
    for (const [group, offset] of [
      ['plan-a', '1'],
      ['plan-b', '2'],
    ] as const) {
      await ours().must(['group', 'reset-offsets', group, '--topic', 'plans', '--to-offset', offset, '--execute']);
    }
    for (const groups of [['plan-a'], ['plan-a', 'plan-b']]) {
      const named = groups.flatMap(group => ['--group', group]);
      const exported = await theirs('--reset-offsets', ...named, '--all-topics', '--to-current', '--export');
      const mine = await ours().must(['group', 'reset-offsets', ...groups, '--all-topics', '--to-current', '--export']);
      const linesOf = (text: string): string[] =>
        text
          .split('\n')
          .filter(line => line.includes(','))
          .sort();
      expect(linesOf(mine)).toEqual(linesOf(exported));
      const file = join(home, `${groups.length}.csv`);
      writeFileSync(file, exported);
      await ours().must(['group', 'reset-offsets', ...groups, '--from-file', file]);
      writeFileSync(file, mine.replaceAll(/,\d+$/gm, ',3'));
      await theirs('--reset-offsets', ...named, '--from-file', file, '--execute');
      expect(readFileSync(file, 'utf8')).toContain(',3');
    }
    const [one, two] = await ours().json<{ lag: number }[]>(['group', 'lag', 'plan-a', 'plan-b']);
    expect([one!.lag, two!.lag]).toEqual([1, 1]);
  });

  test('both tools tell the same of a group', async () => {
    await ours().must(['topic', 'create', 'told', '--partitions', '2']);
    await ours().must(['produce', 'told'], 'a\nb\nc\n');
    const member = ours().spawn(['consume', 'told', '--group', 'telling', '--from-beginning']);
    await member.untilOutput(/([abc]\n){3}/, 60_000);
    const [mine] = await ours().json<
      {
        state: string;
        protocol: string;
        members: { memberId: string }[];
        partitions: {
          partition: number;
          committedOffset: number;
          logEndOffset: number;
          lag: number;
          memberId: string;
        }[];
      }[]
    >(['group', 'describe', 'telling']);
    const state = await theirs('--describe', '--group', 'telling', '--state');
    expect(state).toMatch(new RegExp(`telling .*${mine!.protocol} +${mine!.state} +1`));
    const told = rows(await theirs('--describe', '--group', 'telling'));
    const header = told.find(([first]) => first === 'GROUP')!;
    const column = (cells: string[], title: string): string | undefined => cells[header.indexOf(title)];
    for (const p of mine!.partitions) {
      const cells = told.find(each => each[0] === 'telling' && column(each, 'PARTITION') === String(p.partition))!;
      expect([
        column(cells, 'CURRENT-OFFSET'),
        column(cells, 'LOG-END-OFFSET'),
        column(cells, 'LAG'),
        column(cells, 'CONSUMER-ID'),
      ]).toEqual([p.committedOffset, p.logEndOffset, p.lag, p.memberId].map(String));
    }
    await member.end('SIGINT', 60_000);
  });
});
