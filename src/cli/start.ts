import { type RunningNode, startNode } from '../node.ts';
import { TerminalLog } from './log.ts';
import type { PlainStart } from './plain-start.ts';
import { propertiesOf } from './properties.ts';

/** A broker in the foreground, until SIGTERM or SIGINT. */
export async function start({ file, overrides }: PlainStart): Promise<void> {
  const properties = await propertiesOf(file, overrides);
  // Listened to from the beginning: a signal that comes while the broker starts is obeyed when it has.
  const asked = firstSignal();
  const log = new TerminalLog();
  const node = await startNode({ properties, log, embedded: false }).finally(() => log.open());
  await Promise.race([asked, failure(node)]);
  await node.stop();
}

async function failure(node: RunningNode): Promise<void> {
  await node.failed;
  process.exitCode = 1;
}

/** Resolves with the first signal to stop; a second one ends the process at once. */
function firstSignal(): Promise<void> {
  return new Promise(resolve => {
    let signals = 0;
    const onSignal = (): void => {
      if (++signals > 1) process.exit(1);
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
