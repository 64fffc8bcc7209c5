"""Jobs that write a file: finished, grown, changed, refused, stopped by a signal; and tampered with between two runs."""

import os
import random
import shutil
import signal
import subprocess

from ..common import lanes
from ..common.bench import Bench as CommonBench
from ..common.compare import unlike_texts
from ..common.processes import signalled_at, wait_until_stopped
from . import jobs

FLAGS = (*jobs.WINDOWED,)
BUSY = 75


class Bench(CommonBench):
    def prepare(self):
        self.lines = self.demo("readings.jsonl", records=60000, keys=20, disorder="3s").read_text().splitlines(True)
        self.number = 0

    def new(self, count=60000):
        """A new folder with an input."""
        self.number += 1
        folder = self.folder / f"job{self.number}"
        folder.mkdir()
        (folder / "in.jsonl").write_text("".join(self.lines[:count]))
        return folder

    def job(self, folder, *flags):
        return [
            folder / "in.jsonl", *(flags or FLAGS), "-o", folder / "out.jsonl", "--job", "x", "--state-dir", folder / "state",
            *lanes.COMMITS]

    def unlike(self, folder, *flags):
        return unlike_texts(self.printed([folder / "in.jsonl", *(flags or FLAGS)]), (folder / "out.jsonl").read_text())


def finished(bench):
    folder = bench.new()
    problems = bench.run(bench.job(folder)).expect(0) + bench.unlike(folder)
    problems += bench.run(bench.job(folder)).expect(0) + bench.unlike(folder)
    mode = (folder / "state").stat().st_mode & 0o777
    return problems + ([] if mode & 0o077 == 0 else [f"the folder of the state has mode {mode:o}"])


def grown(bench, *flags):
    folder = bench.new(20000)
    problems = []
    for end in (20000, 20001, 45000, 60000):
        (folder / "in.jsonl").write_text("".join(bench.lines[:end]))
        problems += bench.run(bench.job(folder, *flags)).expect(0)
        problems += [f"after {end} records: {problem}" for problem in bench.unlike(folder, *flags)]
    return problems


def changed_flag(bench):
    folder = bench.new(5000)
    problems = bench.run(bench.job(folder)).expect(0)
    return problems + bench.run([*bench.job(folder), "--where", "temperature > 3"]).expect(78, "--where") + bench.unlike(folder)


def changed_input(bench):
    folder = bench.new(5000)
    problems = bench.run(bench.job(folder)).expect(0)
    content = bytearray((folder / "in.jsonl").read_bytes())
    content[-20] ^= 1
    (folder / "in.jsonl").write_bytes(content)
    return problems + bench.run(bench.job(folder)).expect(78)


def half_done(bench, folder):
    """A run that is killed after it has saved a checkpoint."""
    for count in (6, 4, 3, 2, 2, 2, 2, 2):
        (folder / "out.jsonl").unlink(missing_ok=True)
        shutil.rmtree(folder / "state", ignore_errors=True)
        outcome = bench.run(bench.job(folder), {"STREAMCTL_FAILPOINT": f"before-rows:kill@{count}"})
        if outcome.status == 128 + 9:
            return []
    return ["the run could not be killed after a checkpoint"]


def tampered_output(bench, how):
    """The output lacks delivered rows, or is another file: resuming would make it wrong."""
    folder = bench.new()
    problems = half_done(bench, folder)
    output = folder / "out.jsonl"
    if how == "emptied":
        output.write_text("")
    elif how == "deleted":
        output.unlink()
    elif how == "longer":
        output.write_text(output.read_text() + '{"torn')
        return problems + bench.run(bench.job(folder)).expect(0) + bench.unlike(folder)
    outcome = bench.run(bench.job(folder))
    return problems + outcome.expect(73 if outcome.status == 73 else 78)


