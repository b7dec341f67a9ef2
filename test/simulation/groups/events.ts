// What is seen of simulated groups, as invariants are told of it. Times are monotonic milliseconds at the coordinator,
// when the request was decided.
import type { ErrorName } from '../../../src/protocol/errors.ts';
import type { Place } from './settings.ts';

export interface MemberView {
  readonly groupId: string;
  readonly memberId: string;
  /** Of a static member: whoever has it goes on where the one before was. */
  readonly groupInstanceId: string | null;
}

export type GroupEvent =
  | { readonly type: 'asked'; readonly request: number; readonly what: string; readonly atMs: number }
  | { readonly type: 'answered'; readonly request: number }
  /** JoinGroup has let it into a generation. */
  | { readonly type: 'joined'; readonly member: MemberView; readonly generation: number }
  /** SyncGroup has told it what it owns. */
  | {
      readonly type: 'synced';
      readonly member: MemberView;
      readonly generation: number;
      readonly owned: readonly Place[];
      readonly atMs: number;
    }
  /** A heartbeat or a commit of a stable generation was accepted. */
  | { readonly type: 'kept'; readonly member: MemberView; readonly atMs: number }
  | { readonly type: 'left'; readonly member: MemberView }
  | { readonly type: 'refused'; readonly member: MemberView; readonly error: ErrorName; readonly atMs: number }
  /** `since` is what `CommittedOffsets.mark` said when the commit was decided. */
  | {
      readonly type: 'committed';
      readonly groupId: string;
      readonly place: Place;
      readonly offset: bigint;
      readonly since: number;
    }
  /** A reader was told; -1 for no offset. `floor` and `since`: as they were when it was decided. */
  | {
      readonly type: 'read';
      readonly groupId: string;
      readonly place: Place;
      readonly offset: bigint;
      readonly floor: bigint;
      readonly since: number;
    }
  /** The coordinator has written tombstones, which may yet be lost. */
  | { readonly type: 'offsetBuried'; readonly groupId: string; readonly place: Place; readonly atMs: number }
  | { readonly type: 'groupBuried'; readonly groupId: string };

export interface Invariant {
  /** Throws when it does not hold. */
  see(event: GroupEvent): void;
}

export function holds(condition: boolean, invariant: string): void {
  if (!condition) throw new Error(`does not hold: ${invariant}`);
}
