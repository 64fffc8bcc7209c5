"""Counts the checks of a suite and prints a line for each of them.

    ok NAME: DETAIL
    FAILED NAME
        a problem
        repeat: COMMAND
    SKIPPED NAME: REASON

The last line of every suite, and of every other program of the tests, is 'N passed, N failed, N skipped'.
"""

import re
import shlex
import threading

from .places import Missing

SHOWN = 6
# The check that fails when a suite raises.
UNFINISHED = "the suite runs to its end"
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)


class Report:
    """Checks may come from several threads; one that raises has failed, and the others continue."""

    def __init__(self, repeat=(), only="", select="--checks"):
        self.passed, self.failed, self.skipped = 0, 0, 0
        # The command that repeats everything, as words, and its option that selects a check by name.
        self.repeat, self.select = repeat, select
        # Only checks whose names start with this are made.
        self.only = only
        self.lock = threading.Lock()

    def judge(self, name, problems, detail="", again=None):
        """A check that has been made. `again` holds the words that repeat it alone; by default its name."""
        with self.lock:
            if not problems:
                self.passed += 1
                print(f"ok {name}: {detail}" if detail else f"ok {name}", flush=True)
                return
            self.failed += 1
            print(f"FAILED {name}")
            for problem in problems[:SHOWN]:
                print(f"    {problem}"[:600])
            if len(problems) > SHOWN:
                print(f"    and {len(problems) - SHOWN} more")
            words = [*self.repeat, *((self.select, name) if again is None else again)]
            print(f"    repeat: {shlex.join(map(str, words))}", flush=True)

    def check(self, name, test, *arguments):
        """test returns a list of problems, or that and a detail to print."""
        if not name.startswith(self.only):
            return
        try:
            found = test(*arguments)
        except Missing as reason:
            self.skip(name, reason)
            return
        except Exception as error:  # noqa: BLE001 (whatever it was, the check has failed)
            found = [described(error)]
        problems, detail = found if isinstance(found, tuple) else (found, "")
        self.judge(name, problems, detail)

    def skip(self, name, reason):
        with self.lock:
            self.skipped += 1
            print(f"SKIPPED {name}: {reason}", flush=True)

    def finish(self):
        """Prints the closing line and returns the exit status: a suite without any check has failed."""
        print(closing_line(self.passed, self.failed, self.skipped), flush=True)
        return 1 if self.failed or not self.passed + self.skipped else 0


def closing_line(passed, failed, skipped):
    return f"{passed} passed, {failed} failed, {skipped} skipped"


def closing_counts(text):
    """The counts of the last closing line in a text, or None."""
    found = CLOSING.findall(text)
    return tuple(map(int, found[-1])) if found else None


def problems_of(run):
    """The problems that a run finds; one that raises has failed."""
    try:
        return run.problems()
    except Exception as error:  # noqa: BLE001 (whatever it was, this run has failed)
        return [described(error)]


def described(error):
    return f"{type(error).__name__}: {error}"
