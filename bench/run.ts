/**
 * npm run bench -- [MODE] [options of the mode]
 *
 * One file per mode, in bench/modes; each says in its first comment what it measures and which options it takes. Without a
 * mode the shapes are run. Modes are loaded only when asked for: the shapes need no tinybench.
 */
interface Mode {
  run(args: readonly string[]): Promise<void>;
}

const modes: Readonly<Record<string, () => Promise<Mode>>> = {
  shapes: () => import('./modes/shapes.ts'),
  start: () => import('./modes/start.ts'),
  sweeps: () => import('./modes/sweeps.ts'),
  table: () => import('./modes/table.ts'),
  plots: () => import('./modes/plots.ts'),
  cores: () => import('./modes/cores.ts'),
  groups: () => import('./modes/groups.ts'),
  offsets: () => import('./modes/offsets.ts'),
  compaction: () => import('./modes/compaction.ts'),
  micro: () => import('./modes/micro.ts'),
  scale: () => import('./modes/scale.ts'),
  backends: () => import('./modes/backends.ts'),
};

const [first = '', ...rest] = process.argv.slice(2);
// `--groups` is as good as `groups`.
const named = first.replace(/^--/, '');
const known = Object.hasOwn(modes, named);

if (!known && first !== '' && !first.startsWith('--')) {
  process.stderr.write(`bench: no mode ${first}; there are ${Object.keys(modes).join(', ')}\n`);
  process.exitCode = 2;
} else {
  const mode = await modes[known ? named : 'shapes']!();
  await mode.run(known ? rest : process.argv.slice(2));
}
