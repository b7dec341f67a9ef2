/** Finds and loads the addon. Its whole surface is `open` and the five functions of a plane. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { abiDigest } from './abi-digest.ts';
import { AddonFailure } from './failure.ts';
import { packageRoot } from './package-root.ts';

/** What a native function reports instead of throwing: `code` '' when it went well. */
export interface NativeOutcome {
  readonly code: '' | 'LOCKED' | 'IO' | 'PORT_IN_USE' | 'ADDRESS' | 'MISUSE';
  readonly errno: number;
  readonly message: string;
  /** listen: the bound port. open: unused. */
  readonly value: number;
  /** open: the plane, for the other functions. */
  readonly plane?: object;
}

export interface Addon {
  /** abi-digest.ts of the sources it was built from. */
  readonly abi: string;
  /** `options` as encoded by abi.ts; `bell` is called on this thread whenever events are waiting. */
  open(options: Uint8Array, bell: () => void): NativeOutcome;
  listen(plane: object, host: string, port: number, fastPath: boolean): NativeOutcome;
  /** Encoded commands, one behind the other. false: one of them is none; those before it have taken effect. */
  submit(plane: object, commands: Uint8Array): boolean;
  /** Moves events into `into`; returns bytes, 0: none left, negative: the next one needs that many bytes. */
  drain(plane: object, into: Uint8Array): number;
  readCounters(plane: object, into: BigInt64Array): void;
  /** Begins to close; `stopped` is the last event. */
  close(plane: object): void;
  /**
   * For workers: one pass of compaction over one log, synchronously; the thread steps back for all others from then on. Bytes as
   * abi.ts `cleaning` says; `cancel` is shared memory, not 0 ends the pass; `cleaned` gets each group of new segments. Throws
   * TypeError for bytes that are none of these.
   */
  cleanLog(plan: Uint8Array, task: Uint8Array, cancel: Int32Array, cleaned: (group: Uint8Array) => void): Uint8Array;
  /** Whether the bell keeps the process alive. */
  hold(plane: object, alive: boolean): void;
}

const addonPath = join(packageRoot, 'build', 'Release', 'milena.node');
const buildScript = join(packageRoot, 'scripts', 'build-native.mjs');

let loaded: Addon | undefined;

/** Throws AddonFailure when the addon was not built or does not fit this machine. */
export function loadAddon(): Addon {
  loaded ??= openAddon(addonPath);
  return loaded;
}

/**
 * The addon in the file `path`. It is missing where npm was told not to run install scripts, or does not run those nobody has approved: the error names
 * a command that works all the same.
 */
export function openAddon(path: string): Addon {
  const addon = requireAddon(path);
  if (addon.abi !== abiDigest()) {
    const why = 'was built from the sources of another version';
    throw new AddonFailure('IO', `the native addon ${path} ${why}. Build it anew with: node ${buildScript}`);
  }
  return addon;
}

function requireAddon(path: string): Addon {
  try {
    return createRequire(import.meta.url)(path) as Addon;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND') {
      const why = 'it is built when milena is installed, unless npm is kept from running install scripts';
      throw new AddonFailure('IO', `the native addon ${path} is missing: ${why}. Build it with: node ${buildScript}`);
    }
    const [why] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new AddonFailure(
      'IO',
      `cannot load the native addon ${path}: ${why}. Build it anew with: node ${buildScript}`,
    );
  }
}
