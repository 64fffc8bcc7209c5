"""Stages in one process (--then) and in several: A --then B prints what A --punctuate | B prints, byte for byte.

Random chains of two to four stages over random records, with all numbers of threads: rows, rejected records, counts and
statuses. The processes run at the same time, in pipes, or one after the other. --inputs says how many chains.
"""

import collections
import dataclasses
import json
import pathlib
import random
import shlex
import shutil
import tempfile

from ..common import stages
from ..common.compare import unlike_lists, unlike_texts
from ..common.report import described

OPTIONS = {"inputs": 300, "only": -1}
USAGE, BAD_DATA = 64, 65
# Without the defaults of live input: in one process, later stages read rows, not a live pipe.
NO_CLOCK = ("--max-ahead", "off")
NOT_LIVE = ("-W", "none", "--idle", "off", *NO_CLOCK)
# Of what a run must not be full, so that it proves something.
REJECTED = "rejected records"
MOST_REFUSED, MOST_EMPTY = 0.15, 0.5


def counts(messages, number=1):
    """What a process says of the records of a stage."""
    prefix = f"streamctl: stage {number}: " if number > 1 else "streamctl: "
    for line in messages.splitlines():
        rest = line.removeprefix(prefix)
        if rest != line and " rejected; " in rest and rest.split(" ", 1)[0].isdigit():
            return rest
    return None


def rejects(path, number=None):
    """The rejected records of all stages, or of the process of one, with their stages."""
    found = []
    for line in path.read_text().split("\n")[:-1] if path.exists() else []:
        row = json.loads(line)
        source = row.pop("source")
        stage = int(source.rsplit(" ", 1)[1]) + 1 if source.startswith("rows of stage ") else 1
        row.pop("line", None)
        found.append((stage if number is None else number, json.dumps(row)))
    return found


@dataclasses.dataclass
class Chain:
    """A command line, and the inputs and flags of all processes."""

    stages: list
    path: object
    # Flags of the first stage, of the last one, and of those that read a pipe without watermarks.
    first: list
    last: list
    is_piped: bool
    is_explicit: bool
    # Whether the first process reads a pipe.
    is_live: bool

    def whole(self, folder, jobs):
        return ["-v", "-j", jobs, *self.first, *stages.together(self.stages), *self.last, "--rejects", folder / "rejects"]

    def processes(self, folder):
        amount = len(self.stages)
        for number, stage in enumerate(self.stages):
            arguments = ["-v", *(self.first if number == 0 else []), *stage.flags, *stage.alone]
            if number > 0 and self.is_piped and stage.time:
                is_plain = self.stages[number - 1].carries and not self.is_explicit
                arguments += NO_CLOCK if is_plain else NOT_LIVE
            arguments += self.last if number == amount - 1 else ["--punctuate"] if stage.punctuates else []
            yield [*arguments, "--rejects", folder / f"rejects{number}"]


def carries_watermarks(chain):
    """Notes for each stage whether its rows have watermarks between them: its own, or those that it hands on."""
    carries = False
    for stage in chain:
        carries = stage.punctuates or not stage.time and carries and stage.is_passing
        stage.carries = carries


def drawn(bench, source):
    """A random chain over random records."""
    is_large = source.random() < 0.1
    count = source.choice((600, 4000)) if is_large else source.choice((0, 1, 20, 150))
    path = bench.folder / "records.jsonl"
    path.write_text(stages.records(source, count, 300 if is_large else source.choice((2, 6, 12)), 1000 if count == 600 else 0))
    table = bench.folder / "table.csv"
    table.write_text(stages.table(source))
    found = stages.chain(source, source.choice((2, 2, 2, 3, 3, 4)), stages.Settings(table.name))
    carries_watermarks(found)
    first = ["-n", str(source.choice((1, 50, 500)))] if source.random() < 0.1 else []
    last, final = [], found[-1]
    if source.random() < 0.25 and (not final.is_passing or "--select" in final.flags):
        last = ["-f", source.choice(("csv", "tsv"))]
    elif source.random() < 0.15 and final.punctuates:
        last = ["--punctuate"]
    # A reader of a pipe forgets keys, or refuses to collect them.
    collects = any("--dedup" in stage.flags and "--within" not in stage.flags for stage in found[1:])
    is_live = "-W" in found[0].flags and source.random() < 0.3
    first += [*NO_CLOCK, "--idle", "off"] if is_live else []
    return Chain(found, path, first, last, not collects and source.random() < 0.6, source.random() < 0.5, is_live)


