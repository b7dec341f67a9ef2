// At most one member owns a partition in one generation.
import { type GroupEvent, holds, type Invariant } from '../events.ts';
import { nameOf } from '../settings.ts';

export class Ownership implements Invariant {
  /** Group, how often it was made anew, generation, partition. */
  private readonly owners = new Map<string, string>();
  private readonly burials = new Map<string, number>();

  see(event: GroupEvent): void {
    if (event.type === 'groupBuried') {
      this.burials.set(event.groupId, (this.burials.get(event.groupId) ?? 0) + 1);
    } else if (event.type === 'synced') {
      const { member, generation, owned } = event;
      for (const place of owned) {
        const key = `${member.groupId}/${this.burials.get(member.groupId) ?? 0}/${generation}/${nameOf(place)}`;
        const self = member.groupInstanceId ?? member.memberId;
        const owner = this.owners.get(key) ?? self;
        holds(owner === self, `${key} has one owner, not ${owner} and ${self}`);
        this.owners.set(key, owner);
      }
    }
  }
}
