"""Topics whose latest state is kept in a table by key, with tombstones, equals a model; cut, killed and resumed.

--histories says how many random histories there are, --runs how many jobs are killed; --only repeats one of those.
"""

import datetime
import json
import random
import signal
import time

from ..common import changes, kills, lanes, scenarios
from ..common.changes import Model, unlike_model, unlike_rejects
from ..common.compare import rows_of, unlike_sequences
from . import rig

OPTIONS = {"histories": 600, "runs": 20, "only": -1}
PARTITIONS = 3
WORKERS = 2
RATES = ("1ms", "20ms", "200ms", "10s")
# With fewer runs than this the failpoints need not all be hit.
FULL = 100
# Types whose spellings in a message key are those of the texts of JSON.
TEXTS = ("text", "bigint", "uuid", "numeric", "numeric(9,2)", "citext", "inet", "char(8)", "timestamptz(0)", "text of any case")
OBJECTS = ("text and bigint", "three columns", "citext and enum", "bigint", "numeric")


class Bench(rig.Bench):
    def prepare(self):
        self.session = self.server.session()
        self.session.query(changes.PREPARATION)
        self.broker, self.mock_cluster, self.number = self.full_cluster(), self.any_cluster(), 0

    def table(self):
        """The name of a new table."""
        self.number += 1
        return f"t{self.number}"

    def kept(self, table, source, *flags):
        return self.run([source, *flags, "-o", self.server.url(), "--table", table])


def key_text(kind, change):
    """The message key: the value alone, or an object with the columns of the key."""
    values = dict(zip((name for name, _ in kind.columns), kind.spellings(change.key)[change.spelling % len(kind.spellings(change.key))]))
    value = json.loads(values["k"])
    return value if isinstance(value, str) else values["k"]


def key_object(kind, change):
    choices = kind.spellings(change.key)
    values = choices[change.spelling % len(choices)]
    return "{" + ",".join(f'"{name}":{value}' for (name, _), value in zip(kind.columns, values)) + "}"


def message(kind, change, key, stamp=None):
    """A record for a topic. Without a version in its value it has one in its timestamp."""
    value = None
    if not change.tombstone:
        members = [f'"c":{change.number}', f'"name":{json.dumps(change.name)}', f'"op":"{"d" if change.deletes else "u"}"']
        members += [] if stamp else [f'"at":{json.dumps(change.at)}']
        value = "{" + ",".join(members) + "}"
    found = {"value": value, "key": key(kind, change), "partition": change.key % PARTITIONS}
    return {**found, "timestamp": stamp} if stamp else found


def flags(kind, key):
    keys = ",".join(f"{name}=@key" if key is key_text else f"{name}=@key.{name}" for name, _ in kind.columns)
    return ["--key", keys, "--select", "c,name,at", "--delete", "op = 'd'"]


def fed(bench, cluster, rng, topic, messages, arguments, table):
    """Fills a topic piece by piece and runs a job after each of them. Returns the problems."""
    start, problems = 0, []
    for end in changes.cuts(rng, rng.choice((0, 1, 4)), len(messages)):
        cluster.produce(topic, messages[start:end], batch_num_messages=rng.choice((1, 20, 250)))
        start = end
        problems += bench.run([
            cluster.url(topic, until="end"), *arguments, "--job", table, "--create", "-j", rng.choice("124"), "--commit-every",
            rng.choice(RATES)]).expect(0)
    return problems


def fed_live(bench, cluster, rng, topic, messages, arguments, table):
    """Fills a topic while a job reads it, which is ended by signals now and then. Returns the problems."""
    start, problems, process = 0, [], None
    arguments = [*arguments, "--job", table, "--create", "--commit-every", rng.choice(RATES[:3]), "-q"]
    for end in changes.cuts(rng, 6, len(messages)):
        if process is None:
            process = bench.start([cluster.url(topic), *arguments])
        cluster.produce(topic, messages[start:end], batch_num_messages=20)
        start = end
        if rng.random() < 0.5:
            time.sleep(rng.uniform(0, 0.4))
            kind = rng.choice((signal.SIGTERM, signal.SIGINT, signal.SIGKILL))
            process.send_signal(kind)
            problems += bench.finish(process).expect(128 + kind)
            process = None
    if process:
        process.terminate()
        problems += bench.finish(process).expect(128 + signal.SIGTERM)
    return problems + kills.when_free(bench, [cluster.url(topic, until="end"), *arguments]).expect(0)


FEEDS = (fed, fed, fed_live)


