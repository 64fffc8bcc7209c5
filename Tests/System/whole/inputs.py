"""Random inputs: lines with records out of order, written in many ways, among damaged ones."""

import dataclasses
import datetime
import json

BERLIN = datetime.timezone(datetime.timedelta(hours=2))
# Lines longer than this are rejected.
LONGEST = 4096
TEXTS = ("a", "b", "ab", "é", "e\u0301", "a \"quoted\" one", "back\\slash", "tab\tin", "\u2028", "日本", "", " ", "5", "null")
# Without the blank, a file that begins with the last but one would be gzip data.
BROKEN = (b'{"t":', b"nothing", b"[1,2]", b'{"id":1}}', b'{"id":"\xff"}', b'{"id":"\\ud800"}', b'{"id":01}', b'"text"', b"{",
          b'{"id":1,}', b'{"id":1e999}', b'{"a":' + b"[" * 600, b"\0", b" \x1f\x8b\x08", b"-")


@dataclasses.dataclass
class Line:
    """One line or message. `fate` is record, broken, timeless or blank; `reason` says why a broken one is rejected."""

    number: int
    text: bytes
    fate: str
    record: dict | None = None
    reason: str = ""
    # Where a rejects file says that it is: (source, line or offset).
    place: tuple = ()


def records(source, count, start, span, mixed):
    """Records with increasing ids; times are seconds and mostly increase."""
    at, keys = float(start), source.sample(TEXTS, source.randrange(1, 6))
    disorder = source.choice((0, 0, 1, 4, 20))
    for number in range(count):
        at += source.expovariate(count / span)
        if source.random() < 0.002:
            at += span / 10
        time = int(at)
        if disorder and source.random() < 0.3:
            time -= source.randrange(disorder + 1)
        if source.random() < 0.004:
            time -= source.randrange(span)
        record = {"id": number, "t": time, "k": source.choice(keys), "g": source.randrange(-3, 4),
                  "x": source.choice((source.randrange(100), source.randrange(-400, 400) / 4, str(source.randrange(50)))),
                  "y": source.randrange(60), "s": source.choice(TEXTS)}
        if mixed and source.random() < 0.05:
            record["k"] = source.choice((5, True, False, 0, -17))
        for name in ("k", "g", "x", "y", "s"):
            chance = source.random()
            if chance < 0.03:
                record[name] = None
            elif chance < 0.06:
                del record[name]
        if source.random() < 0.01:
            record["x"] = "not a number"
        yield record


def written(source, record, time_form, padding=0):
    """A record as JSON, written in one of many ways."""
    shown = {**record, "pad": "p" * padding} if padding else dict(record)
    shown["t"] = written_time(record["t"], time_form if source.random() < 0.9 else source.randrange(5))
    chance = source.random()
    if chance < 0.8:
        return json.dumps(shown, ensure_ascii=chance < 0.4, separators=(",", ":")).encode()
    members = list(shown.items())
    source.shuffle(members)
    more = source.choice(([], [("z", {"t": 1, "deep": [[], {}]})], [("m", "x" * source.randrange(300))]))
    text = json.dumps(dict(more + members), separators=source.choice(((",", ":"), (" , ", ": "), (",\t", " :"))))
    # The last of two members with one name wins.
    return ('{"id":-1,' + text[1:] if source.random() < 0.1 else text).encode()


def written_time(seconds, form):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    if form == 0:
        return seconds
    if form == 1:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if form == 2:
        return seconds * 1000
    if form == 3:
        return moment.strftime("%Y-%m-%d %H:%M:%S.000Z")
    return moment.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M:%S+02:00")


def lines(source, count, start, span, mixed, are_messages, padding=0):
    """Lines of all fates. A blank message is broken. Records are longer by the padding, in bytes."""
    form, damage = source.randrange(5), source.choice((0, 0.005, 0.03))
    found = []

    def add(*arguments):
        found.append(Line(len(found), *arguments))

    for record in records(source, count, start, span, mixed):
        # What an input is, is judged by its first lines.
        if len(found) > 5 and source.random() < damage:
            kind = source.randrange(6)
            if kind == 0:
                add(b'{"pad":"' + b"p" * (LONGEST + source.randrange(-20, 9000)) + b'"}', "broken", None, "")
                padded = found[-1]
                padded.reason = "too-long" if len(padded.text) > LONGEST else ""
                if not padded.reason:
                    found.pop()
            elif kind == 1:
                add(b"  " if source.random() < 0.5 else b"", "broken" if are_messages else "blank", None, "malformed")
            elif kind == 2:
                spoilt = {**record, "t": source.choice((None, "yesterday", True, [], "", 1e300))}
                add(json.dumps(spoilt).encode(), "timeless", {**record, "t": None}, "no-time")
                continue
            else:
                add(source.choice(BROKEN), "broken", None, "malformed")
        add(written(source, record, form, padding), "record", record)
    return found


def files(source, lines, folder):
    """Writes the lines into one or several files, some of them empty, and notes the place of each. Returns the paths."""
    count = source.choice((1, 1, 2, 4))
    cuts = sorted(source.randrange(len(lines) + 1) for _ in range(count - 1))
    paths = []
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(lines)])):
        path = folder / f"in{number}.jsonl"
        data = bytearray(b"\xef\xbb\xbf" if source.random() < 0.2 else b"")
        ending = b"\r\n" if source.random() < 0.2 else b"\n"
        for at, line in enumerate(lines[start:end], 1):
            line.place = (str(path), at)
            data += line.text + ending
        if end > start and lines[end - 1].fate == "record" and source.random() < 0.3:
            del data[-len(ending):]
        path.write_bytes(data)
        paths.append(path)
    return paths
