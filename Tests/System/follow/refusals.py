"""What -F refuses, what it waits for, and what it says when lines are gone: each with its message and status."""

import contextlib
import os
import pty
import socket

from ..common.processes import wait_until
from .follower import PATIENCE, Follower, unlike_ledger
from .rotator import Service

USAGE, NO_INPUT = 64, 66


class Place:
    """A folder with a log, a job that follows it, and what a run says."""

    def __init__(self, bench, name, *flags, pattern="app.log"):
        self.bench, self.folder = bench, bench.folder / name
        self.folder.mkdir()
        self.log = self.folder / "app.log"
        self.follower = Follower(bench, self.folder, [self.folder / pattern], *flags)
        self.service = None

    def write(self, count):
        self.service = self.service or Service(self.log)
        self.service.write(count)

    def read_some(self):
        """A run that reads three lines and ends. Returns the problems."""
        self.write(3)
        self.follower.start()
        return self.follower.wait_for_checkpoint(self.service.written) or self.follower.end()

    def move(self, name):
        """Rotates the log."""
        self.log.rename(self.folder / name)
        self.service.reopen()


def refused(bench, name, make, status, *words):
    """An input that is refused at once. `make` gets the path and may return what is to be closed afterwards."""
    path = bench.folder / name
    closing = make(path)
    try:
        return bench.run(["-F", path, "--select", "n"]).expect(status, "streamctl: ", *words)
    finally:
        if closing:
            closing.close()


def bound(path):
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    return made


def terminal(bench):
    main, other = pty.openpty()
    try:
        return bench.run(["-F", os.ttyname(other), "--select", "n"]).expect(NO_INPUT, "streamctl: ", os.ttyname(other))
    finally:
        os.close(main)
        os.close(other)


def kernel_file(bench):
    return bench.run(["-F", "/proc/uptime", "--select", "n"]).expect(NO_INPUT, "streamctl: /proc/uptime")


def standard_input(bench):
    return bench.run(["-F", "-", "--select", "n"], stdin=b'{"n":1}\n').expect(USAGE, "streamctl: ")


def two_names(bench, how):
    """The same file by two names would be counted twice."""
    place = Place(bench, f"twice-{how}")
    place.write(1)
    other = place.folder / "other.log"
    match how:
        case "hard link":
            other.hardlink_to(place.log)
        case "symbolic link":
            other.symlink_to("app.log")
        case "same name":
            other = place.folder / "." / "app.log"
    return bench.run(["-F", place.log, "-F", other, "--select", "n"]).expect(USAGE, "streamctl: ", "app.log")


def hears(process, word):
    """Whether a run says this on its way. Its messages are read here, and nowhere else."""
    os.set_blocking(process.stderr.fileno(), False)
    said = bytearray()

    def came():
        with contextlib.suppress(BlockingIOError):
            said.extend(process.stderr.read() or b"")
        return word in said.decode(errors="replace") or process.poll() is not None
    wait_until(came, PATIENCE)
    os.set_blocking(process.stderr.fileno(), True)
    text = said.decode(errors="replace")
    return [] if word in text else [f"no {word!r} in: {text[:300]}"]


def waits(bench, name, pattern, message):
    """What is not there yet is waited for."""
    place = Place(bench, name, pattern=pattern)
    place.follower.start()
    problems = hears(place.follower.process, message)
    place.write(3)
    problems += place.follower.wait_for(place.service.written) or place.follower.end()
    return problems + unlike_ledger(place.service.written, (), place.follower.numbers())


def told(bench, how, message):
    """-v tells what happens to a file, once."""
    place = Place(bench, f"told-{how}", "-v")
    place.write(3)
    place.follower.start()
    problems = place.follower.wait_for_checkpoint(place.service.written)
    size = place.log.stat().st_size
    if how == "rotated":
        place.move("app.log.1")
    else:
        os.truncate(place.log, 0)
    place.write(2)
    problems += place.follower.wait_for(place.service.written) or place.follower.end()
    said = place.follower.messages[-1]
    wanted = message.format(size=size)
    if said.count(wanted) != 1:
        problems.append(f"{said.count(wanted)} times {wanted!r} in: {said[:400]}")
    return problems + unlike_ledger(place.service.written, (), place.follower.numbers())