def random_histories(bench, cluster, kind, key, is_versioned, count):
    """The messages of many keys, read in any pieces and committed at any time, leave the table of the model."""
    rng, table = random.Random(f"{bench.seed} {kind.name} {key.__name__} {is_versioned}"), bench.table()
    made = changes.histories(rng, count, tombstones=True)
    before = changes.initial_rows(rng, [change.key for change in made])
    bench.session.query(kind.create(table))
    changes.fill(bench.session, table, kind, before)
    topic, rejects = cluster.topic(table, PARTITIONS), bench.folder / f"{table}.rejects"
    arguments = [
        *flags(kind, key), *(("--if-newer", "at") if is_versioned else ()), "-o", bench.server.url(), "--table", table,
        "--rejects", rejects]
    feed = rng.choice(FEEDS)
    problems = feed(bench, cluster, rng, topic, [message(kind, change, key) for change in made], arguments, table)
    model = Model(is_versioned, before).apply_all(made)
    problems += unlike_model(bench.session, table, kind, model) + unlike_rejects(rejects, model, bool)
    tombstones = sum(change.tombstone for change in made)
    return problems, f"{len(made)} messages, {tombstones} tombstones, {len(model.rows)} rows, {feed.__name__}"


def stamped(bench, cluster, kind):
    """The version is the timestamp of the message, which a tombstone has too."""
    rng, table = random.Random(f"{bench.seed} {kind.name} stamped"), bench.table()
    made = changes.histories(rng, 40, tombstones=True)
    clock = 0
    for change in made:
        clock += rng.choice((0, 1, 2))
        change.at = max(0, clock - rng.choice((0, 0, 0, 3, 30)))
    columns = (("c", "bigint"), ("name", "text"), ("at", "timestamptz"))
    bench.session.query(kind.create(table, columns))
    topic = cluster.topic(table, PARTITIONS)
    messages = [message(kind, change, key_text, rig.T0 + change.at) for change in made]
    arguments = [
        "--key", "k=@key", "--select", "c,name,at=@kafka_time", "--delete", "op = 'd'", "--if-newer", "at", "-o", bench.server.url(),
        "--table", table]
    problems = fed(bench, cluster, rng, topic, messages, arguments, table)
    model = Model(True).apply_all(made)
    for row in model.rows.values():
        row.at = datetime.datetime.fromtimestamp((rig.T0 + row.at) / 1000, datetime.timezone.utc).isoformat()
    return problems + unlike_model(bench.session, table, kind, model), f"{len(made)} messages, {len(model.rows)} rows"


def filtered(bench):
    """--where applies to records, but not to tombstones."""
    topic, table = bench.broker.topic("filtered", 1), bench.table()
    bench.session.query(f"CREATE TABLE {table} (k text PRIMARY KEY, n int)")
    bench.broker.produce(topic, [
        {"value": {"n": 1}, "key": "a"}, {"value": {"n": 2}, "key": "b"}, {"value": {"n": -1}, "key": "a"}, {"value": None, "key": "b"},
        {"value": {"n": 3}, "key": "c"}, {"value": None, "key": None}])
    rejects = bench.folder / "filtered.rejects"
    outcome = bench.kept(table, bench.broker.url(topic, until="end"), "--key", "k=@key", "--select", "n", "--where", "n > 0", "-v", "--rejects", rejects)
    problems = outcome.expect(0, "1 filtered")
    problems += unlike_sequences([("a", "1"), ("c", "3")], bench.session.query(f"SELECT * FROM {table} ORDER BY 1"))
    kept = rows_of(rejects.read_text()) if rejects.exists() else []
    return problems + ([] if len(kept) == 1 and kept[0]["row"]["k"] is None else [f"rejects: {kept}"]), outcome.err.strip()[:300]


def only_counted(bench):
    """Where the key, or a part of it, is in the value, a tombstone says nothing about a row: it is counted."""
    topic, problems = bench.broker.topic("counted", 1), []
    bench.broker.produce(topic, [
        {"value": {"k": "a", "n": 1}, "key": "a"}, {"value": None, "key": "a"}, {"value": {"k": "b", "n": 2}, "key": "b"}, {"value": None, "key": "b"}])
    for keys, select, index in (("k", "n", "k"), ("k=coalesce(k, @key)", "n", "k"), ("k=@key,n", "text=k", "k, n")):
        table = bench.table()
        bench.session.query(f"CREATE TABLE {table} (k text, n int, text text, UNIQUE ({index}))")
        outcome = bench.kept(table, bench.broker.url(topic, until="end"), "--key", keys, "--select", select, "-v")
        found = bench.session.query(f"SELECT k, n FROM {table} ORDER BY 1")
        problems += [f"{keys}: {problem}" for problem in outcome.expect(0, "2 tombstones") + unlike_sequences([("a", "1"), ("b", "2")], found)]
    return problems, outcome.err.strip()[:400]


