/**
 * npm run bench -- micro [--json FILE]
 *
 * What one operation costs inside the process: see bench/micro.ts.
 */
import { parseArgs } from 'node:util';
import { microTable, runMicro } from '../micro.ts';
import { save } from '../save.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'string' } } });
  const micro = await runMicro();
  process.stdout.write(microTable(micro));
  save(values.json, { micro });
}
