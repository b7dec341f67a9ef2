import { atLeast, type ConfigKey, key } from '../key.ts';

/** Quotas, metrics and telemetry. */
export const observationKeys: readonly ConfigKey[] = [
  key('client.quota.callback.class', 'class', null),
  key('kafka.metrics.polling.interval.secs', 'int', '10', { rule: atLeast(1) }),
  key('kafka.metrics.reporters', 'list', ''),
  key('metric.reporters', 'list', 'org.apache.kafka.common.metrics.JmxReporter', { update: 'cluster-wide' }),
  key('metrics.num.samples', 'int', '2', { rule: atLeast(1) }),
  key('metrics.recording.level', 'string', 'INFO'),
  key('metrics.sample.window.ms', 'long', '30000', { rule: atLeast(1) }),
  key('quota.window.num', 'int', '11', { rule: atLeast(1) }),
  key('quota.window.size.seconds', 'int', '1', { rule: atLeast(1) }),
  key('telemetry.max.bytes', 'int', '1048576', { rule: atLeast(1) }),
];
