/** What `milena group` and `milena consume --group` do, whoever the broker is: run against Milena and against Apache Kafka. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Cli } from './cli.ts';
import { scratchDir } from './paths.ts';

const deadlineMs = 120_000;

interface Described {
  readonly group: string;
  readonly state: string;
  readonly protocol: string;
  readonly protocolType: string;
  readonly coordinator: { readonly id: number; readonly port: number };
  readonly lag: number;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly clientId: string;
    readonly host: string;
    readonly assignment: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
  }[];
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly committedOffset: number | null;
    readonly logEndOffset: number;
    readonly lag: number | null;
    readonly memberId: string | null;
  }[];
}

interface Reset {
  readonly executed: boolean;
  readonly offsets: readonly { group: string; topic: string; partition: number; offset: number }[];
}

const lines = (count: number): string => Array.from({ length: count }, (_, i) => `${i}\n`).join('');
const sorted = (text: string): string[] => text.trim().split('\n').sort();

export function groupCommandTests(bootstrap: () => string): void {
  const cli = (): Cli => new Cli(bootstrap());
  let topics = 0;
  /** A topic of its own for each test, 3 partitions with 10 records each. */
  async function filledTopic(): Promise<string> {
    const topic = `topic-${++topics}`;
    await cli().must(['topic', 'create', topic, '--partitions', '3']);
    for (const partition of ['0', '1', '2']) await cli().must(['produce', topic, '-p', partition], lines(10));
    return topic;
  }
  const consumed = (topic: string, group: string, ...more: string[]): Promise<string> =>
    cli().must(['consume', topic, '--group', group, '--until-end', ...more]);
  const described = async (group: string): Promise<Described> =>
    (await cli().json<Described[]>(['group', 'describe', group]))[0]!;
  const offsetsOf = async (group: string): Promise<(number | null)[]> =>
    (await described(group)).partitions.map(({ committedOffset }) => committedOffset);
  const reset = async (...args: string[]): Promise<(number | null)[]> => {
    const { executed, offsets } = await cli().json<Reset>(['group', 'reset-offsets', ...args, '--execute']);
    expect(executed).toBe(true);
    return offsets.map(({ offset }) => offset);
  };
  const refused = async (args: readonly string[], why: RegExp): Promise<void> => {
    const { code, stdout, stderr } = await cli().run(args);
    expect([code, stdout.trim()], stderr).toEqual([1, '']);
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/\n\s+at /);
  };

  test('a group reads everything once and goes on where it was', { timeout: deadlineMs }, async () => {
    const topic = await filledTopic();
    const all = [...lines(10), ...lines(10), ...lines(10)].join('');
    expect(sorted(await consumed(topic, 'once', '--from-beginning'))).toEqual(sorted(all));
    expect(await consumed(topic, 'once', '--from-beginning')).toBe('');
    await cli().must(['produce', topic, '-p', '1'], 'new\n');
    expect(await consumed(topic, 'once')).toBe('new\n');
    expect(await described('once')).toMatchObject({ state: 'Empty', protocolType: 'consumer', members: [], lag: 0 });
    expect(await offsetsOf('once')).toEqual([10, 11, 10]);
    expect(await consumed(topic, 'from-end')).toBe('');
    expect(await offsetsOf('from-end')).toEqual([10, 11, 10]);
  });

  test('--max leaves the rest to the next reader', { timeout: deadlineMs }, async () => {
    const topic = await filledTopic();
    const first = await consumed(topic, 'some', '--from-beginning', '--max', '17');
    const rest = await consumed(topic, 'some');
    expect([sorted(first).length, sorted(rest).length]).toEqual([17, 13]);
    expect(sorted(first + rest)).toEqual(sorted(lines(10).repeat(3)));
  });

  test('a live member is described, and leaves on SIGINT', { timeout: deadlineMs }, async () => {
    const [a, b] = [await filledTopic(), await filledTopic()];
    const member = cli().spawn(['consume', a, b, '--group', 'live', '--from-beginning', '--format', 'json']);
    await member.untilOutput(new RegExp(`(.*"topic":"(${a}|${b})".*\n){60}`), deadlineMs);
    const found = await described('live');
    expect(found).toMatchObject({ state: 'Stable', protocol: 'range', protocolType: 'consumer' });
    expect(String(found.coordinator.port)).toBe(bootstrap().split(':').at(-1));
    expect(found.members).toHaveLength(1);
    expect(found.members[0]).toMatchObject({ instanceId: null, clientId: 'milena-cli', host: '127.0.0.1' });
    expect(found.members[0]!.assignment).toEqual([a, b].sort().map(topic => ({ topic, partitions: [0, 1, 2] })));
    expect(found.partitions.map(({ memberId }) => memberId)).toEqual(Array(6).fill(found.members[0]!.memberId));
    await refused(['group', 'reset-offsets', 'live', '--all-topics', '--to-earliest'], /group live is Stable/);
    await refused(['group', 'delete', 'live'], /NON_EMPTY_GROUP/);
    await refused(['group', 'delete-offsets', 'live', '--topic', a], /GROUP_SUBSCRIBED_TO_TOPIC/);
    expect(await member.end('SIGINT', deadlineMs)).toBe(true);
    expect(await member.exited).toEqual({ code: 0, signal: null });
    expect(await described('live')).toMatchObject({ state: 'Empty', lag: 0, members: [] });
    expect(await offsetsOf('live')).toEqual([10, 10, 10, 10, 10, 10]);
  });

  test('offsets are reset in every mode', { timeout: deadlineMs }, async () => {
    const topic = await filledTopic();
    const at = ['--topic', topic];
    expect(await reset('modes', ...at, '--to-latest')).toEqual([10, 10, 10]);
    expect(await reset('modes', '--all-topics', '--to-earliest')).toEqual([0, 0, 0]);
    expect(await reset('modes', '--topic', `${topic}:0,2`, '--to-offset', '4')).toEqual([4, 4]);
    expect(await offsetsOf('modes')).toEqual([4, 0, 4]);
    expect(await reset('modes', ...at, '--shift-by', '3')).toEqual([7, 3, 7]);
    expect(await reset('modes', ...at, '--to-current')).toEqual([7, 3, 7]);
    expect(await reset('modes', ...at, '--by-duration', 'P1D')).toEqual([0, 0, 0]);
    expect(await reset('modes', ...at, '--to-datetime', '2200-01-01T00:00:00.000')).toEqual([10, 10, 10]);
    expect(await reset('modes', ...at, '--to-datetime', '2000-01-01T00:00:00Z')).toEqual([0, 0, 0]);
    expect(sorted(await consumed(topic, 'modes'))).toHaveLength(30);
  });

  test('offsets outside of a log are taken as the nearest within, with a warning', {
    timeout: deadlineMs,
  }, async () => {
    const topic = await filledTopic();
    const asked = ['group', 'reset-offsets', 'clamped', '--topic', `${topic}:1`, '--execute', '--to-offset', '99'];
    const { code, stdout, stderr } = await cli().run(asked);
    expect(code).toBe(0);
    expect(stderr).toBe(`milena: ${topic}-1: offset 99 is above the end of the log, 10 is taken\n`);
    expect(stdout).toMatch(new RegExp(`clamped +${topic} +1 +10`));
    const shifted = await cli().run(['group', 'reset-offsets', 'clamped', '--all-topics', '--shift-by', '-11']);
    expect(shifted.stderr).toBe(`milena: ${topic}-1: offset -1 is below the start of the log, 0 is taken\n`);
    expect(shifted.stdout).toContain('Nothing was changed');
    expect(await offsetsOf('clamped')).toEqual([10]);
  });

  test('plans go out as CSV and come back, for one group and for several', { timeout: deadlineMs }, async () => {
    const topic = await filledTopic();
    const home = scratchDir('reset');
    const file = (name: string, text: string): string => {
      const path = join(home, name);
      writeFileSync(path, text);
      return path;
    };
    await reset('one', '--topic', topic, '--to-offset', '1');
    await reset('two', '--topic', topic, '--to-offset', '2');
    const single = await cli().must(['group', 'reset-offsets', 'one', '--all-topics', '--to-current', '--export']);
    expect(single).toBe(`${topic},0,1\n${topic},1,1\n${topic},2,1\n`);
    const both = await cli().must(['group', 'reset-offsets', 'one', 'two', '--all-topics', '--to-current', '--export']);
    expect(both.split('\n').slice(2, 4)).toEqual([`one,${topic},2,1`, `two,${topic},0,2`]);
    expect(await reset('one', '--from-file', file('one.csv', `${topic},0,5\n${topic},2,6\n`))).toEqual([5, 6]);
    expect(await offsetsOf('one')).toEqual([5, 1, 6]);
    expect(await reset('one', 'two', '--from-file', file('both.csv', both))).toEqual([1, 1, 1, 2, 2, 2]);
    await refused(
      ['group', 'reset-offsets', 'three', '--from-file', file('both.csv', both)],
      /both\.csv has no offsets for group three/,
    );
    await refused(['group', 'reset-offsets', 'one', '--from-file', file('bad.csv', 'a,b\n')], /line 1 of the file/);
  });

  test('groups are listed, their lag is shown, offsets and groups are deleted', { timeout: deadlineMs }, async () => {
    const topic = await filledTopic();
    await reset('listed', '--topic', topic, '--to-offset', '3');
    const listed = await cli().json<{ group: string; state: string; type: string }[]>(['group', 'list']);
    expect(listed.find(({ group }) => group === 'listed')).toMatchObject({ state: 'Empty' });
    expect(listed.find(({ group }) => group === 'listed')!.type.toLowerCase()).toBe('classic');
    expect(await cli().json(['group', 'list', '--state', 'Dead'])).toEqual([]);
    expect(await cli().json(['group', 'list', '--type', 'share'])).toEqual([]);
    expect(await cli().json(['group', 'lag', 'listed'])).toEqual([
      { group: 'listed', lag: 21, topics: [{ topic, partitions: 3, lag: 21 }] },
    ]);
    expect(await cli().must(['group', 'lag', 'listed'])).toBe(
      `GROUP   TOPIC${' '.repeat(topic.length - 5)}  PARTITIONS  LAG\nlisted  ${topic}  3           21\n`,
    );
    await cli().must(['group', 'delete-offsets', 'listed', '--topic', `${topic}:0,1`]);
    expect((await described('listed')).partitions.map(({ partition }) => partition)).toEqual([2]);
    const deleted = await cli().run(['group', 'delete', 'listed', 'not-there']);
    expect([deleted.code, deleted.stdout]).toEqual([1, 'Group listed deleted.\n']);
    expect(deleted.stderr).toMatch(/not-there.*GROUP_ID_NOT_FOUND/);
    await refused(['group', 'describe', 'listed'], /group listed does not exist/);
  });

  test('a reader that leaves ends the command, and the rest is left to the group', {
    timeout: deadlineMs,
  }, async () => {
    const topic = await filledTopic();
    for (const how of [['--group', 'piped', '--from-beginning'], ['--follow']]) {
      const reader = cli().spawn(['consume', topic, ...how]);
      await reader.untilOutput(/(.*\n){30}/, deadlineMs);
      reader.process.stdout!.destroy();
      await cli().must(['produce', topic], 'nobody sees this\n');
      expect(await reader.exited).toEqual({ code: 0, signal: null });
      expect(reader.output).not.toMatch(/\n\s+at /);
    }
    expect(await described('piped')).toMatchObject({ state: 'Empty', members: [] });
    expect(sorted(await consumed(topic, 'piped'))).toEqual(['nobody sees this', 'nobody sees this']);
  });

  test('many short lines fit into batches', { timeout: deadlineMs }, async () => {
    const topic = await filledTopic();
    await cli().must(['produce', topic, '-p', '0'], '\n'.repeat(100_000));
    expect(await cli().json(['group', 'reset-offsets', 'short', '--topic', `${topic}:0`, '--to-latest'])).toMatchObject(
      {
        offsets: [{ offset: 100_010 }],
      },
    );
  });

  test('what cannot be done is said in a line', { timeout: deadlineMs }, async () => {
    const topic = await filledTopic();
    const at = ['--topic', topic];
    await refused(['group', 'reset-offsets', 'bad', ...at], /give one of --to-earliest/);
    await refused(['group', 'reset-offsets', 'bad', ...at, '--to-earliest', '--to-latest'], /give one of/);
    await refused(['group', 'reset-offsets', '--to-earliest', ...at], /group names or --all-groups/);
    await refused(['group', 'reset-offsets', 'bad', '--to-earliest'], /give --topic or --all-topics/);
    await refused(['group', 'reset-offsets', 'bad', '--to-earliest', '--all-topics'], /has committed nothing/);
    await refused(['group', 'reset-offsets', 'bad', '--to-earliest', '--topic', 'nothing'], /topic nothing/);
    await refused(['group', 'reset-offsets', 'bad', '--to-earliest', '--topic', `${topic}:3`], /no partition 3/);
    await refused(['group', 'reset-offsets', 'bad', '--shift-by', '1', ...at], /never committed: .*-0, .*-1, .*-2/);
    await refused(['group', 'reset-offsets', 'bad', '--from-file', '/no/such/file'], /cannot read \/no\/such\/file/);
    await refused(['consume', '--group', 'bad'], /give the topics/);
    await refused(['consume', 'nothing', '--group', 'bad'], /topic nothing does not exist/);
    await refused(['consume', topic, '--group', 'bad', '--offset', '3'], /--offset does not go with --group/);
    await refused(['consume', topic, '--until-end'], /--until-end needs --group/);
  });
}
