"""confluent-kafka-python and the librdkafka it ships, with their own defaults.

produce BOOTSTRAP TOPIC CODEC [key=value ...]   "key TAB value" lines from stdin; a key alone is a tombstone
consume BOOTSTRAP TOPIC                         every partition by assign(), to its end; prints "partition TAB key TAB value", a tombstone without its value
"""

import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition

POLL_SECONDS = 60


def produce(bootstrap, topic, codec, *settings):
    failures = []
    config = dict(setting.split("=", 1) for setting in settings)
    producer = Producer({"bootstrap.servers": bootstrap, "compression.type": codec, **config})

    def delivered(error, _message):
        if error is not None:
            failures.append(error)

    for line in sys.stdin.buffer:
        key, tab, text = line.rstrip(b"\n").partition(b"\t")
        value = text if tab else None
        while True:
            try:
                producer.produce(topic, value, key, on_delivery=delivered)
                break
            except BufferError:
                producer.poll(1)
        producer.poll(0)
    left = producer.flush(POLL_SECONDS)
    if left or failures:
        sys.exit(f"{left} not delivered, {len(failures)} failed: {failures[:3]}")


def consume(bootstrap, topic):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "enable.partition.eof": True, "enable.auto.commit": False})
    partitions = sorted(consumer.list_topics(topic, POLL_SECONDS).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    unfinished = set(partitions)
    out = sys.stdout.buffer
    while unfinished:
        message = consumer.poll(POLL_SECONDS)
        if message is None:
            sys.exit(f"nothing within {POLL_SECONDS} s, unfinished: {unfinished}")
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF:
                sys.exit(str(message.error()))
            unfinished.discard(message.partition())
            continue
        out.write(b"%d\t%s" % (message.partition(), message.key()))
        out.write(b"\n" if message.value() is None else b"\t%s\n" % message.value())
    out.flush()
    consumer.close()


{"produce": produce, "consume": consume}[sys.argv[1]](*sys.argv[2:])
