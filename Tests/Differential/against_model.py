#!/usr/bin/env python3
"""Compares streamctl with a plain model of its semantics, on many small random inputs full of ties and late records.

usage: against_model.py STREAMCTL [INPUTS [SEED]]        (or $STREAMCTL; 1500 inputs, seed 1)

The model goes record by record and knows no batches, slices or merging of states. Times are whole seconds in a narrow
range, so that edges are hit all the time: a record at a window's end, a watermark at an end, a gap equal to the limit.
Prints one line for each kind of window; the last line counts them. Exit status 1 if any failed.
"""

import random
import sys

from common import Report, counts, microseconds, run, streamctl


class Model:
    """Rows and late records by the definition."""

    def __init__(self, kind, size, step, offset, delay, lateness):
        self.kind, self.size, self.step, self.offset = kind, size, step, offset
        self.delay, self.lateness = delay, lateness
        self.watermark = -(10**9)
        self.windows = {}  # (end, start, key): values
        self.open = {}  # key: [[first, last, values]], for sessions
        self.late, self.pairs, self.nowhere = [], 0, 0

    def cover(self, time):
        if self.kind == "cumulative":
            start = (time - self.offset) // self.size * self.size + self.offset
            return [(start, start + n) for n in range(self.step, self.size + 1, self.step) if time < start + n]
        newest = (time - self.offset) // self.step * self.step + self.offset
        starts = range(newest, time - self.size, -self.step)
        return [(start, start + self.size) for start in starts]

    def record(self, place, time, key, number):
        if self.kind == "session":
            self.extend(place, time, key, number)
        else:
            covering = self.cover(time)
            kept = [pair for pair in covering if self.watermark < pair[1] + self.lateness]
            for start, end in kept:
                self.windows.setdefault((end, start, key), []).append(number)
            if not covering:
                self.nowhere += 1
            elif not kept:
                self.late.append(place)
            else:
                self.pairs += len(covering) - len(kept)
        self.watermark = max(self.watermark, time - self.delay)
        self.close(self.watermark)

    def extend(self, place, time, key, number):
        first, last, values, apart = time, time, [number], []
        for one in self.open.get(key, []):
            if one[0] - self.size <= time <= one[1] + self.size:
                first, last, values = min(first, one[0]), max(last, one[1]), values + one[2]
            else:
                apart.append(one)
        if last + self.size + self.lateness <= self.watermark:
            self.late.append(place)
        else:
            self.open[key] = apart + [[first, last, values]]

    def close(self, watermark):
        """Sessions that no record can extend any more become windows; None is the end of the input."""
        for key, sessions in self.open.items():
            for first, last, values in sessions:
                if self.gone(last, watermark):
                    self.windows[(last + self.size, first, key)] = values
            self.open[key] = [one for one in sessions if not self.gone(one[1], watermark)]

    def gone(self, last, watermark):
        return watermark is None or watermark >= last + self.size + self.lateness

    def rows(self):
        self.close(None)
        return {(start * 1_000_000, end * 1_000_000, key): (len(values), sum(values), min(values), max(values))
                for (end, start, key), values in self.windows.items()}


def shape(kind, source):
    size, step = source.randrange(1, 9), source.randrange(1, 12)
    if kind == "cumulative":
        step = source.randrange(1, 5)
        size = step * source.randrange(1, 5)
    offset = source.choice((0, 0, 1, 3, -2)) if kind != "session" else 0
    flags = {"tumbling": ["-w", f"{size}s"], "hopping": ["--hopping", f"{size}s", "--every", f"{step}s"],
             "cumulative": ["--cumulative", f"{size}s", "--every", f"{step}s"], "session": ["--session", f"{size}s"]}
    step = size if kind == "tumbling" else step
    return size, step, offset, flags[kind] + (["--align", f"{offset}s"] if offset else [])


def one(binary, kind, lateness, seed):
    """A description of what differs for one random input, or None."""
    source = random.Random(seed)
    size, step, offset, flags = shape(kind, source)
    delay = source.choice((0, 0, 1, 2, 5))
    late = source.randrange(1, 6) if lateness else 0
    model = Model(kind, size, step, offset, delay, late)
    lines, now = [], source.choice((0, 0, -20, 1_000_000))
    for place in range(1, source.randrange(2, 40)):
        now += source.choice((0, 0, 1, 1, 2, 5, -1, -3, -9))
        key, number = source.choice("aab"), source.randrange(-5, 100)
        lines.append(f'{{"t":{now},"k":"{key}","x":{number}}}\n')
        model.record(place, now, key, number)
    arguments = ["-v", "-t", "t", "--time-format", "s", "-W", f"{delay}s", *flags, "-g", "k", "--count", "-a",
                 "s=sum(x),lo=min(x),hi=max(x)", "--idle", "off", "-j", source.choice((1, 2)), "-"]
    if lateness:
        arguments[:0] = ["--lateness", f"{late}s"]
    told = "".join(lines)
    where = f"seed {seed}: {' '.join(map(str, arguments))}\n{told}"
    try:
        rows, stderr = run(binary, arguments, told.encode())
        found = counts(stderr)
    except RuntimeError as error:
        return f"{error} {where}"
    actual = {}
    for row in rows:
        key = (microseconds(row["window_start"]), microseconds(row["window_end"]), row["k"])
        if key in actual and not lateness:
            return f"twice {key} {where}"
        actual[key] = (row["count"], row["s"], row["lo"], row["hi"])  # the last revision stands
    expected = model.rows()
    if kind == "session" and lateness:
        # A session that grew after its row was printed has another end: the older row stands beside the last one.
        actual = {key: values for key, values in actual.items() if key in expected}
    if actual != expected:
        odd = sorted(set(actual.items()) ^ set(expected.items()))
        return f"differs in {odd[:4]} {where}"
    numbers = [found["late"], found["late pairs"], found["in no window"]]
    if numbers != [len(model.late), model.pairs, model.nowhere]:
        return f"late, pairs, no window: {numbers} instead of {[len(model.late), model.pairs, model.nowhere]} {where}"
    return None


def main():
    binary = streamctl()
    inputs = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    report = Report()
    kinds = [("tumbling", False), ("hopping", False), ("cumulative", False), ("session", False),
             ("tumbling", True), ("hopping", True), ("cumulative", True), ("session", True)]
    for kind, lateness in kinds:
        amount = inputs // len(kinds)
        problems = [one(binary, kind, lateness, seed * 1_000_000 + number) for number in range(amount)]
        title = f"model {kind}" + (" with lateness" if lateness else "")
        report.judge(title, sorted(filter(None, problems), key=len), f"rows={amount}")
    report.finish()


if __name__ == "__main__":
    main()
