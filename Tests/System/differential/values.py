"""Compares values with Python's int, decimal and fractions: long numbers, paths, objects, arrays, expressions over
aggregates, shares, and the newest record."""

import decimal
import fractions
import json
import random

from ..common.compare import rows_of
from .python import json_rows, nearest

OPTIONS = {"inputs": 40}
# The same inputs in every run, unless --seed chooses others.
SEED = 1
# Enough for every literal here.
decimal.getcontext().prec = 400
D = decimal.Decimal


def lines(records):
    """JSON lines; values that are strings are JSON text already."""
    return "".join("{" + ",".join(f'"{name}":{text}' for name, text in record.items()) + "}\n"
                   for record in records).encode()


def literal(source):
    """Numbers that doubles and Int64 cannot hold, beside those that they can; few of them, so that some are equal."""
    base = source.choice((2**53, 2**63, 2**64, 10**19, 10**20, 10**30, 10**60))
    number = source.choice((1, 1, -1)) * (base + source.randrange(-3, 4))
    match source.randrange(8):
        case 0 | 1 | 2:
            return str(number)
        case 3:
            return f"{number}.{source.choice(('0', '00', '5', '000000000000000000001', '10'))}"
        case 4:
            return f"{source.choice((106, 0, -1))}.{'0' * source.randrange(15, 25)}{source.randrange(1, 4)}"
        case 5:
            return source.choice(("1", "1.0", "1e0", "10e-1", "1.00000000000000000000", "0", "-0", "0.0"))
        case 6:
            return f"{source.randrange(1, 3)}e{source.choice((0, 2, 18, 19, 20, 22, 23, 60))}"
        case _:
            return str(source.randrange(-2, 3))


def aggregated(bench, amount):
    """distinct, min, max, first, last, list, top and min_by over numbers of any length."""
    source, problems = random.Random(f"{bench.seed} aggregated"), []
    for number in range(amount):
        texts = [literal(source) for _ in range(source.randrange(1, 40))]
        values = [D(text) for text in texts]
        row, = json_rows(bench.printed(
            ["-q", "-a", "d=distinct(x),lo=min(x),hi=max(x),f=first(x),l=last(x),all=list(x),t=top(x,3),m=mode(x),"
             "lb=min_by(i,x),hb=max_by(i,x),n=count(x)", "-"],
            lines([{"x": text, "i": i} for i, text in enumerate(texts)])))
        often = sorted(set(values), key=lambda value: (-values.count(value), value))
        wanted = {"d": len(set(values)), "lo": min(values), "hi": max(values), "f": values[0], "l": values[-1],
                  "all": values, "t": often[:3], "m": often[0], "lb": values.index(min(values)),
                  "hb": values.index(max(values)), "n": len(values)}
        problems += [f"input {number} {name}: {row[name]}, expected {value} of {texts}"
                     for name, value in wanted.items() if row[name] != value]
    return problems, f"{amount} inputs"


def compared(bench, amount):
    """Comparisons, in, between, least and greatest of fields with fields and with constants."""
    source, problems = random.Random(f"{bench.seed} compared"), []
    for number in range(amount):
        pairs = [(literal(source), literal(source)) for _ in range(30)]
        c, d = sorted((literal(source), literal(source)), key=D)
        signs = ("==", "!=", "<", "<=", ">", ">=")
        names = [f"f{n}=x {sign} y,c{n}=x {sign} {c},s{n}=s {sign} y" for n, sign in enumerate(signs)]
        rows = json_rows(bench.printed(
            ["-q", "--select", ",".join(names) + f",i=x in ({c},{d}),b=x between {c} and {d},lo=least(x,y),"
             "hi=greatest(x,y),x,s=coalesce(s,x)", "-"],
            lines([{"x": x, "y": y, "s": f'"{x}"'} for x, y in pairs])))
        tests = (D.__eq__, D.__ne__, D.__lt__, D.__le__, D.__gt__, D.__ge__)
        for (x, y), row in zip(pairs, rows, strict=True):
            a, b = D(x), D(y)
            wanted = {f"{column}{n}": test(a, other) for n, test in enumerate(tests)
                      for column, other in (("f", b), ("c", D(c)), ("s", b))}
            wanted |= {"i": a in (D(c), D(d)), "b": D(c) <= a <= D(d), "lo": min(a, b), "hi": max(a, b), "x": a, "s": x}
            problems += [f"{x} {y} {c} {d} {name}: {row[name]}, expected {value}" for name, value in wanted.items()
                         if row[name] != value]
    return problems, f"{amount} inputs"


