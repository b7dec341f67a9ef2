import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Commits offsets in transactions: arguments are bootstrap servers, a topic, and pairs of a group's name and "commit", "abort" or "open". */
public class TransactionalOffsets {
    public static void main(String[] args) throws Exception {
        TopicPartition partition = new TopicPartition(args[1], 0);
        for (int i = 2; i < args.length; i += 2) {
            Properties config = new Properties();
            config.put("bootstrap.servers", args[0]);
            config.put("transactional.id", "tx-" + args[i]);
            config.put("key.serializer", ByteArraySerializer.class);
            config.put("value.serializer", ByteArraySerializer.class);
            KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config);
            producer.initTransactions();
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(
                Map.of(partition, new OffsetAndMetadata(9, "in a transaction")), new ConsumerGroupMetadata(args[i]));
            switch (args[i + 1]) {
                case "commit" -> producer.commitTransaction();
                case "abort" -> producer.abortTransaction();
                default -> System.out.println(args[i] + " is left open");
            }
        }
        // Closing a producer would abort what is open.
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
