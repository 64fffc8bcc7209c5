"""Jobs replayed from checkpoints of any moment: valid ones give the rows of an undisturbed run, damaged ones are refused.

--runs says how many queries are drawn for each kind of output, --hits how many damaged checkpoints are tried for each.
"""

import collections
import json
import random
import shutil

from ..common import kills, wire
from ..common.places import Missing
from ..common.processes import Outcome
from . import inputs, queries, rows

try:
    from ..kafka import rig
    CommonBench, NO_TOPICS = rig.Bench, None
except Missing as reason:
    from ..common.bench import Bench as CommonBench
    NO_TOPICS = reason

OPTIONS = {"runs": 2, "hits": 25}
KINDS = ("tumbling", "hopping", "session", "calendar", "cumulative", "records")
MISMATCH = 78
OTHER_REJECTS = "other rejected records"
# At most so many checkpoints of a job are tried.
MOST = 12


class Bench(CommonBench):
    def prepare(self):
        self.broker = self.small() if not NO_TOPICS else None


class Job:
    """A random query over random files, and its rows."""

    def __init__(self, bench, name, index):
        self.bench, self.name = bench, f"{name}{index}"
        self.source = random.Random(f"{bench.seed} {name} {index}")
        self.folder = bench.folder / self.name
        self.folder.mkdir()
        span = self.source.choice((300, 4000, 90_000))
        # Long records: a file is read in blocks of 512 KiB, and positions are between blocks.
        self.lines = inputs.lines(self.source, 1500, 1_767_225_600, span, name == "file", False, padding=3000)
        self.files = inputs.files(self.source, self.lines, self.folder)
        query = queries.drawn(self.source, span, True, KINDS, list(queries.GROUPS))
        # Without a watermark everything is read again.
        self.query = query if query.delay is not None or not query.has_time else queries.with_delay(query, 3)

    def prepare(self):
        """The rows of an undisturbed run. Returns the problems."""
        expected, late, timeless = self.query.answer(self.lines)
        outcome = self.bench.run([*self.files, *self.flags()])
        self.expected = rows.of_text(outcome.out, "json", self.query.columns)
        self.rejects = (self.folder / "rejects").read_text()
        (self.folder / "rejects").unlink()
        if self.query.lateness:
            return outcome.expect(0)
        return outcome.expect(0) or rows.unlike(rows.of_model(expected, "json"), self.expected, False)

    def flags(self):
        return [*self.query.flags(), "--max-line", inputs.LONGEST, "--rejects", self.folder / "rejects"]

    def arguments(self, flags=None, files=None):
        return [*(files or self.files), *(flags or self.flags()), *self.output(), "--job", self.name, "--commit-every", "1ms"]

    def some_commits(self):
        """Runs on to one of the next checkpoints. Returns the outcome."""
        count = self.source.choice((1, 1, 2, 4))
        return kills.when_free(self.bench, self.arguments(), {"STREAMCTL_FAILPOINT": f"{self.failpoint}:kill@{count}"})

    def other_flags(self):
        """Flags of another query."""
        flags = self.flags()
        kind = self.source.randrange(3)
        if kind == 0 or not self.query.has_time:
            return [*flags, "--where", "y != 17"]
        if kind == 1:
            return [*flags, "--max-ahead", "1000d"]
        at = flags.index("-W") + 1
        return [*flags[:at], "91s", *flags[at + 1:]]


class FileJob(Job):
    failpoint = "folder-synced"

    def output(self):
        return ["-o", self.folder / "out", "--state-dir", self.folder / "state"]

    @property
    def state(self):
        return self.folder / "state" / f"{self.name}.job"

    def moment(self):
        """All files of the job, as they are now."""
        return {path: path.read_bytes() for path in (self.state, self.folder / "out", self.folder / "rejects")}

    def restore(self, moment):
        for path, content in moment.items():
            path.write_bytes(content)

    def unlike(self):
        try:
            found = rows.of_text((self.folder / "out").read_text(), "json", self.query.columns)
        except ValueError as error:
            return [f"the output is damaged: {error}"]
        rejects = (self.folder / "rejects").read_text()
        return rows.unlike(self.expected, found, True) + ([] if rejects == self.rejects else [OTHER_REJECTS])

    def refused(self, moment, outcome):
        """Problems if a run was neither refused, leaving all as it was, nor right."""
        if outcome.status == 0:
            return self.unlike()
        problems = outcome.expect(MISMATCH, self.name)
        return problems + [f"{path.name} was changed" for path, content in moment.items()
                           if path.name == "out" and path.read_bytes() != content]


