"""Reads the same bytes whole and in pieces, with 1, 2 and 4 threads, compressed and not: every format, the same rows."""

import fcntl
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import termios
import threading
import time

from ..common.places import Missing
from . import containers, delimited, formats, log_formats
from .reading import RECORDS, selected

OPTIONS = {"inputs": 1}
# The same inputs in every run, unless --seed chooses others.
SEED = 1
# Bytes written at a time; None: everything at once.
SIZES = (None, [7], [64], [1000])
# The same for short inputs.
SMALL_SIZES = ([1], [2], [3], [7])


def runtime(form):
    def one(source):
        def docker(moment, stream, part, is_open):
            return json.dumps({"log": part + ("" if is_open else "\n"), "stream": stream, "time": moment})

        def cri(moment, stream, part, is_open):
            return f"{moment} {stream} {'P' if is_open else 'F'} {part}"

        lines, _ = containers.runtime_lines(source, 20, docker if form == "docker" else cri)
        return "".join(line + "\n" for line in lines).encode(), ["-i", form], ["time", "stream", "log" if form == "docker" else "message"]
    return one


def of_pieces(generate):
    """A whole file of a generator of pieces: its bytes, options and fields."""
    def one(source):
        pieces, options, fields, *before = generate(source)
        return b"".join([*before, *(piece for piece, _ in pieces)]), options, fields
    return one


def quoted(source):
    """A short CSV file full of what a cut could spoil."""
    parts = (b"a", b'""', b"\r\n", b"\n", b"\xc3\xa9", b"\xf0\x9d\x84\x9e", b",")
    rows = [b'%d,"' % number + b"".join(source.choice(parts) for _ in range(source.randrange(5))) + b'"\n' for number in range(RECORDS)]
    return b"k,v\n" + b"".join(rows), ["-i", "csv"], ["k", "v"]


def stream(source):
    return formats.stream(source)[0].encode() + source.choice((b"", b'\n{"a":\n{"a":1}\n', b'{"a":1,}\n{"a":2}\n')), ["-i", "json-stream"], "abc"


def lines(source):
    words = (b"a", b" ", b"\xc3\xa9", b"\r", b"\xff", b"\n", b"\r\n", b"\0")
    return b"".join(source.choice(words) for _ in range(RECORDS)), ["-i", "lines"], ["line"]


def records_of_lines(source):
    text = b"".join(source.choice((b"2026 start\n", b" at f\n", b"\n", b"2026 a\r\n", b"2025\n")) for _ in range(RECORDS))
    return text, ["-i", "lines", "--record-start", "^2026"], ["line"]


