"""Compares functions that read text in text with Python: re.sub, base64, urllib, json, fractions, and NaN in records."""

import base64
import binascii
import fractions
import json
import random
import re
import urllib.parse

from ..common.compare import rows_of
from .python import nearest

OPTIONS = {"inputs": 40}
# The same inputs in every run, unless --seed chooses others.
SEED = 1


def selected(bench, texts, select):
    """The rows of --select over records with one string, s."""
    lines = "".join(json.dumps({"s": text}) + "\n" for text in texts).encode()
    rows = rows_of(bench.printed(["-q", "--select", select, "-"], lines))
    if len(rows) != len(texts):
        raise RuntimeError(f"{len(rows)} rows for {len(texts)} records")
    return rows


def differences(texts, rows, column, expected):
    return [f"{text!r}: {row[column]!r}, expected {expected(text)!r}" for text, row in zip(texts, rows)
            if row[column] != expected(text)]


# What people replace in paths, addresses, messages and identifiers.
REPLACEMENTS = (
    (r"/[0-9]+", "/:id"), (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"), (r"\?.*$", ""), (r"([a-z]+)=([^&]*)", r"\2=\1"),
    (r"^(\w+)\s+(\S+)", r"\2 \1"), (r"\d", "#"), (r"(?i)error|warn", r"<\g<0>>"), (r"[éü日]+", "*"), (r"\s+", " "), (r"(a|b)+", r"[\1]"),
    (r"x*", "-"), (r"(\d+)-(\d+)", r"\2:\1"), (r"\.(js|css)$", r".min.\1"), (r"[^a-z]", ""), (r"a.*?b", "_"),
)


def replaced(bench, amount):
    source, problems, count = random.Random(f"{bench.seed} replaced"), [], 0
    words = ["/user/42", "/a/7/b", "?x=1&y=2", "GET ", "Error", "warn", "é", "日本", "ab", "aab b", "10-20", "app.js", "x", "  ", "",
             "0f8fad5b-d9cb-469f-a165-70867728950e", "k=v&w=", "\n", "a1b"]
    texts = ["".join(source.choice(words) for _ in range(source.randrange(0, 7))) for _ in range(50 * amount)]
    for pattern, text in REPLACEMENTS:
        written = text.replace(r"\g<0>", r"\0")
        rows = selected(bench, texts, f"t=regex_replace(s, '{pattern}', '{written}')")
        compiled = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
        problems += [f"{pattern}: {problem}" for problem in differences(texts, rows, "t", lambda s: compiled.sub(text, s))]
        count += len(texts)
    return problems, f"{count} texts"


def decoded(bench, amount):
    source, problems = random.Random(f"{bench.seed} decoded"), []
    texts = []
    for _ in range(200 * amount):
        text = "".join(source.choice("aé日\U0001d11e{}\":\n 0") for _ in range(source.randrange(0, 12)))
        encode = source.choice((base64.b64encode, base64.urlsafe_b64encode))
        code = encode(text.encode() if source.random() < 0.9 else source.randbytes(source.randrange(1, 9))).decode()
        match source.randrange(6):
            case 0:
                code = code.rstrip("=")
            case 1:
                # Damaged.
                place = source.randrange(len(code) + 1)
                code = code[:place] + source.choice("=A*é ") + code[place:]
        texts.append(code)

    def python(text):
        plain = "".join(text.split()).translate(str.maketrans("-_", "+/"))
        if "=" not in plain:
            plain += "=" * (-len(plain) % 4)
        # Python lets more of it pass.
        elif len(plain) % 4:
            return None
        try:
            return binascii.a2b_base64(plain, strict_mode=True).decode()
        except ValueError:
            return None

    rows = selected(bench, texts, "t=from_base64(s)")
    problems += differences(texts, rows, "t", python)
    if sum(row["t"] is None for row in rows) < len(rows) / 50:
        problems.append("hardly any text was refused")
    return problems, f"{len(texts)} texts"


def url(source):
    def some(alphabet, least, most):
        return "".join(source.choice(alphabet) for _ in range(source.randrange(least, most)))

    host = source.choice(["example.com", "EXAMPLE.com", "h", "10.0.0.1", "[2001:DB8::1]", "a-b.c"])
    user = source.choice(["", "", "u@", "u:p@"])
    port = source.choice(["", "", ":80", ":8443", ":"])
    path = "".join("/" + some("ab%20.~é-", 0, 5) for _ in range(source.randrange(0, 4)))
    pieces = []
    for _ in range(source.randrange(0, 5)):
        name = source.choice(["x", "y", "x", "%78", "a+b", "a b".replace(" ", "%20"), "é", ""])
        value = "".join(source.choice(["a", "+", "%20", "%C3%A9", "%E2%82", "%ff", "%", "%4", "=", "日", "%2B"]) for _ in range(source.randrange(0, 5)))
        pieces.append(source.choice([f"{name}={value}", f"{name}={value}", name]))
    query = "?" + "&".join(pieces) if pieces else ""
    fragment = source.choice(["", "", "#f", "#?x=9"])
    start = source.choice(["", f"https://{user}{host}{port}", f"http://{host}", f"//{host}{port}"])
    if not start and not path:
        path = "/"
    return start + path + query + fragment


def urls(bench, amount):
    source = random.Random(f"{bench.seed} urls")
    texts = [url(source) for _ in range(200 * amount)]
    rows = selected(bench, texts, "h=url_host(s),p=url_path(s),x=query_param(s, 'x'),ab=query_param(s, 'a b')")

    def host(text):
        return urllib.parse.urlsplit(text).hostname

    def path(text):
        parts = urllib.parse.urlsplit(text)
        return parts.path or ("/" if parts.netloc else "")

    def parameter(name):
        def value(text):
            pairs = urllib.parse.parse_qsl(urllib.parse.urlsplit(text).query, keep_blank_values=True)
            return next((value for key, value in pairs if key == name), None)
        return value

    problems = differences(texts, rows, "h", host) + differences(texts, rows, "p", path)
    problems += differences(texts, rows, "x", parameter("x")) + differences(texts, rows, "ab", parameter("a b"))
    return problems, f"{len(texts)} URLs"


def tree(source, depth):
    match source.randrange(8 if depth else 5):
        case 0:
            return source.randrange(-1000, 1000)
        case 1:
            return source.choice(["", "é", "a\"b", "\n", "}{", "\U0001d11e"])
        case 2:
            return source.choice([None, True, False])
        case 3:
            return source.choice([float("nan"), float("inf"), float("-inf")])
        case 4:
            return source.randrange(1000) / 8
        case 5 | 6:
            return {source.choice(["a", "b", "é", "x y"]): tree(source, depth - 1) for _ in range(source.randrange(0, 4))}
        case _:
            return [tree(source, depth - 1) for _ in range(source.randrange(0, 4))]


def finite(value):
    """As streamctl sees a value: NaN and infinities are null."""
    return None if isinstance(value, float) and value - value != 0 else value


def at(value, path):
    for step in path:
        # Its elements would be characters.
        if isinstance(value, str):
            return None
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return finite(value)


PATHS = {"a": ["a"], "a.b": ["a", "b"], "b[1]": ["b", 1], "a[0].a": ["a", 0, "a"], "é": ["é"], '"x y".a': ["x y", "a"], "a.a.a": ["a", "a", "a"]}


def documents(bench, amount):
    """json() of text, damaged or not, and the same objects as records, with the NaN and Infinity of Python's writer."""
    source, problems = random.Random(f"{bench.seed} documents"), []
    trees = [{name: tree(source, 3) for name in source.sample(["a", "b", "é", "x y"], 3)} for _ in range(50 * amount)]
    texts = [json.dumps(value, ensure_ascii=source.random() < 0.5, indent=source.choice([None, None, 1])) for value in trees]
    select = ",".join(f"v{number}=json(s, '{path}')" for number, path in enumerate(PATHS))
    rows = selected(bench, texts, select)
    lines = "".join(json.dumps(value) + "\n" for value in trees).encode()
    records = rows_of(bench.printed(["-q", "--select", ",".join(f"v{number}={path}" for number, path in enumerate(PATHS)), "-"], lines))
    if len(records) != len(trees):
        problems.append(f"{len(records)} of {len(trees)} records were read")
    for value, text, row, record in zip(trees, texts, rows, records):
        for number, (path, steps) in enumerate(PATHS.items()):
            expected = at(value, steps)
            # NaN differs from itself.
            for found, where in ((row, "json()"), (record, "a record")):
                if json.dumps(found[f"v{number}"]) != json.dumps(expected):
                    problems.append(f"{path} of {text} in {where}: {found[f'v{number}']!r}, expected {expected!r}")
    damaged = []
    for text in texts:
        place = source.randrange(len(text))
        damaged.append(text[:place] + source.choice(["", "x", ",", "\"", "]", "}", "\\", "0"]) + text[place + source.randrange(2):])

    def isjson(text):
        try:
            json.loads(text)
            return True
        except ValueError:
            return False

    # Strict about lone surrogates, where Python is not.
    rows = selected(bench, damaged, "t=type(json(s))")
    wrong = [f"{text!r}: {row['t']}" for text, row in zip(damaged, rows) if (row["t"] == "object") != (isjson(text) and json.loads(text) is not None)
             and "\\ud" not in text]
    return problems + wrong, f"{len(texts)} texts, {sum(map(isjson, damaged))} of as many damaged ones are JSON"


UNITS = {"ns": 1, "us": 1000, "µs": 1000, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}


def quantities(bench, amount):
    source, problems = random.Random(f"{bench.seed} quantities"), []
    durations, sizes, lists = {}, {}, {}
    for _ in range(100 * amount):
        total, text = fractions.Fraction(0), ""
        for unit in source.sample(list(UNITS), source.randrange(1, 4)):
            number = source.choice([str(source.randrange(100)), f"{source.randrange(100)}.{source.randrange(1000):03}"])
            total += fractions.Fraction(number) * UNITS[unit] / 10**9
            text += number + source.choice(["", " "]) + unit + source.choice(["", " "])
        durations[text] = total
        number, power = f"{source.randrange(2000)}.{source.randrange(100):02}", source.randrange(0, 6)
        unit = ["", "K", "M", "G", "T", "P"][power]
        unit = source.choice([unit, unit.lower(), unit + "B", (unit + "iB") if unit else "B"])
        exact = fractions.Fraction(number) * 1024**power
        sizes[number + source.choice(["", " "]) + unit] = int(exact + fractions.Fraction(1, 2))
        numbers = [source.choice([f"{source.randrange(3)}.{source.randrange(1000):03}", "-"]) for _ in range(source.randrange(1, 6))]
        text = numbers[0] + "".join(source.choice([", ", " : ", ",", " ", ";"]) + number for number in numbers[1:])
        lists[text] = [fractions.Fraction(float(number)) for number in numbers if number != "-"]
    rows = selected(bench, list(durations), "v=duration(s)")
    problems += differences(list(durations), rows, "v", lambda text: nearest(durations[text]))
    rows = selected(bench, list(sizes), "v=size(s)")
    problems += differences(list(sizes), rows, "v", lambda text: sizes[text])
    rows = selected(bench, list(lists), "sum=sum_list(s),min=min_list(s),max=max_list(s),avg=avg_list(s)")
    for name, function in (("sum", sum), ("min", min), ("max", max), ("avg", lambda values: sum(values) / len(values))):
        problems += differences(list(lists), rows, name, lambda text: nearest(function(lists[text])) if lists[text] else None)
    return problems, f"{len(durations)} durations, {len(sizes)} sizes, {len(lists)} lists"


def checks(bench):
    check, amount = bench.report.check, bench.options.inputs
    check("regex_replace and re.sub", replaced, bench, amount)
    check("from_base64 and base64", decoded, bench, amount)
    check("URLs and urllib", urls, bench, amount)
    check("json() and NaN, and json", documents, bench, amount)
    check("durations, sizes and lists of numbers", quantities, bench, amount)
