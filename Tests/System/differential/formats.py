"""Compares CSV, TSV, logfmt, regular expressions, JSON streams, --each and --unwrap with csv, DuckDB, Go, re and json."""

import csv
import io
import json
import os
import re
import shutil
import subprocess

try:
    import duckdb
except ImportError:
    duckdb = None

from ..common.compare import rows_of
from ..common.places import ROOT, Missing
from . import reading
from .reading import NUMBERS, RECORDS, REJECTED, SKIPPED, WORDS, all_files, sources, unlike

OPTIONS = {"inputs": 8}
# The same inputs in every run, unless --seed chooses others.
SEED = 1
NAMES = ("id", "name", "_v2", "a.b", "x y", "é", "a,b", "Größe", "true", "in")
BAD_UTF8 = (b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80")


def quoted_name(name):
    return f'"{name}"'


def cell(source, separator):
    """A value with or without whatever quoting is about; None: null."""
    match source.randrange(8):
        case 0:
            return None
        case 1:
            return ""
        case 2 | 3:
            return source.choice(NUMBERS)
        case 4:
            return source.choice(WORDS)
        case _:
            return "".join(source.choice(("a", " ", '"', separator, "\n", "\r\n", "'", "\\", "\t", ";", "é", "\0", "=")) for _ in range(source.randrange(1, 7)))


def csv_cell(source, value, separator, is_strict=False):
    if value is None:
        return ""
    needs = re.search(f"[{re.escape(separator)}\r\n]", value) or value[:1] in ("", '"') or is_strict and '"' in value
    if needs or source.random() < 0.2:
        return '"' + value.replace('"', '""') + '"'
    # Quotes and blanks inside are data.
    return value


def header(source, quote):
    names = source.sample(NAMES, source.randrange(2, 6))
    return names, [quote(name) for name in names]


def delimited(source, is_hostile, is_strict=False):
    """A CSV file: its separator, names, first line and pieces; with damage only if it is hostile, and with quotes in quotes
    only if it is strict."""
    separator = source.choice(",,;|\t")
    names, cells = header(source, lambda name: csv_cell(source, name, separator))
    first = separator.join(cells)
    end = source.choice(("\n", "\n", "\r\n"))
    pieces = []
    for _ in range(RECORDS):
        values = [cell(source, separator) for _ in names]
        cells = [csv_cell(source, value, separator, is_strict) for value in values]
        line, expected = separator.join(cells), values
        damage = source.randrange(60) if is_hostile else -1
        if is_hostile and line in ("", first) or len(names) > 1 and damage == 0:
            line, expected = source.choice((first, "")), SKIPPED
        elif damage == 1:
            line, expected = separator.join([*cells, "more"]), REJECTED
        elif damage == 2:
            line, expected = separator.join(cells[:-1] + ['"a"b']), REJECTED
        elif damage == 3:
            line, expected = separator.join(cells[:1]), values[:1] + [None] * (len(names) - 1)
        elif damage == 4:
            line, expected = separator.join(cells[:-1] + [' "lead"']), [*values[:-1], ' "lead"']
        elif damage == 5:
            line, expected = separator.join(cells[:-1] + ['in"ner']), [*values[:-1], 'in"ner']
        elif damage == 6:
            line, expected = separator.join(cells[:-1] + ["a\rb"]), [*values[:-1], "a\rb"]
        data = (line + end).encode()
        if damage == 7:
            place = separator.join(cells[:-1] + [source.choice(("{}", '"{}"'))]).encode() + end.encode()
            data, expected = place.replace(b"{}", b"a" + source.choice(BAD_UTF8) + b"b"), REJECTED
        if expected not in (SKIPPED, REJECTED) and not line:
            expected = SKIPPED
        pieces.append((data, expected))
    if source.random() < 0.3:
        # The last line without an end.
        data, expected = pieces[-1]
        pieces[-1] = (data.removesuffix(end.encode()), expected)
        if not pieces[-1][0]:
            pieces.pop()
    if is_hostile and source.random() < 0.3:
        pieces[-1] = (pieces[-1][0].rstrip(b"\r\n") + end.encode(), pieces[-1][1]) if pieces[-1][0].endswith(end.encode()) else (pieces[-1][0] + end.encode(), pieces[-1][1])
        pieces.append((b'a' + separator.encode() + b'"unclosed', REJECTED))
    mark = b"\xef\xbb\xbf" if source.random() < 0.3 else b""
    return separator, names, mark + (first + end).encode(), pieces


def csv_edges(source):
    separator, names, before, pieces = delimited(source, True)
    options = ["-i", "csv"] + (["--delimiter", separator] if source.random() < 0.7 or separator != "," else [])
    if source.random() < 0.3:
        options, before = ["-i", "csv", "--delimiter", separator, "--no-header", "--columns", ",".join(f"k{i}" for i in range(len(names)))], b""
        pieces = [(data, expected if data.strip(b" \t\r\n") or expected != SKIPPED else SKIPPED) for data, expected in pieces if expected != SKIPPED or not data.strip()]
        return pieces, options, [f"k{i}" for i in range(len(names))], before
    return pieces, options, [quoted_name(name) for name in names], before


def python_csv(bench):
    """Files on whose rules Python's csv agrees; it makes no difference between null and an empty text."""
    problems, count = [], 0
    for source in sources(bench, "python csv"):
        separator, names, before, pieces = delimited(source, False)
        data = before + b"".join(piece for piece, _ in pieces)
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator, strict=True)
        lists = [row for row in reader if row]
        rows, rejects = reading.read(bench, data, ["-i", "csv", "--delimiter", separator], [quoted_name(name) for name in names])
        found = [[value or "" for value in values] for _, values in rows]
        if lists[0] != names:
            problems.append(f"the header is {lists[0]}, not {names}")
        problems += [f"{row}, csv reads {wanted}" for row, wanted in zip(found, lists[1:]) if row != wanted]
        if rejects or len(found) != len(lists) - 1:
            problems.append(f"{len(found)} records and {len(rejects)} rejected, csv reads {len(lists) - 1}")
        count += len(found)
    return problems, f"{count} records"


