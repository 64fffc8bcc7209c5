"""Jobs that read topics: what may change between two runs and what may not, and records that are gone.

    python3 Tests/Kafka/topic_jobs.py BINARY [MOCKBINARY] [--seed N]
"""

import datetime
import shutil
import time

import rig
import common

WINDOWED = ("-t", "t", "-W", "2s", "-w", "10s", "--count", "--sum", "n")
PLAIN = ("--select", "n")


def record(second):
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=second)
    return {"t": at.isoformat().replace("+00:00", "Z"), "n": second}


class Bench(rig.Bench):
    def __enter__(self):
        self.broker = self.small()
        self.number = 0
        return self

    def topic(self, count=100, partitions=1, broker=None):
        broker = broker or self.broker
        self.number += 1
        topic = broker.topic(f"topic{self.number}", partitions)
        self.fill(topic, 0, count, partitions, broker)
        return topic

    def fill(self, topic, start, end, partitions=1, broker=None):
        (broker or self.broker).produce(topic, [
            {"value": record(n), "partition": n % partitions, "timestamp": 1_767_225_600_000 + n} for n in range(start, end)])

    def job(self, topic, *flags, name="", broker=None, url=None, **query):
        """A job from a topic to a file; its name is that of the topic if not said otherwise."""
        self.folder_of(name or topic).mkdir(exist_ok=True)
        url = url or (broker or self.broker).url(topic, **{"until": "end", **query})
        folder = self.folder_of(name or topic)
        return [url, *flags, "-o", self.output(name or topic), "--job", "x", "--state-dir", folder / "state"]

    def folder_of(self, name):
        return self.folder / name

    def output(self, name):
        return self.folder_of(name) / "out.jsonl"

    def rows(self, name):
        return common.rows_of(self.output(name).read_text())

    def numbers(self, name):
        return sorted(row["n"] for row in self.rows(name))


def differ(found, wanted):
    return [] if list(found) == list(wanted) else [f"{str(list(found))[:200]} instead of {str(list(wanted))[:200]}"]


def grown(bench, *flags):
    """Run again with more records each time: the file is what one run over all of it prints."""
    topic, problems, end = bench.topic(95, 2), [], 95
    for more in (1, 0, 44, 160):
        problems += bench.run(bench.job(topic, *flags)).expect(0)
        wanted = bench.printed([bench.broker.url(topic, until="end"), *flags])
        problems += [f"{end} records: {problem}" for problem in common.unlike_texts(wanted, bench.output(topic).read_text())]
        bench.fill(topic, end, end + more, 2)
        end += more
    return problems


def recreated(bench, how):
    """The same name and the same cluster, but other records at the position."""
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
    return problems + ([] if bench.output(topic).read_text() == before else ["the output was touched"])


def other_cluster(bench):
    other, topic = bench.small(), bench.topic(100)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    other.create(topic, 1)
    bench.fill(topic, 0, 200, broker=other)
    return problems + bench.run(bench.job(topic, *PLAIN, broker=other)).expect(78)


def other_address(bench):
    """The same cluster by another name of its host."""
    topic = bench.topic(100)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.fill(topic, 100, 150)
    url = f"kafka://localhost:{bench.broker.port},{bench.broker.address}/{topic}?until=end"
    problems += bench.run(bench.job(topic, *PLAIN, url=url)).expect(0)
    return problems + differ(bench.numbers(topic), range(150))


def restarted(bench):
    """The same cluster after it was down."""
    topic = bench.topic(100)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.down()
    bench.broker.up()
    bench.fill(topic, 100, 130)
    return problems + bench.run(bench.job(topic, *PLAIN)).expect(0) + differ(bench.numbers(topic), range(130))


def retention(bench, flags):
    """Records behind the position go: nothing. One that was not read yet goes: 65, with its place."""
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
    """All that a job has read is gone, and it needs none of it: it goes on."""
    topic = bench.topic(97)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.drop_before(topic, 0, 97)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.fill(topic, 97, 120)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    return problems + differ(bench.numbers(topic), range(120))


