"""What the comparisons share: finding things, running streamctl, comparing rows and telling the result."""

import datetime
import json
import math
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


def streamctl():
    """The binary to test: the first argument, or $STREAMCTL."""
    path = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("STREAMCTL", "")
    if not path:
        sys.exit(f"usage: {sys.argv[0]} STREAMCTL (or set $STREAMCTL)")
    if not os.access(path, os.X_OK):
        sys.exit(f"{path} cannot be run")
    return os.path.abspath(path)


def data_set(name):
    """The path of a public data set; where the folder is missing the whole run is skipped."""
    shared = pathlib.Path(os.environ.get("STREAMCTL_SHARED") or HERE.parents[2] / "shared")
    path = shared / "data" / name
    if not path.is_file():
        print(f"skipped: no {name} in {shared / 'data'}; $STREAMCTL_SHARED names another folder")
        sys.exit(0)
    return path


def printed(binary, arguments, stdin=None):
    """The bytes of standard output, and standard error; anything but status 0 raises RuntimeError with the message."""
    # A session's settings must not reach the result.
    clean = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [binary, *map(str, arguments)], input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True, env=clean)
    if done.returncode != 0:
        raise RuntimeError(f"status {done.returncode}: {done.stderr.decode(errors='replace').strip()[:600]}")
    return done.stdout, done.stderr.decode()


def run(binary, arguments, stdin=None):
    """The rows and standard error of one run."""
    output, stderr = printed(binary, arguments, stdin)
    return [json.loads(line) for line in output.splitlines()], stderr


def counts(stderr):
    """The numbers of the closing line of --verbose: records, in windows, late and so on."""
    line = re.search(r"streamctl: (\d+) records: (.*); (\d+) rows", stderr)
    if not line:
        raise RuntimeError(f"no closing line in: {stderr.strip()[:300]}")
    found = {"records": int(line[1]), "rows": int(line[3])}
    for item in line[2].split(", "):
        number, name = item.split(" ", 1)
        found[name] = int(number)
    pairs = re.search(r"streamctl: (once|\d+ times) a window had closed when a record came", stderr)
    often = pairs[1] if pairs else "0 times"
    found["late pairs"] = 1 if often == "once" else int(often.split(" ")[0])
    return found


def microseconds(text):
    """Microseconds since 1970 of a row's time: RFC 3339 in UTC."""
    form = "%Y-%m-%dT%H:%M:%S.%fZ" if "." in text else "%Y-%m-%dT%H:%M:%SZ"
    return (datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc) - EPOCH) // MICROSECOND


def rank(value):
    """Where a key stands in the order of rows: null, booleans, numbers, strings by their bytes."""
    if value is None:
        return (0, 0)
    if isinstance(value, bool):
        return (1, value)
    if isinstance(value, (int, float)):
        return (2, value)
    return (3, value.encode())


def same(expected, actual, tolerance=0):
    """Whether two values agree: exactly, or numbers within a relative tolerance. true is not 1, "1" is not 1."""
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(same(a, b, tolerance) for a, b in zip(expected, actual))
    numbers = [isinstance(v, (int, float)) and not isinstance(v, bool) for v in (expected, actual)]
    if all(numbers):
        if tolerance == 0:
            return expected == actual
        return math.isclose(expected, actual, rel_tol=tolerance)
    return type(expected) is type(actual) and expected == actual


class Report:
    """Counts what agreed, prints a line for each comparison, and knows the exit status."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def ok(self, name, detail):
        self.passed += 1
        print(f"ok {name} {detail}", flush=True)

    def fail(self, name, lines):
        self.failed += 1
        print(f"FAILED {name}")
        for line in lines[:6]:
            print(f"    {line}"[:600])
        if len(lines) > 6:
            print(f"    and {len(lines) - 6} more", flush=True)

    def judge(self, name, problems, detail):
        if problems:
            self.fail(name, problems)
        else:
            self.ok(name, detail)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


def differences(expected, actual, tolerance):
    """Compares two lists of (key, values): what is missing, twice there, too much or different.

    key and values are tuples; tolerance(column, expected values) says how far a number may be off, relatively.
    """
    problems = []
    wanted = dict(expected)
    if len(wanted) != len(expected):
        problems.append(f"the reference has {len(expected) - len(wanted)} keys twice")
    seen = set()
    for key, values in actual:
        if key in seen:
            problems.append(f"twice: {key}")
        seen.add(key)
        if key not in wanted:
            problems.append(f"too much: {key} {values}")
            continue
        if len(values) != len(wanted[key]):
            problems.append(f"{key}: {len(values)} columns instead of {len(wanted[key])}")
            continue
        for column, (reference, value) in enumerate(zip(wanted[key], values)):
            if not same(reference, value, tolerance(column, wanted[key])):
                problems.append(f"{key} column {column}: expected {reference!r}, streamctl says {value!r}")
    problems += [f"missing: {key} {values}" for key, values in expected if key not in seen]
    return problems
