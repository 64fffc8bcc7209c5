"""Pictures: charts are valid and can be drawn, and heat maps show the distribution that the data has."""

import json
import math
import random
import re
import shutil
import subprocess

from ..common.bench import Bench as CommonBench
from ..common.places import Missing

SHADES = " ░▒▓█"
STEPS = (1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8)


class Bench(CommonBench):
    def prepare(self):
        self.random = random.Random(self.seed)

    def lines(self, name, rows):
        path = self.folder / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        return path


def bound(value):
    """The bound of a bucket, found by looking at all of them."""
    decade = math.floor(math.log10(value))
    bounds = [float(f"{step}e{power}") for power in (decade - 1, decade, decade + 1) for step in STEPS]
    return max(candidate for candidate in bounds if candidate <= value)


def drawn(bench, chart):
    """Problems of a chart for xmllint, and for a program that draws it."""
    problems = []
    for program, *arguments in (("xmllint", "--noout", chart), ("rsvg-convert", chart, "-o", bench.folder / "chart.png")):
        path = shutil.which(program)
        if not path:
            raise Missing(f"{program} is not installed")
        outcome = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, timeout=60)
        if outcome.returncode or outcome.stderr:
            problems.append(f"{program}: {outcome.stderr[:300]}")
    return problems


def charts(bench, name, rows, flags):
    chart = bench.folder / "chart.svg"
    bench.succeeded([bench.lines("chart.jsonl", rows), "-t", "t", "-W", "none", *flags, "-o", chart])
    text = chart.read_text()
    problems = drawn(bench, chart)
    for word in ("nan", "inf", "<script", "href"):
        if word in text:
            problems.append(f"{word} in {text[:200]}")
    return problems, f"{len(text)} bytes"


def minutes(rows):
    return [{"t": f"2026-01-01T{row // 60:02}:{row % 60:02}:00Z", **values} for row, values in rows]


def heat(bench):
    """Each line has the shades of its counts, at the columns of its buckets."""
    problems = []
    for number in range(20):
        mean, spread = bench.random.uniform(-3, 6), bench.random.uniform(0.1, 1.5)
        values = [[bench.random.lognormvariate(mean + row / 4, spread) for _ in range(500)] for row in range(6)]
        path = bench.lines("heat.jsonl", minutes((row, {"n": value}) for row, some in enumerate(values) for value in some))
        rows = [json.loads(line) for line in bench.printed([path, "-t", "t", "-w", "1m", "-a", "b=buckets(n)"]).splitlines()]
        for row, some in zip(rows, values):
            counts = {}
            for value in some:
                counts[bound(value)] = counts.get(bound(value), 0) + 1
            if [tuple(pair) for pair in row["b"]] != sorted(counts.items()):
                problems.append(f"{row} is not {sorted(counts.items())}")
        shown = bench.printed([path, "-t", "t", "-w", "1m", "-a", "b=buckets(n)", "-f", "heat"])
        first, found, width = None, 0, 1
        for line in shown.splitlines():
            cells = line[line.find("|") + 1:line.rfind("|")]
            if not line.startswith("2026"):
                marks = re.findall(r"\S+", cells)
                if marks:
                    first = float(marks[0])
                    # Marks are ten columns apart; a column has several buckets where they would not fit.
                    width = round(math.log10(float(marks[1]) / first)) if len(marks) > 1 else 1
                continue
            pairs = rows[found]["b"]
            place = round(10 * math.log10(first))
            counts = [0] * len(cells)
            for edge, count in pairs:
                counts[(round(10 * math.log10(edge)) - place) // width] += count
            wanted = "".join(SHADES[max(count > 0, math.ceil(4 * count / max(counts)))] for count in counts)
            if cells != wanted:
                problems.append(f"{cells!r} is not {wanted!r}")
            total, before = sum(count for _, count in pairs), 0
            for edge, count in pairs:
                before += count
                if before >= total / 2:
                    break
            if f"p50 {edge:.10g} " not in line:
                problems.append(f"{line} has not the median {edge:g}")
            found += 1
        if found != 6:
            problems.append(f"{found} lines: {shown}")
    return problems, "20 distributions"


def checks(bench):
    check = bench.report.check
    group = ["-w", "1m", "-g", "k", "--sum", "n"]
    hostile = ["<a&\"b'>", "]]>", "日本 🚀", "\u0001\u001b[31m", "a\ufffeb", "", "</svg><script>"]
    check("a line for each group", charts, bench, "lines", minutes(
        (row, {"k": f"key {key}", "n": key * row}) for row in range(60) for key in range(12)), group)
    check("names that could be markup", charts, bench, "names", minutes(
        (row, {"k": key, "n": row}) for row in range(3) for key in hostile), group)
    check("numbers of any size", charts, bench, "numbers", minutes(
        (row, {"k": "a", "n": number}) for row, number in enumerate([0, -1e308, 1e308, 5e-324, 1e-300, 3, -7.5])), group)
    check("a single row", charts, bench, "row", minutes([(0, {"k": "a", "n": 1})]), group)
    check("no rows", charts, bench, "empty", minutes([(0, {"k": "a", "n": 1})]), [*group, "--having", "sum_n > 5"])
    check("no windows", charts, bench, "all", minutes([(0, {"k": "a", "n": 1})]), group[2:])
    check("heat maps", heat, bench)
