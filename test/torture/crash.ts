/**
 * kill -9 at random moments, under the load of real producers: every acknowledged record is there, in order, without gaps, and once where the producer is idempotent.
 * MILENA_TORTURE_ROUNDS rounds (100 by default); MILENA_SEED repeats a run's choices, MILENA_TORTURE_AGAINST=kafka shows what Apache Kafka does (it passes too: its process dies, the machine does not).
 */
import { join } from 'node:path';
import { fetchLog } from '../answers/fetch-log.ts';
import { createTopics } from '../answers/play.ts';
import { startKafka } from '../peers/support/kafka.ts';
import { startMilena } from '../peers/support/milena.ts';
import { parseRecords } from '../support/parse-records.ts';
import { scratchDir } from '../support/paths.ts';
import { freePorts, type ProcessPeer } from '../support/peer.ts';
import { Random, runSeed } from '../support/random.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Ack, History } from './history.ts';
import { PRODUCERS, RunningProducer } from './producers.ts';

const ROUNDS = Number(process.env.MILENA_TORTURE_ROUNDS ?? 100);
const TOPIC = 'tortured';
const PARTITIONS = 6;
/** A round kills the broker after this many new acknowledgements, and a moment. */
const ACKS_MIN = 1;
const ACKS_MAX = 3000;
const MOMENT_MS_MAX = 30;
const PROGRESS_DEADLINE_MS = 120_000;
/** Small segments: crashes meet rolls. */
const TOPIC_CONFIG = { 'segment.bytes': '1048576' };

class Torture {
  private readonly random: Random;
  private readonly history = new History(
    PARTITIONS,
    PRODUCERS.filter(one => one.idempotent).map(one => one.name),
  );
  private readonly dataDir = join(scratchDir('torture'), 'data');
  private readonly failures: string[] = [];
  private notify = (): void => undefined;
  private broker!: ProcessPeer & { output(): string };
  private port!: number;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  async run(): Promise<void> {
    this.port = (await freePorts(1))[0]!;
    await this.start();
    const client = await RawClient.open(this.port);
    await createTopics(client, [{ name: TOPIC, partitions: PARTITIONS, config: TOPIC_CONFIG }]);
    await client.close();
    const target = { bootstrap: this.broker.bootstrap, topic: TOPIC, partitions: PARTITIONS };
    const producers = await Promise.all(
      PRODUCERS.map(spec => RunningProducer.start(spec, target, this.onAck, this.onFailure)),
    );
    try {
      for (let round = 1; round <= ROUNDS; round++) await this.round(round);
      await Promise.all(producers.map(producer => producer.stop()));
      this.check();
      const total = producers.reduce((sum, producer) => sum + (producer.sent ?? 0), 0);
      await this.verify(this.history.promises());
      console.log(
        `${ROUNDS} crashes, ${total} records sent, ${this.history.acknowledged} acknowledged, ${this.history.verified} found again`,
      );
      if (this.history.verified !== total)
        throw new Error(`${total} sent and flushed, ${this.history.verified} verified`);
    } catch (error) {
      console.error(this.broker.output().slice(-4000));
      throw error;
    } finally {
      await Promise.all(producers.map(producer => producer.stop()));
      await this.broker.kill();
    }
  }

  private async start(): Promise<void> {
    const options = { dataDir: this.dataDir, port: this.port };
    this.broker = await (process.env.MILENA_TORTURE_AGAINST === 'kafka' ? startKafka(options) : startMilena(options));
  }

  private readonly onAck = (ack: Ack): void => {
    try {
      this.history.acknowledge(ack);
    } catch (error) {
      this.failures.push(String(error));
    }
    this.notify();
  };

  private readonly onFailure = (what: string): void => {
    this.failures.push(what);
    this.notify();
  };

  private check(): void {
    if (this.failures.length > 0) throw new Error(this.failures.slice(0, 5).join('\n'));
  }

  private async round(round: number): Promise<void> {
    const goal = this.history.acknowledged + this.random.logUniform(ACKS_MIN, ACKS_MAX);
    await this.untilAcknowledged(goal);
    await new Promise(resolve => setTimeout(resolve, this.random.below(MOMENT_MS_MAX)));
    await this.broker.kill();
    const promised = this.history.promises();
    const began = Date.now();
    await this.start();
    const restart_ms = Date.now() - began;
    await this.verify(promised);
    console.log(
      `round ${round}: ${this.history.acknowledged} acknowledged, ${this.history.verified} found again, back after ${restart_ms} ms`,
    );
  }

  private untilAcknowledged(goal: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `no progress: ${this.history.acknowledged} of ${goal} acknowledged\n${this.broker.output().slice(-2000)}`,
            ),
          ),
        PROGRESS_DEADLINE_MS,
      );
      this.notify = () => {
        if (this.failures.length === 0 && this.history.acknowledged < goal) return;
        clearTimeout(timer);
        this.notify = () => undefined;
        try {
          this.check();
          resolve();
        } catch (error) {
          reject(error);
        }
      };
      this.notify();
    });
  }

  /** Reads on from where the last reading ended. What was promised before the crash must be there. */
  private async verify(promised: ReadonlySet<Ack>): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const overdue = this.history.overdue(partition);
      const next = this.history.nextOffset(partition);
      const from = overdue ?? next;
      const records = parseRecords(await fetchLog(this.port, TOPIC, partition, { from })).filter(
        one => one.offset >= from,
      );
      this.history.readAgain(
        partition,
        records.filter(record => record.offset < next),
      );
      this.history.read(
        partition,
        records.filter(record => record.offset >= next),
      );
      this.history.nothingIsMissing(partition, promised);
    }
    this.check();
  }
}

await new Torture(runSeed('torture')).run();
