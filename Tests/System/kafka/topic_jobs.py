"""Jobs that read topics: what may change between two runs and what may not, and records that have been removed."""

import shutil
import time

from ..common.compare import rows_of, unlike_sequences, unlike_texts
from ..common.processes import wait_until
from . import rig

WINDOWED = ("-t", "t", "-W", "2s", "-w", "10s", "--count", "--sum", "n")
PLAIN = ("--select", "n")


class Bench(rig.Bench):
    def prepare(self):
        self.broker = self.small()
        self.number = 0

    def topic(self, count=100, partitions=1, broker=None):
        broker = broker or self.broker
        self.number += 1
        topic = broker.topic(f"topic{self.number}", partitions)
        self.fill(topic, 0, count, partitions, broker)
        return topic

    def fill(self, topic, start, end, partitions=1, broker=None):
        (broker or self.broker).produce(topic, [
            {"value": rig.record(n), "partition": n % partitions, "timestamp": rig.T0 + n} for n in range(start, end)])

    def job(self, topic, *flags, name="", broker=None, url=None, **query):
        """A job from a topic to a file; by default its name is that of the topic."""
        self.folder_of(name or topic).mkdir(exist_ok=True)
        url = url or (broker or self.broker).url(topic, **{"until": "end", **query})
        folder = self.folder_of(name or topic)
        return [url, *flags, "-o", self.output(name or topic), "--job", "x", "--state-dir", folder / "state"]

    def folder_of(self, name):
        return self.folder / name

    def output(self, name):
        return self.folder_of(name) / "out.jsonl"

    def rows(self, name):
        return rows_of(self.output(name).read_text())

    def numbers(self, name):
        return sorted(row["n"] for row in self.rows(name))


def grown(bench, *flags):
    """Runs again with more records each time: the file equals the output of one run over all of them."""
    topic, problems, end = bench.topic(95, 2), [], 95
    for more in (1, 0, 44, 160):
        problems += bench.run(bench.job(topic, *flags)).expect(0)
        wanted = bench.printed([bench.broker.url(topic, until="end"), *flags])
        problems += [f"{end} records: {problem}" for problem in unlike_texts(wanted, bench.output(topic).read_text())]
        bench.fill(topic, end, end + more, 2)
        end += more
    return problems


def recreated(bench, how):
    """The same topic name in the same cluster, but other records at the position."""
    topic = bench.topic(100)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    before = bench.output(topic).read_text()
    bench.broker.delete(topic)
    bench.broker.create(topic, 1)
    if how == "other records":
        bench.fill(topic, 1000, 1200)
    elif how == "fewer records":
        bench.fill(topic, 0, 40)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(78, topic)
    return problems + ([] if bench.output(topic).read_text() == before else ["the output was changed"])


def other_cluster(bench):
    other, topic = bench.small(), bench.topic(100)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    other.create(topic, 1)
    bench.fill(topic, 0, 200, broker=other)
    return problems + bench.run(bench.job(topic, *PLAIN, broker=other)).expect(78)


def other_address(bench):
    """The same cluster under another host name."""
    topic = bench.topic(100)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.fill(topic, 100, 150)
    url = f"kafka://localhost:{bench.broker.port},{bench.broker.address}/{topic}?until=end"
    problems += bench.run(bench.job(topic, *PLAIN, url=url)).expect(0)
    return problems + unlike_sequences(range(150), bench.numbers(topic))


def restarted(bench):
    """The same cluster after a restart."""
    topic = bench.topic(100)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.down()
    bench.broker.up()
    bench.fill(topic, 100, 130)
    return problems + bench.run(bench.job(topic, *PLAIN)).expect(0) + unlike_sequences(range(130), bench.numbers(topic))


def retention(bench, flags):
    """Removed records before the position do not matter. Removed records that were not read yet: 65, with their partition."""
    topic, problems = bench.topic(0), []
    for start, end in ((0, 97), (97, 200), (200, 303)):
        bench.fill(topic, start, end)
        problems += bench.run(bench.job(topic, *flags)).expect(0)
    bench.broker.drop_before(topic, 0, 50)
    bench.fill(topic, 303, 350)
    problems += bench.run(bench.job(topic, *flags)).expect(0)
    bench.fill(topic, 350, 400)
    bench.broker.drop_before(topic, 0, 370)
    return problems + bench.run(bench.job(topic, *flags)).expect(65, f"{topic}[0]", "370")


