#!/usr/bin/env python3
"""Compares regular expressions of streamctl with those of Python's re on what both know.

usage: regex_against_python.py STREAMCTL [PATTERNS [SEED]]        (900 patterns, seed 1)

Whether there is a match must agree always. Texts of groups must agree but for one known difference: where a group that
can be empty is repeated, a backtracking engine ends the loop at an empty turn and an automaton does not (differences
there are counted and printed, not failed). Ends with a line 'N passed, N failed, N skipped'; exit status 1 if any failed.
"""

import json
import os
import random
import re
import subprocess
import sys

ATOMS = ["a", "b", "c", "1", "é", ".", "[ab]", "[^a]", "[a-c1]", "[^\\d]", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "\\.",
         "[é-ü]", "[]b]", "ab", "(?i:A)"]
REPEATS = [("*", 0, None), ("+", 1, None), ("?", 0, 1), ("{2}", 2, 2), ("{1,2}", 1, 2), ("{0,2}", 0, 2), ("{2,}", 2, None)]
SUBJECTS = ["", "a", "b", "ab", "ba\né", "1ccé", "aab1", "a.b", "A", "\n", " a ", "日b", "é", "ü1", "abcabc", "]b"]
PATTERNS_PER_RUN = 30
GROUPS = 3


class Maker:
    """Random patterns; each part comes with whether it can match the empty text."""

    def __init__(self, source):
        self.source = source
        self.groups = 0
        self.repeats_empty = False

    def pattern(self, depth):
        r = self.source
        kind = r.randrange(10) if depth else 0
        if kind <= 1:
            return r.choice(ATOMS), False
        if kind <= 3:
            parts = [self.pattern(depth - 1) for _ in range(r.randrange(2, 4))]
            # Alternatives bind less than a sequence.
            texts = [f"(?:{text})" if "|" in text else text for text, _ in parts]
            return "".join(texts), all(empty for _, empty in parts)
        if kind <= 5:
            parts = [self.pattern(depth - 1) for _ in range(r.randrange(1, 4))]
            if r.randrange(6) == 0:
                parts.insert(r.randrange(len(parts) + 1), ("", True))
            # Groups are numbered by their parentheses, so only here, where a group is written, one is counted.
            opening = r.choice(["(", "(?:"])
            self.groups += opening == "("
            return opening + "|".join(text for text, _ in parts) + ")", any(empty for _, empty in parts)
        if kind <= 8:
            text, empty = self.pattern(depth - 1)
            sign, least, most = r.choice(REPEATS)
            opening = r.choice(["(", "(?:"])
            self.groups += opening == "("
            if empty and most != 1:
                self.repeats_empty = True
            return f"{opening}{text}){sign}{r.choice(['', '', '?'])}", empty or least == 0
        text, empty = self.pattern(depth - 1)
        return (f"^(?:{text})" if r.randrange(2) else f"(?:{text})$"), empty


def text(source):
    return "".join(source.choice("aabbcc1é日.\n A") for _ in range(source.randrange(9)))


def python(pattern, subject):
    """Whether it matches, and the texts of its groups; $ is the end of the text only."""
    found = pattern.search(subject)
    if not found:
        return False, [None] * (GROUPS + 1)
    return True, [found.group(n) if n <= pattern.groups else None for n in range(GROUPS + 1)]


def streamctl(binary, patterns, subjects):
    """The same for all patterns and subjects, in one run."""
    columns = []
    for number, (pattern, groups, _) in enumerate(patterns):
        quoted = pattern.replace("'", "\\'")
        columns.append(f"m{number}=s ~ '{quoted}'")
        columns += [f"g{number}_{group}=extract(s,'{quoted}',{group})" for group in range(min(GROUPS, groups) + 1)]
    lines = "".join(json.dumps({"s": subject}) + "\n" for subject in subjects)
    done = subprocess.run([binary, "--select", ",".join(columns)], input=lines.encode(), capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"status {done.returncode}: {done.stderr.decode(errors='replace')[:2000]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} STREAMCTL [PATTERNS [SEED]]")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 900
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    source = random.Random(seed)
    passed = failed = known = hits = 0
    for start in range(0, count, PATTERNS_PER_RUN):
        patterns = []
        for _ in range(min(PATTERNS_PER_RUN, count - start)):
            maker = Maker(source)
            pattern, _ = maker.pattern(4)
            patterns.append((pattern, maker.groups, maker.repeats_empty))
        subjects = SUBJECTS + [text(source) for _ in range(24)]
        rows = streamctl(sys.argv[1], patterns, subjects)
        if len(rows) != len(subjects):
            raise RuntimeError(f"{len(rows)} rows for {len(subjects)} subjects")
        for number, (pattern, groups, repeats_empty) in enumerate(patterns):
            compiled = re.compile(pattern.replace("$", "\\Z"), re.ASCII)
            if compiled.groups != groups:
                raise RuntimeError(f"{pattern}: {groups} groups were written, Python sees {compiled.groups}")
            for subject, row in zip(subjects, rows):
                matches, texts = python(compiled, subject)
                hits += matches
                found = [row.get(f"g{number}_{group}") for group in range(min(GROUPS, groups) + 1)]
                texts = texts[:len(found)]
                if row[f"m{number}"] == matches and found == texts:
                    passed += 1
                elif row[f"m{number}"] == matches and (found[0] is not None) == matches and repeats_empty:
                    known += 1
                else:
                    failed += 1
                    if failed <= 10:
                        print(f"seed {seed}: {pattern!r} in {subject!r}: streamctl {row[f'm{number}']} {found}, "
                              f"Python {matches} {texts}")
    print(f"{count} patterns, {hits} matches, {known} known differences in groups that can be empty and are repeated")
    if hits == 0:
        failed += 1
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