def from_end(bench):
    """What is there at the start of the first run is skipped; a later run goes on where the first one ended."""
    place = Place(bench, "from-end", "--from-end", pattern="*.log")
    place.write(3)
    (place.folder / "other.log").write_text('{"n":101}\n')
    place.follower.start("-v")
    # A file that appears later is read from its beginning.
    problems = hears(place.follower.process, "starts")
    third = place.folder / "third.log"
    third.write_text('{"n":201}\n')
    problems = problems or place.follower.wait_for([201])
    place.write(2)
    problems = problems or place.follower.wait_for_checkpoint([4, 5]) or place.follower.end()
    place.write(1)
    place.follower.start()
    problems = problems or place.follower.wait_for([6]) or place.follower.end()
    return problems + unlike_ledger([201, 4, 5, 6], (), place.follower.numbers())


def gone(bench, how):
    """The file with the rest of the lines is not there any more."""
    place = Place(bench, f"gone-{how}")
    problems = place.read_some()
    size = place.log.stat().st_size
    place.write(2)
    lost = place.service.written[-2:]
    if how == "deleted":
        place.log.unlink()
        place.service.reopen()
    elif how == "cut":
        os.truncate(place.log, size - 10)
    else:
        os.truncate(place.log, 0)
    place.write(4)
    (place.folder / "app.log.1").write_text('{"n":9001}\n')
    outcome = bench.run(place.follower.command)
    problems += outcome.expect(NO_INPUT, f"app.log: what was read up to byte {size} is gone", "app.log.1", "--on-gap skip")
    if how == "cut":
        # The lines before the cut would come again.
        return problems
    place.follower.flags = ("--on-gap", "skip")
    place.follower.start()
    problems += place.follower.wait_for(place.service.written[-4:]) or place.follower.end()
    # Nothing tells that the other file does not belong to the log.
    return problems + unlike_ledger([9001, *place.service.written], {9001, *lost}, place.follower.numbers())


def contradiction(bench):
    """The older file by its name is the newer one by its time."""
    place = Place(bench, "contradiction")
    problems = place.read_some()
    for name in ("app.log.3", "app.log.2", "app.log.1"):
        place.move(name)
        place.write(2)
    now = place.log.stat().st_mtime
    os.utime(place.folder / "app.log.2", (now, now - 7200))
    os.utime(place.folder / "app.log.1", (now, now - 14400))
    outcome = bench.run(place.follower.command)
    return problems + outcome.expect(NO_INPUT, "streamctl: ", "app.log.1", "app.log.2")


def checks(bench):
    check = bench.report.check
    check("a FIFO", refused, bench, "fifo", os.mkfifo, NO_INPUT, "fifo")
    check("a socket", refused, bench, "socket", bound, NO_INPUT, "socket")
    check("a directory", refused, bench, "directory", os.mkdir, NO_INPUT, "directory")
    check("a terminal", terminal, bench)
    check("a file of the kernel", kernel_file, bench)
    check("standard input", standard_input, bench)
    for how in ("hard link", "symbolic link", "same name"):
        check(f"the same file by two names: {how}", two_names, bench, how)
    check("a file that is not there yet", waits, bench, "missing", "app.log", "app.log: no such file yet; waiting for it")
    check("a pattern without matches", waits, bench, "pattern", "*.log", "*.log: matches no file yet; waiting for one")
    check("a rotation is told", told, bench, "rotated", "app.log: rotated after byte {size}; the next file begins")
    check("a truncation is told", told, bench, "truncated", "app.log: truncated; ")
    check("--from-end", from_end, bench)
    for how in ("deleted", "truncated", "cut"):
        check(f"lines are gone: {how}", gone, bench, how)
    check("names and times contradict each other", contradiction, bench)
