// Reads messages with the classes that Apache Kafka generates from its definitions, and writes them again.
//
// arguments: a file to read and a file to write
// input:  until its end, class name (UTF), version (short), length (int), bytes
// output: per message, an outcome (byte): 0 and then length and bytes as written again, 1 and then an error text (UTF)

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

public final class Rewrite {
    private static final Map<String, Constructor<?>> CONSTRUCTORS = new HashMap<>();

    public static void main(String[] args) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(args[0]), 1 << 16));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(args[1]), 1 << 16));
        while (true) {
            String name;
            try {
                name = in.readUTF();
            } catch (EOFException end) {
                break;
            }
            short version = in.readShort();
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            try {
                byte[] again = rewrite(name, version, bytes);
                out.writeByte(0);
                out.writeInt(again.length);
                out.write(again);
            } catch (ReflectiveOperationException | RuntimeException error) {
                out.writeByte(1);
                String text = String.valueOf(error);
                out.writeUTF(text.substring(0, Math.min(text.length(), 1000)));
            }
        }
        out.close();
        in.close();
    }

    private static byte[] rewrite(String name, short version, byte[] bytes) throws ReflectiveOperationException {
        Constructor<?> constructor = CONSTRUCTORS.get(name);
        if (constructor == null) {
            constructor = Class.forName(name).getConstructor();
            CONSTRUCTORS.put(name, constructor);
        }
        Message message = (Message) constructor.newInstance();
        ByteBuffer source = ByteBuffer.wrap(bytes);
        message.read(new ByteBufferAccessor(source), version);
        if (source.hasRemaining()) {
            throw new IllegalStateException(source.remaining() + " bytes were not read");
        }
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer target = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(target), cache, version);
        return target.array();
    }
}
