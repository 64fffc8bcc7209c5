"""Bounds memory: the state with --max-state, and the process where the system allows no more (release build)."""

import os
import resource
import subprocess
import time

MIB = 1 << 20
# What a process needs beside its state: the program, buffers for input and output.
BESIDE = 64 * MIB
TOP = ["--top", "3:event_time"]
EVENTS = ["-t", "event_time"]
# What grows, and what the message names: groups, values of aggregates, sessions, windows, rows.
GROWING = (
    ("groups", "records=3000000&keys=3000000", ["-g", "sensor_id", "--count"], "groups"),
    ("wide keys", "records=1000000&keys=1000000",
     ["--let", "k=concat(sensor_id,'" + "x" * 200 + "',sensor_id)", "-g", "k", "--count"], "groups"),
    ("list of one group", "records=3000000", ["-a", "all=list(temperature)"], "all"),
    ("top of distinct texts", "records=1000000", TOP, "top_event_time"),
    ("top of distinct texts in groups", "records=1000000&keys=10000", ["-g", "sensor_id", *TOP], "top_event_time"),
    ("quantiles of groups", "records=5000000&keys=2000", ["-g", "sensor_id", "--median", "temperature"],
     "median_temperature"),
    ("distinct values of groups", "records=2000000&keys=2000", ["-g", "sensor_id", "--distinct", "event_time"],
     "distinct_event_time"),
    ("last text of groups", "records=1000000&keys=1000000",
     ["-g", "sensor_id", "--let", "text=concat(event_time,'" + "y" * 200 + "')", "-a", "late=last(text)"], "late"),
    ("sessions of one key", "records=2000000", [*EVENTS, "-W", "1d", "--session", "1ms"], "windows"),
    ("open windows", "records=2000000", [*EVENTS, "-W", "1d", "-w", "10ms"], "windows"),
    ("closed windows that can be corrected", "records=2000000&keys=100",
     [*EVENTS, "-W", "0s", "--lateness", "1d", "-w", "1s", "-g", "sensor_id", "--count"], "windows"),
    ("overlapping windows", "records=1000000&keys=1000",
     [*EVENTS, "-W", "0s", "--lateness", "1d", "--hopping", "10m", "--every", "1m", "-g", "sensor_id", *TOP],
     "top_event_time"),
)


def run(bench, arguments, *, address_space=None):
    """Status, messages, bytes of rows, and what the process used."""
    def limit():
        if address_space:
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    rows, messages = (bench.folder / f"{os.getpid()}-{time.monotonic_ns()}.{end}" for end in ("out", "err"))
    with open(rows, "wb") as out, open(messages, "wb") as err:
        process = subprocess.Popen([bench.binary, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   preexec_fn=limit)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    text = messages.read_text(errors="replace")
    size = rows.stat().st_size
    rows.unlink()
    messages.unlink()
    return process.returncode, text, size, usage


def bounded(bench, source, arguments, named, most):
    status, text, _, usage = run(bench, [f"demo:sensors?{source}", "-q", "--max-state", str(most), *arguments])
    problems, resident = [], usage.ru_maxrss * 1024
    if status != 65 or "--max-state" not in text or f"{named} " not in text:
        problems.append(f"status {status}: {text[-400:]}")
    if resident > 1.5 * most + BESIDE:
        problems.append(f"{resident // MIB} MiB resident")
    return problems, f"{resident // MIB} MiB resident for {most // MIB} MiB; {text.strip()[-160:]}"


def released(bench):
    """A long run needs no more than its largest windows."""
    arguments = ["demo:sensors?records=3000000&keys=100", "-q", "-t", "event_time", "-W", "10s", "-w", "1m", "-g",
                 "sensor_id", "--median", "temperature", "--top", "2:temperature", "-a", "all=list(humidity)",
                 "--distinct", "event_time", "-a", "l=last(event_time)"]
    status, text, size, usage = run(bench, [*arguments, "--max-state", "4M"])
    problems = [f"status {status}: {text}"] if status or not size else []
    return problems, f"{usage.ru_maxrss // 1024} MiB resident"


def shared(bench):
    """Threads that allocate and free states at the same time do not queue for it: each wait is a switch of threads."""
    status, text, size, usage = run(bench, [
        "demo:sensors?records=200000&keys=100000", "-q", "-j", "16", *EVENTS, "--hopping", "1h", "--every", "20m",
        "-g", "sensor_id", "--top", "2:temperature", "-f", "csv"])
    rows = 575_831
    problems = [f"status {status}, {size} bytes: {text}"] if status or size < 40 * rows else []
    if usage.ru_nvcsw > rows // 10:
        problems.append("more than one wait for ten rows")
    return problems, f"{usage.ru_nvcsw} waits"


def complete(bench):
    """Rows of windows that closed before the limit was reached are printed."""
    few, many = (bench.folder / name for name in ("few.jsonl", "many.jsonl"))
    few.write_text("".join(f'{{"t":"2026-01-01T00:00:{n:02d}Z","v":"x{n}"}}\n' for n in range(60)))
    many.write_text("".join(f'{{"t":"2026-01-01T00:02:00Z","v":"{n:0100d}"}}\n' for n in range(200_000)))
    status, text, size, _ = run(bench, [str(few), str(many), "-t", "t", "-W", "0s", "-w", "1m", "-a", "all=list(v)",
                                        "--max-state", "4M"])
    return ([] if status == 65 and size > 300 else [f"status {status}, {size} bytes: {text}"]), f"{size} bytes of rows"


def out_of_memory(bench, arguments):
    """From a limit that stops the loader to one that is enough: a status and a message, never a trap."""
    problems, seen = [], {}
    for limit in (16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512):
        status, text, _, _ = run(bench, [*arguments], address_space=limit * MIB)
        # 127: the dynamic loader found no room for the libraries. With less, the kernel cannot map the program.
        if status not in (0, 65, 71, 127):
            problems.append(f"{limit} MiB: status {status}: {text[:300]}")
        if status == 71 and not (text.startswith("streamctl: out of memory") and text.count("\n") == 1):
            problems.append(f"{limit} MiB: {text[:300]}")
        seen[status] = seen.get(status, 0) + 1
    return problems, str(seen)


def checks(bench):
    check = bench.report.check
    for name, source, arguments, named in GROWING:
        check(f"{name}: bounded by --max-state", bounded, bench, source, arguments, named, 24 * MIB)
    check("windows give their memory back", released, bench)
    check("threads do not queue for memory", shared, bench)
    check("rows before the limit are printed", complete, bench)
    unbounded = ["--max-state", "1000G"]
    check("no memory: groups", out_of_memory, bench,
          ["demo:sensors?records=2000000&keys=2000000", "-q", "-g", "sensor_id", "--count", *unbounded])
    check("no memory: list", out_of_memory, bench,
          ["demo:sensors?records=2000000", "-q", "-a", "list(event_time)", *unbounded])
    check("no memory: threads", out_of_memory, bench,
          ["demo:sensors?records=200000", "-q", "-j", "8", "-g", "sensor_id", "--count"])
