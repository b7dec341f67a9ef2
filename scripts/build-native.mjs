// Builds build/Release/milena.node when it is missing or older than its sources. Runs as npm's `install` script, before `npm start` and
// `npm test`. Needs python3, make, g++ and the npm registry; headers come from the node-api-headers package, nothing else is downloaded.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureThirdParty } from './third-party.mjs';

const root = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const addon = join(root, 'build', 'Release', 'milena.node');
const stamp = join(root, 'build', 'Release', 'milena.digest');
const lock = join(root, '.cache', 'build-native.lock');
const lockPollMs = 200;
const lockAgeMaxMs = 30 * 60_000;

/** Everything the binary depends on; one binary serves every Node, so its version is no part of it. */
function digestOfInputs() {
  const hash = createHash('sha256');
  const add = path => hash.update(path).update(readFileSync(join(root, path)));
  const walk = folder => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = `${folder}/${entry.name}`;
      if (path === 'native/test') continue;
      if (entry.isDirectory()) walk(path);
      else add(path);
    }
  };
  walk('native');
  for (const path of [
    'binding.gyp',
    'scripts/build-native.mjs',
    'scripts/native-sources.mjs',
    'scripts/third-party.mjs',
  ])
    add(path);
  for (const name of ['node-addon-api', 'node-api-headers', 'node-gyp'])
    hash.update(require(`${name}/package.json`).version);
  return hash.update(`${process.arch} ${process.env.CXX ?? ''} ${process.env.CXXFLAGS ?? ''}`).digest('hex');
}

function missingTools() {
  const tools = {
    python3: process.env.PYTHON ?? 'python3',
    make: process.env.MAKE ?? 'make',
    'g++': process.env.CXX ?? 'g++',
  };
  return Object.keys(tools).filter(
    name => spawnSync(tools[name], ['--version'], { stdio: 'ignore', shell: name === 'g++' }).status !== 0,
  );
}

/** What node-gyp calls a nodedir: the Node-API headers and the least common.gypi that it accepts. */
function makeNodedir() {
  const nodedir = join(root, '.cache', 'nodedir');
  const target = join(nodedir, 'include', 'node');
  rmSync(nodedir, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const source = require('node-api-headers').include_dir;
  for (const name of readdirSync(source)) copyFileSync(join(source, name), join(target, name));
  const configurations = "{ 'Release': {}, 'Debug': {} }";
  writeFileSync(
    join(target, 'common.gypi'),
    `{ 'target_defaults': { 'default_configuration': 'Release', 'configurations': ${configurations} } }\n`,
  );
  return nodedir;
}

function runNodeGyp(nodedir) {
  // npm hands its configuration down in the environment, where node-gyp prefers it to its arguments (nodedir, disturl, ...).
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_config_')),
  );
  const gyp = require.resolve('node-gyp/bin/node-gyp.js');
  const args = [gyp, 'configure', 'build', '--release', `--nodedir=${nodedir}`, `--jobs=${availableParallelism()}`];
  return spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
}

/** Runs `work` while no other build of this folder runs. A lock whose process is gone, or that is very old, counts for nothing. */
function alone(work) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  while (!takeLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lockPollMs);
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    if (Date.now() - statSync(lock).mtimeMs > lockAgeMaxMs) rmSync(lock, { force: true });
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(lock, { force: true });
  }
  return false;
}

function build() {
  const digest = digestOfInputs();
  if (existsSync(addon) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const missing = missingTools();
  if (missing.length > 0)
    throw new Error(
      `${missing.join(' and ')} must be installed to build it (on Debian: apt-get install g++ make python3)`,
    );
  const started = Date.now();
  console.error('building the native part, which takes about a minute ...');
  ensureThirdParty();
  rmSync(stamp, { force: true });
  const done = runNodeGyp(makeNodedir());
  // make trusts times: an object made while its source was edited looks fresh and is not.
  const edited = digestOfInputs() !== digest;
  if (edited) rmSync(join(root, 'build', 'Release', 'obj.target', 'milena'), { recursive: true, force: true });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`node-gyp failed:\n${done.stdout}\n${done.stderr}`);
  if (!edited) writeFileSync(stamp, digest);
  console.error(`built ${addon} in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

try {
  alone(build);
} catch (error) {
  console.error(`milena's native part cannot be built: ${error.message}`);
  process.exitCode = 1;
}