def moments_of(job):
    """The job at each of its checkpoints, the finished one among them."""
    shutil.rmtree(job.folder / "state", ignore_errors=True)
    found = []
    while len(found) < MOST:
        outcome = job.some_commits()
        if outcome.status not in (0, 137):
            raise RuntimeError(f"status {outcome.status}: {outcome.err.strip()[:300]}")
        found.append(job.moment())
        if outcome.status == 0:
            break
    return found


def files(bench, index):
    job = FileJob(bench, "file", index)
    problems = job.prepare()
    moments = moments_of(job)
    for moment in moments if not problems else ():
        # An output that is longer than it was at the checkpoint is cut.
        later = {**moments[-1], job.state: moment[job.state]}
        for name, tried in (("replayed", moment), ("replayed with later rows", later), ("without checksum", stripped(job, moment))):
            job.restore(tried)
            outcome = bench.run(job.arguments())
            problems += [f"{name}: {problem}" for problem in outcome.expect(0) or job.unlike()]
    counts = collections.Counter()
    for _ in range(bench.options.hits if not problems else 0):
        moment = job.source.choice(moments)
        name, content = damaged_file(job.source, moment[job.state], [other[job.state] for other in moments])
        if content == moment[job.state]:
            continue
        job.restore({**moment, job.state: content})
        outcome = bench.run(job.arguments())
        found = job.refused(moment, outcome)
        if outcome.status == 0:
            accepted = values(content.decode(errors="replace"))
            # Half of one checkpoint and half of another may be one of them. Without the whole member, it is a text of an
            # earlier version, which had no checksum.
            if accepted not in [values(other[job.state].decode()) for other in moments] and b'"checksum"' in content:
                found.append("it was accepted")
            if accepted != values(moment[job.state].decode()):
                found = besides_rejects(found)
        counts[outcome.status] += 1
        problems += [f"{name}: {problem}: {content.decode(errors='replace')[:1000]}" for problem in found]
    problems += other_inputs(bench, job, moments) if not problems else []
    return problems, f"{len(moments)} checkpoints; damaged ones ended with {dict(counts)}; {job.query.kind}"


def besides_rejects(problems):
    """Without a problem that a later checkpoint may have: rejected records before it are missing if their file is older."""
    return [problem for problem in problems if problem != OTHER_REJECTS]


def stripped(job, moment):
    """As an earlier version wrote it."""
    fingerprint, text = moment[job.state].decode().splitlines()
    members = {name: value for name, value in json.loads(text).items() if name != "checksum"}
    return {**moment, job.state: f"{fingerprint}\n{json.dumps(members)}\n".encode()}


def other_inputs(bench, job, moments):
    """Other flags, other files, rows that are missing: each is refused, or the rows are right all the same."""
    problems = []
    for name in ("flags", "fewer rows", "newer checkpoint", "changed file", "shorter file", "exchanged files"):
        moment, arguments, kept = job.source.choice(moments[:-1] or moments), job.arguments(), None
        job.restore(moment)
        if name == "flags":
            arguments = job.arguments(flags=job.other_flags())
        elif name == "fewer rows":
            moment = {**moment, job.folder / "out": moment[job.folder / "out"][:-1]}
            job.restore(moment)
        elif name == "newer checkpoint":
            moment = {**moment, job.state: moments[-1][job.state]}
            job.restore(moment)
        elif name == "exchanged files":
            arguments = job.arguments(files=[*job.files[1:], job.files[0], job.files[0]])
        else:
            kept = job.files[0].read_bytes()
            changed = bytearray(kept) if name == "changed file" else kept[:min(len(kept), 200)]
            if name == "changed file" and kept:
                changed[min(len(kept) - 1, 30)] ^= 1
            job.files[0].write_bytes(bytes(changed))
        outcome = bench.run(arguments)
        # The first checkpoint may be at the start of the input, where any file fits.
        if outcome.status != 0 or name not in ("changed file", "shorter file", "exchanged files"):
            found = job.refused(moment, outcome)
            found = besides_rejects(found) if name == "newer checkpoint" else found
            problems += [f"{name}: {problem}" for problem in found]
        if kept is not None:
            job.files[0].write_bytes(kept)
    return problems