def duckdb_csv(bench):
    if duckdb is None:
        raise Missing("the Python package duckdb is not installed")
    base, problems, count, path = duckdb.connect(), [], 0, bench.folder / "duckdb.csv"
    base.execute("SET threads = 1")
    for source in sources(bench, "duckdb"):
        separator, names, before, pieces = delimited(source, False, is_strict=True)
        # DuckDB's lines have one kind of end, and no blank lines.
        pieces = [(data, values) for data, values in pieces if values != SKIPPED]
        data = before.removeprefix(b"\xef\xbb\xbf") + b"".join(piece for piece, _ in pieces)
        path.write_bytes(data)
        columns = ", ".join(f"'v{index}': 'VARCHAR'" for index in range(len(names)))
        lists = base.execute(f"""SELECT * FROM read_csv('{path}', all_varchar = true, header = true, auto_detect = false, delim = '{separator}',
            quote = '"', escape = '"', columns = {{{columns}}}, allow_quoted_nulls = false, parallel = false, strict_mode = false)""").fetchall()
        rows, rejects = reading.read(bench, data, ["-i", "csv", "--delimiter", separator], [quoted_name(name) for name in names])
        problems += [f"{row}, DuckDB reads {wanted}" for (_, row), wanted in zip(rows, lists) if row != wanted]
        if rejects or len(rows) != len(lists):
            problems.append(f"{len(rows)} records and {len(rejects)} rejected, DuckDB reads {len(lists)}")
        count += len(rows)
    return problems, f"{count} records"


def tsv_edges(source):
    names = source.sample([name for name in NAMES if name != "true"], source.randrange(2, 5))
    end, pieces = source.choice(("\n", "\r\n")), []
    first = "\t".join(names)
    for _ in range(RECORDS):
        values = [cell(source, "\t") for _ in names]
        if source.random() < 0.1:
            values[0] = source.choice(("\\N", "\\t", "\\", "a\\"))
        # A TSV file has no way to write an empty text.
        expected = [value or None for value in values]
        cells = [source.choice(("", "\\N")) if not value else value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
                 for value in values]
        line, damage = "\t".join(cells), source.randrange(50)
        if damage == 0:
            line, expected = "\t".join([*cells, "more"]), REJECTED
        elif damage == 1:
            line, expected = cells[0], expected[:1] + [None] * (len(names) - 1)
        elif damage == 2:
            line, expected = source.choice((first, "")), SKIPPED
        if expected != REJECTED and not line:
            expected = SKIPPED
        pieces.append(((line + end).encode(), expected))
    return pieces, ["-i", "tsv"], [quoted_name(name) for name in names], (first + end).encode()


