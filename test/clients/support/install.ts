/** Brings the real clients into .cache/ (kcat: the system's package). Each function is idempotent, may be called by several tests at a time, and fails with words. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaJars } from '../../peers/support/kafka.ts';
import { must, run } from '../../support/child.ts';
import { once } from '../../support/once.ts';
import { CACHE_DIR, REPO_ROOT } from '../../support/paths.ts';

const INSTALL_DEADLINE_MS = 600_000;

const CONFLUENT_KAFKA_VERSION = '2.15.1';
const KAFKAJS_VERSION = '2.2.4';

async function answers(command: string, args: readonly string[]): Promise<boolean> {
  try {
    return (await run(command, args)).code === 0;
  } catch {
    return false;
  }
}

export function installKcat(): Promise<void> {
  return once('kcat', async () => {
    if (await answers('kcat', ['-V'])) return;
    const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
    const steps = [
      ['apt-get', 'update'],
      ['apt-get', 'install', '-y', '--no-install-recommends', 'kcat'],
    ];
    for (const step of steps) {
      const [command = '', ...args] = [...sudo, ...step];
      const done = await run(command, args, { deadlineMs: INSTALL_DEADLINE_MS }).catch(() => undefined);
      if (done?.code !== 0) {
        throw new Error(
          `kcat is missing and \`${[...sudo, ...step].join(' ')}\` failed: install it (Debian: kcat)\n${done?.stderr ?? ''}`,
        );
      }
    }
    if (!(await answers('kcat', ['-V']))) throw new Error('kcat was installed but does not run');
  });
}

/** A virtual environment with confluent-kafka; returns its python. */
export function installConfluentKafka(): Promise<string> {
  return once('confluent-kafka', async () => {
    const home = join(CACHE_DIR, `confluent-kafka-${CONFLUENT_KAFKA_VERSION}`);
    const python = join(home, 'bin', 'python');
    if (await answers(python, ['-c', 'import confluent_kafka'])) return python;
    await must('python3', ['-m', 'venv', '--clear', home], { deadlineMs: INSTALL_DEADLINE_MS });
    const install = ['-m', 'pip', 'install', '--quiet', `confluent-kafka==${CONFLUENT_KAFKA_VERSION}`];
    await must(python, install, { deadlineMs: INSTALL_DEADLINE_MS });
    return python;
  });
}

/** Our franz-go program, built from test/clients/go with its own pinned modules; returns the binary. */
export function buildFranzGo(): Promise<string> {
  return once('franz-go', async () => {
    const binary = join(CACHE_DIR, 'franz-go-client');
    const source = join(REPO_ROOT, 'test', 'clients', 'go');
    await must('go', ['build', '-mod=readonly', '-o', binary, '.'], { cwd: source, deadlineMs: INSTALL_DEADLINE_MS });
    return binary;
  });
}

/** The directory whose node_modules holds kafkajs. */
export function installKafkaJs(): Promise<string> {
  return once('kafkajs', async () => {
    const home = join(CACHE_DIR, `kafkajs-${KAFKAJS_VERSION}`);
    if (existsSync(join(home, 'node_modules', 'kafkajs', 'package.json'))) return home;
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, name: 'kafkajs-client' }));
    const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `kafkajs@${KAFKAJS_VERSION}`];
    await must('npm', install, { cwd: home, deadlineMs: INSTALL_DEADLINE_MS });
    return home;
  });
}

/** A Java program of ours (test/clients/java), compiled once a version of its source; returns the arguments of `java` that run it. */
export function compileJava(name: string): Promise<string[]> {
  return once(`java ${name}`, async () => {
    const jars = await kafkaJars();
    const source = join(REPO_ROOT, 'test', 'clients', 'java', `${name}.java`);
    const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
    const classes = join(CACHE_DIR, `java-${name}-${digest}`);
    if (!existsSync(join(classes, `${name}.class`))) {
      mkdirSync(classes, { recursive: true });
      await must('javac', ['-cp', `${jars}/*`, '-d', classes, source], { deadlineMs: INSTALL_DEADLINE_MS });
    }
    const log4j = `-Dlog4j2.configurationFile=${join(jars, '..', 'log4j2-tools.properties')}`;
    return [log4j, '-cp', `${classes}:${jars}/*`, name];
  });
}

/** What a Java client needs of Kafka's jars; every jar more costs time at each start. */
const CLIENT_JARS = /^(kafka-clients|slf4j-api|log4j-)/;

/**
 * The same for a program that is started often and needs the client only: its classes come out of an archive that one run of it (without input, against nothing) has left behind,
 * which halves what a start costs.
 */
export function archiveJava(name: string, args: readonly string[]): Promise<string[]> {
  return once(`java archive ${name}`, async () => {
    const [log4j = '', , path = ''] = await compileJava(name);
    const [classes = ''] = path.split(':');
    const jars = await kafkaJars();
    const client = readdirSync(jars).filter(jar => CLIENT_JARS.test(jar));
    const classPath = [`${classes}.jar`, ...client.sort().map(jar => join(jars, jar))].join(':');
    const archive = `${classes}.jsa`;
    if (!existsSync(archive)) {
      await must('jar', ['cf', `${classes}.jar`, '-C', classes, '.'], { deadlineMs: INSTALL_DEADLINE_MS });
      const partial = `${archive}.${process.pid}`;
      const dump = [log4j, '-XX:+UseSerialGC', `-XX:ArchiveClassesAtExit=${partial}`, '-cp', classPath, name, ...args];
      await must('java', dump, { input: '', deadlineMs: INSTALL_DEADLINE_MS });
      renameSync(partial, archive);
    }
    return [log4j, `-XX:SharedArchiveFile=${archive}`, '-cp', classPath, name];
  });
}
