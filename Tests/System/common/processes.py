"""How a run of streamctl ended, and waiting for things to happen."""

import dataclasses
import pathlib
import signal
import time


@dataclasses.dataclass
class Outcome:
    status: int
    out: str
    err: str

    def expect(self, status, *words):
        """Problems if the exit status differs, or if the messages lack one of the words."""
        problems = []
        if self.status != status:
            problems.append(f"status {self.status} instead of {status}: {self.err.strip()[:300]}")
        return problems + [f"no {word!r} in: {self.err.strip()[:300]}" for word in words if word not in self.err]


def is_stopped(process):
    """Whether a process has been stopped by SIGSTOP."""
    try:
        return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
    except (OSError, IndexError):
        return False


def wait_until(condition, seconds=30):
    """Whether the condition became true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False


def wait_until_stopped(process, seconds=30):
    """Whether the process stopped itself at a failpoint; returns early when it ends."""
    wait_until(lambda: is_stopped(process) or process.poll() is not None, seconds)
    return is_stopped(process)


def signalled_at(bench, arguments, failpoint, sent):
    """The outcome of a run that gets a signal before it can be over: it stops itself at its first commit."""
    process = bench.start(arguments, {"STREAMCTL_FAILPOINT": f"{failpoint}:stop"})
    wait_until_stopped(process)
    process.send_signal(sent)
    process.send_signal(signal.SIGCONT)
    return bench.finish(process)
