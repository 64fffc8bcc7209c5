"""Compares logfmt, --regex, JSON streams, --each and --unwrap with Go's logfmt and Python's re and json."""

import json
import os
import re
import shutil
import subprocess

from ..common.places import ROOT, Missing
from . import reading
from .reading import BAD_UTF8, NUMBERS, RECORDS, REJECTED, SKIPPED, WORDS, all_files, quoted_name, sources

OPTIONS = {"inputs": 8}
# The same inputs in every run, unless --seed chooses others.
SEED = 1
LOGFMT_NAMES = ("a", "b", "ms", "é", "x.y", "k-1", "日")
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def logfmt_text(source):
    return "".join(source.choice(("a", " ", "=", '"', "\\", "\n", "\t", "'", "é", "\U0001d11e", "{", "\r")) for _ in range(source.randrange(0, 6)))


def logfmt_pair(source, is_hostile):
    """The text of a pair, its name, and its value; is_hostile: also what Go refuses."""
    name = source.choice(LOGFMT_NAMES)
    match source.randrange(10 if is_hostile else 6):
        case 0:
            return name, name, "true"
        case 1:
            return f"{name}=", name, None
        case 2 | 3:
            text = logfmt_text(source)
            written = "".join(ESCAPES.get(c, c) if source.random() < 0.9 or c in '"\\\n' else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in text)
            return f'{name}="{written}"', name, text
        case 4 | 5:
            text = source.choice((*NUMBERS, *(word for word in WORDS if not re.search(r'[="]', word)), "'x"))
            return f"{name}={text}", name, text
        case 6:
            text = source.choice(("b=c", "http://h/?q=1", "=", "a=b=c"))
            return f"{name}={text}", name, text
        case 7:
            return f'"{name}"=v', name, "v"
        case 8:
            written, text = source.choice((("\\'", "'"), ("\\x41", "A"), ("\\xc3\\xa9", "é"), ("\\xff", "\ufffd"), ("\\c", "\\c"), ("\\/", "/"), ("\\x4", "\\x4")))
            return f'{name}="{written}"', name, text
        case _:
            return f"{name}=a\\nb", name, "a\\nb"


def logfmt_line(source, is_hostile):
    blanks = (" ", " ", "  ", "\t", " \t ") + (("\x01", "\r") if is_hostile else ())
    pairs = [logfmt_pair(source, is_hostile) for _ in range(source.randrange(1, 6))]
    values = {name: value for _, name, value in pairs}
    line = pairs[0][0] + "".join(source.choice(blanks) + text for text, _, _ in pairs[1:])
    if all("=" not in text for text, _, _ in pairs):
        return line, REJECTED
    return source.choice(("", "", " ")) + line + source.choice(("", "", " ")), [values.get(name) for name in LOGFMT_NAMES]


def logfmt_edges(source):
    pieces = []
    for _ in range(RECORDS):
        line, expected = logfmt_line(source, True)
        end = source.choice(("\n", "\n", "\r\n"))
        match source.randrange(40):
            case 0:
                line, expected = source.choice(("", "  ", "\t")), SKIPPED
            case 1:
                line, expected = line.strip() + source.choice((' k="unclosed', ' k="a\\"', ' k"x=v', ' k="a"b')), REJECTED
            case 2:
                line, expected = "words without a pair", REJECTED
        data = (line + end).encode()
        if source.randrange(40) == 0:
            data, expected = source.choice((b"a=" + source.choice(BAD_UTF8) + b"\n", b'a="' + source.choice(BAD_UTF8) + b'"\n')), REJECTED
        pieces.append((data, expected))
    return pieces, ["-i", "logfmt"], [quoted_name(name) for name in LOGFMT_NAMES]


def go_program(bench):
    """Go's decoder, built from the sources of Debian."""
    path, sources_of_go = bench.folder / "go-logfmt", "/usr/share/gocode"
    if not shutil.which("go") or not os.path.isdir(f"{sources_of_go}/src/github.com/go-logfmt/logfmt"):
        raise Missing("no Go with logfmt (golang-go, golang-github-go-logfmt-logfmt-dev)")
    environment = {**bench.environment(), "GOPATH": sources_of_go, "GO111MODULE": "off", "GOCACHE": str(bench.folder / "go-cache"), "GOFLAGS": ""}
    subprocess.run(["go", "build", "-o", path, "main.go"], cwd=ROOT / "Tests/System/differential/oracles/logfmt", env=environment, check=True)
    return path


