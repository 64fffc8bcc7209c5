"""Runs on a terminal: pyte shows what a user sees of the live table and of the progress line."""

import itertools
import json
import os
import random
import re
import shutil
import signal
import time
import unicodedata

from ..common.bench import Bench as CommonBench
from ..common.places import Missing
from ..common.screen import Screen

FLAGS = ["-t", "t", "-w", "1m", "-W", "5s", "--max-ahead", "off", "--idle", "off", "-g", "k", "--count", "--sum", "n"]
STYLES = re.compile(rb"\x1b\[[0-9;]*m")
WIDE = ["日本語", "한국어 텍스트", "emoji 🚀", "ｆｕｌｌ", "näher", "e\u0301a\u0300", "plain", "中a国b"]


class Bench(CommonBench):
    pass


def records(minute, keys, number=3):
    return "".join(
        json.dumps({"t": f"2026-01-01T00:{minute:02}:{10 * second:02}Z", "k": key, "n": second}, ensure_ascii=False) + "\n"
        for second in range(number) for key in keys)


def expected(bench, text):
    """The lines of the table that the same records give in a file."""
    path = bench.folder / "same.jsonl"
    path.write_text(text)
    return bench.printed([path, *FLAGS, "-f", "table"]).splitlines()


def rows_of(lines):
    """Rows without the blanks that align them, without headers, and without messages."""
    words = [line.split() for line in lines if line and not line.startswith("streamctl:")]
    return [row for row in words if row[0] != "k"]


def live(bench, screen, flags=(), **variables):
    screen.start(bench, [bench.binary, *FLAGS, *flags], **variables)


def frames(bench, columns):
    """Open rows are below closed ones, no line wraps, and at the end the table is that of -f table."""
    first, second = records(0, ["api", "web"]), records(1, ["api", "a service with a name that is long", "web"])
    last = records(5, ["api"], 1)
    with Screen(columns, 12) as screen:
        live(bench, screen)
        screen.send(first + second)
        problems = [] if screen.wait_for("-- 1 window open", "api") else [f"no frame: {screen.visible}"]
        shown = screen.visible
        title = next((number for number, line in enumerate(shown) if line.startswith("-- ")), None)
        if title is None:
            return problems + [f"no title in {shown}"]
        above, below = [line for line in shown[:title] if line], [line for line in shown[title + 1:] if line]
        if len(rows_of(above)) < 2 or len(below) != 4:
            problems.append(f"{above} above and {below} below the title")
        if any(len(line) >= columns for line in below):
            problems.append(f"a line is as wide as the screen: {below}")
        if columns == 40 and not any(line.endswith("…") for line in below):
            problems.append(f"nothing was cut: {below}")
        screen.send(last)
        screen.wait_for("2026-01-01T00:05:00Z")
        if screen.end() != 0:
            problems.append(f"status {screen.process.returncode}")
        # Long rows are on several lines of the screen.
        found, wanted = ("".join("".join(lines).split()) for lines in (screen.lines, expected(bench, first + second + last)))
        if found != wanted:
            problems.append(f"{found} is not {wanted}")
        if any("-- " in line or "…" in line for line in screen.lines):
            problems.append(f"something stays: {screen.lines}")
        return problems, f"{len(below)} lines below {len(above)}"


def limits(bench):
    """As many rows as fit, and how many do not; on a small screen only the counts."""
    keys = [f"key{number:03}" for number in range(200)]
    problems = []
    with Screen(80, 12) as screen:
        live(bench, screen)
        screen.send(records(0, keys))
        screen.wait_for("-- 1 window open", "key007")
        shown = [line for line in screen.visible if line]
        if shown[2:10] != [line for line in shown if line.startswith("key")] or "… 192 more" not in shown[-1]:
            problems.append(f"{shown}")
        screen.resize(80, 3)
        screen.send(records(0, keys, 1))
        screen.receive(0.6)
        if not any("800 records" in line for line in screen.visible) or any("key" in line for line in screen.visible[1:]):
            problems.append(f"3 lines: {screen.visible}")
        screen.resize(80, 24)
        screen.send(records(0, keys, 1))
        if not screen.wait_for("… 180 more", seconds=5):
            problems.append(f"24 lines: {screen.visible}")
    return problems


def resized(bench):
    """Closed rows stay as they are, whatever happens to the size of the screen."""
    keys = ["api", "web", "中文"]
    with Screen(100, 20) as screen:
        live(bench, screen)
        sent, problems = "", []
        for minute, (columns, lines) in enumerate([(100, 20), (60, 20), (60, 8), (120, 30), (47, 5), (100, 24)]):
            screen.resize(columns, lines)
            sent += records(minute, keys)
            screen.send(records(minute, keys))
            if not screen.wait_for(f"T00:{minute:02}:00Z" if columns > 50 else "-- 1 window", seconds=10):
                problems.append(f"{columns} x {lines}: {screen.visible}")
        screen.end()
        shown = "\n".join(screen.lines)
        # pyte cuts lines that become narrower, and drops what does not fit the height.
        last = [" ".join(row) for row in rows_of(expected(bench, sent))[-3:]]
        problems += [f"no {row} in {shown}" for row in last if row not in "\n".join(map(" ".join, rows_of(screen.lines)))]
        if "-- 1 window" in shown.rsplit("T00:05:00Z", 1)[-1]:
            problems.append(f"a frame stays: {screen.lines}")
        return problems


