/** Each function of the addon in each state of a plane, and the ends a process can come to. */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { commands, counters, events, options as optionFields } from '../../../src/dataplane/abi.ts';
import { openDataPlane } from '../../../src/dataplane/client.ts';
import { encoderOf, encodeStruct } from '../../../src/dataplane/codec.ts';
import { type Addon, loadAddon } from '../../../src/dataplane/load.ts';
import { planeOptions, temporaryDirectory } from '../../support/plane.ts';

const addon = loadAddon();
const stoppedTag = Object.keys(events).indexOf('stopped');
const encoder = encoderOf(commands);
encoder.add({ type: 'watch', partition: { index: 0, generation: 1 } });
const watch = encoder.take().slice();

const directories: { remove: () => void }[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) directory.remove();
});

/** A plane without client.ts: `drained` runs at every bell. */
function open(): { plane: object; stopped: Promise<void> } {
  const directory = temporaryDirectory();
  directories.push(directory);
  const into = new Uint8Array(1 << 16);
  let done = (): void => {};
  const stopped = new Promise<void>(resolve => {
    done = resolve;
  });
  const opened: { plane?: object } = {};
  const options = encodeStruct(optionFields, { ...planeOptions([directory.path]), faultHooks: false }, 'options');
  const { plane, code } = addon.open(options, () => {
    for (let size = 1; size > 0; ) {
      size = addon.drain(opened.plane!, into);
      // `stopped` has no fields: its tag is the last byte of what it comes in.
      if (size >= 5 && into[size - 1] === stoppedTag) done();
    }
  });
  expect(code).toBe('');
  opened.plane = plane!;
  return { plane: plane!, stopped };
}

type Act = (plane: object) => unknown;
const acts: { readonly [name: string]: Act } = {
  listen: plane => addon.listen(plane, '127.0.0.1', 0, true).code,
  submit: plane => addon.submit(plane, watch),
  drain: plane => addon.drain(plane, new Uint8Array(1 << 16)),
  readCounters: plane => addon.readCounters(plane, new BigInt64Array(counters.length)),
  hold: plane => {
    addon.hold(plane, false);
    addon.hold(plane, true);
  },
};
const whileOpen: { readonly [name: string]: unknown } = {
  listen: '',
  submit: true,
  drain: 0,
  readCounters: undefined,
  hold: undefined,
};
const whenClosed: { readonly [name: string]: unknown } = { ...whileOpen, listen: 'MISUSE', submit: false };

describe('the functions of the addon', () => {
  for (const [name, act] of Object.entries(acts)) {
    it(`${name}: before listen, after it, while closing, when closed`, async () => {
      const { plane, stopped } = open();
      expect(act(plane)).toEqual(whileOpen[name]);
      expect(addon.listen(plane, '127.0.0.1', 0, true).code).toBe('');
      expect(act(plane)).toEqual(whileOpen[name]);
      addon.close(plane);
      expect(() => act(plane)).not.toThrow();
      addon.close(plane);
      await stopped;
      addon.close(plane);
      expect(act(plane)).toEqual(whenClosed[name]);
      addon.close(plane);
    });

    it(`${name}: of something that is no plane`, () => {
      for (const wrong of [{}, 'plane', 7, null, undefined]) expect(() => act(wrong as object)).toThrow(TypeError);
    });
  }

  it('refuse arguments of the wrong type', async () => {
    const { plane, stopped } = open();
    const any = addon as unknown as { [Name in keyof Addon]: (...args: unknown[]) => unknown };
    expect(() => any.open(new Uint8Array(3), () => {})).toThrow(TypeError);
    expect(() => any.open('options', () => {})).toThrow(TypeError);
    expect(() => any.open(new Uint8Array(3))).toThrow(TypeError);
    expect(() => any.listen(plane, 5, 0, true)).toThrow(TypeError);
    expect(() => any.listen(plane, '::1', 70_000, true)).toThrow(TypeError);
    expect(() => any.listen(plane, '::1', 0)).toThrow(TypeError);
    expect(() => any.submit(plane, 'text')).toThrow(TypeError);
    expect(any.submit(plane, new Uint8Array(9))).toBe(false);
    expect(() => any.drain(plane, new Int8Array(9))).toThrow(TypeError);
    expect(() => any.readCounters(plane, new Uint8Array(9))).toThrow(TypeError);
    expect(() => any.readCounters(plane)).toThrow(TypeError);
    expect(() => any.hold(plane, 1)).toThrow(TypeError);
    expect(() => any.close()).toThrow(TypeError);
    addon.close(plane);
    await stopped;
    addon.close(plane);
  });

  it('copy only the counters that fit', async () => {
    const { plane, stopped } = open();
    const few = new BigInt64Array(2);
    addon.readCounters(plane, few);
    const many = new BigInt64Array(counters.length + 3).fill(-5n);
    addon.readCounters(plane, many);
    expect([...many.slice(counters.length)]).toEqual([-5n, -5n, -5n]);
    addon.close(plane);
    await stopped;
    addon.close(plane);
  });
});

