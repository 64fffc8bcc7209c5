"""A shell in a terminal of 80 columns and 24 lines: what a user types, and what the screen shows."""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import termios
import time

from .places import Missing

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
PROMPT = "\x01ready\x01 "


class Terminal:
    """Ends with the object. The shell sees only these variables, and its own folder."""

    def __init__(self, folder, environment, columns=80, lines=24):
        shell = shutil.which("bash")
        if not shell:
            raise Missing("no bash is installed")
        self.columns, self.screens = columns, []
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            settings = {**environment, "PS1": PROMPT, "TERM": "xterm", "COLUMNS": str(columns), "LINES": str(lines)}
            os.execve(shell, [shell, "--norc", "--noprofile", "--noediting", "-i"], settings)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.until_prompt(20)
        self.type("stty -echo; bind 'set enable-bracketed-paste off' 2>/dev/null")
        self.screens.clear()

    def type(self, command, patience=60):
        """Types a command. Returns what is shown up to the next prompt."""
        os.write(self.descriptor, command.encode() + b"\n")
        shown = self.until_prompt(patience)
        self.screens.append(f"$ {command}\n{shown}")
        return shown

    def until_prompt(self, patience):
        shown, end = b"", time.monotonic() + patience
        while PROMPT.encode() not in shown:
            left = end - time.monotonic()
            if left <= 0:
                raise RuntimeError(f"no prompt after {patience} s: {shown.decode(errors='replace')[-500:]}")
            if select.select([self.descriptor], [], [], min(left, 1))[0]:
                shown += os.read(self.descriptor, 65536)
        text = ESCAPES.sub("", shown.decode(errors="replace")).replace("\r\n", "\n")
        return text.replace(PROMPT, "").lstrip("\n")

    def status(self):
        """The exit status of the command typed last."""
        shown = self.type("echo $?")
        self.screens.pop()
        return int(shown.strip())

    def wide(self, shown):
        """The lines that do not fit the width of the terminal."""
        return [line for line in shown.splitlines() if len(line) > self.columns]

    @property
    def transcript(self):
        return "\n".join(self.screens)

    def close(self):
        os.close(self.descriptor)
        os.waitpid(self.process, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
