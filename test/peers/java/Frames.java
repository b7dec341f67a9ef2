// Reads what lies around messages (records of internal topics, record batches, snapshot files) with Apache Kafka's own code,
// and writes it again.
//
// arguments: a file to read and a file to write
// input:  until its end, kind (UTF), key, value; each length (int, -1 for null) and bytes
// output: per frame, an outcome (byte): 0 and then key and value as written again, 1 and then an error text (UTF)

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.ControlRecordUtils;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.share.ShareCoordinatorRecordSerde;
import org.apache.kafka.coordinator.transaction.TransactionCoordinatorRecordSerde;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.raft.FileQuorumStateStore;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.common.KRaftVersion;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;

public final class Frames {
    private record Frame(byte[] key, byte[] value) {
    }

    public static void main(String[] args) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(args[0])));
             DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(args[1])))) {
            while (true) {
                String kind;
                try {
                    kind = in.readUTF();
                } catch (EOFException end) {
                    break;
                }
                Frame frame = new Frame(read(in), read(in));
                try {
                    Frame again = rewrite(kind, frame);
                    out.writeByte(0);
                    write(out, again.key);
                    write(out, again.value);
                } catch (Exception error) {
                    out.writeByte(1);
                    String text = String.valueOf(error);
                    out.writeUTF(text.substring(0, Math.min(text.length(), 1000)));
                }
            }
        }
    }

    private static byte[] read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    private static Frame rewrite(String kind, Frame frame) throws IOException {
        switch (kind) {
            case "metadata":
                return new Frame(null, metadata(frame.value));
            case "group":
                return coordinator(new GroupCoordinatorRecordSerde(), frame);
            case "transaction":
                return coordinator(new TransactionCoordinatorRecordSerde(), frame);
            case "share":
                return coordinator(new ShareCoordinatorRecordSerde(), frame);
            case "batch":
                return new Frame(null, batch(frame.value));
            case "producer-snapshot":
                return new Frame(null, producerSnapshot(frame.value));
            case "quorum-state":
                return new Frame(null, quorumState(frame.value));
            default:
                throw new IllegalArgumentException(kind);
        }
    }

    private static byte[] metadata(byte[] value) {
        MetadataRecordSerde serde = new MetadataRecordSerde();
        ApiMessageAndVersion record = serde.read(new ByteBufferAccessor(ByteBuffer.wrap(value)), value.length);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer target = ByteBuffer.allocate(serde.recordSize(record, cache));
        serde.write(record, cache, new ByteBufferAccessor(target));
        return target.array();
    }

    private static Frame coordinator(CoordinatorRecordSerde serde, Frame frame) {
        ByteBuffer value = frame.value == null ? null : ByteBuffer.wrap(frame.value);
        CoordinatorRecord record = serde.deserialize(ByteBuffer.wrap(frame.key), value);
        return new Frame(serde.serializeKey(record), serde.serializeValue(record));
    }

    // Compressed batches come back uncompressed, so that no compressor has to agree with another.
    private static byte[] batch(byte[] bytes) {
        MutableRecordBatch batch = MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batchIterator().next();
        batch.ensureValid();
        if (batch.sizeInBytes() != bytes.length) {
            throw new IllegalStateException("a batch of " + batch.sizeInBytes() + " bytes in " + bytes.length);
        }
        if (batch.isControlBatch()) {
            return controlBatch(batch);
        }
        ByteBuffer target = ByteBuffer.allocate(1 << 20);
        MemoryRecordsBuilder builder = MemoryRecords.builder(target, batch.magic(), Compression.NONE,
            batch.timestampType(), batch.baseOffset(), batch.maxTimestamp(), batch.producerId(), batch.producerEpoch(),
            batch.baseSequence(), batch.isTransactional(), batch.partitionLeaderEpoch());
        for (Record record : batch) {
            builder.appendWithOffset(record.offset(), new SimpleRecord(record));
        }
        return array(builder.build().buffer());
    }

    private static byte[] controlBatch(MutableRecordBatch batch) {
        Record record = batch.iterator().next();
        ControlRecordType type = ControlRecordType.parse(record.key());
        ByteBuffer target = ByteBuffer.allocate(1 << 16);
        long offset = batch.baseOffset();
        long time = record.timestamp();
        int epoch = batch.partitionLeaderEpoch();
        MemoryRecords again = switch (type) {
            case ABORT, COMMIT -> MemoryRecords.withEndTransactionMarker(offset, time, epoch, batch.producerId(),
                batch.producerEpoch(), EndTransactionMarker.deserialize(record));
            case LEADER_CHANGE -> MemoryRecords.withLeaderChangeMessage(offset, time, epoch, target,
                ControlRecordUtils.deserializeLeaderChangeMessage(record));
            case SNAPSHOT_HEADER -> MemoryRecords.withSnapshotHeaderRecord(offset, time, epoch, target,
                ControlRecordUtils.deserializeSnapshotHeaderRecord(record));
            case SNAPSHOT_FOOTER -> MemoryRecords.withSnapshotFooterRecord(offset, time, epoch, target,
                ControlRecordUtils.deserializeSnapshotFooterRecord(record));
            case KRAFT_VERSION -> MemoryRecords.withKRaftVersionRecord(offset, time, epoch, target,
                ControlRecordUtils.deserializeKRaftVersionRecord(record));
            case KRAFT_VOTERS -> MemoryRecords.withVotersRecord(offset, time, epoch, target,
                ControlRecordUtils.deserializeVotersRecord(record));
            default -> throw new IllegalArgumentException(type.toString());
        };
        return array(again.buffer());
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] producerSnapshot(byte[] bytes) throws IOException {
        File file = File.createTempFile("frames", ".snapshot");
        try {
            Files.write(file.toPath(), bytes);
            Map<Long, ProducerStateEntry> entries = new LinkedHashMap<>();
            for (ProducerStateEntry entry : ProducerStateManager.readSnapshot(file)) {
                entries.put(entry.producerId(), entry);
            }
            ProducerStateManager.writeSnapshot(file, entries, false);
            return Files.readAllBytes(file.toPath());
        } finally {
            file.delete();
        }
    }

    private static byte[] quorumState(byte[] bytes) throws IOException {
        File file = File.createTempFile("frames", ".quorum-state");
        try {
            Files.write(file.toPath(), bytes);
            FileQuorumStateStore store = new FileQuorumStateStore(file);
            boolean old = new String(bytes, java.nio.charset.StandardCharsets.UTF_8).contains("\"data_version\":0");
            store.writeElectionState(store.readElectionState().get(),
                old ? KRaftVersion.KRAFT_VERSION_0 : KRaftVersion.KRAFT_VERSION_1);
            return Files.readAllBytes(file.toPath());
        } finally {
            file.delete();
        }
    }
}
