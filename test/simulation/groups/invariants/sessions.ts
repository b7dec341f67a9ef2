// Who keeps its session is a member, and its group's offsets do not expire.
import { type GroupEvent, holds, type Invariant, type MemberView } from '../events.ts';
import { nameOf, sessionTimeoutMs } from '../settings.ts';

interface Kept {
  readonly member: MemberView;
  untilMs: number;
}

export class Sessions implements Invariant {
  private readonly kept = new Map<string, Kept>();

  see(event: GroupEvent): void {
    switch (event.type) {
      // Not a sync: one that comes when the generation is stable is told its assignment and restarts nothing, as in Kafka.
      case 'kept':
        this.kept.set(keyOf(event.member), { member: event.member, untilMs: event.atMs + sessionTimeoutMs });
        return;
      case 'left':
        this.kept.delete(keyOf(event.member));
        return;
      case 'refused': {
        const { member, error, atMs } = event;
        const kept = this.kept.get(keyOf(member));
        // Another process with its instance id takes a static member's place whenever it likes.
        if (kept === undefined || error !== 'UNKNOWN_MEMBER_ID' || member.groupInstanceId !== null) return;
        holds(atMs >= kept.untilMs, `${keyOf(member)} is a member until ${kept.untilMs}, not unknown at ${atMs}`);
        this.kept.delete(keyOf(member));
        return;
      }
      case 'offsetBuried':
        for (const { member, untilMs } of this.kept.values()) {
          if (member.groupId !== event.groupId || member.groupInstanceId !== null) continue;
          const name = `${event.groupId}, ${nameOf(event.place)}`;
          holds(event.atMs >= untilMs, `offsets live with ${member.memberId} until ${untilMs}: ${name} ${event.atMs}`);
        }
        return;
      default:
    }
  }
}

const keyOf = ({ groupId, memberId }: MemberView): string => `${groupId}/${memberId}`;
