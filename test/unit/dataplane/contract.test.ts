import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type NativeDataPlane, openDataPlane } from '../../../src/dataplane/client.ts';
import { type FakeDataPlane, openFakeDataPlane } from '../../../src/dataplane/fake.ts';
import { FakeHost } from '../../../src/dataplane/fake-host.ts';
import type { DataPlane } from '../../../src/runtime/ports.ts';
import { RawClient, temporaryDirectory } from '../../support/plane.ts';
import { contract } from './contract.ts';

const EIO = 5;
const native = (plane: DataPlane): NativeDataPlane => plane as NativeDataPlane;
const fake = (plane: DataPlane): FakeDataPlane => plane as FakeDataPlane;

contract('native', () => {
  const directory = temporaryDirectory();
  const logDir = join(directory.path, 'data');
  const file = join(directory.path, 'file');
  writeFileSync(file, '');
  return {
    directories: [logDir],
    unusableDirectory: join(file, 'below'),
    open: options => openDataPlane({ ...options, faultHooks: true }),
    connect: async (_plane, port) => {
      const client = await RawClient.open(port);
      return { call: frame => client.call(frame), close: () => client.reset(), whenClosed: client.closed };
    },
    holdSyncs: (plane, hold) => native(plane).faults?.holdSyncs(hold),
    failNextSync: plane => native(plane).faults?.failCall('sync', 1, EIO),
    provokeNotice: topic => {
      // A checkpoint that is none: the log is read instead, and says so.
      mkdirSync(join(logDir, `${topic}-0`), { recursive: true });
      const checkpoint = openSync(join(logDir, `${topic}-0`, 'leader-epoch-checkpoint'), 'w');
      writeSync(checkpoint, 'nonsense');
      closeSync(checkpoint);
    },
    cleanUp: directory.remove,
  };
});

contract('fake', () => {
  const host = new FakeHost();
  host.broken.add('/broken');
  return {
    directories: ['/data'],
    unusableDirectory: '/broken',
    open: options => openFakeDataPlane(options, host),
    connect: async plane => {
      const connection = fake(plane).connect();
      return {
        call: frame => connection.call(frame),
        close: () => connection.close(),
        whenClosed: connection.whenClosed,
      };
    },
    holdSyncs: (plane, hold) => fake(plane).holdSyncs(hold),
    failNextSync: plane => fake(plane).failNextSync(),
    provokeNotice: () => host.crash('/data'),
    cleanUp: () => {},
  };
});
