// Prints tables of Apache Kafka's protocol, one row a line:
//   error <code> <name> <retriable>
//   api <key> <name> <first version> <last version> <first advertised> <request header> <response header>, of the broker listener

import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

public final class Facts {
    public static void main(String[] args) {
        for (Errors error : Errors.values()) {
            boolean retriable = error.exception() instanceof RetriableException;
            System.out.println("error " + error.code() + " " + error.name() + " " + retriable);
        }
        for (ApiKeys api : ApiKeys.apisForListener(ListenerType.BROKER)) {
            ApiVersionsResponseData.ApiVersion answered =
                api.toApiVersionForApiResponse(false, ListenerType.BROKER).get();
            short last = answered.maxVersion();
            System.out.println("api " + api.id + " " + api.name + " " + api.oldestVersion() + " " + last + " "
                + answered.minVersion() + " " + api.requestHeaderVersion(last) + " " + api.responseHeaderVersion(last));
        }
    }
}