def retention_of_all(bench):
    """All records that a job has read are removed; it needs none of them and resumes."""
    topic = bench.topic(97)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.drop_before(topic, 0, 97)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.fill(topic, 97, 120)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    return problems + unlike_sequences(range(120), bench.numbers(topic))


def window_retention(bench):
    """Records that an open window needs again are removed before its rows were delivered: 65."""
    topic = bench.topic(97)
    process = bench.start([*bench.job(topic, *WINDOWED, url=bench.broker.url(topic)), "--commit-every", "50ms"])
    wait_until(lambda: bench.output(topic).exists() and len(bench.rows(topic)) == 9, 20)
    time.sleep(1)
    process.terminate()
    problems = bench.finish(process).expect(143)
    bench.fill(topic, 97, 120)
    bench.broker.drop_before(topic, 0, 96)
    return problems + bench.run(bench.job(topic, *WINDOWED)).expect(65, f"{topic}[0]")


def retention_meanwhile(bench):
    """Records are removed while a run reads: it must not resume after the gap silently."""
    topic = bench.topic(0)
    bench.broker.produce(topic, [rig.record(n) for n in range(5000)], batch_num_messages=100)
    seen = []

    def strike():
        seen.append(1)
        if len(seen) == 5:
            bench.broker.topics[topic][0].drop_before(4500)
        return 0.05

    bench.broker.strikes["Fetch"] = strike
    outcome = bench.run([bench.broker.url(topic, until="end"), "--count", "-X", "fetch.message.max.bytes=10000"], patience=60)
    bench.broker.strikes.clear()
    return outcome.expect(65, f"{topic}[0]")


def compacted(bench):
    """Compaction removed the record before the position: the job resumes."""
    topic = bench.topic(0)
    bench.broker.produce(topic, [{"value": rig.record(n), "key": "k"} for n in range(50)], batch_num_messages=1)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.compact(topic, 0, set(range(40, 50)))
    bench.fill(topic, 50, 80)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    problems += unlike_sequences(range(80), bench.numbers(topic))
    bench.broker.compact(topic, 0, set(range(50)))
    fresh = bench.run(bench.job(topic, *PLAIN, name=f"{topic}-fresh"))
    return problems + fresh.expect(0) + unlike_sequences(range(50, 80), bench.numbers(f"{topic}-fresh"))


def changed(bench, before, after, word):
    topic = bench.topic(50, 2)
    problems = bench.run(bench.job(topic, *before)).expect(0)
    return problems + bench.run(bench.job(topic, *after)).expect(78, word)


def changed_input(bench):
    """Another topic or fewer partitions are another input; one more topic is read in addition."""
    first, second, problems = bench.topic(50, 2), bench.topic(0), []
    bench.fill(second, 50, 80)
    problems += bench.run(bench.job(first, *PLAIN)).expect(0)
    for topics, query in (((second,), {}), ((first,), {"partitions": "1"})):
        url = bench.broker.url(*topics, **{"until": "end", **query})
        problems += [f"{url}: {problem}" for problem in bench.run(bench.job(first, *PLAIN, url=url)).expect(78)]
    both = bench.broker.url(first, second, until="end")
    problems += bench.run(bench.job(first, *PLAIN, url=both)).expect(0)
    return problems + unlike_sequences(range(80), bench.numbers(first))


def unchanged(bench):
    """Settings that change no row may change: threads, rates, options, the end of a run, the group."""
    topic, problems = bench.topic(100, 2), []
    for flags, query in (
            (("-j", "1"), {}), (("-j", "4", "--commit-every", "20ms"), {}), (("-X", "client.id=x"), {}),
            ((), {"group": "watchers"}),
            (("-v",), {"until": "@2026-06-01T00:00:00Z"})):
        problems += [f"{flags} {query}: {problem}" for problem in bench.run(bench.job(topic, *PLAIN, *flags, **query)).expect(0)]
        problems += unlike_sequences(range(100), bench.numbers(topic))
    return problems


