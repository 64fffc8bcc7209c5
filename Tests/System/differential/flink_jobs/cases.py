"""The command lines of cases.txt, and how rows of an engine are compared with ours."""

import datetime
import glob
import gzip
import json
import os
import pathlib
import re
import shlex
import shutil

HERE = pathlib.Path(__file__).resolve().parent
TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?$")


def read_cases(name="cases.txt", folder=HERE):
    """The command lines of a list by their names."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


def arguments_of(text):
    return shlex.split(text)


def of_run(words):
    """The arguments of our own run, which needs no types."""
    return [word for number, word in enumerate(words) if "--types" not in words[max(0, number - 1):number + 1]]


def without_version(text):
    return re.sub(r"^(.*Made by streamctl) \S+", r"\1", text, count=1)


def read_script(script):
    """The settings and the statements of a script for the SQL client."""
    settings, statements = {}, []
    for text in script.split(";\n"):
        # Comments inside of statements stay: the parser of Flink knows them.
        text = re.sub(r"\A(\s*--[^\n]*\n)+", "", text).strip()
        if text.startswith("SET "):
            name, value = text[4:].split(" = ", 1)
            settings[name.strip("'")] = value[1:-1].replace("''", "'")
        elif text:
            statements.append(text)
    return settings, statements


def golden_texts(name="jobs.sql", folder=HERE):
    """The scripts of a file by the names of their command lines."""
    texts = {}
    for part in (folder / "golden" / name).read_text(encoding="utf-8").split("==== ")[1:]:
        title, text = part.split("\n", 1)
        texts[title.split(": ", 1)[0]] = text
    return texts


def golden_rows(name, folder=HERE):
    with gzip.open(folder / "golden" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_golden(name, rows, folder=HERE):
    lines = sorted(json.dumps(row, ensure_ascii=False) for row in rows)
    with gzip.GzipFile(folder / "golden" / f"{name}.jsonl.gz", "wb", mtime=0) as out:
        out.write("".join(line + "\n" for line in lines).encode())


def rows_in(folder):
    """The rows that a job has written into `folder`/rows, which is then removed."""
    names = glob.glob(f"{folder}/rows/*") + glob.glob(f"{folder}/rows/.part*")
    files = [name for name in names if os.path.isfile(name) and not name.endswith(".crc")]
    rows = [json.loads(line) for name in files for line in open(name, encoding="utf-8")]
    shutil.rmtree(f"{folder}/rows", ignore_errors=True)
    return rows


def normal(value):
    if isinstance(value, str) and TIME.match(value):
        return datetime.datetime.fromisoformat(value.rstrip("Z").replace(" ", "T") + "+00:00").isoformat()
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value


def same_rows(theirs, ours):
    """What differs, as a text; None if nothing does."""
    theirs = sorted(({name: normal(value) for name, value in row.items()} for row in theirs), key=order)
    ours = sorted(({name: normal(value) for name, value in row.items()} for row in ours), key=order)
    if len(theirs) != len(ours):
        return f"{len(theirs)} rows of the engine, {len(ours)} of ours"
    different = [(left, right) for left, right in zip(theirs, ours) if not same_row(left, right)]
    return f"{len(different)} of {len(ours)} rows differ, such as {different[0]}" if different else None


def order(row):
    # Numbers by three digits, so that rounding does not change the order.
    return [(name, f"{value:.3e}" if isinstance(value, (int, float)) else str(value)) for name, value in row.items()]


def same_row(left, right):
    return left.keys() == right.keys() and all(same_value(left[name], right[name]) for name in left)


def same_value(left, right):
    numbers = [value for value in (left, right) if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if len(numbers) == 2:
        return abs(left - right) <= 1e-9 * max(1, abs(left), abs(right))
    return left == right
