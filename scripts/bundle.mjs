// Joins the modules of src/ into few files: `node scripts/bundle.mjs DIRECTORY`. A start reads six files instead of three
// hundred, which was half of its time (docs/performance.md, "Start-up"). What others name keeps its place; the rest is chunks/.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');
/** Named by package.json, by scripts/start.mjs and by the pool of cleaning workers. */
const entries = ['index', 'testing', 'cli/bin', 'dataplane/cleaning-worker'];

/** What a start needs and others need too. `addon` is all that a cleaning worker loads, and knows where it lies. */
const groups = [
  { name: 'addon', test: /\/src\/dataplane\/(load|failure|abi-digest|package-root)\.ts$/ },
  { name: 'wire', test: /\/src\/(base|protocol)\// },
  { name: 'command', test: /\/src\/cli\/(pair|plain-start|properties)\.ts$/ },
];

const bundle = await rolldown({
  input: Object.fromEntries(entries.map(name => [name, join(src, `${name}.ts`)])),
  platform: 'node',
  // Packages and Node's own modules stay what they are.
  external: /^[^./]/,
});
await bundle.write({
  dir: process.argv[2],
  format: 'esm',
  sourcemap: true,
  chunkFileNames: 'chunks/[name].js',
  codeSplitting: { groups },
});
await bundle.close();