def compared(bench, chain, jobs, seen):
    """Problems if one process does not do what several do."""
    for path in bench.folder.glob("rejects*"):
        path.unlink()
    given = stages.opened(bench, chain.path, chain.is_live)
    apart = (stages.in_pipes if chain.is_piped else stages.one_by_one)(bench, list(chain.processes(bench.folder)), given)
    statuses = [outcome.status for outcome in apart]
    problems = []
    for number in jobs:
        (bench.folder / "rejects").unlink(missing_ok=True)
        with stages.opened(bench, chain.path, chain.is_live) as given:
            whole = bench.finish(bench.start(chain.whole(bench.folder, number), stdin=given))
        problems += [f"-j {number}: {problem}" for problem in unlike(bench, chain, whole, apart, statuses, seen)]
    return problems


def unlike(bench, chain, whole, apart, statuses, seen):
    if USAGE in statuses:
        seen["refused"] += 1
        reason = next(outcome.err for outcome in apart if outcome.status == USAGE).strip()
        seen[f"refused: {reason[-70:]}"] += 1
        return [] if whole.status == USAGE else [f"status {whole.status}, but a process of its own refuses: {reason[:300]}"]
    if chain.is_live and whole.status == USAGE and "live input" in whole.err:
        # Rows reach a later stage without a watermark, or it would collect keys without end.
        seen["refused live"] += 1
        return []
    wanted = BAD_DATA if BAD_DATA in statuses else 0
    if whole.status != wanted:
        return [f"status {whole.status} instead of {statuses}: {whole.err.strip()[:400]}"]
    # Control lines for nobody leave the last process of a pipe.
    printed = apart[-1].out if "--punctuate" in chain.last else stages.without_control(apart[-1].out)
    seen["compared"] += 1
    seen["empty"] += not whole.out
    seen[f"{len(chain.stages)} stages"] += 1
    seen["live"] += chain.is_live
    problems = unlike_texts(printed, whole.out)
    for number, outcome in enumerate(apart, 1):
        pair = counts(outcome.err), counts(whole.err, number)
        if pair[0] != pair[1]:
            problems.append(f"counts of stage {number}: {pair[1]} instead of {pair[0]}")
    lines = [line for number in range(len(apart)) for line in rejects(bench.folder / f"rejects{number}", number + 1)]
    seen["rejected in later stages"] += any(number > 1 for number, _ in lines)
    return [*problems, *unlike_lists(lines, rejects(bench.folder / "rejects"), REJECTED)]


def random_chains(bench):
    seen, failed, only = collections.Counter(), [], bench.options.only
    for index in range(bench.options.inputs) if only < 0 else [only]:
        source = random.Random(f"{bench.seed} {index}")
        chain = drawn(bench, source)
        jobs = (1, 2, 3, 4) if index % 10 == 0 else (source.choice((1, 2, 4)),)
        try:
            problems = compared(bench, chain, jobs, seen)
        except Exception as error:  # noqa: BLE001 (whatever it was, this chain has failed)
            problems = [described(error)]
        if problems:
            command = shlex.join(map(str, ["streamctl", *chain.whole(bench.folder, jobs[0]), "-", "<", chain.path.name]))
            failed.append((index, problems, f"{'in pipes' if chain.is_piped else 'one by one'}: {command}"))
            if only >= 0:
                print(f"    {command}\n" + "".join(f"    | {shlex.join(map(str, words))}\n" for words in chain.processes(bench.folder)))
                print("".join(f"      {problem}\n" for problem in problems))
                kept = shutil.copy(chain.path, pathlib.Path(tempfile.gettempdir(), f"streamctl-chain-{index}.jsonl"))
                print(f"    the records are in {kept}")
    for word, number in sorted(seen.items()):
        print(f"    {word}: {number}")
    if only < 0 and seen["refused"] > MOST_REFUSED * bench.options.inputs:
        failed.append((0, [f"{seen['refused']} chains were refused: the comparison proves little"], ""))
    if only < 0 and seen["empty"] > MOST_EMPTY * seen["compared"]:
        failed.append((0, [f"{seen['empty']} chains print nothing: the comparison proves little"], ""))
    return failed, f"{seen['compared']} comparisons, {seen['refused']} refused"


def checks(bench):
    failed, detail = random_chains(bench)
    for name, is_of_rejects in (("rows, counts and statuses", False), (REJECTED, True)):
        found = [
            (index, problem, command) for index, problems, command in failed for problem in problems
            if (REJECTED in problem) == is_of_rejects]
        problems = [text for index, problem, command in found[:4] for text in (f"chain {index}: {problem}", command)]
        bench.report.judge(f"random chains: {name}", problems, detail, ("--only", found[0][0]) if found else None)
