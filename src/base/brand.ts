// One meaning, one type: a branded primitive is its primitive at run time and distinct to the compiler.

declare const brand: unique symbol;

export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Number of a record in its partition. */
export type Offset = Brand<bigint, 'Offset'>;
/** -1 where the protocol says "unknown" (KIP-320). */
export type LeaderEpoch = Brand<number, 'LeaderEpoch'>;
export type BrokerId = Brand<number, 'BrokerId'>;
/** -1: not idempotent. */
export type ProducerId = Brand<bigint, 'ProducerId'>;
/** Milliseconds since 1970, UTC. */
export type Timestamp = Brand<bigint, 'Timestamp'>;

export const offset = (value: bigint): Offset => value as Offset;
export const leaderEpoch = (value: number): LeaderEpoch => value as LeaderEpoch;
export const brokerId = (value: number): BrokerId => value as BrokerId;
export const producerId = (value: bigint): ProducerId => value as ProducerId;
export const timestamp = (value: bigint): Timestamp => value as Timestamp;
