"""Checks the tests themselves, in a second: how they count, and what rots unseen. Called by Tests/System/run --harness."""

import builtins
import json
import symtable

from . import seeded_bugs
from .common.places import ROOT
from .common.report import Report, closing_counts, closing_line
from .swift_tests import Counted

MODULE_NAMES = {"__file__", "__name__", "__package__", "__doc__"}


def events(*found, tests=("M.S/a()/S.swift:1:1", "M.S/b()/S.swift:2:2")):
    """Lines of an event stream: the tests, then (kind, test id, more) each."""
    for test in tests:
        yield json.dumps({"kind": "test", "payload": {"kind": "function", "id": test, "name": test}})
    for kind, test, more in found:
        yield json.dumps({"kind": "event", "payload": {"kind": kind, "testID": test, **more}})


def numbers(lines):
    return tuple(map(len, Counted(lines).results()))


def counting(expected, *found):
    a, b = "M.S/a()/S.swift:1:1", "M.S/b()/S.swift:2:2"
    lines = events(*((kind, {"a": a, "b": b, "suite": "M.S"}[test], more) for kind, test, more in found))
    counted = numbers(lines)
    return [] if counted == expected else [f"{counted} instead of {expected}: passed, failed, skipped"]


RUN = tuple((kind, test, {}) for test in "ab" for kind in ("testStarted", "testEnded"))
COUNTS = {
    "tests that end have passed": ((2, 0, 0), *RUN),
    "a test with an issue has failed": ((1, 1, 0), ("issueRecorded", "a", {"issue": {"isKnown": False}}), *RUN),
    "a known issue is not a failure": ((2, 0, 0), ("issueRecorded", "a", {"issue": {"isKnown": True}}), *RUN),
    "a warning is not a failure": ((2, 0, 0), ("issueRecorded", "a", {"issue": {"isFailure": False}}), *RUN),
    "a skipped test is skipped": ((1, 0, 1), ("testSkipped", "a", {}), *RUN[2:]),
    "the tests of a skipped suite are skipped": ((0, 0, 2), ("testSkipped", "suite", {})),
    "a test that does not end has failed": ((1, 1, 0), ("testStarted", "a", {}), *RUN[2:]),
    "a test that does not start has failed": ((1, 1, 0), *RUN[2:])}


def closing_lines():
    text = f"{closing_line(1, 2, 3)}\nmore\n{closing_line(40, 0, 1)}\n12 passed\n"
    found = closing_counts(text)
    return [] if found == (40, 0, 1) and closing_counts("40 passed, 0 failed") is None else [f"{found}"]


def undefined_names():
    """Names that a module of this package uses but nowhere defines: an import that was forgotten."""
    problems, modules = [], sorted((ROOT / "Tests" / "System").rglob("*.py"))
    for path in modules:
        table = symtable.symtable(path.read_text(), str(path), "exec")
        known = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
        known |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_namespace()}
        known |= set(dir(builtins)) | MODULE_NAMES
        used = {symbol.get_name() for inner in scopes(table) for symbol in inner.get_symbols()
                if symbol.is_referenced() and symbol.is_global()}
        problems += [f"{path.relative_to(ROOT)}: {name}" for name in sorted(used - known)]
    return problems, f"{len(modules)} modules"


def scopes(table):
    yield table
    for child in table.get_children():
        yield from scopes(child)


def main(_):
    """Returns the exit status."""
    report = Report(("Tests/System/run", "--harness"))
    for name, (expected, *found) in COUNTS.items():
        report.judge(name, counting(expected, *found), again=())
    report.judge("closing lines are read as they are written", closing_lines(), again=())
    problems, detail = undefined_names()
    report.judge("every name in the system tests is defined", problems, detail, again=())
    for bug in seeded_bugs.all_bugs():
        report.judge(f"the seeded bug fits the sources: {bug.name}", bug.misfits(ROOT), again=())
    return report.finish()
