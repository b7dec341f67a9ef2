"""One member of a consumer group, with librdkafka. See test/clients/support/group-member.ts for what it is told and what it prints.

member.py BOOTSTRAP GROUP TOPIC ASSIGNOR [INSTANCE]
"""

import json
import os
import struct
import sys
import threading

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

POLL_SECONDS = 0.05
RECORDS_MAX = 50
LEAVE = threading.Event()

bootstrap, group, topic, assignor, *instance = sys.argv[1:]


def say(**line):
    # One write, so that a line is whole or not there when the process is killed.
    os.write(1, (json.dumps(line) + "\n").encode())


def listen():
    for line in sys.stdin:
        if line.strip() == "leave":
            break
    LEAVE.set()


def generation(consumer):
    # librdkafka's serialized group metadata: "CGMDv2:", then the generation as a native int.
    metadata = consumer.consumer_group_metadata()
    return struct.unpack_from("=i", metadata, metadata.index(b":") + 1)[0]


def claim(consumer):
    partitions = sorted(one.partition for one in consumer.assignment())
    say(type="assigned", generation=generation(consumer), memberId=consumer.memberid(), partitions=partitions)


def on_assign(consumer, partitions):
    if assignor == "cooperative-sticky":
        consumer.incremental_assign(partitions)
    else:
        consumer.assign(partitions)
    claim(consumer)


def on_revoke(consumer, partitions):
    say(type="revoked", partitions=[one.partition for one in partitions])
    if assignor == "cooperative-sticky":
        consumer.incremental_unassign(partitions)
    else:
        consumer.unassign()


def handle(consumer, messages):
    read = {}
    for message in messages:
        if message.error():
            say(type="refused", what=str(message.error()))
            continue
        event = int(message.value().split(b"\t", 1)[0])
        read.setdefault(message.partition(), []).append([message.offset(), event])
    for partition, records in read.items():
        say(type="records", partition=partition, records=records)
    for partition, records in read.items():
        try:
            consumer.store_offsets(offsets=[TopicPartition(topic, partition, records[-1][0] + 1)])
        except KafkaException as error:
            # The partition was lost meanwhile; its next owner reads the records again.
            say(type="refused", what=str(error))
    return bool(read)


def commit(consumer):
    """Whether nothing is owed any more: what a member keeps of its partitions through a rebalance it still has to commit."""
    try:
        consumer.commit(asynchronous=False)
    except KafkaException as error:
        if error.args[0].code() == KafkaError._NO_OFFSET:
            return True
        say(type="refused", what=str(error))
        return False
    return True


settings = {
    "bootstrap.servers": bootstrap,
    "group.id": group,
    "partition.assignment.strategy": assignor,
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "session.timeout.ms": 3000,
    "heartbeat.interval.ms": 500,
    "fetch.wait.max.ms": 100,
    "reconnect.backoff.max.ms": 500,
    "log_level": 3,
}
if instance:
    settings["group.instance.id"] = instance[0]
threading.Thread(target=listen, daemon=True).start()
consumer = Consumer(settings)
consumer.subscribe([topic], on_assign=on_assign, on_revoke=on_revoke)
owing = False
while not LEAVE.is_set():
    owing = handle(consumer, consumer.consume(RECORDS_MAX, POLL_SECONDS)) or owing
    if owing:
        owing = not commit(consumer)
consumer.close()
say(type="left")
