/**
 * Rewrites test/golden from a live Apache Kafka 4.3.1: `npm run golden [suite ...]`.
 * The outcome is the outside world: it is reviewed as a diff, and never edited to make a test pass.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../answers/catalogue/index.ts';
import { GOLDEN_DIR, writeGolden } from '../answers/golden.ts';
import { playSuite } from '../answers/play.ts';
import { KAFKA_VERSION, startKafka } from './support/kafka.ts';

const wanted = process.argv.slice(2);
mkdirSync(join(GOLDEN_DIR, 'answers'), { recursive: true });
for (const suite of catalogue) {
  if (wanted.length > 0 && !wanted.includes(suite.name)) continue;
  // A fresh broker each: no suite sees another's topics.
  const kafka = await startKafka();
  try {
    const played = await playSuite(kafka.port, suite);
    const file = suite.name === 'produce-checks' ? 'produce-checks.json' : join('answers', `${suite.name}.json`);
    writeGolden(join(GOLDEN_DIR, file), suite, played, {
      broker: `Apache Kafka ${KAFKA_VERSION}, one KRaft node, defaults of its server.properties`,
      captured: new Date().toISOString().slice(0, 10),
      by: 'test/peers/capture-golden.ts; ids, times, message texts and addresses are masked (test/answers/normalise.ts)',
    });
    const closed = played.filter(one => one.connection === 'closed').length;
    console.log(`${suite.name}: ${played.length} steps, ${closed} closed connections`);
  } finally {
    await kafka.stop();
  }
}
