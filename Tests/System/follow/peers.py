"""Where tail, logtail2 and pygtail lose lines, streamctl does not."""

import gzip
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys

from ..common.places import Missing
from ..common.processes import wait_until
from .follower import PATIENCE, Follower, shortened, unlike_ledger
from .rotator import Service


def tool(name, package):
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    if not found:
        raise Missing(f"no {name} (Debian package {package})")
    return found


class Tail:
    """tail -F into a file, with its messages."""

    def __init__(self, bench, log, *flags):
        self.output, self.errors = log.with_name("tail.out"), log.with_name("tail.err")
        with open(self.output, "wb") as out, open(self.errors, "wb") as err:
            self.process = subprocess.Popen(
                [tool("tail", "coreutils"), "-n", "+1", *flags, "-F", log], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        bench.started.append(self.process)

    def numbers(self):
        return numbers(self.output.read_text())

    def says(self, word):
        return wait_until(lambda: word in self.errors.read_text(), PATIENCE)

    def shows(self, number):
        return wait_until(lambda: number in self.numbers(), PATIENCE)

    def end(self):
        self.process.kill()
        self.process.wait()


def numbers(text):
    return [int(number) for number in re.findall(r'"n":(\d+)', text)]


def verdict(peer, written, theirs, follower):
    """Only our lines can fail the check; the peer's are told."""
    lost = [number for number in written if number not in theirs]
    again = len(theirs) - len(set(theirs))
    told = f"lost {len(lost)} of {len(written)} lines ({shortened(lost)})" if lost else "lost nothing this time"
    told += f", printed {again} of them again" if again else ""
    return unlike_ledger(written, (), follower.numbers()), f"{peer} {told}"


def new(bench, name):
    folder = bench.folder / name
    folder.mkdir()
    log = folder / "app.log"
    return log, Service(log), Follower(bench, folder, [log])


def late_lines(bench):
    """A service that opens its log again some time after the rotation."""
    log, service, follower = new(bench, "late")
    service.write(3)
    follower.start()
    tail = Tail(bench, log)
    problems = follower.wait_for(service.written) + ([] if tail.shows(3) else ["tail does not start"])
    log.rename(log.with_name("app.log.1"))
    log.touch()
    tail.says("following new file")
    service.write(2)
    service.reopen()
    service.write(2)
    service.close()
    problems = problems or follower.wait_for(service.written) or follower.end()
    tail.shows(service.written[-1])
    tail.end()
    found, told = verdict("tail -F", service.written, tail.numbers(), follower)
    return problems + found, told


def grown_past(bench):
    """The log is copied, truncated, and longer than before when the followers look again."""
    log, service, follower = new(bench, "grown")
    service.write(3)
    follower.start()
    tail = Tail(bench, log, "---disable-inotify", "--sleep-interval=0.2")
    problems = follower.wait_for(service.written) + ([] if tail.shows(3) else ["tail does not start"])
    follower.pause()
    tail.process.send_signal(signal.SIGSTOP)
    shutil.copy(log, log.with_name("app.log.1"))
    os.truncate(log, 0)
    service.write(6)
    follower.go_on()
    tail.process.send_signal(signal.SIGCONT)
    problems = problems or follower.wait_for(service.written) or follower.end()
    tail.shows(service.written[-1])
    tail.end()
    found, told = verdict("tail -F by polling", service.written, tail.numbers(), follower)
    return problems + found, told


def printed(words):
    """What a program prints; its warnings do not matter here."""
    return subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout


def logtail2(log):
    words = [tool("logtail2", "logtail"), "-f", log, "-o", log.with_name("logtail.offset")]
    return printed(words)


def pygtail(log):
    if importlib.util.find_spec("pygtail") is None:
        raise Missing("no pygtail (PyPI)")
    words = [sys.executable, "-c", "import pygtail.core; pygtail.core.main()", "-o", log.with_name("pygtail.offset"), log]
    return printed(words)


def between_runs(bench, peer, is_compressed):
    """The log is rotated twice between two runs, or once with compression, where ext4 gives the new log the old number."""
    log, service, follower = new(bench, f"{peer.__name__}{'-compressed' * is_compressed}")
    service.write(3)
    theirs = numbers(peer(log))
    follower.start()
    problems = follower.wait_for_checkpoint(service.written) or follower.end()
    service.write(3)
    for _ in range(1 if is_compressed else 2):
        older = log.with_name("app.log.1")
        if older.exists():
            older.rename(log.with_name("app.log.2"))
        log.rename(older)
        if is_compressed:
            log.with_name("app.log.1.gz").write_bytes(gzip.compress(older.read_bytes()))
            older.unlink()
        service.reopen()
        service.write(3)
    theirs += numbers(peer(log))
    service.close()
    follower.start()
    problems = problems or follower.wait_for(service.written) or follower.end()
    found, told = verdict(peer.__name__, service.written, theirs, follower)
    return problems + found, told


def checks(bench):
    check = bench.report.check
    check("lines that come after the rotation", late_lines, bench)
    check("a log that has grown past its old end", grown_past, bench)
    for peer in (logtail2, pygtail):
        check(f"two rotations between two runs, beside {peer.__name__}", between_runs, bench, peer, False)
        check(f"a compressed rotation between two runs, beside {peer.__name__}", between_runs, bench, peer, True)