def elements(source):
    documents = [json.dumps({"r": number, "records": [{"n": index} for index in range(source.randrange(4))]}, indent=source.choice((None, 1)))
                 for number in range(RECORDS // 10)]
    return source.choice(("\n", "", " ")).join(documents).encode(), ["-i", "json-stream", "--each", "records"], ["n", "outer.r"]


FILES = {
    "quoted csv": quoted, "csv": of_pieces(delimited.csv_edges), "tsv": of_pieces(delimited.tsv_edges), "logfmt": of_pieces(formats.logfmt_edges),
    "regex": of_pieces(formats.regex), "unwrap": of_pieces(formats.unwrap), "same line": of_pieces(formats.on_lines), "json-stream": stream,
    "each": elements, "lines": lines, "record-start": records_of_lines, "access": of_pieces(log_formats.access),
    "ingress": of_pieces(log_formats.ingress), "syslog": of_pieces(log_formats.syslog), "docker": runtime("docker"), "cri": runtime("cri"),
    "journal": of_pieces(containers.journal),
}


def outcome(bench, options, data, sizes=None, file=None):
    """Status, standard output and rejected records of a run that reads a file, or data through a pipe.

    sizes: how many bytes to write at a time, the last one again and again; None: everything at once.
    """
    rejects = bench.folder / "rejects.jsonl"
    rejects.unlink(missing_ok=True)
    options = [*options, "--rejects", rejects]
    if file:
        done = bench.run([*options, file])
    else:
        reading, writing = os.pipe()
        process = bench.start([*options, "-"], stdin=reading)
        os.close(reading)
        feeder = threading.Thread(target=feed, args=(writing, data, sizes or [len(data)]))
        feeder.start()
        done = bench.finish(process)
        feeder.join()
    found = rejects.read_text() if rejects.exists() else ""
    if file:
        # The source of a rejected record is the name of the input.
        found = found.replace(f'"source":{json.dumps(str(file))}', '"source":"stdin"')
    return done.status, done.out, found, done.err if done.status not in (0, 65) else ""


def feed(writing, data, sizes):
    """Writes data into a pipe. Where there are two sizes, the reader gets the first piece before the second one."""
    place, next_size = 0, 0
    try:
        while place < len(data):
            size = sizes[min(next_size, len(sizes) - 1)]
            place, next_size = place + os.write(writing, data[place:place + size]), next_size + 1
            end = time.monotonic() + 0.05
            while len(sizes) > 1 and unread(writing) and time.monotonic() < end:
                time.sleep(0.0002)
    except BrokenPipeError:
        # The program did not read to the end, as its rows will show.
        pass
    finally:
        os.close(writing)


def unread(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


def unlike(name, expected, found):
    if found == expected:
        return []
    where = next((part for part, pair in zip(("status", "rows", "rejected", "messages"), zip(expected, found)) if pair[0] != pair[1]), "?")
    if where == "rows":
        wanted, rows = expected[1].split("\n"), found[1].split("\n")
        first = next((index for index, pair in enumerate(zip(wanted, rows)) if pair[0] != pair[1]), min(len(wanted), len(rows)))
        return [f"{name}: {len(rows)} rows instead of {len(wanted)}, row {first}: {rows[first:first + 1]} instead of {wanted[first:first + 1]}"]
    part = ("status", "rows", "rejected", "messages").index(where)
    return [f"{name}: {where}: {str(found[part])[:200]} instead of {str(expected[part])[:200]}"]


def packed(form, data):
    """The data compressed by gzip, zstd and so on."""
    if not shutil.which(form):
        raise Missing(f"{form} is not installed")
    return subprocess.run([form, "-c", "-q"], input=data, stdout=subprocess.PIPE, check=True).stdout


def compressed(bench, form, amount):
    """Every format in two members, between which a line may go on."""
    problems, runs = [], 0
    for name in FILES:
        for number in range(amount):
            source = random.Random(f"{bench.seed} compressed {form} {name} {number}")
            data, options, fields = FILES[name](source)
            options, path = [*options, "-q", "--select", selected(fields)], bench.folder / "input"
            place = source.randrange(len(data))
            members = packed(form, data[:place]) + packed(form, data[place:])
            path.write_bytes(data)
            expected = outcome(bench, [*options, "-j", "1"], data, file=path)
            path.write_bytes(members)
            again = f"{name} {number} {' '.join(options[:-3])} {form}"
            problems += unlike(f"{again}, a file", expected, outcome(bench, [*options, "-j", "2"], members, file=path))
            sizes = source.choice((None, [3], [64]))
            problems += unlike(f"{again}, {sizes} bytes at a time", expected, outcome(bench, [*options, "-j", "1"], members, sizes))
            runs += 2
    return problems, f"{runs} runs"


def in_pieces(bench, name, amount):
    """Every size of a piece, threads, files and compression; every cut of the beginning."""
    problems, runs = [], 0
    for number in range(amount):
        source = random.Random(f"{bench.seed} pieces {name} {number}")
        data, options, fields = FILES[name](source)
        options = [*options, "-q", "--select", selected(fields)]
        path = bench.folder / "input"
        path.write_bytes(data)
        expected = outcome(bench, [*options, "-j", "1"], data, file=path)
        if not expected[1]:
            problems.append(f"input {number} has no rows: {expected}")
        for threads in ("1", "2", "4"):
            again = f"input {number} {' '.join(options[:-3])} -j {threads}"
            problems += unlike(f"{again}, a file", expected, outcome(bench, [*options, "-j", threads], data, file=path))
            for size in SIZES:
                problems += unlike(f"{again}, {size or 'all'} bytes at a time", expected, outcome(bench, [*options, "-j", threads], data, size))
                runs += 1
        # What auto decides on does not depend on how it comes either.
        automatic = options[2:] if options[0] == "-i" and name != "lines" else options
        path.write_bytes(data)
        unnamed = outcome(bench, [*automatic, "-j", "1"], data, file=path)
        for sizes in SIZES[:2] + ([source.randrange(1, min(len(data), 200)), len(data)],):
            problems += unlike(f"input {number} {' '.join(automatic[:-3])} by auto, {sizes or 'all'} bytes at a time", unnamed,
                               outcome(bench, [*automatic, "-j", "2"], data, sizes))
            runs += 1
        small = data[:500]
        path.write_bytes(small)
        expected = outcome(bench, [*options, "-j", "1"], small, file=path)
        for size in SMALL_SIZES:
            threads = source.choice("124")
            again = f"input {number} {' '.join(options[:-3])} -j {threads}, {size} of {len(small)} bytes at a time"
            problems += unlike(again, expected, outcome(bench, [*options, "-j", threads], small, size))
            runs += 1
        # Every cut of the beginning.
        small = data[:70]
        path.write_bytes(small)
        expected = outcome(bench, [*options, "-j", "1"], small, file=path)
        for place in range(1, len(small)):
            found = outcome(bench, [*options, "-j", source.choice("12")], small, [place, len(small)])
            problems += unlike(f"input {number} {' '.join(options[:-3])}, {small!r} cut at {place}", expected, found)
            runs += 1
    return problems, f"{runs} runs"


def large(bench, name, amount):
    """A file of several batches, with threads and random pieces."""
    problems, runs = [], 0
    source = random.Random(f"{bench.seed} large {name}")
    data, options, fields = FILES[name](source)
    # Not an array twice, and no value that the next copy would end.
    while name == "csv" and b"unclosed" in data or name == "json-stream" and (data.lstrip()[:1] == b"[" or b'{"a":\n{' in data):
        data, options, fields = FILES[name](source)
    data = data.rstrip(b"\n") + b"\n"
    data *= 3_000_000 // len(data) + 1
    if name == "json-stream":
        # An object without an end.
        data = b'{"a":\n' + data
    options, path = [*options, "-q", "--select", selected(fields)], bench.folder / "large"
    path.write_bytes(data)
    expected = outcome(bench, [*options, "-j", "1"], data, file=path)
    for threads in ("2", "4"):
        problems += unlike(f"{' '.join(options[:-3])} -j {threads}, a file", expected, outcome(bench, [*options, "-j", threads], data, file=path))
        size = source.randrange(1000, 100_000)
        problems += unlike(f"{' '.join(options[:-3])} -j {threads}, {size} bytes at a time", expected, outcome(bench, [*options, "-j", threads], data, [size, size]))
        runs += 2
    return problems, f"{runs} runs of {len(data)} bytes"


# For each program that compresses: the library that reads it, and its Debian package.
LIBRARIES = {"gzip": ("libz.so", "zlib1g"), "zstd": ("libzstd", "libzstd1"), "bzip2": ("libbz2", "libbz2-1.0"), "xz": ("liblzma", "liblzma5"), "lz4": ("liblz4", "liblz4-1")}


def missing_libraries(bench):
    """Without the library of a form, the message names its package and the program; the other forms need it not."""
    shim, problems = bench.folder / "missing_library.so", []
    source = pathlib.Path(__file__).parents[1] / "common" / "missing_library.c"
    compiler = next(filter(None, map(shutil.which, ("clang", "gcc", "cc"))), None)
    if not compiler:
        raise Missing("no C compiler")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True)
    files = {form: bench.folder / f"records.{form}" for form in LIBRARIES}
    for form, path in files.items():
        path.write_bytes(packed(form, b'{"a":1}\n'))
    for form, (library, package) in LIBRARIES.items():
        for other, path in files.items():
            found = bench.run(["--count", path], {"LD_PRELOAD": str(shim), "MISSING_LIBRARY": library})
            words = (f"(Debian package {package})", f"{form} -dc {path}")
            if other == form and (found.status != 69 or not all(word in found.err for word in words)):
                problems.append(f"{form} without {library}: status {found.status}, {found.err}")
            if other != form and (found.status, found.out) != (0, '{"count":1}\n'):
                problems.append(f"{other} without {library}: status {found.status}, {found.err}")
    return problems, f"{len(LIBRARIES)} libraries"


def checks(bench):
    bench.report.check("compressed files without their library", missing_libraries, bench)
    for form in ("gzip", "zstd", "bzip2", "xz", "lz4"):
        bench.report.check(f"compressed by {form}", compressed, bench, form, bench.options.inputs)
    for name in FILES:
        bench.report.check(f"{name}: in pieces", in_pieces, bench, name, bench.options.inputs)
        bench.report.check(f"{name}: a large input", large, bench, name, bench.options.inputs)
