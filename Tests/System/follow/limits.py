"""A followed log loses no line when the system runs out of notices, watches or descriptors, or gives a number to another file."""

import copy
import gzip
import shlex
import subprocess

from ..common.places import Missing
from .follower import Follower, unlike_ledger
from .rotator import Service

# More entries of a folder than notices fit into a queue.
ENTRIES = 20_000
# More logs than descriptors.
LOGS, DESCRIPTORS = 150, 64


def wrapped(bench, name, script):
    """A bench whose program is run by a shell: `script` sees it as $0 and its arguments."""
    path = bench.folder / name
    path.write_text(f'#!/bin/sh\nexec {script.format(program=shlex.quote(bench.binary))} "$@"\n')
    path.chmod(0o755)
    other = copy.copy(bench)
    other.binary = str(path)
    return other


def new(bench, name, *flags):
    folder = bench.folder / name
    folder.mkdir()
    log = folder / "app.log"
    return log, Service(log), Follower(bench, folder, [log], *flags)


def rotated_and_read(log, service, follower, before=lambda: None, after=lambda: None):
    """Lines before and after a rotation, which happens between two acts. Returns the problems."""
    service.write(3)
    follower.start()
    problems = follower.wait_for_checkpoint(service.written)
    before()
    service.write(2)
    log.rename(log.with_name("app.log.1"))
    service.write(2)
    service.reopen()
    service.write(3)
    after()
    problems = problems or follower.wait_for(service.written)
    # It goes on after a quiet time.
    service.write(1)
    service.close()
    problems = problems or follower.wait_for(service.written) or follower.end()
    return problems + unlike_ledger(service.written, (), follower.numbers())


def full_queue(bench):
    """Notices are dropped while the run is paused and the folder gets very many files."""
    log, service, follower = new(bench, "queue")

    def fill():
        follower.pause()
        for number in range(ENTRIES):
            path = log.with_name(f"other{number}")
            path.touch()
            path.unlink()
    return rotated_and_read(log, service, follower, fill, follower.go_on)


def without_watches(bench, limit):
    """A namespace that allows none: files are polled."""
    script = f'echo 0 > /proc/sys/user/{limit} && exec "$0" "$@"'
    words = ["unshare", "--user", "--map-root-user"]
    try:
        possible = subprocess.run([*words, "sh", "-c", script, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        possible = False
    if not possible:
        raise Missing("no user namespace can be made with unshare")
    other = wrapped(bench, f"program-{limit}", f"{shlex.join(words)} sh -c {shlex.quote(script)} {{program}}")
    return rotated_and_read(*new(other, limit))


def few_descriptors(bench):
    """More logs than the soft limit of descriptors allows."""
    other = wrapped(bench, "program-descriptors", f"""sh -c 'ulimit -S -n {DESCRIPTORS} && exec "$0" "$@"' {{program}}""")
    folder = bench.folder / "descriptors"
    folder.mkdir()
    logs = [folder / f"app{number}.log" for number in range(LOGS)]
    for number, log in enumerate(logs):
        log.write_text(f'{{"n":{number}}}\n')
    follower = Follower(other, folder, [folder / "*.log"])
    follower.start()
    problems = follower.wait_for(range(LOGS))
    for number, log in enumerate(logs):
        with open(log, "a") as file:
            file.write(f'{{"n":{LOGS + number}}}\n')
    problems = problems or follower.wait_for(range(2 * LOGS)) or follower.end()
    found = sorted(follower.numbers())
    return problems + ([] if found == list(range(2 * LOGS)) else [f"{len(found)} lines instead of {2 * LOGS}"])


def same_number(bench, runs):
    """A new log gets the number of the old one, whose lines are in a compressed file, while it is followed or between two runs."""
    log, service, follower = new(bench, f"number-{runs}")
    service.write(3)
    follower.start()
    problems = follower.wait_for_checkpoint(service.written)
    if runs == "between":
        problems += follower.end()
    number = log.stat().st_ino
    service.write(2)
    again = 0
    for _ in range(3):
        for old in (3, 2, 1):
            if log.with_name(f"app.log.{old}.gz").exists():
                log.with_name(f"app.log.{old}.gz").rename(log.with_name(f"app.log.{old + 1}.gz"))
        service.close()
        log.rename(log.with_name("app.log.1"))
        log.with_name("app.log.1.gz").write_bytes(gzip.compress(log.with_name("app.log.1").read_bytes()))
        log.with_name("app.log.1").unlink()
        service.open()
        again += log.stat().st_ino == number
        service.write(5)
    service.close()
    if runs == "between":
        follower.start()
    problems = problems or follower.wait_for(service.written) or follower.end()
    return problems + unlike_ledger(service.written, (), follower.numbers()), f"the same number {again} times out of 3"


def checks(bench):
    check = bench.report.check
    check("a full queue of notices", full_queue, bench)
    check("no queue of notices", without_watches, bench, "max_inotify_instances")
    check("no watches", without_watches, bench, "max_inotify_watches")
    check("few descriptors", few_descriptors, bench)
    check("the number of another file, between two runs", same_number, bench, "between")
    check("the number of another file, while it is followed", same_number, bench, "during")
