import type { Command } from 'commander';
import { keyValue } from './arguments.ts';
import { start } from './start.ts';

interface StartOptions {
  readonly override?: ReadonlyMap<string, string>;
}

/** `milena start [server.properties] [--override key=value]...`; src/cli/plain-start.ts reads the same without commander. */
export function registerStart(program: Command): void {
  program
    .command('start [server.properties]')
    .description('run a broker; without a file a single node for this machine, with its data in ./data')
    .option('--override <key=value>', 'set a property, repeatable', keyValue)
    .action((file: string | undefined, { override = new Map() }: StartOptions) => start({ file, overrides: override }));
}
