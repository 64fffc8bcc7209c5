"""Faults that strike a run: drawn in advance, so that a seed repeats them."""

import contextlib
import glob
import os
import resource
import signal
import time

from ..common.processes import wait_until_stopped
from ..postgres import proxy

BUSY, UNAVAILABLE, FULL = 75, 69, 74
# How a run may end that each fault has struck, beside 0. A killed run before it may still hold the job.
ENDS = {
    "failpoint": (137,), "kill": (137,), "TERM": (143,), "INT": (130,), "pause": (), "full disk": (FULL,),
    "cut": (UNAVAILABLE,), "slow connection": (), "terminated session": (UNAVAILABLE,), "restart": (UNAVAILABLE,),
    "lost requests": (UNAVAILABLE,), "broker down": (UNAVAILABLE,), "takeover": (137,), "slow reader": (), "clock": ()}
TRANSACTIONS = ("Produce", "AddPartitionsToTxn", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn", "InitProducerId", "OffsetFetch")
READS = ("Fetch", "ListOffsets", "Metadata", "ApiVersions")


def drawn(source, scenario):
    """The faults of a scenario, each as (name, values)."""
    usual = possible(scenario)
    count = source.choice((0, 1, 1, 2, 2, 3, 4)) if scenario.job else source.choice((0, 0, 1))
    return [(name, values(source, name, scenario)) for name in source.choices(usual, k=count)] if usual else []


def possible(scenario):
    sink, found = scenario.sink_kind, ["pause"]
    if scenario.job:
        found += ["failpoint"] * 4 + ["kill"] * 2 + ["TERM", "INT"]
    elif sink in ("file", "stdout") or sink == "upsert" and scenario.source_kind != "partitions":
        found += ["kill"]
    if sink in ("file", "appended"):
        found += ["full disk"]
    if sink in ("append", "upsert") and (scenario.job or sink == "upsert"):
        found += ["cut"] * 2 + ["terminated session"] + (["restart"] if scenario.index % 5 == 0 else [])
    if sink in ("append", "upsert"):
        found += ["slow connection"]
    if sink == "topic" and scenario.job:
        found += ["lost requests"] * 2
    if scenario.source_kind in ("topic", "partitions") and (scenario.job or sink != "topic"):
        found += ["broker down", "lost requests"]
    if scenario.job and sink in ("append", "upsert", "topic"):
        found += ["takeover"]
    if sink == "stdout":
        found += ["slow reader"] * 3
    if sink != "topic" and scenario.source_kind not in ("topic", "partitions"):
        found += ["clock"]
    return found


def clock_library(bench):
    """The library that sets the clock of a process; None if it is not there, or if programs do not run with it."""
    found = sorted(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1"))
    if found and "streamctl" in bench.run(["--version"], {"LD_PRELOAD": found[0], "FAKETIME": "+1d"}).out:
        return found[0]
    return None


def values(source, name, scenario):
    if name in ("failpoint", "takeover"):
        return source.choice(scenario.failpoints), min(source.randint(1, 8) for _ in range(3))
    if name == "cut":
        fault = source.choice((*proxy.COMMIT_FAULTS, "any"))
        return fault, *((5, 60) if fault == "any" else (2, 4)), source.random()
    if name == "slow connection":
        return source.choice((0.001, 0.01)), source.choice((200, 4000))
    if name == "full disk":
        return (source.choice((0, 1, 3, 10)) * 4096,)
    if name == "lost requests":
        kinds = TRANSACTIONS if scenario.sink_kind == "topic" else READS
        return source.choice(kinds), source.choice(("unasked", "unanswered", 0.05)), source.choice((1, 2, 5))
    if name == "clock":
        return source.uniform(0, 1), source.choice((-400 * 86400, -3600, 7200, 40 * 86400))
    # When, as a share of the time of an undisturbed run, and for how many seconds.
    return source.uniform(0, 1.2), source.choice((0.01, 0.05, 0.3))


def struck(scenario, name, given):
    """A run with this fault. Returns its outcome."""
    bench = scenario.bench
    if name == "failpoint":
        return scenario.run({"STREAMCTL_FAILPOINT": f"{given[0]}:kill@{given[1]}"})
    if name in ("kill", "TERM", "INT"):
        return after(scenario, given, lambda process: process.send_signal(getattr(signal, f"SIG{name}".replace("kill", "KILL"))))
    if name == "pause":
        return after(scenario, given, lambda process: paused(process, given[1]))
    if name == "full disk":
        return full_disk(scenario, given[0])
    if name == "cut":
        scenario.proxy.break_at(*given[:3])
        # A commit may take as many messages as lie between two cuts: after a while there are none.
        process = scenario.start()
        end = time.monotonic() + 3
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        scenario.proxy.break_at(None)
        return scenario.finish(process)
    if name == "slow connection":
        scenario.proxy.delay, scenario.proxy.chunk = given
        outcome = scenario.run()
        scenario.proxy.delay, scenario.proxy.chunk = 0.0, 1 << 16
        return outcome
    if name == "terminated session":
        return after(scenario, given, lambda _: bench.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'streamctl%'"))
    if name == "restart":
        return after(scenario, given, lambda _: bench.restart())
    if name == "lost requests":
        return lost_requests(scenario, *given)
    if name == "broker down":
        return after(scenario, given, lambda _: broker_down(scenario, given[1]))
    if name == "takeover":
        return taken_over(scenario, given)
    if name == "clock":
        return clock_set(scenario, *given)
    return scenario.finish(scenario.start(), slow=True)


def after(scenario, given, act):
    process = scenario.start()
    time.sleep(given[0] * scenario.seconds)
    if process.poll() is None:
        act(process)
    return scenario.finish(process)


def paused(process, seconds):
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def filled(folder, left):
    """Leaves this many bytes in a file system."""
    path = folder / "filler"
    with open(path, "wb") as file:
        status = os.statvfs(folder)
        free = status.f_bavail * status.f_frsize - left
        if free > 0:
            os.posix_fallocate(file.fileno(), 0, free)
    try:
        yield
    finally:
        path.unlink()


def full_disk(scenario, left):
    if scenario.bench.full_disk:
        with filled(scenario.bench.full_disk, left):
            return scenario.run()

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (left, left))
    return scenario.run(preexec_fn=limit)


def lost_requests(scenario, api, how, count):
    """Some requests of one kind get no answer, or a late one. The mock cluster answers with errors."""
    sink_is_topic = scenario.sink_kind == "topic"
    cluster = scenario.bench.broker if sink_is_topic else scenario.source.cluster
    if cluster is not scenario.bench.broker:
        cluster.command("errors", api if api != "ApiVersions" else "ApiVersion", ",".join(["_TRANSPORT"] * count))
        outcome = scenario.run()
        cluster.command("clear", api if api != "ApiVersions" else "ApiVersion")
        return outcome
    left = [count]

    def strike():
        left[0] -= 1
        return how if left[0] >= 0 else None
    cluster.strikes[api] = strike
    try:
        return scenario.run()
    finally:
        cluster.strikes.pop(api, None)


def broker_down(scenario, seconds):
    cluster = scenario.source.cluster
    if cluster is scenario.bench.broker:
        cluster.down()
        time.sleep(seconds)
        cluster.up()
    else:
        cluster.command("down", 1)
        time.sleep(seconds)
        cluster.command("up", 1)


def clock_set(scenario, share, seconds):
    """The wall clock is set while a run reads, if it can be."""
    if not scenario.bench.clock:
        return scenario.run()
    path = scenario.folder / "clock"
    path.write_text("+0\n")
    process = scenario.start({
        "LD_PRELOAD": scenario.bench.clock, "FAKETIME_TIMESTAMP_FILE": str(path), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    time.sleep(share * scenario.seconds)
    path.write_text(f"{seconds:+d}\n")
    return scenario.finish(process)


def taken_over(scenario, given):
    """A process that stops itself is taken over by another one, and wakes up when that has ended."""
    first = scenario.start({"STREAMCTL_FAILPOINT": f"{given[0]}:stop@{given[1]}"})
    if not wait_until_stopped(first):
        return scenario.finish(first)
    second = scenario.run(flags=() if scenario.sink_kind == "topic" else ("--takeover",))
    first.send_signal(signal.SIGCONT)
    woken = scenario.finish(first)
    if woken.status not in (0, BUSY):
        return woken
    return second
