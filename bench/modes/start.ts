/**
 * npm run bench -- start [--rounds 10] [--partitions 1000] [--compare REV] [--json FILE]
 *
 * From a command to the first answer: `node -e 0`, `milena start` on an empty directory, and on one that holds a topic of
 * `partitions` partitions and was left cleanly. `--compare` takes a revision in turn. Quote what is beyond Node itself, as ratios.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { must } from '../../test/support/child.ts';
import { REPO_ROOT, scratchDir } from '../../test/support/paths.ts';
import { freePorts } from '../../test/support/peer.ts';
import { residentMb } from '../process.ts';
import { loadAverage, save } from '../save.ts';
import { median } from '../statistics.ts';
import { revision } from '../worktree.ts';

interface Subject {
  readonly name: string;
  readonly root: string;
}

interface Started {
  readonly ms: number;
  readonly idleMb: number;
}

const startDeadlineMs = 60_000;
/** ApiVersions version 0, correlation 1, no client id. */
const question = Uint8Array.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '10' },
      partitions: { type: 'string', default: '1000' },
      compare: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const subjects: Subject[] = [{ name: 'milena', root: REPO_ROOT }];
  if (values.compare !== undefined) subjects.push(await revision(values.compare, say));
  const folder = scratchDir('start');
  for (const { name, root } of subjects) await fill(root, join(folder, `${name}-filled`), values.partitions);
  const node: number[] = [];
  const empty = new Map(subjects.map(({ name }) => [name, [] as Started[]]));
  const filled = new Map(subjects.map(({ name }) => [name, [] as Started[]]));
  for (let round = 1; round <= Number(values.rounds); round++) {
    node.push(await timed(() => must(process.execPath, ['-e', '0'])));
    for (const { name, root } of subjects) {
      empty.get(name)!.push(await started(root, join(folder, `${name}-${round}`)));
      filled.get(name)!.push(await started(root, join(folder, `${name}-filled`)));
    }
  }
  const nodeMs = median(node);
  const row = (what: string, name: string, of: readonly Started[]): string => {
    const all = of.map(({ ms }) => ms);
    const cells = [
      median(all),
      median(all) - nodeMs,
      Math.min(...all) - Math.min(...node),
      median(of.map(one => one.idleMb)),
    ];
    return `| ${name} | ${what} | ${cells.map(cell => cell.toFixed(0)).join(' | ')} |`;
  };
  const lines = [
    `\`node -e 0\`: ${nodeMs.toFixed(0)} ms; ${values.rounds} rounds, medians; load ${loadAverage()}`,
    '',
    '| | directory | first answer, ms | beyond Node | the fastest beyond the fastest Node | RSS, MB |',
    '|---|---|---|---|---|---|',
    ...subjects.flatMap(({ name }) => [
      row('empty', name, empty.get(name)!),
      row(`${values.partitions} partitions`, name, filled.get(name)!),
    ]),
    '',
  ];
  process.stdout.write(lines.join('\n'));
  save(values.json, { node, empty: Object.fromEntries(empty), filled: Object.fromEntries(filled) });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Starts a broker, notes when it answers, and stops it. */
async function started(root: string, dataDir: string, meanwhile = async (_port: number) => {}): Promise<Started> {
  const [port = 0] = await freePorts(1);
  const config = [`listeners=PLAINTEXT://127.0.0.1:${port}`, `log.dirs=${dataDir}`];
  const overrides = config.flatMap(pair => ['--override', pair]);
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist', 'cli', 'bin.js'), 'start', ...overrides], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  try {
    while (!(await answered(port))) {
      if (performance.now() - began > startDeadlineMs) throw new Error(`${root} does not answer`);
    }
    const seen = { ms: performance.now() - began, idleMb: residentMb(child.pid!) };
    await meanwhile(port);
    return seen;
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

/** False when nobody listens yet; who listens is waited for. */
function answered(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write(question));
    const end = (answer: boolean) => () => {
      socket.destroy();
      // Not at once: who asks again and again takes the processor from who starts.
      if (answer) resolve(true);
      else setTimeout(() => resolve(false), 1);
    };
    socket.once('data', end(true)).once('error', end(false)).once('end', end(false));
  });
}

async function fill(root: string, dataDir: string, partitions: string): Promise<void> {
  await started(root, dataDir, async port => {
    const create = ['topic', 'create', 'filled', '--partitions', partitions, '-b', `127.0.0.1:${port}`];
    await must(process.execPath, [join(root, 'dist', 'cli', 'bin.js'), ...create], { deadlineMs: startDeadlineMs });
  });
}
