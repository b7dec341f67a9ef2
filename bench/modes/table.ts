/**
 * npm run bench -- table --shapes FILE
 *
 * Prints a saved run of the shapes as Markdown, one row a shape.
 */
import { parseArgs } from 'node:util';
import { load } from '../save.ts';
import { type SavedRun, summaryTable } from '../table.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { shapes: { type: 'string' } } });
  if (values.shapes === undefined) throw new Error('--shapes FILE: which run?');
  process.stdout.write(summaryTable(load<SavedRun>(values.shapes)));
}
