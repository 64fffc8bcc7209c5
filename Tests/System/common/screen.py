"""A program on a pseudo-terminal, and what its screen shows: pyte is the terminal."""

import fcntl
import os
import select
import struct
import subprocess
import termios
import time

from .places import Missing


class Screen:
    """A screen with everything that has scrolled off it. Ends with the object."""

    def __init__(self, columns=80, lines=24):
        try:
            import pyte
        except ImportError as error:
            raise Missing("pyte is not installed") from error
        self.pyte = pyte
        self.screen = pyte.HistoryScreen(columns, lines, history=100_000, ratio=0.5)
        self.stream = pyte.ByteStream(self.screen)
        self.master, self.slave = os.openpty()
        self.raw = b""
        self.resize(columns, lines)

    def resize(self, columns, lines):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def start(self, bench, command, controls=False, **variables):
        """Starts a command with its standard error, and unless it has a pipe, its standard output on the screen.

        With controls, it is the session of the terminal, so that keys send signals."""
        environment = bench.environment({"TERM": "xterm-256color", **variables})

        def prepare():
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command, stdin=self.slave if controls else subprocess.PIPE, stdout=self.slave, stderr=self.slave,
            env=environment, cwd=bench.folder, preexec_fn=prepare if controls else None)
        bench.started.append(self.process)

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def press(self, text):
        os.write(self.master, text.encode())

    def receive(self, seconds):
        """Takes what is written within a time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                read = os.read(self.master, 65536)
                self.raw += read
                self.stream.feed(read)

    def wait_for(self, *words, seconds=30):
        """Whether the screen shows all of the words."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.receive(0.05)
            shown = "\n".join(self.lines)
            if all(word in shown for word in words):
                return True
        return False

    def end(self, seconds=30):
        """The exit status, after everything was read."""
        if self.process.stdin:
            self.process.stdin.close()
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.receive(0.02)
        self.receive(0.1)
        return self.process.poll()

    @property
    def visible(self):
        """The lines of the screen, without blanks at their ends."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def lines(self):
        """All lines, with those that have scrolled off, up to the last one that is not empty."""
        width = self.screen.columns
        past = ["".join(line[column].data for column in range(width)).rstrip() for line in self.screen.history.top]
        lines = past + self.visible
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def column_of(self, line, text):
        """Where a text begins on a line of the screen, in columns: a wide character is followed by an empty cell."""
        cells = [self.screen.buffer[line][column].data for column in range(self.screen.columns)]
        for column in range(len(cells)):
            if "".join(cells[column:]).startswith(text):
                return column
        return None

    def close(self):
        os.close(self.master)
        os.close(self.slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.close()
