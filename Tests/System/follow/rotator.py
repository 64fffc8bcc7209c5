"""logrotate, and a writer that works with it as services do: it opens its log again after each rotation."""

import os
import shutil
import subprocess

from ..common.places import Missing

PROGRAM = ("logrotate", "/usr/sbin:/sbin")


def program():
    found = shutil.which(PROGRAM[0], path=os.pathsep.join((os.environ.get("PATH", ""), PROGRAM[1])))
    if not found:
        raise Missing("no logrotate (Debian package logrotate)")
    return found


class Rotator:
    """Rotates one log by force, with these lines of configuration."""

    def __init__(self, folder, log, lines):
        self.program, self.folder, self.log, self.lines = program(), folder, log, lines

    def rotate(self, number):
        """`number` counts the rotations: a line of the configuration may contain it."""
        path = self.folder / "logrotate.conf"
        lines = "".join(f"    {line.format(number=number)}\n" for line in ("rotate 100", *self.lines))
        path.write_text(f'"{self.log}" {{\n{lines}}}\n')
        path.chmod(0o644)
        done = subprocess.run(
            [self.program, "-f", "-s", self.folder / "logrotate.state", path], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0 or "error" in done.stdout:
            raise RuntimeError(f"logrotate, status {done.returncode}: {done.stdout.strip()[:500]}")


class Service:
    """Writes numbered lines to its log, which it keeps open."""

    def __init__(self, log):
        self.log, self.written = log, []
        self.open()

    def open(self):
        self.file = open(self.log, "ab", buffering=0)

    def write(self, count):
        numbers = range(len(self.written) + 1, len(self.written) + count + 1)
        text = "".join(f'{{"n":{number},"ts":"2026-03-01T00:{number // 60 % 60:02}:{number % 60:02}Z"}}\n' for number in numbers)
        self.file.write(text.encode())
        self.written += numbers

    def close(self):
        self.file.close()

    def reopen(self):
        self.close()
        self.open()