def tampered_state(bench, how):
    """A state that cannot be read must neither start the job again silently nor crash it."""
    folder = bench.new()
    problems = half_done(bench, folder)
    files = [path for path in (folder / "state").rglob("*") if path.is_file() and path.stat().st_size]
    if not files:
        return problems + ["no state was written"]
    for path in files:
        content = path.read_bytes()
        path.write_bytes({"cut": content[:len(content) // 2], "garbage": os.urandom(200), "flipped": flipped(content)}[how])
    outcome = bench.run(bench.job(folder))
    if outcome.status == 0:
        return problems + bench.unlike(folder)
    return problems + outcome.expect(78)


def flipped(content):
    """Changes one digit."""
    for at in range(len(content) - 1, -1, -1):
        if content[at:at + 1].isdigit():
            return content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]
    return content


def appended_stdout(bench):
    """Standard output may be a regular file."""
    folder = bench.new()
    arguments = [word for word in map(str, bench.job(folder))]
    at = arguments.index("-o")
    del arguments[at:at + 2]
    problems = []
    for failpoint in ("after-rows:kill@1", "checkpoint-written:kill@1", "after-rows:kill@2", "checkpoint-written:kill@2", ""):
        extra = {"STREAMCTL_FAILPOINT": failpoint} if failpoint else {}
        with open(folder / "out.jsonl", "ab") as output:
            done = subprocess.run(
                [bench.binary, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE,
                env=bench.environment(extra))
        if done.returncode not in ((0, -9) if failpoint else (0,)):
            problems.append(f"status {done.returncode}: {done.stderr.decode()[:300]}")
    return problems + bench.unlike(folder)


def twins(bench):
    folder = bench.new()
    first = bench.start(bench.job(folder), {"STREAMCTL_FAILPOINT": "before-rows:stop@2"})
    stopped = wait_until_stopped(first, 10)
    second = bench.run(bench.job(folder))
    first.send_signal(signal.SIGCONT)
    problems = bench.finish(first).expect(0) + second.expect(BUSY)
    return problems + ([] if stopped else ["it did not stop"]) + bench.unlike(folder)


def terminated(bench):
    folder = bench.new()
    noise, problems, caught, runs = random.Random(bench.seed), [], 0, 0
    while caught < 10 and runs < 60 and not problems:
        (folder / "out.jsonl").unlink(missing_ok=True)
        shutil.rmtree(folder / "state", ignore_errors=True)
        sent = noise.choice((signal.SIGTERM, signal.SIGINT))
        outcome = signalled_at(bench, bench.job(folder), noise.choice(lanes.FILE_FAILPOINTS), sent)
        if outcome.status != 0:
            caught += 1
            problems += outcome.expect(128 + sent)
        problems += bench.run(bench.job(folder)).expect(0) + bench.unlike(folder)
        runs += 1
    return problems + ([] if caught == 10 else [f"only {caught} runs were caught"]), f"{caught} of {runs} runs"


def full_disk(bench):
    """Exit status 74 at the limit; without the limit the next run delivers all rows."""
    folder = bench.new()
    small = f"ulimit -f 40; exec {bench.binary} \"$@\""
    done = subprocess.run(
        ["bash", "-c", small, "streamctl", *map(str, bench.job(folder))], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=bench.environment())
    problems = [] if done.returncode == 74 else [f"status {done.returncode}: {done.stderr.decode()[:300]}"]
    return problems + bench.run(bench.job(folder)).expect(0) + bench.unlike(folder)


def usage(bench):
    folder = bench.new(100)
    problems = []
    for arguments in (["-", "--select", "sensor_id"], [folder / "in.jsonl", "--rows", "5", "--count"]):
        outcome = bench.run([*arguments, "-o", folder / "out.jsonl", "--job", "x", "--state-dir", folder / "state"])
        problems += outcome.expect(64)
    return problems


def checks(bench):
    check = bench.report.check
    check("file: a finished job, run again", finished, bench)
    check("file: grown input", grown, bench)
    check("file: grown input without a watermark", grown, bench, *jobs.AT_END)
    check("file: grown input, records", grown, bench, *jobs.SELECT)
    check("file: grown input, csv", grown, bench, *jobs.AT_END, "-f", "csv")
    check("file: a changed flag", changed_flag, bench)
    check("file: changed input", changed_input, bench)
    for how in ("longer", "emptied", "deleted"):
        check(f"file: output {how} between two runs", tampered_output, bench, how)
    for how in ("cut", "garbage", "flipped"):
        check(f"file: state {how}", tampered_state, bench, how)
    check("file: standard output that is a file", appended_stdout, bench)
    check("file: two processes with one job", twins, bench)
    check("file: TERM and INT during a run", terminated, bench)
    check("file: a limit on the size of files", full_disk, bench)
    check("file: inputs and options that a job cannot have", usage, bench)
