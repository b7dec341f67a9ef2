import { between, type ConfigKey, key, oneOf } from '../key.ts';

/** Properties of our own. */
export const milenaKeys: readonly ConfigKey[] = [
  key('milena.write.caching', 'boolean', 'false', {
    doc: 'The default of write.caching for topics that do not set it.',
  }),
  key('milena.append.mode', 'string', 'auto', {
    rule: oneOf('auto', 'inline', 'lane'),
    doc: 'Who writes a partition: the reactor that finds work (inline), or the thread of its disk (lane); auto is inline with one log directory, lane with several.',
  }),
  key('milena.append.backend', 'string', 'pwritev', {
    rule: oneOf('pwritev', 'io_uring'),
    doc: 'How batches reach their files. io_uring hands the writes of several partitions to the kernel with one call, which pays only on file systems that need not wait for a buffered write (not ext4); `npm run bench -- backends` tells. pwritev where io_uring is forbidden.',
  }),
  key('milena.sync.backend', 'string', 'auto', {
    rule: oneOf('auto', 'io_uring', 'threads', 'syncfs'),
    doc: 'How the files of one group commit are synced: io_uring (auto) in one batch, by threads where that is forbidden. syncfs syncs the whole file system once 64 files are dirty: only for log directories that share it with nothing else, and with few write.caching topics. Needs Linux 5.17.',
  }),
  key('milena.reactors', 'int', '0', {
    rule: between(0, 64),
    doc: 'Threads that serve connections; 0 means as many as the machine has cores.',
  }),
];
