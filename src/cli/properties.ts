/** The properties of a command line: a file or the defaults of a single node, and what `--override` says. */
import { readFile } from 'node:fs/promises';
import { parseProperties } from '../core/config/properties.ts';
import { StartFailure } from '../server/start-failure.ts';
import { withSingleNodeDefaults } from '../single-node.ts';

export async function propertiesOf(
  file: string | undefined,
  overrides: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  if (file === undefined) return withSingleNodeDefaults(overrides);
  return new Map([...(await fromFile(file)), ...overrides]);
}

async function fromFile(path: string): Promise<Map<string, string>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new StartFailure('CONFIG', `cannot read ${path}: ${reason(cause)}`, { cause });
  }
  return new Map(parseProperties(text).map(({ key, value }) => [key, value]));
}

const reason = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    ? 'there is no such file'
    : cause instanceof Error
      ? cause.message
      : String(cause);
