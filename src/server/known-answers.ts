// Answers that the data plane may give by itself: what the same bytes would be answered until the metadata changes. Clients
// ask again and again where leaders are and which versions are spoken, and most of them with the same bytes.
import type { DataPlane } from '../runtime/ports.ts';

/** Requests that came once, waiting to come again. */
const seenMax = 256;
/** What is larger is rare, or not asked twice; the plane does not look longer requests up either. */
const requestBytesMax = 16 * 1024;
const responseBytesMax = 256 * 1024;
/** api_key int16, api_version int16, correlation_id int32 */
const correlationAt = 4;
const correlationEnd = 8;

export class KnownAnswers {
  private readonly plane: Pick<DataPlane, 'submit'>;
  private readonly seen = new Set<string>();
  private any = false;

  constructor(plane: Pick<DataPlane, 'submit'>) {
    this.plane = plane;
  }

  /**
   * `frame` was answered with `response` on the listener, now. When it has come before, and the answer `lasts` (it rests on
   * the metadata and the request's bytes alone, and asking changes nothing), the plane answers it from now on.
   */
  answered(listener: number, frame: Uint8Array, response: Uint8Array, lasts: () => boolean): void {
    if (frame.length > requestBytesMax || response.length > responseBytesMax) return;
    const text = Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString('latin1');
    const key = `${listener} ${text.slice(0, correlationAt)}${text.slice(correlationEnd)}`;
    if (!this.seen.delete(key)) {
      if (this.seen.size >= seenMax) this.seen.clear();
      this.seen.add(key);
      return;
    }
    if (!lasts()) return;
    this.any = true;
    this.plane.submit({ type: 'remember', listener, request: frame, response });
  }

  /** The metadata changes: before anybody is told of it. */
  forget(): void {
    this.seen.clear();
    if (!this.any) return;
    this.any = false;
    this.plane.submit({ type: 'forget' });
  }
}
