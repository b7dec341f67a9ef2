// Prints what binding.gyp and native/test/Makefile compile, one path per line, relative to the package root:
//   native-sources.mjs addon | core | bench | bench-core | third-party | includes
// addon: every native/**/*.cc but tests and bench; core: the same without native/napi; bench: the load generator with what it
// shares with the broker; bench-core: its own files without main; third-party: C files; includes: their header folders.
import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ensureThirdParty, thirdParty, thirdPartyFolder } from './third-party.mjs';

const root = resolve(import.meta.dirname, '..');

export function nativeSources(withAddon) {
  return filesBelow(join(root, 'native'))
    .filter(file => file.endsWith('.cc') && !/^native\/(test|bench)\//.test(file))
    .filter(file => withAddon || !file.startsWith('native/napi/'));
}

export function thirdPartySources() {
  return thirdParty.flatMap(library =>
    library.sources.flatMap(source =>
      filesBelow(join(root, thirdPartyFolder(library), source)).filter(file => /\.[cS]$/.test(file)),
    ),
  );
}

const benchSources = () => filesBelow(join(root, 'native', 'bench')).filter(file => file.endsWith('.cc'));

/** Checksums, batches and codecs: nothing of a broker. */
const sharedWithBench = () =>
  nativeSources(false).filter(file => /^native\/(base\/crc32c|wire\/(batch|codec\w*|snappy_block))\.cc$/.test(file));

function filesBelow(path) {
  if (statSync(path).isFile()) return [relative(root, path)];
  return readdirSync(path)
    .sort()
    .flatMap(name => filesBelow(join(path, name)));
}

const lists = {
  addon: () => nativeSources(true),
  core: () => nativeSources(false),
  bench: () => [...benchSources(), ...sharedWithBench()],
  'bench-core': () => benchSources().filter(file => file !== 'native/bench/main.cc'),
  'third-party': thirdPartySources,
  includes: () => thirdParty.map(library => join(thirdPartyFolder(library), library.include)),
};

if (process.argv[1] === import.meta.filename) {
  const list = lists[process.argv[2]];
  if (list === undefined) throw new Error(`one of ${Object.keys(lists).join(', ')} expected`);
  ensureThirdParty();
  console.log(list().join('\n'));
}
