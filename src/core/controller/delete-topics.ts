// DeleteTopics (API 20): by name, or from version 6 on by name or id.
import { refuse } from '../../base/result.ts';
import { type Uuid, zeroUuid } from '../../base/uuid.ts';
import type { MetadataImage } from '../metadata/image.ts';
import type { MetadataRecordInit } from '../metadata/records.ts';
import { type Decide, type Deciding, type Outcome, recordsPerDecisionMax, success } from './decision.ts';
import type { TopicSettings } from './settings.ts';

export interface DeleteTopicsAsk {
  /** Versions 1-5. */
  readonly topicNames: readonly string[];
  /** Version 6: exactly one of name and id each; the zero id is "none". */
  readonly topics: readonly { readonly name: string | null; readonly topicId: Uuid }[];
  /** Of the request: old clients are told of disabled deletion with another error. */
  readonly apiVersion: number;
}

export interface DeletedTopic extends Outcome {
  readonly name: string | null;
  readonly topicId: Uuid;
}

type Failure = Omit<DeletedTopic, 'message'> & { readonly message: string | null };

export function deleteTopics(ask: DeleteTopicsAsk, settings: TopicSettings) {
  return ((at: Deciding) => {
    if (!settings.deleteEnabled) {
      return ask.apiVersion < 3
        ? refuse('INVALID_REQUEST', 'This version does not support topic deletion.')
        : refuse('TOPIC_DELETION_DISABLED', 'Topic deletion is disabled.');
    }
    const reply: DeletedTopic[] = [];
    const found = resolve(at.image, ask, failure => reply.push(failure));
    const records: MetadataRecordInit[] = [];
    for (const [topicId, name] of found) {
      records.push({ type: 'removeTopic', version: 0, data: { topicId } });
      reply.push({ name, topicId, ...success });
    }
    if (records.length > recordsPerDecisionMax) {
      return refuse('POLICY_VIOLATION', 'Unable to perform excessively large batch operation.');
    }
    return { records, reply };
  }) satisfies Decide<readonly DeletedTopic[]>;
}

/** The topics meant, by id; everything else goes to `fail`. A topic that is named twice, in whatever way, is an error. */
function resolve(image: MetadataImage, ask: DeleteTopicsAsk, fail: (failure: Failure) => void): Map<Uuid, string> {
  const names = new Once<string>();
  const ids = new Once<Uuid>();
  for (const name of ask.topicNames) names.add(name);
  for (const { name, topicId } of ask.topics) {
    if (name === null && topicId === zeroUuid) {
      fail(invalid(null, zeroUuid, 'Neither topic name nor id were specified.'));
    } else if (name !== null && topicId !== zeroUuid) {
      fail(invalid(name, topicId, 'You may not specify both topic name and topic id.'));
    } else if (name !== null) {
      names.add(name);
    } else {
      ids.add(topicId);
    }
  }
  for (const name of names.twice) fail(invalid(name, zeroUuid, 'Duplicate topic name.'));
  for (const id of ids.twice) fail(invalid(null, id, 'Duplicate topic id.'));
  const found = new Map<Uuid, string>();
  for (const id of ids.once) {
    const topic = image.topicsById.get(id);
    if (topic !== undefined) found.set(id, topic.name);
    else
      fail({ name: null, topicId: id, error: 'UNKNOWN_TOPIC_ID', message: 'This server does not host this topic ID.' });
  }
  for (const name of names.once) {
    const id = image.topicIdsByName.get(name);
    if (id === undefined) {
      const message = 'This server does not host this topic-partition.';
      fail({ name, topicId: zeroUuid, error: 'UNKNOWN_TOPIC_OR_PARTITION', message });
    } else if (found.has(id) || ids.twice.has(id)) {
      found.delete(id);
      fail(invalid(name, id, 'The provided topic name maps to an ID that was already supplied.'));
    } else {
      found.set(id, name);
    }
  }
  return found;
}

const invalid = (name: string | null, topicId: Uuid, message: string): Failure => ({
  name,
  topicId,
  error: 'INVALID_REQUEST',
  message,
});

/** Tells what came once from what came more often. */
class Once<T> {
  readonly once = new Set<T>();
  readonly twice = new Set<T>();

  add(item: T): void {
    if (this.twice.has(item)) return;
    if (this.once.delete(item)) this.twice.add(item);
    else this.once.add(item);
  }
}
