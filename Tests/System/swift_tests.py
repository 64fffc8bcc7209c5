"""Runs the Swift tests and counts them from their event stream. Called by Tests/System/run --swift-tests.

'Test run with N tests' includes skipped tests; here they are counted as skipped. A test that started and never ended, as
after a crash, has failed.
"""

import json
import pathlib
import re
import shlex
import subprocess
import tempfile

from . import with_postgres
from .common.places import program
from .common.report import closing_line

# Lines about tests that start or pass, and the progress of a build.
QUIET = re.compile(r"^(◇|✔|↳|\[\d+/)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Counted:
    """What became of the test functions."""

    def __init__(self, lines):
        self.names, self.started, self.ended, self.failed, self.skipped = {}, set(), set(), set(), {}
        for line in lines:
            record = json.loads(line)
            if record["kind"] == "test" and record["payload"]["kind"] == "function":
                payload = record["payload"]
                self.names[payload["id"]] = payload.get("displayName") or payload["name"]
            elif record["kind"] == "event":
                self.add(record["payload"])

    def add(self, event):
        test, kind = event.get("testID"), event["kind"]
        if kind == "testStarted":
            self.started.add(test)
        elif kind == "testEnded":
            self.ended.add(test)
        elif kind in ("testSkipped", "testCancelled"):
            self.skipped[test] = " ".join(message["text"] for message in event.get("messages", []))
        elif kind == "issueRecorded" and is_failure(event.get("issue", {})):
            self.failed.add(test)

    def results(self):
        """The ids of the passed, failed and skipped test functions."""
        skipped = [test for test in self.names if self.reason(test) is not None]
        ran = [test for test in self.names if test not in skipped]
        passed = [test for test in ran if test in self.ended and test not in self.failed]
        return passed, [test for test in ran if test not in passed], skipped

    def reason(self, test):
        """Why a test, or the suite that it belongs to, was skipped; None if it was not."""
        if test in self.skipped:
            return self.skipped[test]
        if test in self.started:
            return None
        return next((reason for suite, reason in self.skipped.items() if test.startswith(f"{suite}/")), None)


def is_failure(issue):
    return not issue.get("isKnown", False) and issue.get("isFailure", True)


def main(arguments):
    """Runs the built Swift tests; arguments are those of swift test, such as --filter NAME. Returns the exit status."""
    with tempfile.TemporaryDirectory(prefix="streamctl-tests-") as folder:
        stream = pathlib.Path(folder) / "events.jsonl"
        # Not by way of swift test, which locks the folder of the build: another step may be building.
        command = [
            program("streamctlPackageTests.xctest", "debug"), "--testing-library", "swift-testing",
            "--event-stream-output-path", str(stream), "--event-stream-version", "0", *arguments]
        status = run_quietly(command)
        # A line that a crash cut off has no newline.
        lines = stream.read_text().split("\n")[:-1] if stream.exists() else []
    counted = Counted(line for line in lines if line)
    passed, failed, skipped = counted.results()
    for test in skipped:
        print(f"SKIPPED {counted.names[test]}: {counted.reason(test)}")
    for test in failed:
        ended = "" if test in counted.ended else ": it did not end"
        print(f"FAILED {counted.names[test]}{ended}")
        words = ["Tests/System/run", "--swift-tests", "--filter", selected(test)]
        print(f"    repeat: {shlex.join(words)}")
    broken = 1 if not failed and (status != 0 or not passed + skipped) else 0
    if broken:
        print(f"FAILED the tests ended with status {status}")
    print(closing_line(len(passed), len(failed) + broken, len(skipped)))
    return 1 if failed or broken else 0


def selected(test):
    """The part of an id that --filter understands: module, suites and function."""
    return re.sub(r"\(.*", "", test)


def run_quietly(command):
    """Runs a command with a private Postgres and prints what it says about failures. Returns its exit status."""
    with with_postgres.environment() as variables:
        process = subprocess.Popen(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace")
        for line in process.stdout:
            line = COLOUR.sub("", line)
            if not QUIET.match(line):
                print(line, end="", flush=True)
        return process.wait()
