import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * One member of a consumer group. See test/clients/support/group-member.ts for what it is told and what it prints.
 *
 * GroupMember BOOTSTRAP GROUP TOPIC ASSIGNOR [INSTANCE]
 */
public final class GroupMember {
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private static String assignorClass(String name) {
        return "org.apache.kafka.clients.consumer." + switch (name) {
            case "range" -> "RangeAssignor";
            case "roundrobin" -> "RoundRobinAssignor";
            case "sticky" -> "StickyAssignor";
            case "cooperative-sticky" -> "CooperativeStickyAssignor";
            default -> throw new IllegalArgumentException("unknown assignor " + name);
        };
    }

    /** A commit was refused; what the member keeps of its partitions through the rebalance it still has to commit. */
    private static boolean owing = false;

    // One write, so that a line is whole or not there when the process is killed.
    private static void say(String line) {
        try {
            OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (java.io.IOException gone) {
            Runtime.getRuntime().halt(1);
        }
    }

    private static void refused(Exception error) {
        String what = String.valueOf(error).replaceAll("[\"\\\\\\p{Cntrl}]", " ");
        say("{\"type\":\"refused\",\"what\":\"" + what + "\"}");
    }

    private static String numbers(Collection<TopicPartition> partitions) {
        return partitions.stream().map(one -> String.valueOf(one.partition())).collect(Collectors.joining(",", "[", "]"));
    }

    private static Properties settings(String[] args) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("group.id", args[1]);
        settings.put("group.protocol", "classic");
        settings.put("partition.assignment.strategy", assignorClass(args[3]));
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        settings.put("session.timeout.ms", "3000");
        settings.put("heartbeat.interval.ms", "500");
        settings.put("max.poll.interval.ms", "10000");
        settings.put("max.poll.records", "50");
        settings.put("fetch.max.wait.ms", "100");
        settings.put("reconnect.backoff.max.ms", "500");
        settings.put("key.deserializer", StringDeserializer.class.getName());
        settings.put("value.deserializer", StringDeserializer.class.getName());
        if (args.length > 4) settings.put("group.instance.id", args[4]);
        return settings;
    }

    private static ConsumerRebalanceListener listener(KafkaConsumer<String, String> consumer) {
        return new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> added) {
                ConsumerGroupMetadata metadata = consumer.groupMetadata();
                say("{\"type\":\"assigned\",\"generation\":" + metadata.generationId() + ",\"memberId\":\""
                        + metadata.memberId() + "\",\"partitions\":" + numbers(consumer.assignment()) + "}");
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> gone) {
                say("{\"type\":\"revoked\",\"partitions\":" + numbers(gone) + "}");
            }
        };
    }

    private static void handle(KafkaConsumer<String, String> consumer, ConsumerRecords<String, String> records) {
        for (TopicPartition partition : records.partitions()) {
            String read = records.records(partition).stream()
                    .map(GroupMember::pair).collect(Collectors.joining(",", "[", "]"));
            say("{\"type\":\"records\",\"partition\":" + partition.partition() + ",\"records\":" + read + "}");
        }
        if (records.isEmpty() && !owing) return;
        try {
            consumer.commitSync(Duration.ofSeconds(10));
            owing = false;
        } catch (RetriableException | RebalanceInProgressException | CommitFailedException error) {
            refused(error);
            owing = true;
        }
    }

    private static String pair(ConsumerRecord<String, String> record) {
        String value = record.value();
        return "[" + record.offset() + "," + value.substring(0, value.indexOf('\t')) + "]";
    }

    public static void main(String[] args) {
        AtomicBoolean leave = new AtomicBoolean();
        Thread listening = new Thread(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in))) {
                String line = lines.readLine();
                while (line != null && !line.equals("leave")) line = lines.readLine();
            } catch (java.io.IOException ended) {
                // Whoever told us what to do is gone.
            }
            leave.set(true);
        });
        listening.setDaemon(true);
        listening.start();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings(args))) {
            consumer.subscribe(List.of(args[2]), listener(consumer));
            while (!leave.get()) {
                try {
                    handle(consumer, consumer.poll(Duration.ofMillis(50)));
                } catch (RetriableException error) {
                    refused(error);
                }
            }
        }
        say("{\"type\":\"left\"}");
    }
}