def added_partitions(bench):
    """Partitions that are added between two runs are read from their start."""
    topic = bench.topic(50, 1)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.add_partitions(topic, 2)
    bench.fill(topic, 50, 110, 3)
    for _ in range(2):
        problems += bench.run(bench.job(topic, *PLAIN)).expect(0) + unlike_sequences(range(110), bench.numbers(topic))
    return problems


def two_topics(bench):
    first, second = bench.topic(60, 2), bench.topic(30, 1)
    url, problems = bench.broker.url(first, second, until="end"), []
    job = bench.job(first, "--select", "n,topic=@topic", url=url)
    problems += bench.run(job).expect(0)
    bench.fill(second, 30, 50)
    problems += bench.run(job).expect(0)
    wanted = sorted([(n, first) for n in range(60)] + [(n, second) for n in range(50)])
    return problems + unlike_sequences(wanted, sorted((row["n"], row["topic"]) for row in bench.rows(first)))


def deleted(bench):
    topic = bench.topic(50)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.delete(topic)
    return problems + bench.run(bench.job(topic, *PLAIN)).expect(66, topic)


def start_is_first_only(bench):
    """start= is where a job starts; later runs resume."""
    topic = bench.topic(50)
    problems = bench.run(bench.job(topic, *PLAIN, start="end")).expect(0)
    bench.fill(topic, 50, 60)
    problems += bench.run(bench.job(topic, *PLAIN, start="end")).expect(0)
    return problems + unlike_sequences(range(50, 60), bench.numbers(topic))


def committed_to_group(bench):
    """With a job the group is for monitoring only: it follows the job."""
    topic = bench.topic(60, 2)
    problems = bench.run(bench.job(topic, *PLAIN, group="lag")).expect(0)
    return problems + unlike_sequences([30, 30], bench.broker.committed("lag", topic).values())


def copied_state(bench):
    """An older copy of the state resumes from its position; the file is truncated accordingly."""
    topic, problems = bench.topic(50), []
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    state = bench.folder_of(topic) / "state"
    shutil.copytree(state, bench.folder / "older")
    bench.fill(topic, 50, 90)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    shutil.rmtree(state)
    shutil.copytree(bench.folder / "older", state)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    return problems + unlike_sequences(range(90), bench.numbers(topic))


def refused(bench):
    """Windows that a job cannot have."""
    topic, problems = bench.topic(10), []
    for flags in (("--rows", "5", "--count"), ("-t", "@arrival", "-w", "1m", "--count")):
        problems += bench.run(bench.job(topic, *flags)).expect(64)
    return problems


def checks(bench):
    check = bench.report.check
    check("grown topics, windows", grown, bench, *WINDOWED)
    check("grown topics, windows that close at the end", grown, bench, "-t", "t", "-w", "10s", "--count", "--sum", "n")
    for how in ("other records", "fewer records", "nothing"):
        check(f"a topic that was created again: {how}", recreated, bench, how)
    check("another cluster", other_cluster, bench)
    check("another address of the same cluster", other_address, bench)
    check("a broker that was restarted between two runs", restarted, bench)
    check("retention, records", retention, bench, PLAIN)
    check("retention, windows", retention, bench, WINDOWED)
    check("retention of everything that was read", retention_of_all, bench)
    check("retention of records that an open window needs", window_retention, bench)
    check("retention during a run", retention_meanwhile, bench)
    check("compaction", compacted, bench)
    check("a changed flag: --where", changed, bench, PLAIN, (*PLAIN, "--where", "n > 3"), "--where")
    check("a changed flag: --select", changed, bench, PLAIN, ("--select", "n,t"), "--select")
    check("a changed flag: -w", changed, bench, WINDOWED, (*WINDOWED[:4], "-w", "20s", *WINDOWED[6:]), "--tumbling")
    check("other topics or partitions", changed_input, bench)
    check("settings that may change", unchanged, bench)
    check("partitions added between two runs", added_partitions, bench)
    check("two topics", two_topics, bench)
    check("a topic deleted between two runs", deleted, bench)
    check("start= with a job", start_is_first_only, bench)
    check("group= with a job", committed_to_group, bench)
    check("an older state", copied_state, bench)
    check("windows that a job cannot have", refused, bench)
