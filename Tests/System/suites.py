"""The suites, with the build and the processor time that each needs."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Suite:
    name: str
    # Processor time of a whole run with a debug build (differential: release build); None: not measured yet.
    seconds: int | None

    @property
    def order(self):
        """Long suites start first, and those of unknown length before them."""
        return -float("inf") if self.seconds is None else -self.seconds

    @property
    def group(self):
        return self.name.split(".")[0]

    @property
    def build(self):
        """Failpoints exist in debug builds only; comparisons with other programs need speed."""
        return "release" if self.group == "differential" else "debug"


SUITES = (
    Suite("differential.duckdb", None),
    Suite("differential.flink", None),
    Suite("differential.flink_generated", 8),
    Suite("differential.spark_generated", 8),
    Suite("differential.beam_generated", 8),
    Suite("differential.model", None),
    Suite("differential.python", None),
    Suite("differential.calendars", None),
    Suite("differential.times", None),
    Suite("differential.values", None),
    Suite("differential.ranking", None),
    Suite("differential.dedup", None),
    Suite("differential.pipelines", None),
    Suite("differential.functions", None),
    Suite("differential.lookup", None),
    Suite("differential.memory", None),
    Suite("differential.delimited", 1),
    Suite("differential.formats", 1),
    Suite("differential.log_formats", 2),
    Suite("differential.containers", 1),
    Suite("differential.input_pieces", 13),
    Suite("differential.threads", None),
    Suite("differential.recipes", None),
    Suite("postgres.table_types", 20),
    Suite("postgres.identifiers", 28),
    Suite("postgres.oracle", 38),
    Suite("postgres.jobs", 67),
    Suite("postgres.file_jobs", 42),
    Suite("postgres.growth", 68),
    Suite("postgres.passwords", 9),
    Suite("postgres.faults", 138),
    Suite("postgres.slow_database", 12),
    Suite("postgres.exactly_once", None),
    Suite("postgres.stages", None),
    Suite("postgres.newcomers", 4),
    Suite("postgres.damaged_replies", 21),
    Suite("postgres.changes", 50),
    Suite("postgres.lookups", None),
    Suite("postgres.rows_by_key", None),
    Suite("kafka.messages", 16),
    Suite("kafka.reading", 14),
    Suite("kafka.ends", 9),
    Suite("kafka.disturbed", None),
    Suite("kafka.writing", 13),
    Suite("kafka.killed", None),
    Suite("kafka.stages", None),
    Suite("kafka.rights", 3),
    Suite("kafka.topic_jobs", None),
    Suite("kafka.gone", None),
    Suite("kafka.topic_to_topic", None),
    Suite("kafka.damaged_replies", 6),
    Suite("kafka.changes", 28),
    Suite("kafka.registry", 2),
    Suite("follow.ledger", 4),
    Suite("follow.models", 3),
    Suite("follow.logrotate", 5),
    Suite("follow.peers", 1),
    Suite("follow.killed", 10),
    Suite("follow.limits", 5),
    Suite("follow.soak", 5),
    Suite("follow.refusals", 1),
    Suite("whole.simulation", 25),
    Suite("whole.checkpoints", 12),
    Suite("whole.stages", None),
    Suite("whole.metrics", 8),
    Suite("whole.service", 25),
    Suite("whole.reload", None),
    Suite("whole.terminal", 35),
    Suite("whole.pictures", 8),
)


# Options that suites may have; the default of each is in the OPTIONS of the suite.
NUMBERS = {
    "histories": "random histories of changes by key", "runs": "killed and resumed runs, or random walks", "file-runs": "the same, into files", "hits": "how often each fault must strike",
    "fences": "zombies at each failpoint",
    "small": "1: the small broker", "seconds": "how long random runs go on", "only": "only the run of this number", "inputs": "random inputs of the model", "literals": "random numbers",
    "tables": "random tables of many batches"}


def chosen(words):
    """The suites that words name: each a suite or a group, 'all' everything."""
    found = []
    for word in words:
        named = [suite for suite in SUITES if word in (suite.name, suite.group, "all")]
        if not named:
            raise ValueError(f"no suite is called {word}; Tests/System/run --list shows them all")
        found += [suite for suite in named if suite not in found]
    return found
