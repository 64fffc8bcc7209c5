"""Compares logs of containers and of the journal with the messages that were split and written."""

import json

from . import reading
from .reading import BAD_UTF8, RECORDS, REJECTED, SKIPPED, all_files, message, sources

OPTIONS = {"inputs": 8}
# The same inputs in every run, unless --seed chooses others.
SEED = 1


def runtime_lines(source, most, write):
    """Messages of two streams, split as a container runtime does, interleaved: lines, and [(number of the first line, time, stream, message)].

    write(time, stream, text, is_open) makes the line of a part. A stream may end with an open one.
    """
    queues, number = {}, 0
    for stream in ("stdout", "stderr"):
        queues[stream] = []
        for _ in range(source.randrange(1, RECORDS // 2)):
            text = "".join(source.choice(("a", "é", "<&>", '"', "\\", " ", "{}", "\U0001d11e", "\t")) for _ in range(source.choice((0, 3, most, 3 * most))))
            parts = [text[place:place + most] for place in range(0, len(text), most)] or [""]
            queues[stream] += [(part, place, place < len(parts) - 1, text) for place, part in enumerate(parts)]
        if source.random() < 0.2 and len(queues[stream]) > 1 and queues[stream][-2][2]:
            part, place, _, text = queues[stream].pop()
            first = place - 1
            queues[stream] = queues[stream][: len(queues[stream]) - first - 1] + [
                (piece, index, True, text[: place * most]) for piece, index, _, _ in queues[stream][len(queues[stream]) - first - 1:]]
    lines, wanted = [], []
    while any(queues.values()):
        stream = source.choice([stream for stream, queue in queues.items() if queue])
        part, place, is_open, text = queues[stream].pop(0)
        number += 1
        moment = f"2026-03-01T10:00:{number % 60:02}.{number:09}Z"
        lines.append(write(moment, stream, part, is_open))
        if place == 0:
            wanted.append((len(lines), (moment, stream, text)))
        if source.randrange(30) == 0:
            lines.append("")
    return lines, wanted


def containers(bench, form):
    """Parts of lines, joined for each stream."""
    problems, count = [], 0
    for source in sources(bench, form):
        def docker(moment, stream, part, is_open):
            text = json.dumps({"log": part + ("" if is_open else "\n"), "stream": stream, "time": moment}, ensure_ascii=source.random() < 0.5, separators=(",", ":"))
            return text.replace("<", "\\u003c").replace("&", "\\u0026")

        def cri(moment, stream, part, is_open):
            return f"{moment} {stream} {'P' if is_open else 'F'}{source.choice(('', '', ':x'))} {part}"

        most = source.choice((5, 40, 16384 if source.random() < 0.2 else 100))
        lines, wanted = runtime_lines(source, most, docker if form == "docker" else cri)
        data = "".join(line + "\n" for line in lines).encode()
        text = "log" if form == "docker" else "message"
        rows, rejects = reading.read(bench, data, ["-i", form], ["time", "stream", text])
        problems += reading.unlike_records(wanted, rows, [], rejects, dict(enumerate(lines, 1)), ["-i", form])
        count += len(wanted)
    return problems, f"{count} messages"


def cri_edges(source):
    """Lines that are no part of a longer one, with damage."""
    pieces = []
    for _ in range(RECORDS):
        moment, stream, text = source.choice(("2026-03-01T10:00:00.123456789Z", "2026-03-01T10:00:00+01:00")), source.choice(("stdout", "stderr")), message(source)
        line, expected = f"{moment} {stream} F {text}", [moment, stream, text]
        match source.randrange(20):
            case 0:
                line, expected = source.choice((moment, f"{moment} {stream}", f"{moment} stdlog F x", "x", text)), REJECTED
            case 1:
                line, expected = "", SKIPPED
            case 2:
                line, expected = f"{moment} {stream} F ", [moment, stream, ""]
        pieces.append(((line + "\n").encode(), expected))
        if source.randrange(30) == 0:
            pieces.append((f"{moment} {stream} F ".encode() + source.choice(BAD_UTF8) + b"\n", REJECTED))
    return pieces, ["-i", "cri"], ["time", "stream", "message"]


def journal(source):
    pieces = []
    for _ in range(RECORDS):
        text = source.choice(("plain", "é", "a\nb", "", b"bad \xff\xe9", b"\x1b[0m\x00", None))
        value = list(text) if isinstance(text, bytes) else text
        wanted = text.decode(errors="replace") if isinstance(text, bytes) else text
        several = source.choice((["a", "b"], "one"))
        moment = str(1772359200000000 + source.randrange(10**9))
        record = {"__REALTIME_TIMESTAMP": moment, "MESSAGE": value, "PRIORITY": "6", "_X": several}
        pieces.append((json.dumps(record, separators=source.choice(((",", ":"), (", ", " : ")))).encode() + b"\n", [moment, wanted, "6", several]))
    return pieces, ["-i", "journal"], ["__REALTIME_TIMESTAMP", "MESSAGE", "PRIORITY", "_X"]


def checks(bench):
    check = bench.report.check
    check("docker: joined parts", containers, bench, "docker")
    check("cri: joined parts", containers, bench, "cri")
    check("cri: the edge cases", all_files, bench, "cri edges", cri_edges)
    check("journal: Python's json", all_files, bench, "journal", journal)
