import type { Command } from 'commander';
import { ClientFailure, refusal } from '../client/failure.ts';
import { deleteGroup, deleteOffsets, listGroups } from '../client/group-admin.ts';
import { committedOffsets } from '../client/group-offsets.ts';
import { inOrder, PartitionMap, spell } from '../client/partition-map.ts';
import { collect } from './arguments.ts';
import { registerDescribe, registerLag } from './group-describe.ts';
import { registerReset } from './group-reset.ts';
import { show, table } from './output.ts';
import { type Remote, remoteCommand, withCluster } from './remote.ts';
import { partitionsIn, type TopicScope, topicScope } from './topic-scope.ts';

/** `milena group list|describe|lag|delete|reset-offsets|delete-offsets`, over the public protocol: works against any Kafka. */
export function registerGroup(program: Command): void {
  const group = program.command('group').description('look at consumer groups and change their offsets');
  registerList(group);
  registerDescribe(group);
  registerLag(group);
  registerDelete(group);
  registerReset(group);
  registerDeleteOffsets(group);
}

interface ListOptions extends Remote {
  readonly state?: readonly string[];
  readonly type?: readonly string[];
}

function registerList(group: Command): void {
  remoteCommand(group.command('list'))
    .description('list the groups of the cluster')
    .option('--state <state>', 'only groups in this state (Stable, Empty, ...), repeatable', collect)
    .option('--type <type>', 'only groups of this type (classic, consumer, ...), repeatable', collect)
    .action((options: ListOptions) =>
      withCluster(options, async cluster => {
        const groups = await listGroups(cluster, { states: options.state ?? [], types: options.type ?? [] });
        const rows = groups.map(g => [g.group, g.type || '-', g.state || '-', g.protocolType || '-']);
        show(options.format, groups, () => table(['GROUP', 'TYPE', 'STATE', 'PROTOCOL TYPE'], rows));
      }),
    );
}

/** Tries every one of `items` and fails at the end with all that was refused; returns what `done` made of the others. */
async function each<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<{ done: R[]; failed: string[] }> {
  const done: R[] = [];
  const failed: string[] = [];
  for (const item of items) {
    try {
      done.push(await act(item));
    } catch (error) {
      if (!(error instanceof ClientFailure)) throw error;
      failed.push(error.message);
    }
  }
  return { done, failed };
}

function registerDelete(group: Command): void {
  remoteCommand(group.command('delete <groups...>'))
    .description('delete groups without members, and their committed offsets')
    .action((groups: string[], options: Remote) =>
      withCluster(options, async cluster => {
        const { done, failed } = await each(groups, async name => {
          await deleteGroup(cluster, name);
          return { group: name, deleted: true };
        });
        show(options.format, done, () => done.map(({ group: name }) => `Group ${name} deleted.`).join('\n'));
        if (failed.length > 0) throw new ClientFailure(failed.join('; '));
      }),
    );
}

interface DeleteOffsetsOptions extends Remote {
  readonly topic?: readonly TopicScope[];
}

function registerDeleteOffsets(group: Command): void {
  remoteCommand(group.command('delete-offsets <group>'))
    .description('forget committed offsets of topics that no member reads')
    .option('-t, --topic <topic[:0,1]>', 'topic, or some of its partitions, repeatable', topicScope)
    .action((name: string, options: DeleteOffsetsOptions) => {
      const scopes = options.topic ?? [];
      if (scopes.length === 0) throw new ClientFailure('say of what: --topic name, or --topic name:0,1');
      return withCluster(options, async cluster => {
        const committed = await committedOffsets(cluster, name);
        // A topic that is gone may still have offsets: then those are what there is to delete.
        const partitions = (await partitionsIn(cluster, scopes, committed)).sort(inOrder);
        const codes = await deleteOffsets(cluster, name, partitions);
        const refused = [...codes].filter(({ value }) => value !== 0);
        const done = new PartitionMap([...codes].filter(({ value }) => value === 0));
        const rows = [...done].map(({ topic, partition }) => ({ topic, partition, deleted: true }));
        show(options.format, rows, () => rows.map(at => `Offset of ${spell(at)} deleted.`).join('\n'));
        if (refused.length > 0) {
          throw new ClientFailure(refused.map(at => refusal(at.value, `offset of ${spell(at)}`).message).join('; '));
        }
      });
    });
}