def as_read(bench, amount):
    """Fields that nothing is computed from keep their digits, in every format; aggregates keep the number."""
    source, problems = random.Random(f"{bench.seed} as read"), []
    texts = [literal(source) for _ in range(amount * 5)]
    given = lines([{"x": text, "i": i} for i, text in enumerate(texts)])
    for arguments, cut in ((["--select", "x"], lambda line: line[5:-1]), (["--select", "x", "-f", "csv"], str),
                           (["-a", "x=last(x)", "-g", "i", "-f", "tsv"], lambda line: line.split("\t")[-1]),
                           (["-a", "latest(x)", "-g", "i", "-f", "csv"], lambda line: line.split(",")[-1]),
                           (["-a", "x=min(x)", "-g", "i", "-f", "csv"], lambda line: line.split(",")[-1]),
                           (["--let", "y=coalesce(null,x)", "--select", "y", "-f", "csv"], str)):
        found = [cut(line) for line in bench.printed(["-q", *arguments, "-"], given).splitlines()][-len(texts):]
        same = D.__eq__ if "-g" in arguments else str.__eq__
        kind = D if "-g" in arguments else str
        problems += [f"{arguments}: {text} printed as {shown}" for text, shown in zip(texts, found, strict=True)
                     if not same(kind(text), kind(shown))]
    return problems, f"{len(texts)} numbers"


# MARK: Paths

NAMES = ("a", "b", "a.b", "b.c", "a.b.c", "c", "x[0]", "a[0]")


def tree(source, depth):
    if depth == 0 or source.random() < 0.3:
        return source.randrange(100)
    if source.random() < 0.25:
        return [tree(source, depth - 1) for _ in range(source.randrange(3))]
    return {name: tree(source, depth - 1) for name in source.sample(NAMES, source.randrange(1, 5))}


def written(steps):
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)[1:]


def found(value, steps):
    """The value at a path: at each level, the longest key that is there; None if there is none."""
    if not steps:
        return value
    if isinstance(value, dict):
        for length in range(len(steps), 0, -1):
            key = written(steps[:length])
            if not isinstance(steps[0], int) and key in value:
                return found(value[key], steps[length:])
    if isinstance(value, list) and isinstance(steps[0], int) and steps[0] < len(value):
        return found(value[steps[0]], steps[1:])
    return None


def paths(bench, amount):
    """Keys with dots at every level."""
    source, problems = random.Random(f"{bench.seed} paths"), []
    wanted_paths = []
    for _ in range(12):
        steps = [source.choice("abcx")]
        while len(steps) < 5 and source.random() < 0.7:
            steps.append(source.randrange(2) if source.random() < 0.25 else source.choice("abc"))
        wanted_paths.append(steps)
    texts = [written(steps) for steps in wanted_paths]
    records = [tree(source, 4) for _ in range(amount * 10)]
    records = [record for record in records if isinstance(record, dict)]
    select = ",".join(f"p{n}={text}" for n, text in enumerate(texts))
    given = "".join(json.dumps(record) + "\n" for record in records).encode()
    for row, record in zip(rows_of(bench.printed(["-q", "--select", select, "-"], given)), records, strict=True):
        for n, steps in enumerate(wanted_paths):
            value = found(record, steps)
            if row[f"p{n}"] != value:
                problems.append(f"{texts[n]} of {json.dumps(record)}: {row[f'p{n}']}, expected {value}")
    return problems, f"{len(records)} records, {len(texts)} paths"


# MARK: Objects and arrays

TEXTS = ("", "a", "b", "a,b", "[", "]}", '"', "\\", "\\\"", "é", "é", "5", "日本", "\n", "a b")


