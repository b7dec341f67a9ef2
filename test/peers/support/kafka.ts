/**
 * Apache Kafka 4.3.1 as a peer: its jars from Maven Central (into .cache/), one KRaft node in its own JVM on free ports, and its command line tools.
 * Needs `mvn` and `java` (17 or newer); what is missing fails with words.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, type Finished, must, type RunOptions, run } from '../../support/child.ts';
import { once } from '../../support/once.ts';
import { CACHE_DIR, scratchDir } from '../../support/paths.ts';
import { freePorts, type ProcessPeer } from '../../support/peer.ts';

export const KAFKA_VERSION = '4.3.1';
const LOG4J_VERSION = '2.25.4';
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 60_000;
const DOWNLOAD_DEADLINE_MS = 600_000;

/** Sixteen fixed bytes in Kafka's base64: goldens must not depend on chance. */
const CLUSTER_ID = 'TWlsZW5hLWdvbGRlbi0wMQ';

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>milena</groupId><artifactId>peer</artifactId><version>1</version><packaging>pom</packaging><dependencies>
${dependency('org.apache.kafka', 'kafka_2.13', KAFKA_VERSION)}
${dependency('org.apache.kafka', 'kafka-tools', KAFKA_VERSION)}
${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J_VERSION)}
</dependencies></project>
`;

const LOG4J = `status = error
appender.out.type = Console
appender.out.name = out
appender.out.target = SYSTEM_ERR
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = LEVEL
rootLogger.appenderRef.out.ref = out
`;

/** The directory with Kafka's server, tools and everything they need at run time. */
export function kafkaJars(): Promise<string> {
  return once('jars', async () => {
    const home = join(CACHE_DIR, `kafka-${KAFKA_VERSION}`);
    const jars = join(home, 'jars');
    if (existsSync(jars)) return jars;
    const work = `${home}.${process.pid}`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    writeFileSync(join(work, 'pom.xml'), POM);
    writeFileSync(join(work, 'log4j2-server.properties'), LOG4J.replace('LEVEL', 'INFO'));
    writeFileSync(join(work, 'log4j2-tools.properties'), LOG4J.replace('LEVEL', 'WARN'));
    const args = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=jars'];
    await must('mvn', args, { cwd: work, deadlineMs: DOWNLOAD_DEADLINE_MS });
    try {
      renameSync(work, home);
    } catch (error) {
      // Another test process was faster; its copy is as good.
      if (!existsSync(jars)) throw error;
      rmSync(work, { recursive: true, force: true });
    }
    return jars;
  });
}

async function javaArgs(log4j: 'server' | 'tools', heap: string): Promise<string[]> {
  const jars = await kafkaJars();
  const config = join(jars, '..', `log4j2-${log4j}.properties`);
  return [`-Xmx${heap}`, '-XX:+UseSerialGC', `-Dlog4j2.configurationFile=${config}`, '-cp', `${jars}/*`];
}

/** Runs one of Kafka's command line tools by its Java class. */
export async function kafkaTool(
  javaClass: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return run('java', [...(await javaArgs('tools', '512m')), javaClass, ...args], options);
}

/** As kafkaTool(), but any exit code except 0 throws. */
export async function mustKafkaTool(
  javaClass: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return must('java', [...(await javaArgs('tools', '512m')), javaClass, ...args], options);
}

/** How to run a tool as a process that stays. */
export async function javaCommand(
  javaClass: string,
  args: readonly string[],
): Promise<{ command: string; args: string[] }> {
  return { command: 'java', args: [...(await javaArgs('tools', '512m')), javaClass, ...args] };
}

/** The same for a Java source file of ours (single-file source launch). */
export async function javaSource(file: string, args: readonly string[]): Promise<{ command: string; args: string[] }> {
  return { command: 'java', args: [...(await javaArgs('tools', '512m')), file, ...args] };
}

export const TOOLS = {
  topics: 'org.apache.kafka.tools.TopicCommand',
  getOffsets: 'org.apache.kafka.tools.GetOffsetShell',
  configs: 'kafka.admin.ConfigCommand',
  dumpLogSegments: 'org.apache.kafka.tools.DumpLogSegments',
  consoleProducer: 'org.apache.kafka.tools.ConsoleProducer',
  consoleConsumer: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  verifiableConsumer: 'org.apache.kafka.tools.VerifiableConsumer',
  producerPerformance: 'org.apache.kafka.tools.ProducerPerformance',
  deleteRecords: 'org.apache.kafka.tools.DeleteRecordsCommand',
  apiVersions: 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  metadataQuorum: 'org.apache.kafka.tools.MetadataQuorumCommand',
  cluster: 'org.apache.kafka.tools.ClusterTool',
  storage: 'kafka.tools.StorageTool',
  logCompactionTester: 'org.apache.kafka.tools.LogCompactionTester',
} as const;

/** What a single node needs beyond Kafka's defaults, as Kafka's own server.properties has it or as Milena sets it without a file. */
export const SINGLE_NODE: Readonly<Record<string, string>> = {
  'default.replication.factor': '1',
  'group.initial.rebalance.delay.ms': '0',
  'node.id': '1',
  'num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
};

/** Features that Kafka finalizes by default and Milena does not serve yet: equal clusters are compared. */
const UNSERVED_FEATURES = [
  'eligible.leader.replicas.version',
  'group.version',
  'share.version',
  'streams.version',
  'transaction.version',
];

export type KafkaOptions = {
  config?: Readonly<Record<string, string>>;
  port?: number;
  /** An existing data directory is used as it is, without formatting. */
  dataDir?: string;
  heap?: string;
};

const properties = (config: Readonly<Record<string, string>>): string =>
  Object.entries(config)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');

export async function startKafka(options: KafkaOptions = {}): Promise<ProcessPeer & { output(): string }> {
  const home = scratchDir('kafka');
  const dataDir = options.dataDir ?? join(home, 'data');
  const [freePort, controllerPort] = (await freePorts(2)) as [number, number];
  const port = options.port ?? freePort;
  const file = join(home, 'server.properties');
  writeFileSync(
    file,
    properties({
      'process.roles': 'broker,controller',
      listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      'controller.listener.names': 'CONTROLLER',
      'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      'log.dirs': dataDir,
      ...SINGLE_NODE,
      ...options.config,
    }),
  );
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) {
    const features = UNSERVED_FEATURES.flatMap(feature => ['--feature', `${feature}=0`]);
    await mustKafkaTool(TOOLS.storage, ['format', '--standalone', '-t', CLUSTER_ID, '-c', file, ...features]);
  }
  const child = new Child('java', [...(await javaArgs('server', options.heap ?? '1g')), 'kafka.Kafka', file]);
  await child.untilOutput(/Kafka Server started/, START_DEADLINE_MS);
  return {
    name: 'kafka',
    host: '127.0.0.1',
    port,
    bootstrap: `127.0.0.1:${port}`,
    dataDir,
    pid: child.process.pid!,
    output: () => child.output,
    stop: async () => {
      await child.end('SIGTERM', STOP_DEADLINE_MS);
    },
    kill: async () => {
      await child.end('SIGKILL', STOP_DEADLINE_MS);
    },
  };
}
