// The schema of every message and record, as plain data with inferred types. Codecs, generators of random values and the
// comparison with Apache Kafka's definitions are interpreters of this data; nothing here reads a byte.
//
//   groupInstanceId: string.since(3).nullable().or(null)      a field that exists from version 3 on, null when absent
//
// Every field has a default, as in Kafka: zero, '', [], false, unless `.or()` names another. `.or()` and `.tag()` also
// make the field optional for whoever sends it. Versions are inclusive.
import type { Uuid } from '../base/uuid.ts';
import { zeroUuid } from '../base/uuid.ts';

export type Scalar =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records';

export type Node =
  | { readonly kind: Scalar }
  | { readonly kind: 'array'; readonly of: Node }
  | { readonly kind: 'struct'; readonly fields: Fields };

export interface Life {
  readonly node: Node;
  /** First and last version with this field. */
  readonly from: number;
  readonly to: number;
  /** First and last version at which null can be sent; never, when from > to. */
  readonly nullFrom: number;
  readonly nullTo: number;
  /** The value of versions without the field. Undefined for a struct: the struct of its fields' defaults. */
  readonly absent: unknown;
  /** Position in the tagged section (KIP-482), -1 for a field of fixed place. */
  readonly tag: number;
  /** May be dropped silently at a version that cannot carry it. */
  readonly ignorable: boolean;
  /** The old length prefix also in flexible versions: only the client id of request headers. */
  readonly rigid: boolean;
}

const never = { nullFrom: 1, nullTo: 0 } as const;

/** T: as decoded. I: as accepted for sending. Required: must the sender name it? */
export class Field<out T, out Required extends boolean = true, out I = T> {
  declare readonly t: T;
  declare readonly i: I;
  declare readonly required: Required;
  readonly life: Life;

  private constructor(life: Life) {
    this.life = life;
  }

  static of<T, I = T>(node: Node, absent: T): Field<T, true, I> {
    return new Field({ node, from: 0, to: Infinity, ...never, absent, tag: -1, ignorable: false, rigid: false });
  }

  private with<T2, R extends boolean, I2>(change: Partial<Life>): Field<T2, R, I2> {
    return new Field<T2, R, I2>({ ...this.life, ...change });
  }

  since(from: number): Field<T, Required, I> {
    return this.with({ from });
  }

  until(to: number): Field<T, Required, I> {
    return this.with({ to });
  }

  nullable(nullFrom = 0, nullTo = Infinity): Field<T | null, Required, I | null> {
    return this.with({ nullFrom, nullTo });
  }

  or(absent: T): Field<T, false, I> {
    return this.with({ absent });
  }

  tag(tag: number): Field<T, false, I> {
    return this.with({ tag });
  }

  ignorable(): Field<T, Required, I> {
    return this.with({ ignorable: true });
  }

  rigid(): Field<T, Required, I> {
    return this.with({ rigid: true });
  }
}

export type Fields = Readonly<Record<string, Field<unknown, boolean>>>;

type Pretty<T> = { [K in keyof T]: T[K] } & {};
export type Out<F extends Fields> = { -readonly [K in keyof F]: F[K]['t'] };
type Needed<F extends Fields> = { [K in keyof F]: F[K]['required'] extends true ? K : never }[keyof F];
export type In<F extends Fields> = Pretty<
  { readonly [K in Needed<F>]: F[K]['i'] } & { readonly [K in Exclude<keyof F, Needed<F>>]?: F[K]['i'] | undefined }
>;

export const bool = Field.of<boolean>({ kind: 'bool' }, false);
export const int8 = Field.of<number>({ kind: 'int8' }, 0);
export const int16 = Field.of<number>({ kind: 'int16' }, 0);
export const uint16 = Field.of<number>({ kind: 'uint16' }, 0);
export const int32 = Field.of<number>({ kind: 'int32' }, 0);
export const uint32 = Field.of<number>({ kind: 'uint32' }, 0);
export const int64 = Field.of<bigint>({ kind: 'int64' }, 0n);
export const float64 = Field.of<number>({ kind: 'float64' }, 0);
export const uuid = Field.of<Uuid>({ kind: 'uuid' }, zeroUuid);
export const string = Field.of<string>({ kind: 'string' }, '');
export const bytes = Field.of<Uint8Array>({ kind: 'bytes' }, new Uint8Array(0));
/** Record batches, opaque to the schema. */
export const records = Field.of<Uint8Array>({ kind: 'records' }, new Uint8Array(0));

export const array = <T, I>(item: Field<T, boolean, I>): Field<readonly T[], true, readonly I[]> =>
  Field.of<readonly T[], readonly I[]>({ kind: 'array', of: item.life.node }, Object.freeze([]) as readonly T[]);

export const struct = <F extends Fields>(fields: F): Field<Pretty<Out<F>>, true, In<F>> =>
  Field.of<Pretty<Out<F>>, In<F>>({ kind: 'struct', fields }, undefined as unknown as Pretty<Out<F>>);

export interface Message<F extends Fields = Fields> {
  /** Kafka's name of it, for messages, errors and the comparison with Kafka's own definition. */
  readonly name: string;
  /** API key of a request or response, type of a record; -1 for what has neither. */
  readonly key: number;
  readonly min: number;
  readonly max: number;
  /** First version with compact lengths and tagged fields; Infinity for none. */
  readonly flexibleFrom: number;
  /** The last version is not released yet: it is decoded, not advertised. */
  readonly latestUnstable?: boolean;
  readonly fields: F;
}

export const message = <const F extends Fields>(m: Message<F>): Message<F> => m;

/** A message as decoded: every field present, absent ones defaulted. */
export type Infer<M> = M extends Message<infer F> ? Pretty<Out<F>> : never;
/** A message to send: fields with a declared default are optional. */
export type Init<M> = M extends Message<infer F> ? In<F> : never;