def aligned(bench, keys):
    """Columns begin at the same place of the screen, whatever is in them."""
    problems = []
    with Screen(100, 60) as screen:
        live(bench, screen, ["-f", "table", "--live"])
        screen.send(records(0, keys))
        screen.wait_for("-- 1 window open", f" {3 * len(keys)} records")
        screen.receive(0.3)
        for state in ("open", "closed"):
            if state == "closed":
                screen.end()
            places = {
                screen.column_of(number, "2026-01-01T00:00:00Z"): line for number, line in enumerate(screen.visible)
                if "T00:00:00Z" in line}
            count = sum("T00:00:00Z" in line for line in screen.visible)
            if len(places) != 1 or count != len(set(keys)):
                problems.append(f"{state}: {count} rows at {places}")
    return problems


def scalars(bench):
    """One character of each kind, as the terminal counts them."""
    generator = random.Random(bench.seed)
    chosen = []
    while len(chosen) < 40:
        character = chr(generator.choice([generator.randrange(0xa1, 0x3000), generator.randrange(0x3000, 0x20000)]))
        category = unicodedata.category(character)
        # After a vowel of Hangul, pyte drops the rest of the text.
        if 0x1160 <= ord(character) <= 0x11ff or 0xd7b0 <= ord(character) <= 0xd7ff:
            continue
        if category[0] in "LNPS" and "<" not in unicodedata.name(character, "<") and character not in chosen:
            chosen.append(character)
    # A character of no width joins the one before it.
    return aligned(bench, ["x" + character for character in chosen])


def quiet_terminals(bench, variables, styled):
    """Without colours nothing is styled; a terminal that cannot erase shows the finished table only."""
    text = records(0, ["api", "web"]) + records(2, ["api"])
    with Screen(80, 24) as screen:
        live(bench, screen, **variables)
        screen.send(text)
        shows = screen.wait_for("-- 1 window open", seconds=2 if variables.get("TERM") else 20)
        screen.end()
        problems = []
        if shows != ("TERM" not in variables) or bool(STYLES.search(screen.raw)) != styled:
            problems.append(f"shown: {shows}; {screen.raw}")
        if not shows and b"\x1b" in screen.raw:
            problems.append(f"escape sequences: {screen.raw}")
        if rows_of(screen.lines) != rows_of(expected(bench, text)):
            problems.append(f"{screen.lines}")
        return problems


def messages(bench):
    """Messages are whole, above the open rows."""
    with Screen(120, 24) as screen:
        live(bench, screen)
        screen.send(records(0, ["api"]))
        problems = [] if screen.wait_for("-- 1 window open") else ["no frame"]
        screen.send("not JSON\n" + records(0, ["web"]))
        if not screen.wait_for("malformed", "web"):
            problems.append(f"{screen.visible}")
        shown = [line for line in screen.visible if line]
        if not shown[0].startswith("streamctl: ") or not shown[1].startswith("-- ") or len(shown) != 5:
            problems.append(f"{shown}")
        screen.end()
        said = [line for line in screen.lines if line.startswith("streamctl: ")]
        rows = rows_of(line for line in screen.lines if "malformed" not in line)
        if len(rows) != 2 or not said:
            problems.append(f"{screen.lines}")
        return problems


def suspended(bench):
    """Ctrl-Z clears the open rows, and fg brings them back; nothing of the shell is erased."""
    shell = shutil.which("bash")
    if not shell:
        raise Missing("no bash is installed")
    pipe = bench.folder / "suspended"
    os.mkfifo(pipe)
    with Screen(100, 24) as screen:
        screen.start(bench, [shell, "--norc", "--noprofile", "--noediting", "-i"], controls=True, PS1="prompt> ")
        screen.wait_for("prompt>")
        screen.press(f"{bench.binary} {' '.join(FLAGS)} < suspended\n")
        with open(pipe, "w") as writer:
            writer.write(records(0, ["api", "web"]))
            writer.flush()
            problems = [] if screen.wait_for("-- 1 window open", "web") else [f"no frame: {screen.visible}"]
            screen.press("\x1a")
            if not screen.wait_for("Stopped"):
                problems.append(f"not stopped: {screen.visible}")
            stopped = [line for line in screen.visible if line]
            if any(line.startswith(("-- ", "api")) for line in stopped):
                problems.append(f"open rows stay: {stopped}")
            screen.press("echo between\n")
            screen.wait_for("\nbetween")
            screen.press("fg\n")
            if not screen.wait_for("-- 1 window open", "api"):
                problems.append(f"nothing after fg: {screen.visible}")
            screen.receive(0.5)
            if not all(line in screen.visible for line in ("between", *stopped[:-1])):
                problems.append(f"{stopped} became {screen.visible}")
            writer.write(records(2, ["api"]))
            writer.flush()
            screen.wait_for("00:02:00Z")
            screen.press("\x03")
            screen.receive(0.5)
        screen.wait_for("prompt> ")
        shown = [line for line in screen.lines if "Z" in line and line.startswith(("api", "web"))]
        if len(shown) != 3:
            problems.append(f"{screen.lines}")
    return problems


