// An acknowledged commit is never lost, and what is committed never goes backwards, until the offset is buried.
import { type GroupEvent, holds, type Invariant } from '../events.ts';
import { nameOf, type Place } from '../settings.ts';

interface Known {
  /** No reader may be told less. */
  floor: bigint;
  /** A tombstone was written; it may be lost. */
  buried: boolean;
  /** How often the offset was seen to be gone. */
  deaths: number;
}

export class CommittedOffsets implements Invariant {
  private readonly offsets = new Map<string, Known>();

  floor(groupId: string, place: Place): bigint {
    return this.of(groupId, place).floor;
  }

  /** Tells apart what was seen before the offset was gone and after. */
  mark(groupId: string, place: Place): number {
    return this.of(groupId, place).deaths;
  }

  see(event: GroupEvent): void {
    switch (event.type) {
      case 'offsetBuried':
        this.of(event.groupId, event.place).buried = true;
        return;
      case 'committed': {
        const known = this.of(event.groupId, event.place);
        if (event.since === known.deaths && event.offset > known.floor) known.floor = event.offset;
        return;
      }
      case 'read':
        this.read(event);
        return;
      default:
    }
  }

  private read({ groupId, place, offset, floor, since }: Extract<GroupEvent, { type: 'read' }>): void {
    const known = this.of(groupId, place);
    if (since !== known.deaths) return;
    if (offset < floor && known.buried) {
      known.floor = offset;
      known.buried = false;
      known.deaths++;
      return;
    }
    holds(offset >= floor, `${groupId} has committed ${floor} of ${nameOf(place)}, not ${offset}`);
    if (offset > known.floor) known.floor = offset;
  }

  private of(groupId: string, place: Place): Known {
    const key = `${groupId}/${nameOf(place)}`;
    let known = this.offsets.get(key);
    if (known === undefined) {
      known = { floor: -1n, buried: false, deaths: 0 };
      this.offsets.set(key, known);
    }
    return known;
  }
}
