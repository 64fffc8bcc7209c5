"""The suites, with the build and the time that each needs."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Suite:
    name: str
    # Measured on two cores with nothing else running; long suites start first.
    seconds: int

    @property
    def group(self):
        return self.name.split(".")[0]

    @property
    def build(self):
        """Failpoints exist in debug builds only; comparisons with other programs need speed."""
        return "release" if self.group == "differential" else "debug"


SUITES = (
    Suite("differential.duckdb", 60),
    Suite("differential.flink", 60),
    Suite("differential.model", 60),
    Suite("differential.python", 60),
    Suite("postgres.table_types", 60),
    Suite("postgres.identifiers", 60),
    Suite("postgres.oracle", 60),
    Suite("postgres.jobs", 60),
    Suite("postgres.file_jobs", 60),
    Suite("postgres.growth", 60),
    Suite("postgres.passwords", 60),
    Suite("postgres.faults", 60),
    Suite("postgres.slow_database", 60),
    Suite("postgres.exactly_once", 60),
    Suite("kafka.messages", 60),
    Suite("kafka.reading", 60),
    Suite("kafka.ends", 60),
    Suite("kafka.disturbed", 60),
    Suite("kafka.writing", 60),
    Suite("kafka.killed", 60),
    Suite("kafka.topic_jobs", 60),
    Suite("kafka.topic_to_topic", 60),
)


# Options that suites may have; the default of each is in the OPTIONS of the suite.
NUMBERS = {
    "runs": "killed and resumed runs", "file-runs": "the same, into files", "hits": "how often each fault must strike",
    "only": "only the run of this number", "inputs": "random inputs of the model", "literals": "random numbers"}


def chosen(words):
    """The suites that words name: each a suite or a group, 'all' everything."""
    found = []
    for word in words:
        named = [suite for suite in SUITES if word in (suite.name, suite.group, "all")]
        if not named:
            raise ValueError(f"no suite is called {word}; Tests/System/run --list shows them all")
        found += [suite for suite in named if suite not in found]
    return found
