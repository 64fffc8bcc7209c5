"""Jobs of several stages (--then), resumed from every commit: their rows are those of a process for each stage.

Random chains of two to four stages over random files. A run is killed after each of its commits, and what it has left there
is resumed to the end, with other numbers of threads; and its input grows. --runs says how many chains; --only repeats one of them.
"""

import collections
import random
import shlex
import shutil

from ..common import kills, stages
from ..common.compare import unlike_texts
from ..common.report import described

OPTIONS = {"runs": 6, "only": -1}
USAGE, BAD_DATA, KILLED = 64, 65, 128 + 9
# Chains that are drawn before one is found that a job can have.
TRIES = 40
# At most so many of the moments of a job are resumed to the end.
MOST = 10
FAILPOINT = "folder-synced"


class Job:
    """A random chain over a random file, whose blocks of 512 KiB are batches: commits are between them."""

    def __init__(self, bench, index, attempt):
        self.bench, self.name = bench, f"stages{index}"
        self.source = random.Random(f"{bench.seed} {index} {attempt}")
        self.folder = bench.folder / f"{self.name}-{attempt}"
        self.folder.mkdir()
        (self.folder / "table.csv").write_text(stages.table(self.source))
        # Long records fill many batches.
        count, hosts, padding = self.source.choice(((1500, 6, 3000), (1500, 6, 3000), (4000, 200, 900)))
        self.path = self.folder / "records.jsonl"
        self.path.write_text(stages.records(self.source, count, hosts, padding))
        settings = stages.Settings(self.folder / "table.csv", is_job=True)
        self.chain = stages.chain(self.source, self.source.choice((2, 2, 3, 4)), settings)
        self.out, self.rejects = self.folder / "out", self.folder / "rejects"

    def flags(self):
        return [self.path, *stages.together(self.chain), "--rejects", self.rejects, "-j", self.source.choice("124")]

    def arguments(self):
        return [
            *self.flags(), "-o", self.out, "--job", self.name, "--state-dir", self.folder / "state", "--commit-every", "1ms"]

    @property
    def state(self):
        return self.folder / "state" / f"{self.name}.job"

    def prepare(self):
        """The rows of a process for each stage; what an undisturbed process rejects. Returns the problems of its rows."""
        processes = []
        for number, stage in enumerate(self.chain):
            is_last = number == len(self.chain) - 1
            processes.append([*stage.flags, *stage.alone, *(["--punctuate"] if stage.punctuates and not is_last else [])])
        outcomes = stages.one_by_one(self.bench, [[self.path, *processes[0]], *processes[1:]])
        self.expected = stages.without_control(outcomes[-1].out)
        undisturbed = self.bench.run(self.flags())
        self.status, self.rejected = undisturbed.status, self.rejects.read_text() if self.rejects.exists() else ""
        self.rejects.unlink(missing_ok=True)
        return unlike_texts(self.expected, undisturbed.out)

    def unlike(self, outcome):
        """Problems of a job that is done."""
        rejected = self.rejects.read_text() if self.rejects.exists() else ""
        # Of what was left to the last run, all records may be rejected, or a field may be in none.
        problems = [] if outcome.status == BAD_DATA else outcome.expect(self.status)
        problems += unlike_texts(self.expected, self.out.read_text())
        return problems + [f"rejected: {problem}" for problem in unlike_texts(self.rejected, rejected)]

    def moment(self):
        """All files of the job, as they are now."""
        return {path: path.read_bytes() if path.exists() else b"" for path in (self.state, self.out, self.rejects)}

    def problems(self, seen):
        """Kills the job after each commit, and resumes each of these moments."""
        moments, count = [], 1
        while True:
            outcome = kills.when_free(self.bench, self.arguments(), {"STREAMCTL_FAILPOINT": f"{FAILPOINT}:kill@{count}"})
            if outcome.status != KILLED:
                break
            moment = self.moment()
            # A run that was resumed may commit once where it began.
            count = count + 1 if moments and moment[self.state] == moments[-1][self.state] else 1
            moments += [moment] if count == 1 else []
        problems = self.unlike(outcome)
        seen["commits"] += len(moments)
        seen["rows"] += self.expected.count("\n")
        seen[f"{len(self.chain)} stages"] += 1
        problems = [f"killed after each of {len(moments)} commits: {problem}" for problem in problems]
        for number in sorted(self.source.sample(range(len(moments)), min(MOST, len(moments)))):
            for path, content in moments[number].items():
                path.write_bytes(content)
            seen["resumed"] += 1
            outcome = kills.when_free(self.bench, self.arguments())
            problems += [f"resumed from commit {number + 1}: {problem}" for problem in self.unlike(outcome)]
        return problems

    def grown(self, seen):
        """Lets the job begin anew and reach the end of a part of its input, which then grows."""
        for path in (self.state, self.out, self.rejects):
            path.unlink(missing_ok=True)
        whole = self.path.read_bytes()
        ends = sorted(whole.index(b"\n", self.source.randrange(len(whole) - 1)) + 1 for _ in range(2))
        problems = []
        for end in (*ends, len(whole)):
            self.path.write_bytes(whole[:end])
            outcome = kills.when_free(self.bench, self.arguments())
            # Of a part, all records may be rejected.
            problems += outcome.expect(self.status) if outcome.status != BAD_DATA or end == len(whole) else []
        seen["grown"] += 1
        return [f"grown from {ends} bytes: {problem}" for problem in problems + unlike_texts(self.expected, self.out.read_text())]


def job_of(bench, index, seen):
    """The first random chain that can be a job."""
    for attempt in range(TRIES):
        job = Job(bench, index, attempt)
        explained = bench.run([*job.arguments(), "--explain"])
        if explained.status == 0:
            problems = job.prepare()
            if job.expected or problems:
                return job, problems
        elif explained.status != USAGE:
            raise RuntimeError(f"--explain: status {explained.status}: {explained.err.strip()[:300]}")
        else:
            seen[f"refused: {explained.err.strip()[11:70]}"] += 1
        shutil.rmtree(job.folder)
    raise RuntimeError("no chain can be a job")


def checks(bench):
    seen, failed, only = collections.Counter(), [], bench.options.only
    for index in range(bench.options.runs) if only < 0 else [only]:
        job = None
        try:
            job, problems = job_of(bench, index, seen)
            problems = problems or job.problems(seen) or job.grown(seen)
        except Exception as error:  # noqa: BLE001 (whatever it was, this chain has failed)
            problems = [described(error)]
        if problems:
            command = shlex.join(map(str, ["streamctl", *job.arguments()])) if job else ""
            failed.append((index, [*problems[:3], command]))
        if job and only < 0:
            shutil.rmtree(job.folder)
    for word, number in sorted(seen.items()):
        print(f"    {word}: {number}")
    problems = [f"chain {index}: {problem}" for index, found in failed[:5] for problem in found]
    if only < 0 and not seen["resumed"]:
        problems.append("no job was killed before its end: nothing was proven")
    detail = f"{seen['commits']} commits, {seen['resumed']} of them resumed to the end"
    bench.report.judge("random chains resumed from every commit", problems, detail, ("--only", failed[0][0]) if failed else None)