def keys_that_do_not_fit(bench):
    """Message keys that are no object, or lack a member, or cannot be the key of the row: refused, tombstones too."""
    topic, table = bench.broker.topic("odd", 1), bench.table()
    bench.session.query(f"CREATE TABLE {table} (id bigint PRIMARY KEY, n int)")
    odd = (None, "", "5", "x", "{", '{"other":1}', '{"id":null}', '{"id":"x"}', '{"id":{"a":1}}', '{"id":99999999999999999999}')
    good = ('{"id":1}', '{"id":"2"}', '{"other":{"id":9},"id":3.0}')
    bench.broker.produce(topic, [
        *({"value": {"n": number}, "key": key} for number, key in enumerate(odd)), *({"value": None, "key": key} for key in odd),
        *({"value": {"n": number}, "key": key} for number, key in enumerate(good)), {"value": None, "key": '{"id":2}'}])
    rejects = bench.folder / "odd.rejects"
    outcome = bench.kept(table, bench.broker.url(topic, until="end"), "--key", "id=@key.id", "--select", "n", "--rejects", rejects)
    problems = outcome.expect(0) + unlike_sequences([("1", "0"), ("3", "2")], bench.session.query(f"SELECT * FROM {table} ORDER BY 1"))
    return problems + unlike_sequences([len(odd) * 2], [len(rows_of(rejects.read_text()))]), outcome.err.strip()[:200]


def parts_of_metadata(bench):
    """Keys of which every part is metadata or constant: tombstones delete their rows, and only theirs."""
    topic, problems = bench.broker.topic("parts", 2), []
    bench.broker.produce(topic, [
        {"value": value, "key": key, "partition": part, "headers": [("id", name)]}
        for value, key, part, name in (
            ({"n": 1}, "a", 0, b"x"), ({"n": 2}, "A", 1, b"y"), ({"n": 3}, "b", 1, b"x"), (None, "a", 0, b"x"), ({"n": 4}, "c", 0, b"z"),
            (None, "b", 1, b"y"))])
    for keys, left in (
            ("k=@key,part='eu'", [("A", "eu", "2"), ("c", "eu", "4")]),
            ("k=@key,part=@partition", [("A", "1", "2"), ("c", "0", "4")]),
            ("k=concat('my ', @key),part=@topic", [("my A", topic, "2"), ("my c", topic, "4")]),
            ("k=@header.id,part=concat('p', @partition)", [("x", "p1", "3"), ("z", "p0", "4")])):
        table = bench.table()
        bench.session.query(f"CREATE TABLE {table} (k text, part text, n int, PRIMARY KEY (k, part))")
        outcome = bench.kept(table, bench.broker.url(topic, until="end"), "--key", keys, "--select", "n")
        found = bench.session.query(f"SELECT * FROM {table} ORDER BY k")
        problems += [f"{keys}: {problem}" for problem in outcome.expect(0) + unlike_sequences(left, found)]
    return problems


def history_beside(bench):
    """One topic twice: the latest state, and beside it every change in a table that only grows."""
    rng, kind = random.Random(f"{bench.seed} beside"), changes.KINDS[0]
    made = changes.histories(rng, 60, tombstones=True)
    topic, state, log = bench.broker.topic("twice", PARTITIONS), bench.table(), bench.table()
    bench.session.query(f"{kind.create(state)}; CREATE TABLE {log} (k text, c bigint, name text, part int, place bigint)")
    messages, start, problems = [message(kind, change, key_text) for change in made], 0, []
    for end in changes.cuts(rng, 3, len(messages)):
        bench.broker.produce(topic, messages[start:end])
        start = end
        url = bench.broker.url(topic, until="end")
        problems += bench.kept(state, url, *flags(kind, key_text), "--job", "state", "--create").expect(0)
        problems += bench.kept(
            log, url, "--select", "k=@key,c,name,part=@partition,place=@offset", "--mode", "append", "--job", "log", "--create").expect(0)
    problems += unlike_model(bench.session, state, kind, Model(False).apply_all(made))
    logged = [int(c) for (c,) in bench.session.query(f"SELECT c FROM {log} ORDER BY c")]
    problems += unlike_sequences([change.number for change in made if not change.tombstone], logged)
    jobs = bench.session.query("SELECT job FROM streamctl_jobs WHERE job IN ('state', 'log') ORDER BY 1")
    return problems + unlike_sequences([("log",), ("state",)], jobs), f"{len(made)} messages, {len(logged)} logged"


def compacted(bench):
    """A topic that was compacted leaves the same state as the whole topic."""
    topic, table = bench.broker.topic("compacted", 1), bench.table()
    bench.session.query(f"CREATE TABLE {table} (k text PRIMARY KEY, n int)")
    records = [{"value": {"n": n} if n % 5 else None, "key": f"k{n % 7}"} for n in range(100)]
    bench.broker.produce(topic, records, batch_num_messages=1)
    last = {record["key"]: number for number, record in enumerate(records)}
    bench.broker.compact(topic, 0, set(range(100)) - set(last.values()))
    problems = bench.kept(table, bench.broker.url(topic, until="end"), "--key", "k=@key", "--select", "n").expect(0)
    left = sorted((key, str(number)) for key, number in last.items() if records[number]["value"])
    return problems + unlike_sequences(left, bench.session.query(f"SELECT * FROM {table} ORDER BY 1"))


