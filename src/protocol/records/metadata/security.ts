// Permissions and credentials.
import { array, bytes, type Infer, int8, int32, int64, message, string, uuid } from '../../schema.ts';

export const AccessControlEntryRecord = message({
  name: 'AccessControlEntryRecord',
  key: 18,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    id: uuid,
    resourceType: int8,
    resourceName: string,
    patternType: int8,
    principal: string,
    host: string,
    operation: int8,
    permissionType: int8,
  },
});
export type AccessControlEntryRecord = Infer<typeof AccessControlEntryRecord>;

export const RemoveAccessControlEntryRecord = message({
  name: 'RemoveAccessControlEntryRecord',
  key: 19,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    id: uuid,
  },
});
export type RemoveAccessControlEntryRecord = Infer<typeof RemoveAccessControlEntryRecord>;

export const UserScramCredentialRecord = message({
  name: 'UserScramCredentialRecord',
  key: 11,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    name: string,
    mechanism: int8,
    salt: bytes,
    storedKey: bytes,
    serverKey: bytes,
    iterations: int32,
  },
});
export type UserScramCredentialRecord = Infer<typeof UserScramCredentialRecord>;

export const RemoveUserScramCredentialRecord = message({
  name: 'RemoveUserScramCredentialRecord',
  key: 22,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    name: string,
    mechanism: int8,
  },
});
export type RemoveUserScramCredentialRecord = Infer<typeof RemoveUserScramCredentialRecord>;

export const DelegationTokenRecord = message({
  name: 'DelegationTokenRecord',
  key: 10,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    owner: string,
    requester: string,
    renewers: array(string),
    issueTimestamp: int64,
    maxTimestamp: int64,
    expirationTimestamp: int64,
    tokenId: string,
  },
});
export type DelegationTokenRecord = Infer<typeof DelegationTokenRecord>;

export const RemoveDelegationTokenRecord = message({
  name: 'RemoveDelegationTokenRecord',
  key: 26,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  fields: {
    tokenId: string,
  },
});
export type RemoveDelegationTokenRecord = Infer<typeof RemoveDelegationTokenRecord>;