def round_trips(bench):
    """Records printed with -f csv and -f tsv and read again."""
    problems, count = [], 0
    for source in sources(bench, "round trips"):
        names = source.sample([name for name in NAMES if name != "a.b"], 3)
        records = [{name: cell(source, ",") for name in names} for _ in range(RECORDS)]
        lines = "".join(json.dumps(record) + "\n" for record in records).encode()
        select = ",".join(map(quoted_name, names))
        for form in ("csv", "tsv"):
            written = bench.printed(["-q", "-i", "json", "-f", form, "--select", select, "-"], lines)
            rows = rows_of(bench.printed(["-q", "-i", form, "--select", select, "-"], written.encode()))
            wanted = records if form == "csv" else [{name: value or None for name, value in record.items()} for record in records]
            problems += [f"{form}: {row}, written was {record}" for row, record in zip(rows, wanted) if row != record]
            if len(rows) != len(wanted):
                problems.append(f"{form}: {len(rows)} records instead of {len(wanted)}")
            count += len(rows)
    return problems, f"{count} records"


def composed(bench):
    """Names that are the same characters in other bytes are two columns, in both directions."""
    problems, names = [], ["\u00e9", "e\u0301"]
    for form, separator in (("csv", ","), ("tsv", "\t")):
        data = (separator.join(names) + "\n" + separator.join("12") + "\n").encode()
        row, = rows_of(bench.printed(["-q", "-i", form, "--select", ",".join(map(quoted_name, names)), "-"], data))
        if row != dict(zip(names, "12")):
            problems.append(f"{form}: {row}")
    return problems


def unclosed(bench):
    """A quote that no other one follows costs its own record: reading goes on in the next line."""
    problems, count = [], 0
    for source in sources(bench, "unclosed"):
        pieces, plain = [], [(f"{number},plain\n".encode(), [str(number), "plain"]) for number in range(3 * RECORDS)]
        for number in sorted(source.sample(range(3 * RECORDS), 2)):
            pieces += plain[len(pieces):number] + [(source.choice((b'7,"open\n', b'"open\n', b'1,"a""b\n')), REJECTED)]
        # The second quote would end the first value, if it came in time.
        first, second = [number for number, (_, expected) in enumerate(pieces) if expected == REJECTED]
        pieces = pieces[:second] + plain[second:]
        size = sum(len(data) for data, _ in pieces[first:])
        options = ["-i", "csv", "--max-line", str(max(20, size // source.choice((2, 5))))] if source.random() < 0.7 else ["-i", "csv"]
        problems += unlike(bench, pieces, options, ["k", "v"], b"k,v\n")
        count += len(pieces)
    return problems, f"{count} records"


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
        options = ["-i", source.choice(("json-stream", "json-stream", "json-stream"))]
        rows, rejects = reading.read(bench, text.encode(), options, "abc")
        wanted = [(line, tuple(value.get(name) for name in "abc")) for line, value in values]
        problems += [f"{row}, expected {expected} in {text[:200]!r}" for row, expected in zip(rows, wanted) if json.dumps(row) != json.dumps(expected)]
        if rejects or len(rows) != len(wanted):
            problems.append(f"{len(rows)} records and {len(rejects)} rejected instead of {len(wanted)} in {text[:200]!r}")
        count += len(rows)
    return problems, f"{count} records"


def same_line(bench):
    """Several objects on a line, with text before the first one, and NaN."""
    def one(source):
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
    return all_files(bench, "same line", one)


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
    check("CSV: the edge cases", all_files, bench, "csv", csv_edges)
    check("CSV: Python's csv", python_csv, bench)
    check("CSV: DuckDB", duckdb_csv, bench)
    check("TSV: the edge cases", all_files, bench, "tsv", tsv_edges)
    check("CSV and TSV: written and read", round_trips, bench)
    check("CSV and TSV: names composed and decomposed", composed, bench)
    check("CSV: quotes without an end", unclosed, bench)
    check("logfmt: the edge cases", all_files, bench, "logfmt", logfmt_edges)
    check("logfmt: Go", go_logfmt, bench)
    check("--regex: Python's re", all_files, bench, "regex", regex)
    check("json-stream: Python's json", json_streams, bench)
    check("json: text before objects, and NaN", same_line, bench)
    check("--each: Python's json", each, bench)
    check("--unwrap: Python's json", all_files, bench, "unwrap", unwrap)
