"""Kafka clusters to test with: librdkafka's mock cluster in a process of its own, and the real one that STREAMCTL_TEST_KAFKA names.

Topics are filled and read with confluent-kafka, whose librdkafka is newer than the one that streamctl loads.
"""

import contextlib
import json
import os
import secrets
import subprocess
import time

from ..common.places import Missing

try:
    import confluent_kafka as kafka
    from confluent_kafka import admin
except ImportError as error:
    raise Missing("the Python package confluent-kafka is not installed") from error

# Errors that clients report on their own do not matter: the results show whether something was not done.
QUIET = {"log_level": 0, "error_cb": lambda error: None}
REAL = os.environ.get("STREAMCTL_TEST_KAFKA", "")


class Cluster:
    """What tests do with any cluster. Topic names are unique, so that nothing of an earlier test is found."""

    def __init__(self, address):
        self.address = address
        self.token = secrets.token_hex(4)
        self.count = 0

    def topic(self, name, partitions=1):
        """Creates a topic. Returns its full name, which is not that of another one."""
        self.count += 1
        full = f"{name}-{self.token}-{self.count}"
        self.create(full, partitions)
        return full

    def url(self, *topics, **query):
        """The URL of an input or an output; a key that is a keyword in Python has a trailing underscore."""
        words = "&".join(f"{key.rstrip('_')}={value}" for key, value in query.items())
        return f"kafka://{self.address}/{','.join(topics)}{'?' * bool(words)}{words}"

    def producer(self, **settings):
        # A broker that has just created a topic refuses some batches at first; sent again, they would come after later ones.
        return kafka.Producer({
            **QUIET, "bootstrap.servers": self.address, "linger.ms": 5, **({"enable.idempotence": True} if REAL else {}),
            **{key.replace("_", "."): value for key, value in settings.items()}})

    def produce(self, topic, records, **settings):
        """Records are values, or dictionaries with value, key, partition, timestamp (ms) and headers. Objects become JSON."""
        # Small batches: the mock cluster answers a fetch with one batch, and a run should take some time.
        with sending(self.producer(**{"batch_num_messages": 250, **settings})) as send:
            for record in records:
                send(topic, **(record if isinstance(record, dict) and "value" in record else {"value": record}))

    def consumer(self, group="reader", **settings):
        return kafka.Consumer({
            **QUIET, "bootstrap.servers": self.address, "group.id": group, "enable.auto.commit": False,
            "enable.partition.eof": True, "auto.offset.reset": "error",
            **{key.replace("_", "."): value for key, value in settings.items()}})

    def read(self, topic, isolation="read_committed", seconds=30):
        """All messages that are in the topic now, by partition and offset."""
        consumer, messages = self.consumer(isolation_level=isolation), []
        try:
            waiting = set(self.partitions(topic))
            low = {number: consumer.get_watermark_offsets(kafka.TopicPartition(topic, number), 10)[0] for number in waiting}
            consumer.assign([kafka.TopicPartition(topic, number, low[number]) for number in waiting])
            end = time.monotonic() + seconds
            while waiting:
                if time.monotonic() > end:
                    raise RuntimeError(f"{topic} could not be read to its end")
                message = consumer.poll(0.2)
                if message is None:
                    continue
                if not message.error():
                    messages.append(message)
                elif message.error().code() == kafka.KafkaError._PARTITION_EOF:
                    waiting.discard(message.partition())
                else:
                    raise kafka.KafkaException(message.error())
        finally:
            consumer.close()
        return sorted(messages, key=lambda message: (message.partition(), message.offset()))

    def values(self, topic, **settings):
        """The JSON values of a topic."""
        return [json.loads(message.value()) for message in self.read(topic, **settings)]

    def partitions(self, topic):
        with closing_consumer(self) as consumer:
            return sorted(consumer.list_topics(topic, 10).topics[topic].partitions)

    def bounds(self, topic):
        """The first offset and the end of each partition."""
        with closing_consumer(self) as consumer:
            return {
                number: consumer.get_watermark_offsets(kafka.TopicPartition(topic, number), 10)
                for number in consumer.list_topics(topic, 10).topics[topic].partitions}

    def committed(self, group, topic):
        """The committed offset of a group, by partition; -1001 where it has none."""
        with closing_consumer(self, group=group) as consumer:
            asked = [kafka.TopicPartition(topic, number) for number in self.partitions(topic)]
            while True:
                # confluent-kafka expects a zero byte after the metadata of an offset, which is there only by chance.
                with contextlib.suppress(UnicodeDecodeError):
                    return {found.partition: found.offset for found in consumer.committed(asked, 10)}

    def commit(self, group, topic, offsets):
        with closing_consumer(self, group=group) as consumer:
            positions = [kafka.TopicPartition(topic, number, offset) for number, offset in offsets.items()]
            consumer.commit(offsets=positions, asynchronous=False)


@contextlib.contextmanager
def sending(producer, **settings):
    """A function that sends, waiting while the queue is full; at the end everything is delivered or it raises."""
    failures = []

    def delivered(error, _):
        if error:
            failures.append(error)

    def send(topic, value, key=None, partition=-1, timestamp=0, headers=None):
        if isinstance(value, (dict, list)):
            value = json.dumps(value)
        while True:
            try:
                producer.produce(
                    topic, value, key, partition, delivered, timestamp=timestamp, headers=headers or [])
                return
            except BufferError:
                producer.poll(0.1)

    yield send
    left = producer.flush(30)
    if failures or left:
        raise RuntimeError(f"{left} records are not delivered, {len(failures)} failed: {failures[:1]}")


@contextlib.contextmanager
def closing_consumer(cluster, **settings):
    consumer = cluster.consumer(**settings)
    try:
        yield consumer
    finally:
        consumer.close()


class Mock(Cluster):
    """streamctl-mock-kafka, until stop()."""

    def __init__(self, program, brokers=1, prefix=()):
        self.process = subprocess.Popen(
            [*prefix, program, "--brokers", str(brokers)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        super().__init__(self.process.stdout.readline().strip())
        if not self.address:
            raise RuntimeError(f"{program} does not start")

    def command(self, *words):
        """Sends a command. Returns the answer after 'ok'."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer.startswith("ok"):
            raise RuntimeError(f"{words}: {answer or 'the cluster has ended'}")
        return answer[3:]

    def create(self, topic, partitions):
        self.command("create", topic, partitions)

    def stop(self):
        # Closing its input is not enough: the process may be stopped.
        self.process.kill()
        self.process.communicate()


class Real(Cluster):
    """The cluster that STREAMCTL_TEST_KAFKA names; the topics of the tests are deleted afterwards."""

    def __init__(self):
        super().__init__(REAL)
        self.created = []
        # Kept: an answer is lost with the client that has asked.
        self.admin = admin.AdminClient({**QUIET, "bootstrap.servers": self.address})

    def create(self, topic, partitions):
        # The records of the tests are older than what brokers keep by default.
        settings = {"retention.ms": "-1"}
        self.admin.create_topics([admin.NewTopic(topic, partitions, config=settings)])[topic].result(30)
        self.created.append(topic)

    def stop(self):
        if self.created:
            for answer in self.admin.delete_topics(self.created).values():
                with contextlib.suppress(kafka.KafkaException):
                    answer.result(30)