# Damage.

def values(text):
    """What JSON lines, and the objects within them, hold. Earlier versions wrote no checksum, and a job can go on from any
    number of its last commit."""
    def plain(value):
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items() if name not in ("checksum", "epoch")}
        if isinstance(value, str) and value.startswith("{"):
            return plain(json.loads(value))
        return value

    # An empty line behind the last one changes nothing.
    return [plain(json.loads(line)) for line in text.split("\n") if line]


def same_values(texts, others):
    """Whether the texts of a checkpoint hold what one of the others holds."""
    try:
        return [values(text) for text in texts] in [[values(text) for text in other] for other in others]
    except ValueError:
        return False


def damaged_file(source, content, others):
    """The name of some damage, and a job file with it."""
    if source.random() < 0.5:
        return damaged_bytes(source, content, others)
    fingerprint, text = content.decode().splitlines()
    objects = [json.loads(other.decode().splitlines()[1]) for other in others]
    name, members = damaged_members(source, json.loads(text), objects)
    return name, f"{fingerprint}\n{json.dumps(members, separators=(',', ':'), ensure_ascii=False)}\n".encode()


def damaged_bytes(source, content, others):
    data, at = bytearray(content), source.randrange(len(content))
    kind = source.randrange(7)
    if kind == 0:
        data[at] ^= 1 << source.randrange(8)
        return "a bit", bytes(data)
    if kind == 1:
        data[at] = source.randrange(256)
        return "a byte", bytes(data)
    if kind == 2:
        return "cut", bytes(data[:at])
    if kind == 3:
        del data[at:at + source.choice((1, 1, 7, 100))]
        return "bytes missing", bytes(data)
    if kind == 4:
        data[at:at] = data[at:at + source.choice((1, 7, 100))]
        return "bytes repeated", bytes(data)
    if kind == 5:
        # A block of a later or an earlier state, or one that was never written.
        other = source.choice(others)
        block = other[at:] if source.random() < 0.5 else bytes(len(content) - at)
        return "a torn block", bytes(data[:at]) + block
    digits = [place for place, byte in enumerate(data) if chr(byte).isdigit()]
    data[source.choice(digits)] = source.choice(b"0123456789")
    return "a digit", bytes(data)


def damaged_members(source, members, others):
    """Damage that leaves the text an object with the right names and types, mostly."""
    names, kind = sorted(members), source.randrange(5)
    first, second = source.sample(names, 2)
    if kind == 0:
        members[first], members[second] = members[second], members[first]
        return f"{first} and {second} exchanged", members
    if kind == 1:
        del members[first]
        return f"no {first}", members
    if kind == 2:
        other = source.choice(others)
        return "members of another checkpoint", {name: (other if source.random() < 0.3 else members).get(name, members[name])
                                                 for name in members}
    if kind == 3:
        members[first + source.choice("x_0")] = members.pop(first)
        return f"{first} has another name", members
    value = members[first]
    if isinstance(value, bool):
        members[first] = not value
    elif isinstance(value, int):
        members[first] = source.choice((value + 1, value - 1, value ^ (1 << source.randrange(62)), 0, -value, 2**63 - 1, 10**25))
    else:
        members[first] = source.choice((value + "x", "", value[:-1], 7))
    return f"{first} changed", members


# Jobs to a table and to a topic, whose checkpoints are damaged between two runs and then mended.

