// The C sources of zstd, zlib and LZ4, out of npm packages pinned by version and sha512 in native/third_party.json.
// They are not ordinary dependencies because the install scripts of those packages download headers or binaries; `npm pack` runs none.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const root = resolve(import.meta.dirname, '..');
const cache = join(root, '.cache', 'third-party');

export const thirdParty = JSON.parse(readFileSync(join(root, 'native', 'third_party.json'), 'utf8'));

/** The folder a library is unpacked into, relative to the package root. */
export function thirdPartyFolder(library) {
  return join('.cache', 'third-party', library.name);
}

/** Fetches and unpacks whatever is not there yet. Throws an Error that says what to do. */
export function ensureThirdParty() {
  for (const library of thirdParty) {
    const folder = join(root, thirdPartyFolder(library));
    const stamp = join(folder, '.integrity');
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === library.integrity) continue;
    mkdirSync(cache, { recursive: true });
    const work = mkdtempSync(join(cache, 'fetch-'));
    try {
      unpack(fetchTarball(library, work), library, join(work, 'unpacked'));
      rmSync(folder, { recursive: true, force: true });
      renameSync(join(work, 'unpacked'), folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
}

function fetchTarball(library, work) {
  const name = `${library.package}@${library.version}`;
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('npm-cli.js') ? [process.execPath, [cli]] : ['npm', []];
  let out;
  try {
    const args = [...first, 'pack', name, '--json', '--ignore-scripts', '--pack-destination', work];
    out = execFileSync(command, args, { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(
      `could not get ${name} from the npm registry, which holds the C sources of ${library.name}:\n${error.stderr ?? error}`,
    );
  }
  const tarball = readFileSync(join(work, JSON.parse(out)[0].filename));
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  if (integrity !== library.integrity) throw new Error(`${name} is not the pinned one: its integrity is ${integrity}`);
  return tarball;
}

/** Writes the C files and licenses below `library.folder` of an (npm) tar archive into `target`. */
function unpack(tarball, library, target) {
  const tar = gunzipSync(tarball);
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const header = tar.subarray(at, at + 512);
    const prefix = field(header, 345, 155);
    const name = prefix === '' ? field(header, 0, 100) : `${prefix}/${field(header, 0, 100)}`;
    const size = Number.parseInt(field(header, 124, 12), 8);
    const inside = name.startsWith(`${library.folder}/`) ? name.slice(library.folder.length + 1) : '';
    if (/\.[chS]$|LICENSE$|COPYING$/.test(inside) && !inside.split('/').includes('..')) {
      const file = join(target, inside);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, tar.subarray(at + 512, at + 512 + size));
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  writeFileSync(join(target, '.integrity'), library.integrity);
}

function field(header, offset, length) {
  const raw = header.subarray(offset, offset + length);
  const end = raw.indexOf(0);
  return raw
    .subarray(0, end < 0 ? length : end)
    .toString('utf8')
    .trim();
}
