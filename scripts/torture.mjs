// `npm run torture [-- power-cut | kill]`, both without an argument.
//   power-cut   the native log on a filesystem that loses and tears what was not synced: MILENA_POWER_CUT_SEEDS seeds (5,000), and the mutants that must die
//   kill        kill -9 under real producers: MILENA_TORTURE_ROUNDS rounds (100); needs Java, Maven and Python
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const seeds = process.env.MILENA_POWER_CUT_SEEDS ?? '5000';

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${command} cannot be run: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

const parts = {
  'power-cut': () => {
    run('make', ['-s', '-C', 'native/test', 'SAN=asan', '../../build/native-test/asan/power_cut_main']);
    const binary = join(root, 'build', 'native-test', 'asan', 'power_cut_main');
    run(binary, ['--seeds', seeds]);
    run(binary, ['--mutants', '--seeds', seeds]);
  },
  kill: () => {
    run(process.execPath, ['scripts/build.mjs']);
    run(process.execPath, ['--import', './test/support/ts.mjs', 'test/torture/crash.ts']);
  },
};

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
  if (!(name in parts)) {
    console.error(`torture knows ${Object.keys(parts).join(' and ')}, not ${name}`);
    process.exit(2);
  }
  parts[name]();
}
