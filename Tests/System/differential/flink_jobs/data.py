"""Writes the inputs of the jobs: random records in disorder, and the first connections of zeek_ssl.

usage: python3 data.py FOLDER [ZEEK_SSL.jsonl.gz]

Times are in milliseconds, as those of Flink SQL. In typed.jsonl, no number is a text.
"""

import datetime
import gzip
import json
import pathlib
import random
import sys

ZEEK_LINES = 6000
PATHS = ["/api/v1/users/42", "/api/v2/cart", "/", "/static/app.js", "/API/Große", "id=7&x=1", " padded\t"]


def moment(milliseconds, form):
    time = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    return time.strftime(form).replace("MS", f"{milliseconds % 1000:03d}")


def records(seed=7, count=2500, quotes=True):
    """Records of 24 minutes and some of other days, up to 20 s late, one in fifty by a minute.

    With `quotes`, some numbers are texts.
    """
    draw = random.Random(seed)
    clock = 1_772_150_400_000 + 3_599_000
    for number in range(count):
        clock += draw.choice([draw.randint(0, 900), draw.randint(0, 300), 0])
        if number == count // 2:
            clock += 3 * 86_400_000
        time = clock - draw.choice([0, 0, draw.randint(0, 4000), draw.randint(0, 20_000)])
        if draw.random() < 0.02:
            time -= 60_000
        record = {
            "ts": time, "sec": time / 1000, "at": moment(time, "%Y-%m-%dT%H:%M:%S.MSZ"),
            "day": moment(time, "%d.%m.%Y %H:%M:%S"), "id": number, "event": f"e{draw.randint(0, count // 2)}", "seq": f"r{number:05d}",
            "k": draw.choice(["a", "b", "c", "é", ""]), "host": draw.choice(["web-1", "web-2", "db"]),
            "x": round(draw.uniform(-50, 100), 3), "n": draw.randint(-9, 40), "path": draw.choice(PATHS),
            "ok": draw.random() < 0.7, "u": {"id": draw.randint(1, 5), "plan": draw.choice(["free", "paid"])},
            "d.k": draw.choice(["x", "y"]), "status": draw.choice([200, 204, 404, 500])}
        for name in ("k", "x", "n", "ok", "path"):
            if draw.random() < 0.05:
                record[name] = None
        if draw.random() < 0.05:
            number = draw.randint(1, 50)
            record["x"] = str(number) if quotes else number
        if draw.random() < 0.02:
            del record["ts"], record["at"], record["sec"], record["day"]
        yield record


def connections(packed):
    with gzip.open(packed, "rt", encoding="utf-8") as lines:
        for line in (line for _, line in zip(range(ZEEK_LINES), lines)):
            record = json.loads(line)
            time = datetime.datetime.fromisoformat(record["ts"].replace("Z", "+00:00"))
            epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
            milliseconds = (time - epoch) // datetime.timedelta(milliseconds=1)
            record["ts"] = moment(milliseconds, "%Y-%m-%dT%H:%M:%S.MSZ")
            yield record


def write(folder, packed=None):
    folder = pathlib.Path(folder)
    sets = {"random.jsonl": records(), "typed.jsonl": records(quotes=False)}
    if packed:
        sets["zeek.jsonl"] = connections(packed)
    for name, rows in sets.items():
        with open(folder / name, "w", encoding="utf-8") as out:
            for row in rows:
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(*sys.argv[1:])
