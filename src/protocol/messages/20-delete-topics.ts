// DeleteTopics, key 20, versions 1-6.
// 4: flexible   5: error messages   6: by name or by id (KIP-516)
import { array, type Infer, int16, int32, message, string, struct, uuid } from '../schema.ts';

export const DeleteTopicsRequest = message({
  name: 'DeleteTopicsRequest',
  key: 20,
  min: 1,
  max: 6,
  flexibleFrom: 4,
  fields: {
    topics: array(
      struct({
        name: string.nullable().or(null),
        topicId: uuid,
      }),
    ).since(6),
    topicNames: array(string).until(5).or([]).ignorable(),
    timeoutMs: int32,
  },
});
export type DeleteTopicsRequest = Infer<typeof DeleteTopicsRequest>;

export const DeleteTopicsResponse = message({
  name: 'DeleteTopicsResponse',
  key: 20,
  min: 1,
  max: 6,
  flexibleFrom: 4,
  fields: {
    throttleTimeMs: int32.or(0).ignorable(),
    responses: array(
      struct({
        name: string.nullable(6),
        topicId: uuid.since(6).ignorable(),
        errorCode: int16,
        errorMessage: string.since(5).nullable().or(null).ignorable(),
      }),
    ),
  },
});
export type DeleteTopicsResponse = Infer<typeof DeleteTopicsResponse>;
