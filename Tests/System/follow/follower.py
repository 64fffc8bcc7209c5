"""The runs of a job that follows files and writes the numbers of their lines to a file."""

import contextlib
import json
import re
import shutil
import signal

from ..common.processes import wait_until

# Seconds in which lines must arrive, and a run must end.
PATIENCE = 60
# Frequent commits, so that kills meet many of them.
COMMITS = ("--commit-every", "20ms")


class Follower:
    """The state and the output are in `folder`, the flags those of every run."""

    def __init__(self, bench, folder, names, *flags, name="job"):
        self.bench, self.names, self.flags, self.name = bench, names, flags, name
        self.output, self.state = folder / f"{name}.out", folder / f"{name}.state"
        self.process, self.is_paused, self.found_at_start = None, False, set()
        self.messages = []

    @property
    def command(self):
        return [
            *(word for name in self.names for word in ("-F", name)), "--select", "n", *self.flags, "-o", self.output,
            "--job", self.name, "--state-dir", self.state, *COMMITS]

    @property
    def is_running(self):
        return self.process is not None

    def start(self, *more, extra=None):
        self.found_at_start = set(self.numbers())
        self.process = self.bench.start([*self.command, *more], extra)

    def end(self, sent=signal.SIGINT):
        """Ends the run with a signal. Returns the problems."""
        process, self.process = self.process, None
        process.send_signal(sent)
        if self.is_paused:
            process.send_signal(signal.SIGCONT)
            self.is_paused = False
        outcome = self.bench.finish(process, PATIENCE)
        self.messages.append(outcome.err)
        return outcome.expect(128 + sent)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.is_paused = True

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)
        self.is_paused = False

    def numbers(self):
        """The numbers in the output, in order."""
        try:
            text = self.output.read_bytes()
        except FileNotFoundError:
            return []
        return [int(number) for number in re.findall(rb'"n":(\d+)\}\n', text)]

    def durable(self):
        """The numbers that no kill takes from the output."""
        try:
            checkpoint = json.loads((self.state / f"{self.name}.job").read_text().splitlines()[-1])
            text = self.output.read_bytes()[:checkpoint["output"]]
        except (FileNotFoundError, IndexError):
            return set()
        return {int(number) for number in re.findall(rb'"n":(\d+)\}\n', text)}

    def shown(self):
        """The numbers that only this run can have written: it has opened the files with their lines."""
        return set(self.numbers()) - self.found_at_start if self.is_running else set()

    def wait_for(self, numbers, seconds=PATIENCE):
        """Waits until all these numbers are in the output. Returns the problems."""
        wanted = set(numbers)
        wait_until(lambda: wanted <= set(self.numbers()) or self.process.poll() is not None, seconds)
        missing = sorted(wanted - set(self.numbers()))
        if self.process.poll() is not None:
            outcome = self.bench.finish(self.process)
            self.process, self.is_paused = None, False
            self.messages.append(outcome.err)
            return [f"ended by itself with status {outcome.status}: {outcome.err.strip()[:500]}"]
        return [f"after {seconds} s {len(missing)} lines are missing: {shortened(missing)}"] if missing else []

    def wait_for_checkpoint(self, numbers):
        """Waits until these numbers are in the output for good. Returns the problems."""
        return self.wait_for(numbers) or (
            [] if wait_until(lambda: set(numbers) <= self.durable(), PATIENCE) else ["no checkpoint came"])

    def clean_up(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.bench.finish(self.process)
        with contextlib.suppress(FileNotFoundError):
            self.output.unlink()
        shutil.rmtree(self.state, ignore_errors=True)


def shortened(numbers, most=12):
    return ", ".join(map(str, numbers[:most])) + (", …" if len(numbers) > most else "")


def unlike_ledger(expected, optional, found):
    """How the numbers in an output differ from those written: each once and in order, but for the optional ones."""
    place = {number: index for index, number in enumerate(expected)}
    problems, seen, last = [], set(), -1
    for number in found:
        if number in seen:
            problems.append(f"twice: {number}")
        elif number not in place:
            problems.append(f"never written: {number}")
        elif place[number] < last:
            problems.append(f"out of order: {number} after {expected[last]}")
        else:
            last = place[number]
        seen.add(number)
    missing = [number for number in expected if number not in seen and number not in optional]
    return problems + ([f"{len(missing)} missing: {shortened(missing)}"] if missing else [])
