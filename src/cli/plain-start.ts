import { pairOf } from './pair.ts';

export interface PlainStart {
  readonly file: string | undefined;
  readonly overrides: ReadonlyMap<string, string>;
}

/**
 * `milena start [server.properties] [--override key=value]...`, as brokers are started: loading commander would take a tenth
 * of the start. Undefined for whatever else was written, mistakes included, of which commander knows more.
 */
export function plainStart(words: readonly string[]): PlainStart | undefined {
  const [command, ...rest] = words;
  if (command !== 'start') return undefined;
  const overrides = new Map<string, string>();
  let file: string | undefined;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === '--override') {
      const pair = pairOf(rest[++i] ?? '');
      if (pair === undefined) return undefined;
      overrides.set(...pair);
    } else if (word.startsWith('-') || file !== undefined) {
      return undefined;
    } else {
      file = word;
    }
  }
  return { file, overrides };
}