class TableJob(Job):
    failpoint = "reply-read"

    def __init__(self, bench, name, index):
        super().__init__(bench, name, index)
        self.session = bench.server.session()
        types = ", ".join(f"{column} {kind}" for column, kind in self.query.types().items())
        self.session.query(f"CREATE TABLE {self.name} ({types})")

    def output(self):
        return ["-o", self.bench.server.url(), "--table", self.name, "--mode", "append", "--create"]

    def texts(self):
        return [self.session.value(f"SELECT checkpoint FROM streamctl_jobs WHERE job = '{self.name}'")]

    def store(self, texts):
        self.session.query(
            f"UPDATE streamctl_jobs SET checkpoint = {wire.literal(texts[0])}::jsonb WHERE job = '{self.name}'")

    def damaged(self, texts, others):
        name, members = damaged_members(self.source, json.loads(texts[0]), [json.loads(other[0]) for other in others])
        return name, [json.dumps(members)]

    def found(self):
        return rows.of_table(self.session, self.name, self.query.columns)


class TopicJob(Job):
    failpoint = "after-commit"

    def __init__(self, bench, name, index):
        super().__init__(bench, name, index)
        self.topic = bench.broker.topic(self.name)

    def output(self):
        return ["-o", self.bench.broker.url(self.topic)]

    def keys(self):
        return sorted(key for key in self.bench.broker.committed_offsets if key[0] == f"streamctl-{self.name}")

    def texts(self):
        return [self.bench.broker.committed_offsets[key][1] for key in self.keys()]

    def store(self, texts):
        for key, text in zip(self.keys(), texts):
            self.bench.broker.committed_offsets[key] = (self.bench.broker.committed_offsets[key][0], text)

    def damaged(self, texts, others):
        """Damages a text, or an object within one of them."""
        texts, number = list(texts), self.source.randrange(len(texts))
        if self.source.random() < 0.4:
            name, content = damaged_bytes(self.source, texts[number].encode(), [other[number].encode() for other in others])
            texts[number] = content.decode(errors="replace")
            return name, texts
        outer = json.loads(texts[number])
        inner = self.source.choice([name for name in ("checkpoint", "partition") if name in outer])
        objects = [json.loads(json.loads(other[number])[inner]) for other in others]
        name, members = damaged_members(self.source, json.loads(outer[inner]), objects)
        outer[inner] = json.dumps(members)
        texts[number] = json.dumps(outer)
        return name, texts

    def found(self):
        text = "\n".join(message.value().decode() for message in self.bench.broker.read(self.topic))
        return rows.of_text(text, "json", self.query.columns)


def mended(bench, kind, name, index):
    """At each checkpoint, damaged ones are refused; with the right one the job goes on."""
    job, counts, known = kind(bench, name, index), collections.Counter(), []
    problems = job.prepare()
    for number in range(MOST):
        outcome = job.some_commits()
        if outcome.status == 0 or problems:
            break
        if outcome.status != 137:
            return outcome.expect(0)
        texts = job.texts()
        if not texts or None in texts:
            continue
        known.append(texts)
        for _ in range(max(1, bench.options.hits // 6)):
            what, changed = job.damaged(texts, known)
            # A block of an earlier checkpoint may be all of it but its number: valid, and its rows would come twice.
            if changed == texts or same_values(changed, known[:-1]):
                continue
            job.store(changed)
            outcome = kills.when_free(bench, job.arguments())
            counts[outcome.status] += 1
            if outcome.status == 0:
                problems += [] if same_values(changed, known[-1:]) else [f"{what} was accepted: {changed}"]
                break
            problems += [f"{what}: {problem}: {changed}" for problem in outcome.expect(MISMATCH, job.name)]
            job.store(texts)
    final = kills.when_free(bench, job.arguments()) if not problems else Outcome(0, "", "")
    problems = problems or final.expect(0) or rows.unlike(job.expected, job.found(), False)
    return problems, f"{number + 1} checkpoints; damaged ones ended with {dict(counts)}; {job.query.kind}"


def checks(bench):
    for index in range(bench.options.runs):
        bench.report.check(f"to a file {index}", files, bench, index)
    for index in range(bench.options.runs):
        bench.report.check(f"to a table {index}", mended, bench, TableJob, "table", index)
    for index in range(bench.options.runs):
        if NO_TOPICS:
            bench.report.skip(f"to a topic {index}", NO_TOPICS)
        else:
            bench.report.check(f"to a topic {index}", mended, bench, TopicJob, "topic", index)
