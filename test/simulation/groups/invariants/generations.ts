// A generation that a member has synced with is stored: the member is never let into an older one.
import { type GroupEvent, holds, type Invariant } from '../events.ts';

export class Generations implements Invariant {
  private readonly synced = new Map<string, number>();

  see(event: GroupEvent): void {
    if (event.type === 'groupBuried') {
      for (const key of this.synced.keys()) if (key.startsWith(`${event.groupId}/`)) this.synced.delete(key);
    } else if (event.type === 'joined' || event.type === 'synced') {
      const { member, generation } = event;
      const key = `${member.groupId}/${member.memberId}`;
      const known = this.synced.get(key) ?? generation;
      holds(generation >= known, `${key} goes on from generation ${known}, not back to ${generation}`);
      if (event.type === 'synced') this.synced.set(key, generation);
    }
  }
}