it('planes open and close again and again in one process', { timeout: 60_000 }, async () => {
  const directory = temporaryDirectory();
  directories.push(directory);
  for (let i = 0; i < 5; i++) {
    const plane = openDataPlane(planeOptions([directory.path]));
    plane.onEvent(() => {});
    plane.listen({ host: '::1', port: 0, fastPath: true });
    await plane.close();
  }
});

describe('a process', { timeout: 120_000 }, () => {
  const here = (path: string): string => new URL(path, import.meta.url).href;
  const run = (body: string) => {
    const directory = temporaryDirectory();
    directories.push(directory);
    const script = `
      import { openDataPlane } from ${JSON.stringify(here('../../../src/dataplane/client.ts'))};
      import { planeOptions } from ${JSON.stringify(here('../../support/plane.ts'))};
      import { Worker, isMainThread } from 'node:worker_threads';
      const directory = ${JSON.stringify(directory.path)};
      const open = name => {
        const plane = openDataPlane(planeOptions([directory + '/' + name]));
        plane.onEvent(() => {});
        plane.listen({ host: '127.0.0.1', port: 0, fastPath: true });
        return plane;
      };
      ${body}`;
    const loader = here('../../support/ts.mjs');
    return spawnSync(process.execPath, ['--import', loader, '--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 60_000,
    });
  };

  it('exits by itself after close', () => {
    const ended = run(`await open('a').close(); console.log('end');`);
    expect(ended).toMatchObject({ status: 0, stdout: 'end\n', stderr: '' });
  });

  it('may exit without close, by itself once unref was called', () => {
    expect(run(`open('a').unref(); console.log('end');`)).toMatchObject({ status: 0, stdout: 'end\n', stderr: '' });
  });

  it('may exit without close by process.exit, with two planes', () => {
    expect(run(`open('a'); open('b'); process.exit(7);`)).toMatchObject({ status: 7, stderr: '' });
  });

  it('ends when the handler of events throws', () => {
    const ended = run(`
      const plane = openDataPlane(planeOptions([directory + '/a']));
      plane.onEvent(() => { throw new Error('a bug above'); });
      plane.submit({ type: 'read', partition: { index: 9, generation: 9 }, from: 0n, maxBytes: 1, ticket: 1 });`);
    expect(ended).toMatchObject({ status: 1, stdout: '' });
    expect(ended.stderr).toContain('Error: a bug above');
    expect(ended.stderr).not.toContain('Deprecation');
  });

  it('sees what the bell throws as an uncaught exception, once, and goes on if it wants to', () => {
    const ended = run(`
      const { loadAddon } = await import(${JSON.stringify(here('../../../src/dataplane/load.ts'))});
      const { encodeStruct } = await import(${JSON.stringify(here('../../../src/dataplane/codec.ts'))});
      const abi = await import(${JSON.stringify(here('../../../src/dataplane/abi.ts'))});
      const addon = loadAddon();
      const options = encodeStruct(abi.options, { ...planeOptions([directory + '/a']), faultHooks: false }, 'options');
      const { plane } = addon.open(options, () => { throw new Error('in the bell'); });
      process.on('uncaughtException', error => {
        console.log('uncaught:', error.message);
        addon.hold(plane, false);
      });
      addon.close(plane);`);
    expect(ended).toMatchObject({ status: 0, stdout: 'uncaught: in the bell\n', stderr: '' });
  });

  it('may end worker threads that have planes', () => {
    const ended = run(`
      const source = 'const { openDataPlane } = await import(' + ${JSON.stringify(JSON.stringify(here('../../../src/dataplane/client.ts')))} + ');'
        + 'const { planeOptions } = await import(' + ${JSON.stringify(JSON.stringify(here('../../support/plane.ts')))} + ');'
        + 'const { parentPort, workerData } = await import("node:worker_threads");'
        + 'const plane = openDataPlane(planeOptions([workerData])); plane.onEvent(() => {});'
        + 'plane.listen({ host: "127.0.0.1", port: 0, fastPath: true }); parentPort.postMessage("open");';
      const url = new URL('data:text/javascript,' + encodeURIComponent(source));
      const mine = open('main');
      for (let i = 0; i < 3; i++) {
        const worker = new Worker(url, { workerData: directory + '/worker' });
        await new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject); });
        await worker.terminate();
      }
      await mine.close();
      console.log('end');`);
    expect(ended).toMatchObject({ status: 0, stdout: 'end\n', stderr: '' });
  });
});
