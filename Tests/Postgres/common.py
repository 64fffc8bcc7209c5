"""What the tests of Postgres output share: running streamctl, loading what it prints as the oracle, comparing, telling."""

import argparse
import atexit
import dataclasses
import functools
import importlib.util
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import server
import wire

# A shell ignores INT in what it runs in the background, and so would the programs under test.
signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = pathlib.Path(__file__).resolve().parent
# One run of streamctl may take so long before it counts as hanging.
PATIENCE = 90


def differential():
    """The module with the report that all comparisons use; it is called common too, so it is loaded by its path."""
    spec = importlib.util.spec_from_file_location("differential", HERE.parent / "Differential" / "common.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Report(differential().Report):
    """Checks may come from several threads; one that raises is a failed check, and the others go on."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()
        # Only checks whose names begin so are made.
        self.only = ""

    def judge(self, name, problems, detail=""):
        with self.lock:
            super().judge(name, [str(problem) for problem in problems], detail)

    def check(self, name, test, *arguments):
        """test gives a list of problems, or that and a detail to print."""
        if not name.startswith(self.only):
            return
        try:
            found = test(*arguments)
        except Exception as error:  # noqa: BLE001 (whatever it was, the check has failed)
            found = [f"{type(error).__name__}: {error}"]
        problems, detail = found if isinstance(found, tuple) else (found, "")
        self.judge(name, problems, detail)


@dataclasses.dataclass
class Outcome:
    status: int
    out: str
    err: str

    def expect(self, status, *words):
        """Problems where the status or the message is another one."""
        problems = []
        if self.status != status:
            problems.append(f"status {self.status} instead of {status}: {self.err.strip()[:300]}")
        return problems + [f"no {word!r} in: {self.err.strip()[:300]}" for word in words if word not in self.err]


def ended(number, _):
    """Once is enough: the second signal of a group must not disturb the cleaning up."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


class Bench:
    """A scratch folder, a server and the binary: what each file of tests works with."""

    def __init__(self, description, options=()):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("binary")
        parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
        parser.add_argument("--checks", default="", help="only the checks whose names begin so")
        for name, default in options:
            parser.add_argument(name, type=type(default), default=default)
        self.options = parser.parse_args()
        if not os.access(self.options.binary, os.X_OK):
            sys.exit(f"{self.options.binary} cannot be run")
        self.binary = os.path.abspath(self.options.binary)
        self.seed = self.options.seed
        self.report = Report()
        self.report.only = self.options.checks
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="streamctl-tests-"))
        self.started = []
        # However the tests end, nothing of theirs stays.
        atexit.register(self.clean_up)
        signal.signal(signal.SIGTERM, ended)
        print(f"seed {self.seed} (--seed {self.seed} repeats it)", flush=True)

    @functools.cached_property
    def server(self):
        """Starts when it is first used."""
        return server.Server()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.report.finish()

    def clean_up(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
        if "server" in vars(self):
            self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, extra=None):
        """A session's settings must not reach the result; the home folder holds no password file."""
        clean = {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        return {**clean, **(extra or {})}

    def start(self, arguments, extra=None):
        process = subprocess.Popen(
            [self.binary, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.environment(extra), cwd=self.folder)
        self.started = [other for other in self.started if other.returncode is None] + [process]
        return process

    def finish(self, process, patience=PATIENCE):
        try:
            out, err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return Outcome(-1, out.decode(errors="replace"), f"hung for {patience} s: {err.decode(errors='replace')}")
        # As a shell tells it.
        status = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return Outcome(status, out.decode(errors="replace"), err.decode(errors="replace"))

    def run(self, arguments, extra=None, patience=PATIENCE):
        return self.finish(self.start(arguments, extra), patience)

    def printed(self, arguments):
        """Standard output of a run that must end well."""
        outcome = self.run(arguments)
        if outcome.status != 0:
            raise RuntimeError(f"status {outcome.status}: {outcome.err.strip()[:400]}")
        return outcome.out

    def demo(self, name, **settings):
        """A file of the embedded source, made once."""
        path = self.folder / name
        if not path.exists():
            query = "&".join(f"{key}={value}" for key, value in settings.items())
            path.write_text(self.printed([f"demo:sensors?{query}"]))
        return path


def rows_of(text):
    return [json.loads(line) for line in text.splitlines()]


def load(session, table, rows):
    """Puts JSON rows into a table by Postgres' own reading of JSON."""
    session.query(
        f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, {wire.literal(json.dumps(rows))})")


def unlike(session, expected, actual, limit=5):
    """How two tables differ, as bags of whole rows: nothing where they are equal."""
    counts = session.query(f"SELECT (SELECT count(*) FROM {expected}), (SELECT count(*) FROM {actual})")[0]
    problems = [f"{counts[1]} rows instead of {counts[0]}"] if counts[0] != counts[1] else []
    for word, left, right in (("missing", expected, actual), ("too much", actual, expected)):
        problems += [
            f"{word}: {row}"
            for row in session.query(f"SELECT * FROM {left} EXCEPT ALL SELECT * FROM {right} LIMIT {limit}")]
    return problems


def unlike_texts(expected, actual):
    """How two texts of lines differ: nothing where they are equal."""
    if actual == expected:
        return []
    wanted, lines = expected.splitlines(), actual.splitlines()
    same = (number for number, pair in enumerate(zip(wanted, lines)) if pair[0] != pair[1])
    first = next(same, min(len(lines), len(wanted)))
    shown = [rows[first][:200] if first < len(rows) else "(the end)" for rows in (wanted, lines)]
    return [f"{len(lines)} lines instead of {len(wanted)}; line {first + 1} is {shown[1]} instead of {shown[0]}"]


def is_stopped(process):
    try:
        return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
    except (OSError, IndexError):
        return False


def stopped_in_the_middle(bench, arguments, place, sent):
    """A run that gets a signal for certain before it is over: it waits at its first commit. Gives the outcome."""
    process = bench.start(arguments, {"STREAMCTL_FAILPOINT": f"{place}:stop"})
    wait_until(lambda: is_stopped(process) or process.poll() is not None)
    process.send_signal(sent)
    process.send_signal(signal.SIGCONT)
    return bench.finish(process)


def wait_until(condition, seconds=30):
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False
