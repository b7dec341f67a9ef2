import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The Java producer that runs until its standard input ends and prints every acknowledgement: `ack NUMBER PARTITION OFFSET`.
 * Arguments: BOOTSTRAP TOPIC PARTITIONS NAME [key=value ...]; record NUMBER goes to partition NUMBER % PARTITIONS, key NAME, value NUMBER.
 */
public final class TortureProducer {
    private static final int OUTSTANDING_MAX = 2000;
    private static final int BATCH_PAUSE_MS = 1;

    public static void main(String[] args) throws Exception {
        int partitions = Integer.parseInt(args[2]);
        Properties config = new Properties();
        config.put("bootstrap.servers", args[0]);
        config.put("linger.ms", "2");
        for (int i = 4; i < args.length; i++) {
            String[] setting = args[i].split("=", 2);
            config.put(setting[0], setting[1]);
        }
        AtomicBoolean stop = new AtomicBoolean();
        Thread watcher = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (java.io.IOException gone) {
                // The end of the input is all that is waited for.
            }
            stop.set(true);
        });
        watcher.setDaemon(true);
        watcher.start();
        Semaphore outstanding = new Semaphore(OUTSTANDING_MAX);
        int number = 0;
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            while (!stop.get()) {
                if (!outstanding.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                    continue;
                }
                String value = Integer.toString(number);
                producer.send(new ProducerRecord<>(args[1], number % partitions, args[3], value), (metadata, error) -> {
                    outstanding.release();
                    System.out.println(error != null
                        ? "failed " + value + " " + error
                        : "ack " + value + " " + metadata.partition() + " " + metadata.offset());
                });
                number++;
                if (number % 4 == 0) {
                    Thread.sleep(BATCH_PAUSE_MS);
                }
            }
            producer.flush();
        }
        System.out.println("sent " + number);
        System.out.flush();
    }
}
