"""A run as a service of systemd: a socket sees the notices in their order, and the unit of the manual is valid."""

import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import time

from ..common.bench import Bench as CommonBench
from ..common.places import Missing

FLAGS = ["-t", "t", "-w", "1h", "-W", "5s", "--max-ahead", "off", "--count"]
MANUAL = pathlib.Path(__file__).parents[3] / "man" / "streamctl.1"


class Bench(CommonBench):
    pass


class Manager:
    """A socket on which notices arrive."""

    def __init__(self, folder, abstract=False):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.name = f"@streamctl-{os.getpid()}-{time.monotonic_ns()}" if abstract else str(folder / f"n{time.monotonic_ns()}")
        self.socket.bind(self.name.replace("@", "\0", 1))
        self.notices = []

    def variables(self, **extra):
        return {"NOTIFY_SOCKET": self.name, **extra}

    def receive(self, seconds):
        """Takes what arrives within a time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self.socket], [], [], left)[0]:
            self.notices += [(time.monotonic(), line) for line in self.socket.recv(65536).decode().split("\n")]

    def wait_for(self, beginning, seconds=30):
        """Whether a notice arrives, or has arrived."""
        end = time.monotonic() + seconds
        while not self.has(beginning) and time.monotonic() < end:
            self.receive(0.05)
        return self.has(beginning)

    def has(self, beginning):
        return any(line.startswith(beginning) for _, line in self.notices)

    @property
    def lines(self):
        return [line for _, line in self.notices]


def in_order(bench, abstract):
    manager = Manager(bench.folder, abstract)
    process = bench.start(FLAGS, extra=manager.variables(), stdin=subprocess.PIPE)
    problems = [] if manager.wait_for("READY=1") else ["never ready"]
    process.stdin.write(b'{"t":"2026-01-01T00:00:00Z"}\n')
    process.stdin.flush()
    problems += [] if manager.wait_for("STATUS=1 record") else [f"no status with the record: {manager.lines}"]
    process.send_signal(signal.SIGTERM)
    outcome = bench.finish(process)
    manager.receive(0.2)
    problems += outcome.expect(143)
    kinds = [line.split("=")[0] for line in manager.lines]
    if kinds.count("READY") != 1 or kinds.count("STOPPING") != 1 or kinds[0] != "READY" or "WATCHDOG" in kinds:
        problems.append(f"notices: {manager.lines}")
    if kinds and kinds[-2:] != ["STOPPING", "EXTEND_TIMEOUT_USEC"]:
        problems.append(f"the last notices are {manager.lines[-2:]}")
    return problems


def nothing_to_do(bench):
    """The end of a run that was never ready would be a failure for systemd."""
    problems = []
    (bench.folder / "small.jsonl").write_text('{"t":"2026-01-01T00:00:00Z"}\n')
    flags = ["small.jsonl", *FLAGS, "--job", "small", "--state-dir", "state", "-o", "small.rows"]
    for arguments in (["/dev/null", "--count"], flags, flags):
        manager = Manager(bench.folder)
        problems += bench.run(arguments, extra=manager.variables()).expect(0)
        manager.receive(0.1)
        if manager.lines.count("READY=1") != 1 or manager.lines.count("STOPPING=1") != 1:
            problems.append(f"{arguments}: {manager.lines}")
    return problems


def watchdog(bench):
    """Signs of life come from the loop of the run: none while it is stopped, and none for another process."""
    manager = Manager(bench.folder)
    process = bench.start(FLAGS, extra=manager.variables(WATCHDOG_USEC="400000"), stdin=subprocess.PIPE)
    manager.wait_for("WATCHDOG=1")
    manager.receive(2)
    alive = [moment for moment, line in manager.notices if line == "WATCHDOG=1"]
    gaps = [later - earlier for earlier, later in zip(alive, alive[1:])]
    problems = [] if len(alive) >= 5 else [f"{len(alive)} signs of life in 2 s"]
    process.send_signal(signal.SIGSTOP)
    manager.receive(0.3)
    manager.notices.clear()
    manager.receive(1)
    problems += ["a stopped process has shown life"] if manager.has("WATCHDOG") else []
    process.send_signal(signal.SIGCONT)
    problems += bench.finish(process).expect(0)
    other = Manager(bench.folder)
    process = bench.start(FLAGS, extra=other.variables(WATCHDOG_USEC="100000", WATCHDOG_PID="1"), stdin=subprocess.PIPE)
    other.wait_for("READY=1")
    other.receive(0.5)
    problems += ["signs of life for another process"] if other.has("WATCHDOG") else []
    return problems + bench.finish(process).expect(0), f"longest gap {max(gaps, default=0):.2f} s"


def replay(bench):
    """A job that reads again for long is not ready, and extends the time that it may take."""
    file = bench.folder / "long.jsonl"
    with open(file, "w") as lines:
        for number in range(800_000):
            lines.write(f'{{"t":"2026-01-01T00:{number // 16000:02}:{number // 267 % 60:02}Z","n":{number}}}\n')
    flags = [file, *FLAGS, "-g", "n", "--job", "long", "--state-dir", bench.folder / "state", "-o", bench.folder / "rows", "-j", "1"]
    problems = bench.run(flags, patience=300).expect(0)
    with open(file, "a") as lines:
        lines.write('{"t":"2026-01-01T00:50:00Z","n":0}\n')
    manager = Manager(bench.folder)
    began = time.monotonic()
    process = bench.start(flags, extra=manager.variables())
    end = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < end:
        manager.receive(0.1)
    manager.receive(0.1)
    problems += bench.finish(process).expect(0)
    ready = [moment - began for moment, line in manager.notices if line == "READY=1"]
    first = next((number for number, line in enumerate(manager.lines) if line == "READY=1"), 0)
    before = manager.lines[:first]
    if len(ready) != 1 or not any(line.startswith("STATUS=replaying ") for line in before) or "EXTEND_TIMEOUT_USEC=30000000" not in before:
        problems.append(f"notices: {manager.lines[:8]}")
    return problems, f"ready after {ready[0] if ready else 0:.1f} s, {before.count('EXTEND_TIMEOUT_USEC=30000000')} times extended"


def unheard(bench):
    """A manager that does not listen, or does not exist, changes nothing."""
    manager = Manager(bench.folder)
    problems = []
    for name in ("/no/such/socket", "@not-listening", "x" * 500, manager.name):
        process = bench.start(["demo:sensors?records=300000", "-t", "event_time", "-w", "1d", "--count"],
                              extra={"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1"})
        outcome = bench.finish(process)
        problems += outcome.expect(0) + ([] if '"count":300000' in outcome.out else [f"{name}: {outcome.out[:100]}"])
    return problems


def unit(bench):
    program = shutil.which("systemd-analyze")
    if not program:
        raise Missing("systemd-analyze is not installed")
    text = MANUAL.read_text()
    found = re.search(r"\n(\[Unit\]\n.*?)\n\.Ed", text, re.DOTALL)
    if not found:
        return ["the manual has no unit"]
    words = found[1].replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")
    file = bench.folder / "sensors.service"
    # Only the place of the program differs here.
    file.write_text(words.replace("/usr/bin/streamctl", bench.binary))
    verified = subprocess.run([program, "verify", file], capture_output=True, text=True, check=False)
    complaints = [line for line in verified.stderr.splitlines() if "sensors.service" in line]
    return complaints + ([f"status {verified.returncode}: {verified.stderr[:300]}"] if verified.returncode else [])


def messages(bench, form):
    """Each line of a message has its level: for the journal before it, as JSON in an object."""
    lines = bench.folder / "messages.jsonl"
    lines.write_text('{"t":"2026-01-01T00:00:00Z"}\nnot JSON\n{"t":"2026-01-01T00:01:00Z"}\n')
    errors = bench.folder / "errors"
    problems = []
    for flags, level, number in (([], "warning", 4), (["--strict"], "error", 3)):
        with open(errors, "w") as file:
            there = os.fstat(file.fileno())
            places = {"journal": f"{there.st_dev}:{there.st_ino}", "other": f"{there.st_dev}:1", "json": ""}
            arguments = [bench.binary, lines, "-t", "t", "-w", "1m", "--count", *flags]
            subprocess.run(
                [*arguments, *(["--log-format", "json"] if form == "json" else [])], stderr=file, stdout=subprocess.DEVNULL,
                env=bench.environment({"JOURNAL_STREAM": places[form]}), timeout=60, check=False)
        said = errors.read_text().splitlines()
        if form == "json":
            objects = [json.loads(line) for line in said]
            good = all(set(line) == {"ts", "level", "msg"} and not line["msg"].startswith("streamctl") for line in objects)
            good = good and objects[-1]["level"] == level and "malformed" in objects[-1]["msg"]
        else:
            start = f"<{number}>streamctl: " if form == "journal" else "streamctl: "
            good = said and said[-1].startswith(start) and "malformed" in said[-1]
        if not good:
            problems.append(f"{form}: {said}")
    return problems


def checks(bench):
    check = bench.report.check
    check("ready, status and stopping, in this order", in_order, bench, False)
    check("the same by an abstract name", in_order, bench, True)
    check("runs with nothing to do are ready too", nothing_to_do, bench)
    check("signs of life come from the loop of the run", watchdog, bench)
    check("a long replay", replay, bench)
    check("a manager that does not listen", unheard, bench)
    for form in ("journal", "other", "json"):
        check(f"messages: {form}", messages, bench, form)
    check("the unit of the manual is valid", unit, bench)
