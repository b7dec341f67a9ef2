/** Numbers what main asks of one data plane. Whoever takes a number alone knows what its answer means. */
export class Tickets {
  private last = 0;

  next(): number {
    return ++this.last;
  }
}
