"""Compares streamctl with a plain model of its semantics, on many small random inputs full of ties and late records.

The model processes record by record and has no batches, slices or merging of states. Times are whole seconds in a narrow
range, so that edges are hit all the time: a record at a window's end, a watermark at an end, a gap equal to the limit.
"""

import random

from ..common.compare import counts, microseconds, rows_of

OPTIONS = {"inputs": 1500}
# The same inputs in every run, unless --seed chooses others.
SEED = 1
KINDS = ("tumbling", "hopping", "cumulative", "session")


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

    def record(self, position, time, key, number):
        if self.kind == "session":
            self.extend(position, time, key, number)
        else:
            covering = self.cover(time)
            kept = [pair for pair in covering if self.watermark < pair[1] + self.lateness]
            for start, end in kept:
                self.windows.setdefault((end, start, key), []).append(number)
            if not covering:
                self.nowhere += 1
            elif not kept:
                self.late.append(position)
            else:
                self.pairs += len(covering) - len(kept)
        self.advance(time)

    def advance(self, time):
        """Every record advances the watermark, also one that a filter drops."""
        self.watermark = max(self.watermark, time - self.delay)
        self.close(self.watermark)

    def extend(self, position, time, key, number):
        first, last, values, apart = time, time, [number], []
        for one in self.open.get(key, []):
            if one[0] - self.size <= time <= one[1] + self.size:
                first, last, values = min(first, one[0]), max(last, one[1]), values + one[2]
            else:
                apart.append(one)
        if last + self.size + self.lateness <= self.watermark:
            self.late.append(position)
        else:
            self.open[key] = apart + [[first, last, values]]

    def close(self, watermark):
        """Turns sessions that no record can extend any more into windows; None is the end of the input."""
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


def one(bench, kind, lateness, seed):
    """A description of the difference for one random input, or None."""
    source = random.Random(seed)
    size, step, offset, flags = shape(kind, source)
    delay = source.choice((0, 0, 1, 2, 5))
    late = source.randrange(1, 6) if lateness else 0
    model = Model(kind, size, step, offset, delay, late)
    least = source.choice((None, None, 20, 60))
    lines, now = [], source.choice((0, 0, -20, 1_000_000))
    for position in range(1, source.randrange(2, 40)):
        now += source.choice((0, 0, 1, 1, 2, 5, -1, -3, -9))
        key, number = source.choice("aab"), source.randrange(-5, 100)
        lines.append(f'{{"t":{now},"k":"{key}","x":{number}}}\n')
        if least is None or number > least:
            model.record(position, now, key, number)
        else:
            model.advance(now)
    arguments = ["-v", "-t", "t", "--time-format", "s", "-W", f"{delay}s", *flags, "-g", "k", "--count", "-a",
                 "s=sum(x),lo=min(x),hi=max(x)", "--idle", "off", "-j", source.choice((1, 2)), "-"]
    if lateness:
        arguments[:0] = ["--lateness", f"{late}s"]
    if least is not None:
        arguments[:0] = ["--where", f"x > {least}"]
    text = "".join(lines)
    where = f"seed {seed}: {' '.join(map(str, arguments))}\n{text}"
    try:
        outcome = bench.succeeded(arguments, text.encode())
        found = counts(outcome.err)
    except RuntimeError as error:
        return f"{error} {where}"
    actual = {}
    for row in rows_of(outcome.out):
        key = (microseconds(row["window_start"]), microseconds(row["window_end"]), row["k"])
        if key in actual and not lateness:
            return f"twice {key} {where}"
        actual[key] = (row["count"], row["s"], row["lo"], row["hi"])  # the last revision
    expected = model.rows()
    if kind == "session" and lateness:
        # A session that grew after its row was printed has another end, so its older row is printed as well.
        actual = {key: values for key, values in actual.items() if key in expected}
    if actual != expected:
        odd = sorted(set(actual.items()) ^ set(expected.items()))
        return f"differs in {odd[:4]} {where}"
    numbers = [found["late"], found["late pairs"], found["in no window"]]
    if numbers != [len(model.late), model.pairs, model.nowhere]:
        return f"late, pairs, no window: {numbers} instead of {[len(model.late), model.pairs, model.nowhere]} {where}"
    return None


def compared(bench, kind, lateness):
    amount = bench.options.inputs // (2 * len(KINDS))
    problems = [one(bench, kind, lateness, bench.seed * 1_000_000 + number) for number in range(amount)]
    return sorted(filter(None, problems), key=len), f"{amount} inputs"


def checks(bench):
    for lateness in (False, True):
        for kind in KINDS:
            bench.report.check(kind + (" with lateness" if lateness else ""), compared, bench, kind, lateness)
