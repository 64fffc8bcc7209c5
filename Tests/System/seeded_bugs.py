"""Tests the tests: builds streamctl with a bug and expects the system tests to notice. Called by Tests/System/run --seeded-bugs.

    Tests/System/run --seeded-bugs                       three bugs, chosen by the date
    Tests/System/run --seeded-bugs --date 2026-03-01     those of another day
    Tests/System/run --seeded-bugs --all                 all bugs
    Tests/System/run --seeded-bugs --only 'no fence'     the bugs whose names start with this

seeded_bugs.toml lists the bugs; --harness checks that they fit the sources. They are planted in a copy of the sources, which keeps its build for the next time.
"""

import argparse
import dataclasses
import datetime
import pathlib
import shutil
import subprocess
import sys
import time
import tomllib

from .common.places import ROOT, Missing, program
from .common.report import UNFINISHED, Report, closing_counts

LIST = pathlib.Path(__file__).resolve().parent / "seeded_bugs.toml"
SCRATCH = ROOT / ".build-seeded-bugs"
A_DAY = 3


@dataclasses.dataclass(frozen=True)
class Bug:
    name: str
    # Words after Tests/System/run that must fail.
    test: tuple
    # (file, old text, new text) each.
    changes: tuple

    def misfits(self, root):
        """The changes whose old text is missing or ambiguous."""
        problems = []
        for name, old, _ in self.changes:
            path = root / name
            count = path.read_text().count(old) if path.is_file() else 0
            problems += [] if count == 1 else [f"{name} has the old text {count} times: {old.strip()}"]
        return problems


def all_bugs():
    with open(LIST, "rb") as file:
        content = tomllib.load(file)
    tests = content["tests"]
    return [
        Bug(bug["name"], tuple(tests[bug["test"]]), tuple(
            (change["file"], change["old"], change["new"]) for change in bug["change"])) for bug in content["bug"]]


def copy_sources():
    """Copies what the build needs. Files that are the same already are not touched, so that little is built again."""
    found = [ROOT / "Package.swift", ROOT / "Package.resolved"]
    found += [path for folder in ("Sources", "Tests/Unit") for path in (ROOT / folder).rglob("*")]
    wanted = {path.relative_to(ROOT) for path in found if path.is_file()}
    for name in wanted:
        path, content = SCRATCH / name, (ROOT / name).read_bytes()
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for folder in ("Sources", "Tests"):
        for path in (SCRATCH / folder).rglob("*"):
            if path.is_file() and path.relative_to(SCRATCH) not in wanted:
                path.unlink()
    # The packages that it depends on need not be fetched again.
    for name in ("checkouts", "repositories", "artifacts", "workspace-state.json"):
        source, target = ROOT / ".build" / name, SCRATCH / ".build" / name
        if target.exists() or not source.exists():
            continue
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target, symlinks=True) if source.is_dir() else shutil.copy(source, target)


def build_with(bug):
    """The path of the built program; raises if the bug does not fit or does not compile."""
    copy_sources()
    problems = bug.misfits(SCRATCH)
    if problems:
        raise ValueError(problems[0])
    for name, old, new in bug.changes:
        path = SCRATCH / name
        path.write_text(path.read_text().replace(old, new))
        # An object file that is missing is compiled, whatever the build remembers of its source.
        object_of(name).unlink(missing_ok=True)
    build()
    return SCRATCH / ".build" / "debug" / "streamctl"


def object_of(name):
    """The object file of a source in the copy."""
    source = pathlib.PurePath(name)
    return SCRATCH / ".build" / "debug" / f"{source.parts[1]}.build" / f"{source.name}.o"


def build():
    # The suites of Kafka look for the mock cluster next to the program under test.
    for product in ("streamctl", "streamctl-mock-kafka"):
        done = subprocess.run(
            ["swift", "build", "--product", product, "--package-path", SCRATCH], capture_output=True, text=True,
            check=False)
        if done.returncode != 0:
            errors = [line for line in done.stdout.splitlines() if "error:" in line]
            # Without an error of the compiler the build itself could not run.
            reason = "it does not compile: " + " ".join(errors) if errors else f"no build: {done.stderr.strip()[-300:]}"
            raise ValueError(reason[:500])


def failures(binary, test):
    """The names of the checks that fail, and the output; raises if the tests do not finish, Missing if all are skipped."""
    done = subprocess.run(
        [sys.executable, "-m", __package__, *test, "--debug", binary, "--release", binary], capture_output=True, text=True, check=False)
    counts = closing_counts(done.stdout)
    if counts is not None and counts[0] + counts[1] == 0 and counts[2] > 0:
        raise Missing(next(
            line.removeprefix("SKIPPED ") for line in done.stdout.splitlines() if line.startswith("SKIPPED ")))
    if counts is None or counts[0] + counts[1] == 0:
        raise ValueError(f"the tests did not finish: {done.stderr[-300:]}")
    failed = [line.removeprefix("FAILED ") for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if UNFINISHED in failed:
        # An error of the suite itself proves nothing about the bug.
        raise ValueError(f"the tests did not finish: {done.stdout[-300:]}")
    return failed, done.stdout


def noticed(bug):
    began = time.monotonic()
    binary = build_with(bug)
    built = time.monotonic()
    failed, output = failures(binary, bug.test)
    seconds = f"built in {built - began:.0f} s, tested in {time.monotonic() - built:.0f} s"
    problems = [] if failed else ["no test noticed it:", *output.splitlines()]
    return problems, f"{len(failed)} checks failed, the first: {failed[:1]}; {seconds}"


def sound(test, binary):
    """Without a bug the same tests pass: otherwise their failure with a bug would prove nothing."""
    failed, _ = failures(binary, test)
    return [f"{name} fails without any bug" for name in failed]


def main(arguments):
    """Returns the exit status."""
    parser = argparse.ArgumentParser(
        "Tests/System/run --seeded-bugs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", default=datetime.date.today().isoformat(), metavar="YYYY-MM-DD")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", metavar="NAME")
    parser.add_argument("--debug", default=program("streamctl", "debug"), metavar="FILE", help="streamctl without a bug")
    options = parser.parse_args(arguments)
    bugs, report = all_bugs(), Report(("Tests/System/run", "--seeded-bugs"), select="--only")
    if options.only:
        bugs = [bug for bug in bugs if bug.name.startswith(options.only)]
    elif not options.all:
        # In turn, so that a few days cover them all.
        first = datetime.date.fromisoformat(options.date).toordinal() * A_DAY
        bugs = [bugs[(first + number) % len(bugs)] for number in range(A_DAY)]
        print(f"the bugs of {options.date} (--date repeats them)", flush=True)
    for test in sorted({bug.test for bug in bugs}):
        report.check(f"no bug, {test[0]} {test[-1]}", sound, test, options.debug)
    for bug in bugs:
        report.check(bug.name, noticed, bug)
    return report.finish()