def go_logfmt(bench):
    """Lines of which Go's decoder reads most; it does not distinguish a name alone from an empty value."""
    program, problems, count = go_program(bench), [], 0
    lines = []
    for source in sources(bench, "go"):
        lines += [logfmt_line(source, source.random() < 0.2)[0] for _ in range(RECORDS)]
    lines = [line for line in lines if "\r" not in line and "\\x" not in line]
    data = "".join(line + "\n" for line in lines).encode()
    read = [json.loads(line) for line in subprocess.run([program], input=data, stdout=subprocess.PIPE, check=True).stdout.splitlines()]
    rows, rejects = reading.read(bench, data, ["-i", "logfmt"], [quoted_name(name) for name in LOGFMT_NAMES])
    found = dict(rows)
    for number, (line, pairs) in enumerate(zip(lines, read), 1):
        if pairs is None or "=" not in line:
            continue
        values = dict(pairs)
        if number not in found:
            problems.append(f"{line!r}: not read, Go reads {values}")
            continue
        for name, value in zip(LOGFMT_NAMES, found[number]):
            wanted = values.get(name)
            if value != wanted and not (wanted is None and name in values and value in ("true", "")):
                problems.append(f"{line!r}: {name} is {value!r}, Go reads {wanted!r}")
        count += 1
    if count < len(lines) / 2:
        problems.append(f"Go reads only {count} of {len(lines)} lines")
    return problems, f"{count} of {len(lines)} lines"


PATTERNS = (
    r"(?<a>\d+) (?<b>\w*)(?: (?<c>[a-z]+))?", r"^\[(?P<a>[^\]]*)\] (?P<b>.*)$", r"(?<a>[a-z]+)=(?<b>[^ ]*)|(?<c>!+)", r"(?i)(?<a>warn|error):? *(?<b>.*)",
    r"(?<a>\S+) +(?<b>\S+)$", r"(?<a>a*?)(?<b>b+)(?<c>c*)", r"(?<a>(?:\d{1,3}\.){3}\d{1,3})(?<b>:\d+)?(?<c> .+)?",
)


def regex(source):
    pattern, pieces = source.choice(PATTERNS), []
    compiled = re.compile(re.sub(r"\(\?<(?=[a-z])", "(?P<", pattern).replace("$", r"\Z"), re.ASCII)
    names = [name for name in "abc" if name in compiled.groupindex]
    words = ("12 abc", " ", "[", "] ", "x=1", "!!", "WARN: ", "error", "é", "abbc", "10.0.0.1", ":80", "a", "", "\\", "日本 ")
    for _ in range(RECORDS):
        line = "".join(source.choice(words) for _ in range(source.randrange(0, 6)))
        found = compiled.search(line)
        expected = [found[name] for name in names] if found else REJECTED
        if not line:
            expected = SKIPPED
        pieces.append(((line + source.choice(("\n", "\n", "\r\n"))).encode(), expected))
    return pieces, ["--regex", pattern], names


def value_text(source, depth=2):
    match source.randrange(9 if depth else 6):
        case 0:
            return source.choice(("1", "-0", "1.10", "1e400", "123456789012345678901234567890") if depth < 2 else ("1", "2.5"))
        case 1 | 2:
            return json.dumps(source.choice((*WORDS, 'a"b', "}{", "[", "\\", "\n", "")), ensure_ascii=source.random() < 0.5)
        case 3:
            return source.choice(("true", "false", "null"))
        case 4 | 5:
            return str(source.randrange(1000))
        case 6:
            return "{}"
        case 7:
            return "[" + source.choice((",", " , ", ",\n")).join(value_text(source, depth - 1) for _ in range(source.randrange(3))) + "]"
        case _:
            return '{"k" :' + value_text(source, depth - 1) + "}"


def stream(source):
    """Objects in any arrangement, with their line. 1e400 is not a number that a double holds, so its record is malformed."""
    text, spaces, values = source.choice(("", "\n", "\x1e", "[", "[\n")), (" ", "\n", "\t", "\r\n", "\n\n"), []
    is_array, is_sequence = text.startswith("["), text == "\x1e"
    amount = source.randrange(1, RECORDS)
    for number in range(amount):
        body = {name: value_text(source) for name in source.sample("abc", source.randrange(0, 4))}
        body = {name: value for name, value in body.items() if "1e400" not in value}
        gap = source.choice(("", *spaces))
        record = "{" + gap + ("," + gap).join(f'"{name}":{gap}{value}' for name, value in body.items()) + gap + "}"
        values.append((text.count("\n") + 1, {name: json.loads(value) for name, value in body.items()}))
        text += record
        if number < amount - 1:
            text += ("," if is_array else "\n\x1e" if is_sequence else "") + source.choice(("", *spaces))
    return text + ("]" if is_array else "") + source.choice(("", "\n")), values


def json_streams(bench):
    """json.JSONDecoder.raw_decode reads the same objects."""
    problems, count, decoder = [], 0, json.JSONDecoder()
    for source in sources(bench, "stream"):
        text, values = stream(source)
        plain = text.replace("\x1e", " ")
        place, found = 0, []
        for _ in values:
            place = re.compile(r"[\s,\[]*").match(plain, place).end()
            value, place = decoder.raw_decode(plain, place)
            found.append(value)
        if [value for _, value in values] != found:
            problems.append(f"json reads {found}, written was {values}")
        options = ["-i", "json-stream"]
        rows, rejects = reading.read(bench, text.encode(), options, "abc")
        wanted = [(line, tuple(value.get(name) for name in "abc")) for line, value in values]
        problems += [f"{row}, expected {expected} in {text[:200]!r}" for row, expected in zip(rows, wanted) if json.dumps(row) != json.dumps(expected)]
        if rejects or len(rows) != len(wanted):
            problems.append(f"{len(rows)} records and {len(rejects)} rejected instead of {len(wanted)} in {text[:200]!r}")
        count += len(rows)
    return problems, f"{count} records"


