"""Tests the tests: builds streamctl with a bug in it, and looks whether they notice.

    python3 Tests/Postgres/seeded_bugs.py [--only NAME] [--scratch FOLDER]

Each bug is a change of the sources, as old and new text, in a copy of them; each must make its tests fail. The copy and
its build stay in the scratch folder, so that the next time is faster. Run by hand: every bug is a build.
"""

import argparse
import dataclasses
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SINK, SESSION, JOB = (f"Sources/Postgres/{name}.swift" for name in ("PostgresSink", "Session", "JobRow"))
OUTBOX, FILE = "Sources/streamctl/Outbox.swift", "Sources/streamctl/FileTarget.swift"
KILLS = ("exactly_once.py", "--runs", "45", "--file-runs", "0")
FILE_KILLS = ("exactly_once.py", "--runs", "0", "--file-runs", "45")
ZOMBIE = ("faults.py", "--checks", "a zombie stopped at before-begin")


def breaking(fault):
    return ("faults.py", "--hits", "10", "--checks", f"connections broken: {fault}, append")


@dataclasses.dataclass
class Bug:
    name: str
    tests: tuple
    # (file, old text, new text) each; the old text stands there once.
    changes: tuple


BUGS = (
    Bug("the position is committed before the rows", KILLS, ((SINK, """\
            try self.job?.advance(session)
""", """\
            try self.job?.advance(session)
            try self.job?.store(session, checkpoint: checkpoint?(0), isLast: false)
            try session.commit()
            try session.begin()
"""),)),
    Bug("the rows are committed before the position", KILLS, ((SINK, """\
            failpoint("after-rows")
""", """\
            if self.job != nil {
                try session.commit()
                try session.begin()
            }
            failpoint("after-rows")
"""),)),
    Bug("no fence", ZOMBIE, ((JOB, """\
            WHERE job = $1 AND fence = $2 AND epoch = $3
""", """\
            WHERE job = $1 AND $2::text <> '' AND $3::text <> ''
"""),)),
    Bug("COMMIT is sent together with the fence", ZOMBIE, ((SINK, """\
            try self.job?.advance(session)
""", """\
            var late: Setback?
            do throws(Setback) { try self.job?.advance(session) } catch { late = error }
"""), (SINK, """\
            try session.commit()
            failpoint("reply-read")
""", """\
            try session.commit()
            if let late { throw late }
            failpoint("reply-read")
"""))),
    Bug("a repeated commit has other rows", breaking("before"), ((SINK, """\
            isInDoubt = true
""", """\
            if isInDoubt, let first = block.spans.first?.lowerBound { block.remove { $0.lowerBound == first } }
            isInDoubt = true
"""),)),
    Bug("a ROLLBACK in answer to COMMIT is ignored", breaking("spoil"), ((SESSION, """\
        guard reply.tag == "COMMIT" else { throw .lost("COMMIT was answered with \\(reply.tag)") }
""", """\
        _ = reply
"""),)),
    Bug("a commit whose answer was lost is taken for failed", breaking("after"), ((JOB, """\
        return .applied
""", """\
        return .notApplied
"""),)),
    Bug("a commit whose answer was lost is taken for done", breaking("before"), ((JOB, """\
        if reached == epoch { return .notApplied }
""", """\
        if reached == epoch { return .applied }
"""),)),
    Bug("one row too few counts as delivered", KILLS, ((OUTBOX, """\
        filling.checkpoint?.rowsAfter = rowsAfter
""", """\
        filling.checkpoint?.rowsAfter = max(0, rowsAfter - 1)
"""),)),
    Bug("the replay begins one batch too late", KILLS, (("Sources/StreamEngine/Delivery/Progress.swift", """\
        let start = first < entries.count && entries[first].place < at ? entries[first] : nil
""", """\
        let start = first + 1 < entries.count && entries[first + 1].place < at ? entries[first + 1] : nil
"""),)),
    Bug("the length of the output is off by one", FILE_KILLS, ((FILE, """\
        checkpoint.output = sink.position
""", """\
        checkpoint.output = sink.position - 1
"""),)),
    Bug("the checkpoint of a file comes before its rows", FILE_KILLS, ((FILE, """\
        let start = sink.position
        try sink.write(parcel.rows.bytes)
""", """\
        let start = sink.position
        if var early = parcel.checkpoint {
            early.outputAt = parcel.boundary.map { start + $0 } ?? outputAt
            early.output = start
            early.rejects = rejects?.length ?? 0
            try early.prove(inputs)
            try job.save(fingerprint: fingerprint, checkpoint: early.text)
        }
        try sink.write(parcel.rows.bytes)
"""),)),
    Bug("rejected records are not taken back", FILE_KILLS, (("Sources/streamctl/Outputs.swift", """\
        return try RejectsFile(path, keeping: length)
""", """\
        return try RejectsFile(path, keeping: length.map { max($0, regularFileSize(path) ?? 0) })
"""),)),
)


