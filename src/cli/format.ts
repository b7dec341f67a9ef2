import type { Command } from 'commander';
import { endpointsOf } from '../bind.ts';
import { controllerEndpoint } from '../node.ts';
import { readNodeConfig } from '../node-config.ts';
import { explained, storageOptions } from '../node-storage.ts';
import { silent } from '../server/log.ts';
import { formatStorage } from '../storage/format.ts';
import { keyValue } from './arguments.ts';
import { type Format, show } from './output.ts';
import { propertiesOf } from './properties.ts';

interface FormatCommand {
  readonly override?: ReadonlyMap<string, string>;
  readonly clusterId?: string;
  readonly ignoreFormatted?: true;
  readonly format: Format;
}

/** `milena format`: prepares empty log directories, as a first start does by itself. */
export function registerFormat(program: Command): void {
  program
    .command('format [server.properties]')
    .description('prepare the log directories of a new node; a first start of empty ones does it by itself')
    .option('--override <key=value>', 'set a property, repeatable', keyValue)
    .option('-t, --cluster-id <id>', 'the cluster to belong to (default: a new one)')
    .option('-g, --ignore-formatted', 'leave directories alone that are formatted already')
    .option('--format <format>', 'how to show the result: table or json', 'table')
    .action(format);
}

async function format(file: string | undefined, options: FormatCommand): Promise<void> {
  const properties = await propertiesOf(file, options.override ?? new Map());
  const node = readNodeConfig(properties, silent, false);
  const endpoints = await endpointsOf(node.listeners.map(plan => ({ plan, port: plan.port })));
  const storage = storageOptions(node, controllerEndpoint(node, endpoints));
  const done = await explained(() => formatStorage(storage, options.clusterId, options.ignoreFormatted));
  show(options.format, done, () => {
    const paths = done.formatted.length === 0 ? 'nothing; all of it was' : done.formatted.join(', ');
    return `Formatted ${paths} for cluster ${done.clusterId}.`;
  });
}
