"""What the tests of topics share: a cluster, a private Postgres, streamctl, and the helpers of the tests of Postgres."""

import os
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Postgres"))

import common  # noqa: E402  (the folder is known only now)

try:
    import cluster  # noqa: E402
    import small_broker  # noqa: E402
except ImportError as missing:
    sys.exit(f"{missing}: the tests of topics need confluent-kafka from PyPI")


class Bench(common.Bench):
    """The bench of the tests of Postgres and a cluster. BINARY MOCKBINARY, or both of them beside each other."""

    def __init__(self, description, options=()):
        if len(sys.argv) > 2 and not sys.argv[2].startswith("-"):
            self.mock_program = os.path.abspath(sys.argv.pop(2))
        else:
            folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve().parent
            self.mock_program = str(folder / "streamctl-mock-kafka")
        self.clusters = []
        super().__init__(description, options)

    def mock(self, brokers=1, **settings):
        """A pretend cluster of its own."""
        return self.keep(cluster.Mock(self.mock_program, brokers, **settings))

    def any_cluster(self, brokers=1):
        """The real cluster if there is one, else a pretend one."""
        return self.keep(cluster.Real()) if cluster.REAL else self.mock(brokers)

    def full_cluster(self):
        """The real cluster if there is one, else the small broker, which has all that the tests of reading need."""
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

    def hurting(self, name, test, *arguments):
        """A check that breaks the cluster: not for a real one."""
        if cluster.REAL:
            print(f"left out, it would hurt the real cluster: {name}", flush=True)
        else:
            self.report.check(name, test, *arguments)


def spread(lines, how, partitions=4, seed=0, **settings):
    """Records for a topic: by the hash of their key (the sensor), in turn, or in runs of random lengths."""
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
