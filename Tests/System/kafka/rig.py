"""The bench of all suites about topics, and helpers that several of them use."""

import datetime
import os
import pathlib
import random
import socket
import time

from ..common import bench
from ..common.processes import wait_until
from . import cluster, small_broker

T0 = 1_767_225_600_000


class Bench(bench.Bench):
    """The common bench with Kafka clusters. streamctl-mock-kafka is next to the program under test."""

    def __init__(self, options, report):
        self.clusters = []
        super().__init__(options, report)
        self.mock_program = str(pathlib.Path(self.binary).parent / "streamctl-mock-kafka")

    def mock(self, brokers=1, **settings):
        """A new mock cluster."""
        if not os.access(self.mock_program, os.X_OK):
            raise RuntimeError(f"{self.mock_program} cannot be run")
        return self.keep(cluster.Mock(self.mock_program, brokers, **settings))

    def any_cluster(self, brokers=1):
        """The real cluster if there is one, else a mock cluster."""
        return self.keep(cluster.Real()) if cluster.REAL else self.mock(brokers)

    def full_cluster(self):
        """The real cluster if there is one, else the small broker, which has everything that the tests of reading need."""
        return self.keep(cluster.Real() if cluster.REAL else small_broker.SmallBroker())

    def small(self):
        return self.keep(small_broker.SmallBroker())

    def keep(self, new):
        self.clusters.append(new)
        return new

    def clean_up(self):
        for one in self.clusters:
            one.stop()
        super().clean_up()

    def start_and_read(self, topic, start):
        """Calls start(), which starts a run, and waits until the run has read all records of the topic."""
        if self.can_watch:
            self.cluster.fetched.clear()
        process = start()
        self.wait_until_read(topic)
        return process

    def wait_until_read(self, topic):
        """Waits until a consumer has read all records of the topic, and a moment longer for it to process them."""
        if self.can_watch:
            wait_until(lambda: self.cluster.is_read(topic))
        time.sleep(0.5 if self.can_watch else 2)

    @property
    def can_watch(self):
        """Whether the cluster shows what consumers have read."""
        return isinstance(self.cluster, small_broker.SmallBroker)

    def damaging(self, name, test, *arguments):
        """A check that breaks the cluster: skipped on a real one."""
        if cluster.REAL:
            self.report.skip(name, "it would damage the real cluster")
        else:
            self.report.check(name, test, *arguments)


def record(second):
    """A record with a number and an event time in seconds after T0."""
    at = datetime.datetime.fromtimestamp(T0 // 1000 + second, datetime.timezone.utc)
    return {"t": at.isoformat().replace("+00:00", "Z"), "n": second}


def spread(lines, how, partitions=4, seed=0, **settings):
    """Records for a topic, distributed by the hash of their key (the sensor), in turn, or in runs of random lengths."""
    noise, at = random.Random(seed), 0
    for number, line in enumerate(lines):
        line = line.rstrip("\n")
        key = line.split('"', 4)[3]
        if how == "key":
            yield {"value": line, "key": key, **settings}
            continue
        if how == "turn":
            at = number % partitions
        elif noise.random() < 0.02:
            at = noise.randrange(partitions)
        yield {"value": line, "key": key, "partition": at, **settings}


def closed_port():
    """A socket that keeps a port of the loopback for itself without listening, and the port's address."""
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    return closed, f"127.0.0.1:{closed.getsockname()[1]}"
