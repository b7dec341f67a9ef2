import { commits, type GroupFigures, type GroupSite, heartbeats, rebalance } from '../../src/cli/bench/group-loads.ts';
import { Group } from '../../src/cli/bench/group-members.ts';
import { bodyOf, frameOf, openWires, Wire } from '../../src/cli/bench/group-wire.ts';
import { errorCode } from '../../src/protocol/errors.ts';
import type { FindCoordinatorResponse } from '../../src/protocol/messages/10-find-coordinator.ts';
import type { Running } from '../contestants.ts';
import { createTopic } from '../load.ts';
import { cpuSeconds } from '../process.ts';

export type { GroupFigures };

/** A load with a name; resolves with what was seen, by name and unit. */
export interface GroupShape {
  readonly name: string;
  run(broker: Running, round: number, seconds: number): Promise<GroupFigures>;
}

const here = (port: number) => ({ host: '127.0.0.1', port });
const tellThem = (why: Error): void => void process.stderr.write(`bench: ${why.message}\n`);

/** The shape measured where the broker's process can be seen. */
const onSite = (name: string, load: (site: GroupSite, port: number) => Promise<GroupFigures>): GroupShape => ({
  name,
  run: ({ port, pid }, round, seconds) =>
    load(
      {
        coordinator: async () => here(port),
        run: String(round),
        seconds,
        cpuSeconds: () => cpuSeconds(pid),
        lost: tellThem,
      },
      port,
    ),
});

export const groupShapes: readonly GroupShape[] = [
  onSite('rebalance-100', site => rebalance(site, 100)),
  onSite('rebalance-1000', site => rebalance(site, 1_000)),
  onSite('heartbeats-10000', site => heartbeats(site, 500, 20)),
  onSite('commits-64', async (site, port) => {
    const topic = `commits-${site.run}`;
    await createTopic(port, topic, 1);
    return commits(site, 64, topic);
  }),
];

/** Until the coordinator is found and serves: it may have to make its topic and load it first. */
export async function untilCoordinated(port: number, deadlineMs: number): Promise<void> {
  const giveUpMs = performance.now() + deadlineMs;
  const wire = await Wire.open(here(port), tellThem);
  for (;;) {
    const frame = await wire.call(frameOf(10, 1, { key: 'bench', keyType: 0 }));
    if (bodyOf<FindCoordinatorResponse>(10, 1, frame).errorCode === errorCode.NONE) break;
    if (performance.now() > giveUpMs) throw new Error('no group coordinator');
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  wire.close();
  const [one] = await openWires(here(port), 1, tellThem);
  await new Group('bench').grow([one!]);
  one!.close();
}
