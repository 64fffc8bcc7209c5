"""Runs with and without the rights that brokers ask for: what is missing is named, and the run ends.

The small broker asks for the rights as Apache Kafka does; the commands that grant them are those of the manual.
"""

import re
import shlex
import time

from ..common.places import ROOT
from ..common.processes import wait_until
from . import rig

NAMES = {"INPUT": "in", "OUTPUT": "out", "GROUP": "g", "streamctl-JOB": "streamctl-j"}
RESOURCES = {"--topic": "topic", "--group": "group", "--transactional-id": "transactional-id", "--cluster": "cluster"}
MANUAL = {"reading": [0], "group": [0, 1], "writing": [2], "old": [2, 3], "job": [0, 4, 5, 6], "file job": [4, 5, 6]}
CLUSTER = ("IdempotentWrite", "cluster ")


def commands(text):
    """The rights that each kafka-acls command in a text grants, with the names of the tests."""
    text = text.replace("\\-", "-").replace("\\e\n", " ")
    return [granted(shlex.split(line)) for line in text.splitlines() if line.startswith("kafka-acls --")]


def granted(words):
    """The rights that the words of a kafka-acls command grant."""
    operations = [words[at + 1] for at, word in enumerate(words) if word == "--operation"]
    resources = []
    for at, word in enumerate(words):
        if word in RESOURCES:
            name = "" if word == "--cluster" else words[at + 1]
            resources.append(f"{RESOURCES[word]} {NAMES.get(name, name)}")
    return {(operation, resource) for operation in operations for resource in resources}


class Bench(rig.Bench):
    def prepare(self):
        self.broker = self.small()
        self.broker.create("in", 2)
        self.broker.create("out", 2)
        self.broker.produce("in", [{"n": n} for n in range(20)])
        self.file = self.folder / "in.jsonl"
        self.file.write_text("".join(f'{{"n":{n}}}\n' for n in range(20)))
        self.manual = commands((ROOT / "man" / "streamctl.1").read_text())

    def arguments(self, kind):
        source = self.broker.url("in", start="beginning" if kind != "group" else "stored", until="end")
        output = ["-o", self.broker.url("out")]
        job = [*output, "--job", "j", "--commit-every", "200ms"]
        return {
            "reading": [source, "--select", "n"], "group": [source + "&group=g", "--select", "n"],
            "writing": [self.file, *output], "old": [self.file, *output],
            "job": [source, "--select", "n", *job], "file job": [self.file, "--select", "n", *job]}[kind]

    def rights(self, kind):
        return set().union(*(self.manual[number] for number in MANUAL[kind]))

    def with_rights(self, kind, rights):
        broker = self.broker
        broker.committed_offsets.clear()
        broker.transactions.clear()
        broker.is_old, broker.rights = kind == "old", rights
        began = time.monotonic()
        outcome = self.run(self.arguments(kind), patience=40)
        broker.rights = None
        return outcome, time.monotonic() - began


def sufficient(bench, kind):
    """With the rights that the manual lists, the run succeeds and says nothing about rights."""
    outcome, _ = bench.with_rights(kind, bench.rights(kind))
    return outcome.expect(0) + ([outcome.err] if "deny" in outcome.err else [])


def missing(bench, kind):
    """Without any one of them, the run names it and ends, and the command that it shows grants it."""
    problems = []
    for right in sorted(bench.rights(kind)):
        rights = bench.rights(kind) - {right}
        # Read and Write are granted together, and each of them includes Describe.
        for kept in (rights, rights | {("Describe", right[1])}):
            outcome, seconds = bench.with_rights(kind, kept)
            named = f"{right[0]} on {spoken(right[1])}"
            only_warns = kind == "group" and ("Describe", "group g") in kept
            status = 0 if only_warns else 66 if right[1] in ("topic in", "group g") else 73
            found = outcome.expect(status, "the brokers deny", named, "to User:ANONYMOUS")
            shown = [granted(shlex.split(words)) for words in re.findall(r"kafka-acls --[^;\n]*", outcome.err)]
            # Who may not write at all is told of both rights that an idempotent producer may need.
            if shown != [{right}] and ({right} not in shown or CLUSTER not in shown[-1]):
                found.append(f"the message grants {shown}: {outcome.err}")
            if seconds > 10:
                found.append(f"it took {seconds:.1f} s")
            problems += [f"without {right}: {problem}" for problem in found]
    return problems


def spoken(resource):
    kind, _, name = resource.partition(" ")
    return f"{kind.replace('-', ' ')} '{name}'" if name else "the cluster"


def nothing(bench, kind):
    """Without any right: the first that is missing is named."""
    outcome, _ = bench.with_rights(kind, set())
    return outcome.expect(66 if ("Read", "topic in") in bench.rights(kind) else 73, "kafka-acls")


def taken_away(bench, kind):
    """A right that is taken away during a run ends it."""
    bench.broker.rights = bench.rights(kind)
    bench.broker.committed_offsets.clear()
    arguments = [bench.broker.url("in"), "--select", "n", *bench.arguments(kind)[3:]]
    process = bench.start(arguments)
    wait_until(lambda: bench.broker.is_read("in"))
    time.sleep(1)
    alive = process.poll() is None
    lost = ("Read", "topic in") if kind == "reading" else ("Write", "topic out")
    bench.broker.rights = bench.rights(kind) - {lost}
    if kind != "reading":
        bench.broker.rights |= {("Describe", "topic out")}
    bench.broker.rights |= {("Write", "topic in")}
    bench.broker.produce("in", [{"n": n} for n in range(20)], enable_idempotence=False)
    outcome = bench.finish(process, 20)
    bench.broker.rights = None
    problems = outcome.expect(66 if kind == "reading" else 73, f"deny {lost[0]} on {spoken(lost[1])}")
    return problems + ([] if alive else ["it ended before"])


def group_during_a_run(bench):
    """Offsets of a group that are not committed are said once, not once a second."""
    bench.broker.rights = {("Read", "topic in"), ("Describe", "group g")}
    process = bench.start([bench.broker.url("in", group="g", start="beginning"), "--select", "n"])
    for _ in range(5):
        time.sleep(0.7)
        bench.broker.rights |= {("Write", "topic in")}
        bench.broker.produce("in", [{"n": 1}], enable_idempotence=False)
    process.terminate()
    outcome = bench.finish(process, 20)
    bench.broker.rights = None
    count = outcome.err.count("the brokers deny Read on group 'g'")
    return outcome.expect(143) + ([] if count == 1 else [f"said {count} times: {outcome.err}"])


def checks(bench):
    check = bench.report.check
    for kind in MANUAL:
        check(f"the rights of the manual suffice: {kind}", sufficient, bench, kind)
        check(f"each right is named: {kind}", missing, bench, kind)
        check(f"no rights: {kind}", nothing, bench, kind)
    for kind in ("reading", "job"):
        check(f"a right is taken away: {kind}", taken_away, bench, kind)
    check("a group whose offsets are denied is said once", group_during_a_run, bench)