def copy_sources(scratch):
    """What the build needs; files that are the same already are left alone, so that little is built again."""
    wanted = {"Package.swift"} | {
        str(path.relative_to(ROOT)) for folder in ("Sources", "Tests") for path in (ROOT / folder).rglob("*") if path.is_file()}
    for name in wanted:
        path, content = scratch / name, (ROOT / name).read_bytes()
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for folder in ("Sources", "Tests"):
        for path in (scratch / folder).rglob("*"):
            if path.is_file() and str(path.relative_to(scratch)) not in wanted:
                path.unlink()


def plant(scratch, bug):
    for name, old, new in bug.changes:
        path = scratch / name
        text = path.read_text()
        if text.count(old) != 1:
            raise ValueError(f"{name} has the old text {text.count(old)} times")
        path.write_text(text.replace(old, new))


def build(scratch):
    done = subprocess.run(
        ["swift", "build", "--product", "streamctl", "--package-path", str(scratch)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ValueError("it does not build: " + " ".join(
            line for line in done.stdout.splitlines() if "error:" in line)[:500])
    return scratch / ".build" / "debug" / "streamctl"


def noticed(binary, tests):
    """The checks that failed; None when there is no sensible answer."""
    done = subprocess.run(
        [sys.executable, str(HERE / tests[0]), str(binary), *tests[1:]], capture_output=True, text=True, check=False)
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED") and "times, at least" not in line]
    return failed if done.returncode in (0, 1) and " passed, " in done.stdout else None


def try_bug(scratch, bug):
    copy_sources(scratch)
    try:
        if bug.changes:
            plant(scratch, bug)
        failed = noticed(build(scratch), bug.tests)
    except ValueError as error:
        return False, str(error)
    if failed is None:
        return False, "the tests did not come to an end"
    if not bug.changes:
        return not failed, f"{len(failed)} checks fail without any bug" if failed else "nothing to notice"
    return bool(failed), f"{len(failed)} checks failed, the first: {failed[0][7:]}" if failed else "NOT NOTICED"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--scratch", default=str(pathlib.Path(tempfile.gettempdir()) / "streamctl-seeded-bugs"))
    options = parser.parse_args()
    scratch, counts = pathlib.Path(options.scratch), [0, 0]
    # Without a bug the same tests pass: else that they fail with one would say nothing.
    tests = sorted({bug.tests for bug in BUGS if options.only in bug.name})
    sound = [Bug(f"no bug: {' '.join(words)}", words, ()) for words in tests]
    for bug in [*sound, *(bug for bug in BUGS if options.only in bug.name)]:
        is_right, detail = try_bug(scratch, bug)
        counts[not is_right] += 1
        print(f"{'ok' if is_right else 'FAILED'} {bug.name}: {detail}", flush=True)
    print(f"{counts[0]} passed, {counts[1]} failed")
    return 1 if counts[1] else 0


if __name__ == "__main__":
    sys.exit(main())
