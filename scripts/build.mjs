// Builds what is missing or older than its sources: the addon (scripts/build-native.mjs) and dist/, of which tsc checks
// and declares the types and rolldown joins the modules (scripts/bundle.mjs). A packed tarball holds dist/ and no src/, so
// there only the addon is looked at.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'dist', '.built');

/** The latest modification, in ms, of anything below `path`; a file that was removed shows in its directory's time. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

/** Runs a node script; what it prints goes to stderr so that stdout stays the broker's. */
function run(script, ...args) {
  const done = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.error) throw done.error;
  return done.status === 0;
}

export function typescriptIsFresh() {
  if (!existsSync(join(root, 'src'))) return existsSync(join(root, 'dist', 'index.js'));
  if (!existsSync(stamp)) return false;
  const sources = ['src', 'tsconfig.json', 'package.json', 'scripts/bundle.mjs'].map(name => newest(join(root, name)));
  return Math.max(...sources) <= statSync(stamp).mtimeMs;
}

function buildTypescript() {
  const started = Date.now();
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  // Beside the old one, which others may be running, then in its place.
  const [dist, fresh, stale] = ['dist', `dist.${process.pid}`, `dist.old.${process.pid}`].map(name => join(root, name));
  const compiled =
    run(tsc, '-p', 'tsconfig.json', '--emitDeclarationOnly', '--outDir', fresh) &&
    run(join(root, 'scripts', 'bundle.mjs'), fresh);
  if (compiled) {
    const freshStamp = join(fresh, '.built');
    writeFileSync(freshStamp, '');
    // As old as the beginning: what was edited meanwhile is newer than the stamp.
    utimesSync(freshStamp, started / 1000, started / 1000);
    if (existsSync(dist)) renameSync(dist, stale);
    renameSync(fresh, dist);
  }
  for (const left of [fresh, stale]) rmSync(left, { recursive: true, force: true });
  if (!compiled) return false;
  process.stderr.write(`built dist/ in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return true;
}

/** True when everything is there and fresh afterwards; what went wrong has been printed. */
export function build() {
  return run(join(root, 'scripts', 'build-native.mjs')) && (typescriptIsFresh() || buildTypescript());
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !build()) process.exitCode = 1;