def interrupted(bench):
    """The first Ctrl-C prints the open windows, ends the run, and says so."""
    with Screen(120, 24) as screen:
        live(bench, screen)
        screen.send(records(0, ["api", "web"]))
        screen.wait_for("-- 1 window open", "web")
        screen.process.send_signal(signal.SIGINT)
        status = screen.end()
        problems = [] if status == -signal.SIGINT else [f"status {status}"]
        rows = rows_of(screen.lines)
        if [row[0] for row in rows] != ["api", "web"] or "stopped by Ctrl-C" not in "\n".join(screen.lines):
            problems.append(f"{screen.lines}")
        return problems


def pipeline(bench):
    """Of two programs in a pipe, the one with the table draws; the line of the other one rests."""
    with Screen(100, 24) as screen:
        first = f"{bench.binary} -t t --max-ahead off --select t,k,n"
        screen.start(bench, ["sh", "-c", f"{first} | {bench.binary} {' '.join(FLAGS)}"])
        for number in range(15):
            screen.send(records(0, ["api"]))
            screen.receive(0.15)
        problems = [] if screen.wait_for("-- 1 window open", "api") else [f"no table: {screen.visible}"]
        for _ in range(10):
            screen.receive(0.1)
            if any(line.startswith("streamctl: ") for line in screen.visible):
                problems.append(f"two draw: {screen.visible}")
                break
        screen.end()
        if len(rows_of(screen.lines)) != 1:
            problems.append(f"{screen.lines}")
        return problems


def formats(bench):
    """Files give the finished table, once; -f json and a pipe give JSON; records that pass through stay as they are."""
    path = bench.folder / "files.jsonl"
    path.write_text(records(0, ["api", "web"]) + records(2, ["api"]))
    problems = []
    flags = [bench.binary, str(path), "-t", "t", "-w", "1m", "-g", "k", "--count"]
    for command, start, escapes in [
            (flags, "k ", False), ([*flags, "-f", "json"], '{"k":', False), ([bench.binary, str(path)], '{"t":', False),
            (["sh", "-c", " ".join(flags) + " | cat"], '{"k":', False), ([*flags, "--live"], "k ", None)]:
        with Screen(100, 24) as screen:
            screen.start(bench, command)
            screen.end()
            if not screen.lines[0].startswith(start) or escapes is False and b"\x1b" in screen.raw:
                problems.append(f"{command[1:]}: {screen.lines}")
    return problems


def progress(bench):
    """The line of progress is there while files are read, and gone at the end."""
    with Screen(100, 24) as screen:
        screen.start(
            bench, [bench.binary, "demo:sensors?records=150000&rate=100000", "-t", "event_time", "-w", "1h", "--count",
                    "-o", "rows.jsonl"])
        problems = [] if screen.wait_for("streamctl: ", "records, ", "/s") else [f"{screen.visible}"]
        if screen.end() != 0 or screen.lines:
            problems.append(f"status {screen.process.returncode}: {screen.lines}")
        return problems


def cost(bench):
    """With 10 000 groups, drawing takes less than 3 % of a core: the processor time of an idle run over ten seconds."""
    with Screen(120, 50) as screen:
        live(bench, screen)
        screen.send(records(0, [f"key{number}" for number in range(10_000)], 1))
        screen.wait_for("-- 1 window open", "more")
        screen.receive(1)

        def used():
            fields = open(f"/proc/{screen.process.pid}/stat").read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / 100

        before, start = used(), time.monotonic()
        for second in itertools.count():
            screen.send(records(0, ["key1"], 1))
            screen.receive(0.2)
            if time.monotonic() - start > 10:
                break
        share = (used() - before) / (time.monotonic() - start)
        # A debug build takes several times as long, so only a mistake of a different order fails here.
        return ([f"{share:.1%} of a core"] if share > 0.25 else []), f"{share:.1%} of a core"


def checks(bench):
    check = bench.report.check
    for columns in (40, 80, 140):
        check(f"frames on {columns} columns", frames, bench, columns)
    check("as many rows as fit", limits, bench)
    check("sizes that change", resized, bench)
    check("wide characters are aligned", aligned, bench, WIDE)
    check("random characters are aligned", scalars, bench)
    check("NO_COLOR", quiet_terminals, bench, {"NO_COLOR": "1"}, False)
    check("CLICOLOR=0", quiet_terminals, bench, {"CLICOLOR": "0"}, False)
    check("TERM=dumb", quiet_terminals, bench, {"TERM": "dumb"}, False)
    check("styles", quiet_terminals, bench, {}, True)
    check("messages", messages, bench)
    check("Ctrl-Z and fg", suspended, bench)
    check("Ctrl-C", interrupted, bench)
    check("two programs in a pipe", pipeline, bench)
    check("formats", formats, bench)
    check("the line of progress", progress, bench)
    check("cost", cost, bench)
