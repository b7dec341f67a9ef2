// Which protocols the members of a group share, and which of them they want. KIP-62's election: candidates are what every
// member supports; each member votes for the first candidate of its own list.
import type { NamedProtocol } from './asks.ts';

export class ProtocolVotes {
  private readonly supporters = new Map<string, number>();

  add(protocols: readonly NamedProtocol[]): void {
    for (const { name } of protocols) this.supporters.set(name, this.supportersOf(name) + 1);
  }

  remove(protocols: readonly NamedProtocol[]): void {
    for (const { name } of protocols) {
      const left = this.supportersOf(name) - 1;
      if (left === 0) this.supporters.delete(name);
      else this.supporters.set(name, left);
    }
  }

  supportersOf(name: string): number {
    return this.supporters.get(name) ?? 0;
  }

  /** The name with most votes of `ballots`, one for each member; the oldest member decides between equals. */
  elect(ballots: Iterable<readonly NamedProtocol[]>, members: number): string | undefined {
    const votes = new Map<string, number>();
    for (const protocols of ballots) {
      const choice = protocols.find(({ name }) => this.supportersOf(name) === members);
      if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
    }
    let elected: string | undefined;
    let most = 0;
    for (const [name, count] of votes) {
      if (count <= most) continue;
      elected = name;
      most = count;
    }
    return elected;
  }
}