def window_retention(bench):
    """What an open window needs again is gone, though its rows were not delivered yet: 65."""
    topic = bench.topic(97)
    process = bench.start([*bench.job(topic, *WINDOWED, url=bench.broker.url(topic)), "--commit-every", "50ms"])
    common.wait_until(lambda: bench.output(topic).exists() and len(bench.rows(topic)) == 9, 20)
    time.sleep(1)
    process.terminate()
    problems = bench.finish(process).expect(143)
    bench.fill(topic, 97, 120)
    bench.broker.drop_before(topic, 0, 96)
    return problems + bench.run(bench.job(topic, *WINDOWED)).expect(65, f"{topic}[0]")


def retention_meanwhile(bench):
    """Records go while a run reads: it does not go on behind the gap as if nothing had been."""
    topic = bench.topic(0)
    bench.broker.produce(topic, [record(n) for n in range(5000)], batch_num_messages=100)
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
    """The record before the position was compacted away: no reason to stop."""
    topic = bench.topic(0)
    bench.broker.produce(topic, [{"value": record(n), "key": "k"} for n in range(50)], batch_num_messages=1)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.compact(topic, 0, set(range(40, 50)))
    bench.fill(topic, 50, 80)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    problems += differ(bench.numbers(topic), range(80))
    bench.broker.compact(topic, 0, set(range(50)))
    fresh = bench.run(bench.job(topic, *PLAIN, name=f"{topic}-fresh"))
    return problems + fresh.expect(0) + differ(bench.numbers(f"{topic}-fresh"), range(50, 80))


def changed(bench, before, after, word):
    topic = bench.topic(50, 2)
    problems = bench.run(bench.job(topic, *before)).expect(0)
    return problems + bench.run(bench.job(topic, *after)).expect(78, word)


def changed_input(bench):
    """Another topic or fewer partitions are another job; one more topic is more to read."""
    first, second, problems = bench.topic(50, 2), bench.topic(0), []
    bench.fill(second, 50, 80)
    problems += bench.run(bench.job(first, *PLAIN)).expect(0)
    for topics, query in (((second,), {}), ((first,), {"partitions": "1"})):
        url = bench.broker.url(*topics, **{"until": "end", **query})
        problems += [f"{url}: {problem}" for problem in bench.run(bench.job(first, *PLAIN, url=url)).expect(78)]
    both = bench.broker.url(first, second, until="end")
    problems += bench.run(bench.job(first, *PLAIN, url=both)).expect(0)
    return problems + differ(bench.numbers(first), range(80))


def unchanged(bench):
    """What does not change rows may change: threads, rates, options, where a run ends, the group."""
    topic, problems = bench.topic(100, 2), []
    for flags, query in (
            (("-j", "1"), {}), (("-j", "4", "--commit-every", "20ms"), {}), (("-X", "client.id=x"), {}),
            ((), {"group": "watchers"}),
            (("-v",), {"until": "@2026-06-01T00:00:00Z"})):
        problems += [f"{flags} {query}: {problem}" for problem in bench.run(bench.job(topic, *PLAIN, *flags, **query)).expect(0)]
        problems += differ(bench.numbers(topic), range(100))
    return problems


def added_partitions(bench):
    """Between two runs the topic got more partitions: they are read from their beginning."""
    topic = bench.topic(50, 1)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.add_partitions(topic, 2)
    bench.fill(topic, 50, 110, 3)
    for _ in range(2):
        problems += bench.run(bench.job(topic, *PLAIN)).expect(0) + differ(bench.numbers(topic), range(110))
    return problems