def element(source, depth=2):
    if depth and source.random() < 0.3:
        if source.random() < 0.5:
            return [element(source, depth - 1) for _ in range(source.randrange(4))]
        return {name: element(source, depth - 1) for name in source.sample(TEXTS, source.randrange(4))}
    return source.choice((None, True, False, 0, 1, 5, 1.5, 2**64, *TEXTS))


def spaced(source, value):
    """JSON text with white space between its tokens."""
    blank = source.choice(("", " ", "\t", "  "))
    if isinstance(value, list):
        return f"[{blank}" + f"{blank},".join(spaced(source, one) for one in value) + f"{blank}]"
    if isinstance(value, dict):
        return f"{{{blank}" + f",{blank}".join(
            f"{json.dumps(name, ensure_ascii=False)}{blank}:{spaced(source, one)}"
            for name, one in value.items()) + f"{blank}}}"
    return json.dumps(value, ensure_ascii=False)


def equal(element, item):
    """Whether == holds: numbers equal numeric strings."""
    if isinstance(element, bool) or isinstance(item, bool):
        return element is item
    sides = [element, item]
    if any(isinstance(side, (int, float)) for side in sides):
        if all(isinstance(side, str) and side in ("5",) or isinstance(side, (int, float)) for side in sides):
            return D(str(element)) == D(str(item))
        return False
    return type(element) is type(item) and element == item and json.dumps(element) == json.dumps(item)


def arrays(bench, amount):
    """length and contains; objects and arrays are one key, one distinct value and equal however they are spaced."""
    source, problems = random.Random(f"{bench.seed} arrays"), []
    records = []
    for _ in range(amount * 10):
        value = element(source)
        while not isinstance(value, (list, dict)):
            value = element(source)
        records.append((value, element(source)))
    given = lines([{"a": spaced(source, value), "b": spaced(source, value), "x": spaced(source, item)}
                   for value, item in records])
    select = "n=length(a),c=contains(a,x),e=a==b,u=a!=b,t=type(a),a"
    rows = rows_of(bench.printed(["-q", "--select", select, "-"], given))
    for (value, item), row in zip(records, rows, strict=True):
        if item is None:
            contained = None
        elif isinstance(value, dict):
            contained = any(equal(name, item) for name in value)
        else:
            contained = any(equal(one, item) for one in value if one is not None)
        wanted = {"n": len(value), "c": contained, "e": True, "u": False,
                  "t": "array" if isinstance(value, list) else "object", "a": value}
        problems += [f"{name} of {value!r}, {item!r}: {row[name]}, expected {one}" for name, one in wanted.items()
                     if row[name] != one]
    keys = [json.dumps(value) for value, _ in records]
    rows = rows_of(bench.printed(["-q", "-g", "a", "--count", "-"], given))
    counted = {json.dumps(row["a"]): row["count"] for row in rows}
    if counted != {key: keys.count(key) for key in keys} or len(rows) != len(counted):
        problems.append(f"{len(rows)} groups, expected {len(set(keys))}")
    row, = rows_of(bench.printed(["-q", "-a", "d=distinct(a),t=top(a,1)", "-"], given))
    if row["d"] != len(set(keys)):
        problems.append(f"{row['d']} distinct, expected {len(set(keys))}")
    return problems, f"{len(records)} records"


# MARK: Aggregates

def rounded(number, digits):
    """Halves away from zero, of the double; a float."""
    exact = D(number).quantize(D(1).scaleb(-digits), rounding=decimal.ROUND_HALF_UP)
    return float(exact)


