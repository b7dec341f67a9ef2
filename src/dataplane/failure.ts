/** The one error the data plane throws (ports.ts). */
import type { DataPlaneFailure } from '../runtime/ports.ts';

export class PlaneFailure extends Error implements DataPlaneFailure {
  readonly code: DataPlaneFailure['code'];
  readonly errno: number;
  constructor(code: DataPlaneFailure['code'], message: string, errno = 0) {
    super(message);
    this.name = 'DataPlaneFailure';
    this.code = code;
    this.errno = errno;
  }
}

/** The addon is not there or does not fit this machine: nothing is wrong with what the plane was to be opened on. */
export class AddonFailure extends PlaneFailure {}

/** The caller did what the interface forbids; a bug above the data plane. */
export const misuse = (message: string): PlaneFailure => new PlaneFailure('MISUSE', message);