def two_topics(bench):
    first, second = bench.topic(60, 2), bench.topic(30, 1)
    url, problems = bench.broker.url(first, second, until="end"), []
    job = bench.job(first, "--select", "n,topic=@topic", url=url)
    problems += bench.run(job).expect(0)
    bench.fill(second, 30, 50)
    problems += bench.run(job).expect(0)
    wanted = sorted([(n, first) for n in range(60)] + [(n, second) for n in range(50)])
    return problems + differ(sorted((row["n"], row["topic"]) for row in bench.rows(first)), wanted)


def deleted(bench):
    topic = bench.topic(50)
    problems = bench.run(bench.job(topic, *PLAIN)).expect(0)
    bench.broker.delete(topic)
    return problems + bench.run(bench.job(topic, *PLAIN)).expect(66, topic)


def start_is_first_only(bench):
    """start= says where a job begins; afterwards it goes on."""
    topic = bench.topic(50)
    problems = bench.run(bench.job(topic, *PLAIN, start="end")).expect(0)
    bench.fill(topic, 50, 60)
    problems += bench.run(bench.job(topic, *PLAIN, start="end")).expect(0)
    return problems + differ(bench.numbers(topic), range(50, 60))


def committed_to_group(bench):
    """With a job the group is for watching: it follows the job."""
    topic = bench.topic(60, 2)
    problems = bench.run(bench.job(topic, *PLAIN, group="lag")).expect(0)
    return problems + differ(bench.broker.committed("lag", topic).values(), [30, 30])


def copied_state(bench):
    """A state that is behind (an older copy came back) goes on from there; the file is cut to what it was."""
    topic, problems = bench.topic(50), []
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    state = bench.folder_of(topic) / "state"
    shutil.copytree(state, bench.folder / "older")
    bench.fill(topic, 50, 90)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    shutil.rmtree(state)
    shutil.copytree(bench.folder / "older", state)
    problems += bench.run(bench.job(topic, *PLAIN)).expect(0)
    return problems + differ(bench.numbers(topic), range(90))


def refused(bench):
    """What cannot be a job."""
    topic, problems = bench.topic(10), []
    for flags in (("--rows", "5", "--count"), ("-t", "@arrival", "-w", "1m", "--count")):
        problems += bench.run(bench.job(topic, *flags)).expect(64)
    return problems


def main():
    with Bench(__doc__) as bench:
        check = bench.report.check
        check("grown topics, windows", grown, bench, *WINDOWED)
        check("grown topics, windows that close at the end", grown, bench, "-t", "t", "-w", "10s", "--count", "--sum", "n")
        for how in ("other records", "fewer records", "nothing"):
            check(f"a topic made anew: {how}", recreated, bench, how)
        check("another cluster", other_cluster, bench)
        check("another address of the same cluster", other_address, bench)
        check("a broker that was down between two runs", restarted, bench)
        check("retention, records", retention, bench, PLAIN)
        check("retention, windows", retention, bench, WINDOWED)
        check("retention of all that was read", retention_of_all, bench)
        check("retention of what an open window needs", window_retention, bench)
        check("retention in the middle of a run", retention_meanwhile, bench)
        check("compaction", compacted, bench)
        check("a changed flag: --where", changed, bench, PLAIN, (*PLAIN, "--where", "n > 3"), "--where")
        check("a changed flag: --select", changed, bench, PLAIN, ("--select", "n,t"), "--select")
        check("a changed flag: -w", changed, bench, WINDOWED, (*WINDOWED[:4], "-w", "20s", *WINDOWED[6:]), "--tumbling")
        check("other topics or partitions", changed_input, bench)
        check("what may change", unchanged, bench)
        check("partitions added between two runs", added_partitions, bench)
        check("two topics", two_topics, bench)
        check("a topic deleted between two runs", deleted, bench)
        check("start= with a job", start_is_first_only, bench)
        check("group= with a job", committed_to_group, bench)
        check("an older state", copied_state, bench)
        check("what cannot be a job", refused, bench)


if __name__ == "__main__":
    main()