def on_lines(source):
    """An object on each line, with text before some of them, and NaN."""
    pieces = []
    for _ in range(RECORDS):
        record = {"a": source.choice((1, "x}{", None, float("nan"), "é")), "b": source.randrange(5)}
        prefix = source.choice(("", "", "", "web-1  | ", "[pod/a] ", "2026-03-01 INFO "))
        expected = [None if record["a"] != record["a"] else record["a"], record["b"], prefix.rstrip(" |") or None]
        text = json.dumps(record, ensure_ascii=source.random() < 0.5)
        match source.randrange(12):
            case 0:
                text, expected = text[:-1], REJECTED
            case 1:
                text, expected = "no object", REJECTED
            case 2:
                text, prefix, expected = "", "", SKIPPED
        pieces.append(((prefix + text + source.choice(("\n", "\r\n", " \n"))).encode(), expected))
    return pieces, ["-i", "json"], ["a", "b", "@prefix"]


def each(bench):
    """--each, also nested, and json."""
    problems, count = [], 0
    for source in sources(bench, "each"):
        documents, wanted, rejected = [], [], 0
        for _ in range(RECORDS // 4):
            elements = [source.choice(({"n": source.randrange(9), "in": [{"m": source.randrange(9)} for _ in range(source.randrange(3))]}, 7, "x", None, {}))
                        for _ in range(source.randrange(5))]
            document = {"region": source.choice(("eu", None, 3)), "records": source.choice((elements, elements, elements, None))}
            if source.randrange(12) == 0:
                del document["records"]
                rejected += 1
            documents.append(json.dumps(document, indent=None))
            for element in document.get("records") or []:
                inner = element if isinstance(element, dict) else {"value": element}
                wanted.append((inner.get("n"), inner.get("value"), document["region"]))
        rows, rejects = reading.read(bench, ("\n".join(documents) + "\n").encode(), ["-i", "json", "--each", "records"], ["n", "value", "outer.region"])
        found = [values for _, values in rows]
        problems += [f"{row}, expected {expected}" for row, expected in zip(found, wanted) if row != expected]
        if len(found) != len(wanted) or len(rejects) != rejected:
            problems.append(f"{len(found)} records and {len(rejects)} rejected instead of {len(wanted)} and {rejected}")
        count += len(found)
        nested = [json.loads(text) for text in documents if '"records": [' in text and not re.search(r'[\[ ](7|"x"|null|\{\})[,\]]', text)]
        wanted = [(inner["m"], element["n"], document["region"]) for document in nested for element in document["records"] for inner in element["in"]]
        lines = "".join(json.dumps(document) + "\n" for document in nested).encode()
        if lines:
            rows, _ = reading.read(bench, lines, ["-i", "json", "--each", "records[].in[]"], ["m", "outer.n", "outer.outer.region"])
            problems += [f"{row}, expected {expected}, nested" for (_, row), expected in zip(rows, wanted) if row != expected]
            if len(rows) != len(wanted):
                problems.append(f"{len(rows)} nested records instead of {len(wanted)}")
            count += len(rows)
    return problems, f"{count} records"


def unwrap(source):
    pieces = []
    for _ in range(RECORDS):
        inner = {"level": source.choice(("info", "é", "a b", 'q"', 3, None)), "id": source.randrange(9)}
        record = {"id": source.randrange(9), "log": json.dumps(inner, ensure_ascii=source.random() < 0.5) + source.choice(("", "\n"))}
        expected = [inner["level"], inner["id"], record["id"]]
        match source.randrange(6):
            case 0:
                record["log"], expected = source.choice(("plain text", "", "a b=")), [None, record["id"], record["id"]]
            case 1:
                record["log"] = f'level=warn id={inner["id"]}'
                expected = ["warn", str(inner["id"]), record["id"]]
            case 2:
                record["log"], expected = '{"level":', REJECTED
            case 3:
                record["log"], expected = source.choice((None, 5)), [None, record["id"], record["id"]]
        pieces.append((json.dumps(record).encode() + b"\n", expected))
    return pieces, ["-i", "json", "--unwrap", "log"], ["level", "id", "outer.id"]


def checks(bench):
    check = bench.report.check
    check("logfmt: the edge cases", all_files, bench, "logfmt", logfmt_edges)
    check("logfmt: Go", go_logfmt, bench)
    check("--regex: Python's re", all_files, bench, "regex", regex)
    check("json-stream: Python's json", json_streams, bench)
    check("json: text before objects, and NaN", all_files, bench, "lines", on_lines)
    check("--each: Python's json", each, bench)
    check("--unwrap: Python's json", all_files, bench, "unwrap", unwrap)