def over_aggregates(bench, amount):
    """Expressions over aggregates in --agg, --having and --select; computed keys; booleans as shares."""
    source, problems = random.Random(f"{bench.seed} expressions"), []
    for number in range(amount):
        records = [{"s": source.choice((200, 200, 404, 500, 503)), "g": source.randrange(12),
                    "ms": source.choice((source.randrange(1000), 12.5, 0.1)),
                    "ok": source.choice(("true", "false", "null"))} for _ in range(source.randrange(1, 60))]
        limit = source.randrange(1, 4)
        rows = rows_of(bench.printed(
            ["-q", "--by", "r=g % 4", "--by", "c=integer(s / 100)", "--count", "-a",
             "rate=count_if(s >= 500) / count(), mean=round(avg(ms), 2), span=max(ms) - min(ms), share=avg(ok),"
             "trues=sum(ok), slow=avg(ms > 100) , both=if(count() > 1, sum(ms) / count(), null)",
             "--having", f"count() >= {limit} and max(ms) >= 0", "-"], lines(records)))
        groups = {}
        for record in records:
            groups.setdefault((record["g"] % 4, record["s"] // 100), []).append(record)
        expected = []
        for key in sorted(groups):
            group = groups[key]
            times = [record["ms"] for record in group]
            known = [record["ok"] == "true" for record in group if record["ok"] != "null"]
            exact = [fractions.Fraction(time) for time in times]
            total = sum(exact) if all(isinstance(time, int) for time in times) else nearest(sum(exact))
            if len(group) < limit:
                continue
            expected.append({
                "r": key[0], "c": key[1], "count": len(group),
                "rate": sum(record["s"] >= 500 for record in group) / len(group),
                "mean": rounded(nearest(sum(exact) / len(exact)), 2), "span": max(times) - min(times),
                "share": nearest(fractions.Fraction(sum(known), len(known))) if known else None,
                "trues": sum(known) if known else None, "slow": sum(time > 100 for time in times) / len(times),
                "both": nearest(fractions.Fraction(total) / len(group)) if len(group) > 1 else None})
        if rows != expected:
            wrong = next(((a, b) for a, b in zip(rows, expected) if a != b), (len(rows), len(expected)))
            problems.append(f"input {number}: {wrong[0]}, expected {wrong[1]}")
    return problems, f"{amount} inputs"


def newest(bench, amount):
    """latest, first_row and last_row keep nulls; first and last skip them. By event time, ties by arrival."""
    source, problems = random.Random(f"{bench.seed} newest"), []
    for number in range(amount):
        records = [{"ts": source.randrange(20), "g": source.randrange(3), "i": i,
                    **{name: source.choice(("null", "1", '"x"', str(2**64), "[1, 2]")) for name in "ab"
                       if source.random() < 0.8}} for i in range(source.randrange(1, 30))]
        timed = source.random() < 0.7
        flags = ["-t", "ts", "--time-format", "s", "-W", "none"] if timed else []
        window = ["-w", "10s"] if timed and source.random() < 0.5 else []
        rows = rows_of(bench.printed(
            ["-q", *flags, *window, "-g", "g", "-a", "latest(a, i)", "-a", "fa=first(a),la=last(a),fr=first_row(b),"
             "lr=last_row(b),z=latest(b)", "-"], lines(records)))
        groups = {}
        for record in records:
            start = record["ts"] // 10 if window else 0
            groups.setdefault((start, record["g"]), []).append(
                {name: json.loads(str(value)) for name, value in record.items()})
        expected = []
        for key in sorted(groups):
            group = sorted(groups[key], key=lambda record: record["ts"]) if timed else groups[key]
            known = [record["a"] for record in group if record.get("a") is not None]
            expected.append({"g": key[1], "a": group[-1].get("a"), "i": group[-1]["i"],
                             "fa": known[0] if known else None, "la": known[-1] if known else None,
                             "fr": group[0].get("b"), "lr": group[-1].get("b"), "z": group[-1].get("b")})
        for row in rows:
            row.pop("window_start", None)
            row.pop("window_end", None)
        if rows != expected:
            wrong = next(((a, b) for a, b in zip(rows, expected) if a != b), (len(rows), len(expected)))
            problems.append(f"input {number}: {wrong[0]}, expected {wrong[1]}")
    return problems, f"{amount} inputs"


def checks(bench):
    check, amount = bench.report.check, bench.options.inputs
    check("long numbers in aggregates", aggregated, bench, amount)
    check("long numbers in comparisons", compared, bench, amount)
    check("digits as they were read", as_read, bench, amount)
    check("paths with dots in names", paths, bench, amount)
    check("arrays and objects", arrays, bench, amount)
    check("expressions over aggregates", over_aggregates, bench, amount)
    check("the newest record", newest, bench, amount)
