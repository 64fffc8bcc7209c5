"""What every suite works with: the program under test, a scratch folder, a seed, a report and a private Postgres."""

import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

from . import server
from .processes import Outcome

# Seconds that one run of streamctl may take before it counts as hanging.
PATIENCE = 90


class Bench:
    """A suite derives its own bench from this one if it has something to prepare for all of its checks."""

    def __init__(self, options, report):
        self.options, self.report, self.seed = options, report, options.seed
        self.binary = os.path.abspath(options.binary)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="streamctl-tests-"))
        self.started = []

    def prepare(self):
        """Prepares the inputs and tables that the checks share."""

    @functools.cached_property
    def server(self):
        """A private Postgres; it starts when it is first used."""
        return server.Server()

    def clean_up(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
        if "server" in vars(self):
            self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, extra=None):
        """The user's settings must not reach the result; the home folder holds no password file."""
        clean = {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        return {**clean, **(extra or {})}

    def start(self, arguments, extra=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **settings):
        """Starts a run; one that is still running at the end of the suite is killed. The settings are those of Popen."""
        process = subprocess.Popen(
            [self.binary, *map(str, arguments)], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
            env=self.environment(extra), cwd=self.folder, **settings)
        self.started = [other for other in self.started if other.returncode is None] + [process]
        return process

    def finish(self, process, patience=PATIENCE, stdin=None):
        """Waits for the end of a run; stdin is what it reads meanwhile."""
        try:
            out, err = process.communicate(stdin, timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return Outcome(-1, decoded(out), f"hung for {patience} s: {decoded(err)}")
        # As a shell reports it.
        status = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return Outcome(status, decoded(out), decoded(err))

    def run(self, arguments, extra=None, patience=PATIENCE, stdin=None):
        pipe = subprocess.DEVNULL if stdin is None else subprocess.PIPE
        return self.finish(self.start(arguments, extra, stdin=pipe), patience, stdin)

    def succeeded(self, arguments, stdin=None):
        """The outcome of a run that must succeed; raises if it does not."""
        outcome = self.run(arguments, stdin=stdin)
        if outcome.status != 0:
            raise RuntimeError(f"status {outcome.status}: {outcome.err.strip()[:600]}")
        return outcome

    def printed(self, arguments, stdin=None):
        """Standard output of a run that must succeed."""
        return self.succeeded(arguments, stdin).out

    def demo(self, name, **settings):
        """A file of demo records, made once."""
        path = self.folder / name
        if not path.exists():
            query = "&".join(f"{key}={value}" for key, value in settings.items())
            path.write_text(self.printed([f"demo:sensors?{query}"]))
        return path

    def readings(self, partitions):
        """A mock cluster with a topic of 5000 readings. Returns its process and URL."""
        program = pathlib.Path(self.binary).parent / "streamctl-mock-kafka"
        process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.started.append(process)
        url = f"kafka://{process.stdout.readline().strip()}/readings"
        process.stdin.write(f"create readings {partitions}\n")
        process.stdin.flush()
        process.stdout.readline()
        self.printed(["demo:sensors?records=5000&keys=20", "-o", url, "--key", "sensor_id"])
        return process, url


def decoded(output):
    return (output or b"").decode(errors="replace")
