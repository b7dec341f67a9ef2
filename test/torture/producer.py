"""A librdkafka producer that runs until its standard input ends and prints every acknowledgement: `ack NUMBER PARTITION OFFSET`.

producer.py BOOTSTRAP TOPIC PARTITIONS NAME [key=value ...]    record NUMBER goes to partition NUMBER % PARTITIONS, key NAME, value NUMBER
"""

import sys
import threading

from confluent_kafka import KafkaException, Producer

OUTSTANDING_MAX = 2000
FLUSH_SECONDS = 120
PAUSE_SECONDS = 0.0005

bootstrap, topic, partitions, name, *settings = sys.argv[1:]
partitions = int(partitions)
config = dict(setting.split("=", 1) for setting in settings)
producer = Producer({"bootstrap.servers": bootstrap, "queue.buffering.max.messages": OUTSTANDING_MAX, "linger.ms": 2, **config})
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()


def delivered(error, message):
    if error is not None:
        print(f"failed {message.value().decode()} {error}", flush=True)
    else:
        print(f"ack {message.value().decode()} {message.partition()} {message.offset()}", flush=True)


number = 0
while not stop.is_set():
    try:
        producer.produce(topic, str(number), name, number % partitions, on_delivery=delivered)
        number += 1
        producer.poll(0)
        stop.wait(PAUSE_SECONDS)
    except BufferError:
        producer.poll(0.1)
    except KafkaException as error:
        sys.exit(f"failed {number} {error}")
left = producer.flush(FLUSH_SECONDS)
print(f"sent {number}", flush=True)
sys.exit(f"{left} records were never delivered" if left else 0)
