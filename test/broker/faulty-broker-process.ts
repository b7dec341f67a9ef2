/**
 * A broker started as `milena start` starts it, but on a data plane whose syncs the parent process can hold shut: run by fork, it takes orders and tells
 * what happens over Node's IPC channel, which exists only between a process and the one that forked it. The first argument holds a FaultyBrokerSetup.
 */
import { type NativeDataPlane, openDataPlane } from '../../src/dataplane/client.ts';
import { counter } from '../../src/dataplane/counters.ts';
import type { FaultCall } from '../../src/dataplane/faults.ts';
import { startNode } from '../../src/node.ts';
import type { PlaneCommand, PlaneEvent } from '../../src/runtime/ports.ts';
import { withSingleNodeDefaults } from '../../src/single-node.ts';

export interface FaultyBrokerSetup {
  readonly properties: Readonly<Record<string, string>>;
  /**
   * A partition such as `name-0`: it is told to open before all others of clients, and from the moment before that syncs are shut (the metadata is there
   * by then).
   */
  readonly holdWhenOpening?: string;
  /** The process kills itself at that call, counted from the moment when the first cleaned segment is handed over. */
  readonly killInHandOver?: FileCall;
}

/** A kind of file call of the data plane, and the how manieth of them. */
export interface FileCall {
  readonly call: FaultCall;
  readonly nth: number;
}

export type Order =
  | { readonly id: number; readonly what: 'holdSyncs'; readonly hold: boolean }
  /** Blocks until that many batches more than at the last call were appended to logs. */
  | { readonly id: number; readonly what: 'untilAppended'; readonly batches: number };

export type Report =
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'listening'; readonly port: number }
  /** The log of a partition is to be opened, or is open. */
  | { readonly type: 'opening' | 'open'; readonly partition: string }
  | { readonly type: 'ready' };

type Lead = Extract<PlaneCommand, { type: 'lead' }>;

const METADATA_TOPIC = '__cluster_metadata';
const APPEND_DEADLINE_MS = 60_000;

const { properties, holdWhenOpening, killInHandOver } = JSON.parse(process.argv[2]!) as FaultyBrokerSetup;
const report = (message: Report): void => void process.send!(message);

let plane: NativeDataPlane;
let appended = 0n;

function obey(order: Order): void {
  switch (order.what) {
    case 'holdSyncs':
      plane.faults!.holdSyncs(order.hold);
      appended = counter(plane.readCounters(), 'appends');
      break;
    case 'untilAppended':
      appended += BigInt(order.batches);
      plane.faults!.blockUntil({ appends: appended }, APPEND_DEADLINE_MS);
      break;
  }
  report({ type: 'done', id: order.id });
}

/** Tells the parent of ports and partitions as the broker deals with them. */
function observe(real: NativeDataPlane): NativeDataPlane {
  const names = new Map<number, string>();
  const { listen, submit, onEvent } = real;
  real.listen = options => {
    const port = listen.call(real, options);
    report({ type: 'listening', port });
    return port;
  };
  const lead = (partition: string, command: Lead): void => {
    names.set(command.partition.index, partition);
    report({ type: 'opening', partition });
    submit.call(real, command);
  };
  let isHandingOver = false;
  let isHolding = holdWhenOpening === undefined;
  const later: [partition: string, command: Lead][] = [];
  real.submit = command => {
    if (command.type === 'replaceSegments' && killInHandOver !== undefined && !isHandingOver) {
      isHandingOver = true;
      real.faults!.killAtCall(killInHandOver.call, killInHandOver.nth);
    }
    if (command.type !== 'lead' || command.topic === METADATA_TOPIC) return submit.call(real, command);
    const partition = `${command.topic}-${command.partitionIndex}`;
    if (isHolding) lead(partition, command);
    else if (partition !== holdWhenOpening) later.push([partition, command]);
    else {
      isHolding = true;
      real.faults!.holdSyncs(true);
      lead(partition, command);
      for (const [name, waiting] of later) lead(name, waiting);
    }
  };
  real.onEvent = handler => {
    onEvent.call(real, (event: PlaneEvent) => {
      const partition = event.type === 'led' ? names.get(event.partition.index) : undefined;
      if (partition !== undefined) report({ type: 'open', partition });
      handler(event);
    });
  };
  return real;
}

process.on('message', (order: Order) => obey(order));
// The parent is gone: nobody is left to talk to.
process.on('disconnect', () => process.exit(1));
await startNode({
  properties: withSingleNodeDefaults(new Map(Object.entries(properties))),
  log: { info: () => undefined, warn: console.warn, error: console.error },
  embedded: false,
  openPlane: options => {
    plane = observe(openDataPlane({ ...options, faultHooks: true }));
    return plane;
  },
});
report({ type: 'ready' });