def first_tombstones(bench):
    """A table of --create whose first messages are tombstones."""
    topic, table = bench.broker.topic("tombstones", 1), bench.table()
    bench.broker.produce(topic, [{"value": None, "key": "a"}, {"value": None, "key": "b"}])
    command = ("--key", "k=@key", "--select", "n", "--create", "--job", table)
    problems = bench.kept(table, bench.broker.url(topic, until="end"), *command).expect(0)
    bench.broker.produce(topic, [{"value": {"n": 1}, "key": "a"}, {"value": {"n": 2}, "key": "b"}, {"value": None, "key": "b"}])
    problems += bench.kept(table, bench.broker.url(topic, until="end"), *command).expect(0)
    return problems + unlike_sequences([("a", "1")], bench.session.query(f"SELECT k, n FROM {table} ORDER BY 1"))


class KilledTest(lanes.PostgresTest):
    """A job that keeps the latest state of a topic, killed and resumed; its oracle is the model."""

    path = "changes of a topic"

    def __init__(self, bench, name, kind, key, count, is_versioned):
        rng = random.Random(f"{bench.seed} {name}")
        made = changes.histories(rng, count, tombstones=True, active=rng.choice((3, 30)))
        topic = bench.mock_cluster.topic(name, PARTITIONS)
        bench.mock_cluster.produce(topic, [message(kind, change, key) for change in made], batch_num_messages=100)
        versions = ("--if-newer", "at") if is_versioned else ()
        super().__init__(
            bench, scenarios.Scenario(name, (*flags(kind, key), *versions), ()), [bench.mock_cluster.url(topic, until="end")])
        self.kind = kind
        self.before = changes.initial_rows(rng, [change.key for change in made])
        self.model = Model(is_versioned, self.before).apply_all(made)

    def make_oracle(self):
        self.rejects, self.refused = [], 0

    def create(self, lane):
        lane.session.query(self.kind.create(f"{lane.schema}.{self.id}"))
        changes.fill(lane.session, f"{lane.schema}.{self.id}", self.kind, self.before)
        return ("--create",)

    def reset(self, lane):
        super().reset(lane)
        changes.fill(lane.session, f"{lane.schema}.{self.id}", self.kind, self.before)

    def problems(self, lane):
        return unlike_model(lane.session, f"{lane.schema}.{self.id}", self.kind, self.model)


def kill_runs(bench, kinds):
    """Killed and resumed jobs."""
    if isinstance(bench.mock_cluster, rig.cluster.Mock):
        bench.mock_cluster.command("rtt", 1, 10)
    all_lanes, hits = [lanes.Lane(bench, number) for number in range(WORKERS)], kills.Hits()
    made = [
        KilledTest(bench, "text", kinds["text"], key_text, 500, False),
        KilledTest(bench, "composite_versions", kinds["three columns"], key_object, 500, True),
        KilledTest(bench, "numeric", kinds["numeric"], key_text, 300, False)]
    tests = [test for test in made if kills.undisturbed(bench, all_lanes, test)]
    if tests and bench.options.runs:
        kills.loop(bench, tests, all_lanes, bench.options.runs, hits)
        hits.judge(bench.report, KilledTest, least=3 if bench.options.runs >= FULL else 0)
    hits.show()


def checks(bench):
    kinds, check = {kind.name: kind for kind in changes.KINDS}, bench.report.check
    pairs = [(kinds[name], key_text) for name in TEXTS] + [(kinds[name], key_object) for name in OBJECTS]
    share = max(1, bench.options.histories // (2 * len(pairs)))
    for number, (kind, key) in enumerate(pairs):
        cluster = bench.mock_cluster if number % 2 else bench.broker
        for is_versioned in (False, True):
            words = f"histories of {kind.name}" + " in an object" * (key is key_object) + ", --if-newer" * is_versioned
            check(words, random_histories, bench, cluster, kind, key, is_versioned, share)
    for name, cluster in (("text", bench.mock_cluster), ("bigint", bench.broker)):
        check(f"timestamps as versions, {name}", stamped, bench, cluster, kinds[name])
    check("--where and tombstones", filtered, bench)
    check("tombstones that are only counted", only_counted, bench)
    check("keys of several parts of metadata", parts_of_metadata, bench)
    check("message keys that do not fit", keys_that_do_not_fit, bench)
    check("the latest state and the history beside it", history_beside, bench)
    bench.damaging("a compacted topic", compacted, bench)
    check("tombstones first", first_tombstones, bench)
    kill_runs(bench, kinds)
