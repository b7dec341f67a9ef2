/**
 * Members of groups: their ids are chance, and later requests must name them. A suite gives a member a name, its requests
 * carry a stand-in, and the player puts in what the broker gave. Ids end in a UUID on every broker; only that differs.
 */
import { createHash } from 'node:crypto';
import { CLIENT_ID } from './suite.ts';

const UUID_TEXT = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

const standIn = (name: string): string => {
  const hex = createHash('sha256').update(`member ${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};

/** Stands for the id of the member of that name; ids begin with the client id, those of static members with theirs. */
export const memberCalled = (name: string, prefix = CLIENT_ID): string => `${prefix}-${standIn(name)}`;

export class Members {
  private readonly uuids = new Map<string, string>();

  /** The id that a broker gave to the member. */
  note(name: string, memberId: string): void {
    const [uuid] = memberId.match(UUID_TEXT) ?? [];
    if (uuid !== undefined) this.uuids.set(name, uuid);
  }

  /** Puts the broker's ids in the place of the stand-ins. */
  put(frame: Uint8Array): Uint8Array {
    const out = Buffer.from(frame);
    for (const [name, uuid] of this.uuids) {
      const placeholder = Buffer.from(standIn(name));
      for (let at = out.indexOf(placeholder); at >= 0; at = out.indexOf(placeholder, at + 1)) out.write(uuid, at);
    }
    return out;
  }

  /** A text without chance: the names in the place of ids. */
  mask(text: string): string {
    return text.replace(UUID_TEXT, uuid => {
      for (const [name, known] of this.uuids) if (uuid === known || uuid === standIn(name)) return `(${name})`;
      return '(some member)';
    });
  }
}
