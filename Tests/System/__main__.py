"""Runs system tests.

    Tests/System/run postgres.jobs                 one suite
    Tests/System/run kafka differential.model      a group and a suite, each suite in a process of its own
    Tests/System/run --list                        the suites, their processor time, and what they are about
    Tests/System/run --with-postgres COMMAND...    a command with a private Postgres; STREAMCTL_TEST_POSTGRES is its URL
    Tests/System/run --swift-tests [ARGUMENT...]   the built Swift tests with a private Postgres, counting skipped tests
    Tests/System/run --seeded-bugs                 whether the tests notice bugs; see its --help
    Tests/System/run --harness                     checks of the tests themselves

Programs come from the builds of the repository unless --debug and --release name others. The last line is
'N passed, N failed, N skipped'. A suite prints its seed first, and a failed check the command that repeats it.
"""

import argparse
import importlib
import os
import random
import signal
import sys
import time

from . import harness, seeded_bugs, side_by_side, suites, swift_tests, with_postgres
from .common.bench import Bench
from .common.places import Missing, program
from .common.report import UNFINISHED, Report, described

OTHERS = {
    "--with-postgres": with_postgres.main, "--swift-tests": swift_tests.main, "--seeded-bugs": seeded_bugs.main,
    "--harness": harness.main}


def main():
    other = OTHERS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if other:
        return other(sys.argv[2:])
    parser = argparse.ArgumentParser(
        "Tests/System/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="a suite or a group: differential, postgres, kafka, follow, whole")
    parser.add_argument("--list", action="store_true", help="list the suites")
    parser.add_argument("--debug", metavar="FILE", help="streamctl from a debug build, with its failpoints")
    parser.add_argument("--release", metavar="FILE", help="streamctl from a release build")
    parser.add_argument("--seed", type=int, help="repeat the random choices of another run")
    parser.add_argument("--checks", default="", metavar="PREFIX", help="only checks whose names start with PREFIX")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="suites at once")
    for name, meaning in suites.NUMBERS.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=meaning)
    options = parser.parse_args()
    if options.list:
        return show_list()
    try:
        chosen = suites.chosen(options.suites)
    except ValueError as error:
        parser.error(str(error))
    if not chosen:
        parser.error("name a suite, a group or 'all'; --list shows them")
    for build in ("debug", "release"):
        if any(suite.build == build for suite in chosen):
            setattr(options, build, os.path.abspath(getattr(options, build) or program("streamctl", build)))
    if len(chosen) > 1:
        return side_by_side.run(chosen, options)
    return run_one(chosen[0], parser, options)


def show_list():
    for suite in suites.SUITES:
        module = importlib.import_module(f".{suite.name}", __package__)
        print(f"{suite.name:24} {suite.seconds or '?':>4} s  {module.__doc__.splitlines()[0]}")
    return 0


def run_one(suite, parser, options):
    """Runs a suite in this process. Returns the exit status."""
    # A shell makes its background processes ignore INT, and the programs under test would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, end)
    try:
        module = importlib.import_module(f".{suite.name}", __package__)
    except Missing as reason:
        report = Report()
        report.skip(suite.name, reason)
        return report.finish()
    options.binary = getattr(options, suite.build)
    if not os.access(options.binary, os.X_OK):
        parser.error(f"{options.binary} cannot be run; build it, or name another with --{suite.build}")
    began = time.monotonic()
    report = Report(with_defaults(suite, module, options), options.checks)
    print(f"seed {options.seed}", flush=True)
    bench = None
    try:
        bench = getattr(module, "Bench", Bench)(options, report)
        bench.prepare()
        module.checks(bench)
    except Missing as reason:
        report.skip(suite.name, reason)
    except Exception as error:  # noqa: BLE001 (whatever it was, the suite did not finish)
        report.judge(UNFINISHED, [described(error)], again=())
    finally:
        if bench is not None:
            bench.clean_up()
    used = os.times()
    print(f"processor time: {sum(used[:4]):.0f} s of {time.monotonic() - began:.0f} s")
    return report.finish()


def with_defaults(suite, module, options):
    """Gives the options that were not named their values. Returns the command that repeats the run, as words."""
    if options.seed is None:
        options.seed = getattr(module, "SEED", random.SystemRandom().randrange(1 << 32))
    repeat = ["Tests/System/run", suite.name, "--seed", options.seed]
    for name, default in getattr(module, "OPTIONS", {}).items():
        attribute = name.replace("-", "_")
        value = getattr(options, attribute)
        if value is None:
            setattr(options, attribute, default)
        elif name != "only":
            repeat += [f"--{name}", value]
    return repeat


def end(number, _):
    """Leaves by way of the cleaning up, which a second signal of the process group must not disturb."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
