import { ClientFailure } from './failure.ts';
import { inOrder, PartitionMap } from './partition-map.ts';

/**
 * The files of `reset-offsets --from-file` and `--export`, as Kafka's own tool reads and writes them: a line a partition,
 * `topic,partition,offset` for one group, `group,topic,partition,offset` for several; fields with commas or quotes are quoted.
 */
export type ResetPlans = ReadonlyMap<string, PartitionMap<bigint>>;

const int32Max = 2 ** 31 - 1;
const int64Max = 2n ** 63n - 1n;

/** Lines of three fields belong to `onlyGroup`. Throws ClientFailure with the number of the first line that does not fit. */
export function parseResetCsv(text: string, onlyGroup: string | undefined): ResetPlans {
  const plans = new Map<string, PartitionMap<bigint>>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const fields = splitLine(line, at + 1);
    if (fields.length !== 3 && fields.length !== 4) throw bad(at + 1, 'three or four fields are expected');
    if (fields.length === 3 && onlyGroup === undefined) {
      throw bad(at + 1, 'with several groups a line is group,topic,partition,offset');
    }
    const [group, topic, partition, offset] = (fields.length === 3 ? [onlyGroup!, ...fields] : fields) as Row;
    if (!/^\d{1,10}$/.test(partition) || Number(partition) > int32Max) throw bad(at + 1, `partition "${partition}"`);
    if (!/^\d{1,19}$/.test(offset) || BigInt(offset) > int64Max) throw bad(at + 1, `offset "${offset}"`);
    const plan = plans.get(group) ?? new PartitionMap<bigint>();
    if (plan.has(topic, Number(partition))) throw bad(at + 1, `${topic}-${partition} a second time`);
    plan.set(topic, Number(partition), BigInt(offset));
    plans.set(group, plan);
  }
  return plans;
}

type Row = [group: string, topic: string, partition: string, offset: string];

const bad = (line: number, what: string): ClientFailure => new ClientFailure(`line ${line} of the file: ${what}`);

/** In one group's form when there is one group. */
export function formatResetCsv(plans: ResetPlans): string {
  const lines: string[] = [];
  for (const [group, plan] of plans) {
    for (const { topic, partition, value } of [...plan].sort(inOrder)) {
      const row = [quoted(topic), String(partition), String(value)];
      lines.push((plans.size > 1 ? [quoted(group), ...row] : row).join(','));
    }
  }
  return lines.join('\n');
}

const quoted = (field: string): string => (/[",\s]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

function splitLine(line: string, number: number): string[] {
  const fields: string[] = [];
  for (let rest = line.trim(); ; ) {
    const match = /^\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/.exec(rest);
    if (!match) throw bad(number, 'a quote is left open or stands in the middle of a field');
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2]!.trim());
    if (match[3] === '') return fields;
    rest = rest.slice(match[0].length);
  }
}
