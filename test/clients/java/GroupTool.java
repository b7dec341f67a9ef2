import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.consumer.group.ConsumerGroupCommand;

/**
 * kafka-consumer-groups many times in one JVM, which would otherwise start once for each. A line of input holds the arguments of one run, separated by tabs;
 * a line of output what it printed to both of its streams, in Base64.
 */
public final class GroupTool {
    private static final class Exited extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exited(int code) {
            super("exit " + code);
        }
    }

    public static void main(String[] none) throws Exception {
        PrintStream answers = System.out;
        Exit.setExitProcedure((code, message) -> {
            throw new Exited(code);
        });
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8);
            System.setOut(both);
            System.setErr(both);
            try {
                ConsumerGroupCommand.main(line.split("\t"));
            } catch (Exited exited) {
                both.println(exited.getMessage());
            }
            both.flush();
            answers.println(Base64.getEncoder().encodeToString(said.toByteArray()));
            answers.flush();
        }
    }
}
