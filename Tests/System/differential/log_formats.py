"""Compares access logs and syslog with regular expressions, goaccess, logger and rsyslogd."""

import datetime
import gzip
import json
import re
import shutil
import socket
import subprocess
import time

from ..common.compare import rows_of
from ..common.places import Missing, data_set
from .reading import BAD_UTF8, RECORDS, REJECTED, SKIPPED, all_files, message

OPTIONS = {"inputs": 8}
# The same inputs in every run, unless --seed chooses others.
SEED = 1

ACCESS = ("vhost", "host", "ident", "user", "time", "request", "method", "path", "protocol", "status", "bytes", "referer", "agent", "extra",
          "request_time", "rt", "up")
TEXT = r'((?:[^"\\]|\\.)*)'
LINE = re.compile(r'(?:(?P<vhost>\S*[^\s,]) (?=\S+ \S+ \S+ \[)(?!- ))?(?P<host>(?:\S+, )*\S+) (?P<ident>\S+) (?P<user>.+?) \[(?P<time>[^]]*)\] '
                  rf'"(?P<request>{TEXT})" (?P<status>\d+|-) (?P<bytes>\d+|-)(?: "(?P<referer>{TEXT})" "(?P<agent>{TEXT})"(?: (?P<extra>.*))?)?')


def undone(text):
    """Undoes the escapes of Apache and nginx."""
    simple = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/", "'": "'"}

    def one(match):
        if match[0][1] == b"x"[0]:
            return bytes([int(match[0][2:], 16)])
        return simple[chr(match[0][1])].encode()

    return re.sub(rb"\\(?:x[0-9a-fA-F]{2}|[ntrbf\"\\/'])", one, text.encode()).decode(errors="replace")


def access_fields(line):
    """What a regular expression finds in a line; None if it does not match."""
    match = LINE.fullmatch(line)
    if not match:
        return None
    found = {name: None if text == "-" else text for name, text in match.groupdict().items()}
    for name in ("request", "referer", "agent"):
        if found[name] is not None:
            found[name] = undone(found[name]) or None
    request = re.fullmatch(r"([A-Z]+) (.*?)(?: (HTTP/\S*))?", found["request"] or "", re.DOTALL)
    found |= dict(zip(("method", "path", "protocol"), request.groups() if request else (None,) * 3))
    for name in ("status", "bytes"):
        found[name] = None if found[name] is None else int(found[name])
    extra = found["extra"] or ""
    number = re.match(r'"?(\d+(?:\.\d+)?)"?(?: |$)', extra)
    found["request_time"] = float(number[1]) if number else None
    for name in ("rt", "up"):
        pair = re.search(rf'(?:^| ){name}=(?:"([^"]*)"|(\S*))', extra)
        value = pair and (pair[1] or pair[2])
        found[name] = None if value in (None, "", "-") else value
    return [found.get(name) for name in ACCESS]


def access_line(source, is_short):
    host = source.choice(("1.2.3.4", "2001:db8::1", "host.example", "é.example", "1.2.3.4, 5.6.7.8", "1.2.3.4, 5.6.7.8, unix:"))
    ident, user = source.choice(("-", "-", "-", "id")), source.choice(("-", "-", "bob", "bob@x.org"))
    if ident == "-" and "," not in host:
        user = source.choice((user, user, "bob smith"))
        host = source.choice(("", "", "", "www.x.org:443 ", "x ")) + host if " " not in user else host
    month = source.choice(("Jan", "Feb", "Mar", "Oct", "Dec"))
    moment = f"{source.randrange(1, 29):02}/{month}/2026:{source.randrange(24):02}:00:{source.randrange(60):02} {source.choice(('+0100', '+0000', '-0330'))}"
    path = "/" + "".join(source.choice(("a", "b", "?q=1", "%20", "é", " ", "\\x22", '\\"', "\\\\", "\\xC3\\xA9", "//", "&x=y")) for _ in range(source.randrange(0, 5)))
    request = source.choice((f"GET {path} HTTP/1.1", f"POST {path} HTTP/2.0", f"GET {path}", f"OPTIONS * HTTP/1.0", "-", "", "\\x16\\x03\\x01\\xE2\\xff",
                             "MGLNDD_1.2.3.4", "GET", "get /lower HTTP/1.1", "\\n", "PRI * HTTP/2.0"))
    line = f'{host} {ident} {user} [{moment}] "{request}" {source.choice((200, 301, 404, 502, "-"))} {source.choice((0, "-", 17, 9007199254740993))}'
    if is_short:
        return line
    line += ' "{}" "{}"'.format(*(source.choice(("-", "", "http://x/é?a=b", 'Mozilla/5.0 (X11; \\"q\\")', "\\x41\\t", "a\\\\b", "\\q")) for _ in range(2)))
    return line + source.choice(("", "", " 0.031", ' "0.5"', " 0.1 words", " - 0.2", ' rt=0.031 up="-"', ' rt=0.2 up="0.010, 0.020"', " words [a]", " 12ms"))


def access(source):
    """Lines, with damage; what a regular expression finds in each of them."""
    form, pieces = source.choice(("common", "combined", "combined")), []
    for _ in range(RECORDS):
        line, is_cut = access_line(source, form == "common"), False
        match source.randrange(50):
            case 0:
                # The last quote is missing, or the last number.
                line, is_cut = line[: line.rindex('"')] if form == "combined" else line[: line.rindex(" ")], True
            case 1:
                line = source.choice(("no access log", "1.2.3.4 - - [x", line.replace("[", ""), line.replace("] ", " ")))
            case 2:
                line = ""
            case 3 if line.endswith('"'):
                line, is_cut = line + ' up="0.0', True
        expected = SKIPPED if not line else REJECTED if is_cut else access_fields(line) or REJECTED
        data = (line + source.choice(("\n", "\n", "\r\n"))).encode()
        if source.randrange(50) == 0 and expected not in (SKIPPED, REJECTED):
            data, expected = data.replace(b'] "', b'] "' + source.choice(BAD_UTF8)), REJECTED
        pieces.append((data, expected))
    return pieces, ["-i", form], ACCESS


def ingress(source):
    """The columns that ingress-nginx writes behind the agent, with lists of several upstreams."""
    pieces, fields = [], ("request_length", "request_time", "upstream_name", "upstream_addr", "upstream_time", "upstream_status", "req_id")
    for _ in range(RECORDS):
        count, sign = source.randrange(0, 4), source.choice((", ", " : "))
        lists = [sign.join(source.choice(words) for _ in range(count)) or "-" for words in
                 (("10.0.0.1:80", "10.0.0.2:8080"), ("0", "612"), ("0.001", "1.204", "-"), ("200", "502"))]
        length, seconds, name, request = source.randrange(900), f"{source.randrange(9)}.{source.randrange(1000):03}", source.choice(("default-app-80", "")), "ab12"
        line = f'1.2.3.4 - - [01/Mar/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl" {length} {seconds} [{name}] [] {" ".join(lists)} {request}\n'
        lists = [None if text == "-" else text for text in lists]
        pieces.append((line.encode(), [length, float(seconds), name, lists[0], lists[2], lists[3], request]))
    return pieces, ["-i", "combined"], fields


def apache(bench):
    """The public access log, counted by a program of its own."""
    path, wanted, broken = data_set("apache.log.gz"), {}, []
    for number, line in enumerate(gzip.open(path, "rt", errors="strict", newline="\n"), 1):
        match = LINE.fullmatch(line.rstrip("\n"))
        if not match:
            broken.append(number)
            continue
        moment = datetime.datetime.strptime(match["time"], "%d/%b/%Y:%H:%M:%S %z").astimezone(datetime.timezone.utc)
        key = (moment.strftime("%Y-%m-%dT%H:00:00Z"), int(match["status"]))
        count, total = wanted.get(key, (0, None))
        size = None if match["bytes"] == "-" else int(match["bytes"])
        wanted[key] = (count + 1, total if size is None else (total or 0) + size)
    problems = []
    for options in ([], ["-j", "2"], ["-i", "combined"]):
        outcome = bench.succeeded([path, "-w", "1h", "-g", "status", "--count", "--sum", "bytes", *options])
        found = {(row["window_start"], row["status"]): (row["count"], row["sum_bytes"]) for row in rows_of(outcome.out)}
        problems += [f"{key}: {found.get(key)}, expected {wanted.get(key)}" for key in {*found, *wanted} if found.get(key) != wanted.get(key)]
        if f"apache.log.gz:{broken[0]}:" not in outcome.err or "1 of 10000 records were rejected" not in outcome.err or len(broken) != 1:
            problems.append(f"line {broken} is not reported: {outcome.err}")
    return problems, f"{len(wanted)} rows"


def goaccess(bench):
    """Records and bytes of each status of the public log."""
    if not shutil.which("goaccess"):
        raise Missing("goaccess is not installed")
    log, report = bench.folder / "access.log", bench.folder / "goaccess.json"
    log.write_bytes(gzip.decompress(data_set("apache.log.gz").read_bytes()))
    subprocess.run(["goaccess", log, "--log-format=COMBINED", "--no-global-config", "-o", report, "--no-progress"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**bench.environment(), "TERM": "dumb"})
    read = json.loads(report.read_text())
    totals = {item["data"]: (item["hits"]["count"], item["bytes"]["count"]) for group in read["status_codes"]["data"] for item in group["items"]}
    found = {str(row["status"]): (row["count"], row["sum_bytes"] or 0) for row in
             rows_of(bench.printed(["-q", "-i", "combined", "-g", "status", "--count", "--sum", "bytes", log]))}
    named = {name.split(" ")[0]: totals[name] for name in totals}
    more = {status: named.get(status, (0, 0))[0] - found.get(status, (0, 0))[0] for status in {*named, *found}}
    problems = [f"status {status}: {found.get(status)}, goaccess counts {named.get(status)}" for status in more
                if more[status] == 0 and named[status] != found[status]]
    # goaccess also counts the line without its last quote.
    if sorted(more.values())[:-1] != [0] * (len(more) - 1) or sum(more.values()) != 1:
        problems.append(f"records that only goaccess counts: {more}")
    return problems, f"{read['general']['valid_requests']} lines, {len(found)} rows"


SYSLOG = ("priority", "facility", "severity", "version", "time", "host", "app", "pid", "msgid", "data", "message", "repeated")
FACILITIES = "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock".split() + [f"local{n}" for n in range(8)]
SEVERITIES = "emerg alert crit err warning notice info debug".split()


def priority(source):
    number = source.randrange(192)
    if source.random() < 0.3:
        return "", [None] * 3
    return f"<{number}>", [number, FACILITIES[number // 8], SEVERITIES[number % 8]]


def modern(source):
    def word(*words):
        text = source.choice(("-", *words))
        return text, None if text == "-" else text

    before, head = priority(source)
    words = [word("2026-03-01T10:00:00.003Z", "2026-03-01T10:00:00.123456+01:00"), word("h", "fe80::1", "h.example"), word("app", "a/b"), word("12", "x"), word("ID47")]
    data, text = None, "-"
    if source.random() < 0.6:
        data, text = {}, ""
        for name in source.sample(("id", "exampleSDID@32473", "x-1"), source.randrange(1, 4)):
            data[name], text = {}, text + "[" + name
            for key in source.sample(("k", "iut", "é"), source.randrange(0, 3)):
                value = "".join(source.choice(("a", '"', "\\", "]", "[", " ", "=", "é", "\\n")) for _ in range(source.randrange(0, 4)))
                data[name][key] = value
                text += f' {key}="' + re.sub(r'(["\\\]])', r"\\\1", value) + '"'
            text += "]"
    line = before + "1 " + " ".join(text for text, _ in words) + " " + text
    said = None
    if source.random() < 0.8:
        said = message(source)
        line += " " + source.choice(("", "", "\ufeff")) + said
    return line, [*head, 1, *(value for _, value in words), data, said, None]


def traditional(source):
    before, head = priority(source)
    moment = source.choice(("Mar  1 10:00:00", "Mar 11 10:00:00", "Dec 31 23:59:59", "2026-03-01T10:00:00.123456+01:00", "2026-03-01T10:00:00Z"))
    host = source.choice(("host", "h.example", "10.0.0.1"))
    app, pid, text, repeated = source.choice(("app", "sshd", "a/b", "CRON")), source.choice((None, "123")), message(source), None
    match source.randrange(8):
        case 0:
            app = pid = None
            repeated = source.randrange(1, 99)
            text = f"last message repeated {repeated} times"
        case 1:
            repeated = source.randrange(1, 99)
            text = f"message repeated {repeated} times: [ {text}]"
    tag = "" if app is None else app + (f"[{pid}]" if pid else "") + ": "
    return f"{before}{moment} {host} {tag}{text}", [*head, None, moment, host, app, pid, None, None, text, repeated]


def syslog(source):
    pieces = []
    for _ in range(RECORDS):
        line, expected = source.choice((modern, traditional))(source)
        match source.randrange(40):
            case 0:
                line, expected = source.choice(("<192>" + line.rsplit(">", 1)[-1], "<>x", "no syslog", "<34>1", "123 <34>1 - - - - - -",
                                                '<34>1 - - - - - [id k="v', "<34>1 - - - - - [id k]", "<34>1 - - - - - -x", "<34>Mar  1")), REJECTED
            case 1:
                line, expected = "", SKIPPED
        data = (line + source.choice(("\n", "\n", "\r\n"))).encode()
        if source.randrange(40) == 0:
            data, expected = b"<34>Mar  1 10:00:00 host app: " + source.choice(BAD_UTF8) + b"\n", REJECTED
        pieces.append((data, expected))
    return pieces, ["-i", "syslog", "--year", "2026"], SYSLOG


def receiver(bench, name):
    path = bench.folder / name
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(path))
    listening.settimeout(10)
    return listening, path


def logger(bench):
    """What logger sends, in both forms."""
    if not shutil.which("logger"):
        raise Missing("logger is not installed")
    listening, path = receiver(bench, "log")
    problems, texts = [], ["plain", "a: b", "é 日本", "[x] \"q\" \\", "k=v"]
    with listening:
        for form in ("--rfc3164", "--rfc5424"):
            for number, text in enumerate(texts):
                severity = SEVERITIES[number]
                data = ["--sd-id", "zoo@123", "--sd-param", 'tiger="a\\"b\\]"'] if form == "--rfc5424" else []
                subprocess.run(["logger", form, "-u", path, "--socket-errors=on", "-t", "app", "--id=77", "-p", f"local3.{severity}", *data, "--", text],
                               check=True, env={**bench.environment(), "TZ": "UTC"})
                line = listening.recv(65536).rstrip(b"\0\n") + b"\n"
                row, = rows_of(bench.printed(["-q", "-i", "syslog", "--select", "facility,severity,app,pid,message,data,age=now() - time(time)", "-"], line))
                wanted = {"facility": "local3", "severity": severity, "app": "app", "pid": "77", "message": text}
                problems += [f"{line!r}: {name} is {row[name]!r}, expected {value!r}" for name, value in wanted.items() if row[name] != value]
                if data and row["data"]["zoo@123"] != {"tiger": 'a"b]'}:
                    problems.append(f"{line!r}: data is {row['data']}")
                if row["age"] is None or abs(row["age"]) > 3600:
                    problems.append(f"{line!r}: {row['age']} seconds ago")
    return problems, f"{2 * len(texts)} messages"


RSYSLOG = """module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{socket}" CreatePath="off" UsePIDFromSystem="off")
global(workDirectory="{folder}" net.enableDNS="off")
action(type="omfile" file="{folder}/new.log" template="RSYSLOG_FileFormat" asyncWriting="off" flushOnTXEnd="on")
action(type="omfile" file="{folder}/old.log" template="RSYSLOG_TraditionalFileFormat" asyncWriting="off" flushOnTXEnd="on")
action(type="omfile" file="{folder}/modern.log" template="RSYSLOG_SyslogProtocol23Format" asyncWriting="off" flushOnTXEnd="on")
"""


def rsyslogd(bench):
    """The three forms of files that rsyslogd writes, from what Python sends it."""
    program = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin")
    if not program:
        raise Missing("rsyslogd is not installed")
    folder, texts = bench.folder / "rsyslog", [f"text {number}: é [x] \"q\"" for number in range(50)]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "rsyslog.conf").write_text(RSYSLOG.format(folder=folder, socket=folder / "socket"))
    daemon = subprocess.Popen([program, "-n", "-f", folder / "rsyslog.conf", "-i", folder / "pid"], env={**bench.environment(), "TZ": "UTC"},
                              stdout=subprocess.DEVNULL, stderr=(folder / "errors").open("wb"))
    bench.started.append(daemon)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            until(lambda: (folder / "socket").exists(), folder)
            sending.connect(str(folder / "socket"))
            for number, text in enumerate(texts):
                sending.send(f"<{number % 24 * 8 + number % 8}>Mar  1 10:00:{number:02} app[{number}]: {text}".encode())
            files = [folder / f"{name}.log" for name in ("new", "old", "modern")]
            until(lambda: all(file.exists() and file.read_bytes().count(b"\n") >= len(texts) for file in files), folder)
    finally:
        daemon.terminate()
        daemon.wait()
    problems = []
    for file in files:
        rows = rows_of(bench.printed(["-q", "-i", "syslog", "--select", "app,pid,message,host,known=time(time) is not null", file]))
        # rsyslogd keeps the blank before the message in the form of RFC 5424.
        found = [(row["app"], row["pid"], row["message"].removeprefix(" "), bool(row["host"]), row["known"]) for row in rows]
        wanted = [("app", str(number), text, True, True) for number, text in enumerate(texts)]
        problems += [f"{file.name}: {row}, expected {expected}" for row, expected in zip(found, wanted) if row != expected]
        if len(found) != len(wanted):
            problems.append(f"{file.name}: {len(found)} records instead of {len(wanted)}")
    return problems, f"{3 * len(texts)} lines"


def until(holds, folder):
    """Waits for something that rsyslogd does."""
    end = time.monotonic() + 30
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"rsyslogd: {(folder / 'errors').read_text()[:300]}")
        time.sleep(0.02)


def checks(bench):
    check = bench.report.check
    check("access logs: a regular expression", all_files, bench, "access", access)
    check("access logs: ingress-nginx", all_files, bench, "ingress", ingress)
    check("access logs: the public one", apache, bench)
    check("access logs: goaccess", goaccess, bench)
    check("syslog: the RFCs", all_files, bench, "syslog", syslog)
    check("syslog: logger", logger, bench)
    check("syslog: rsyslogd", rsyslogd, bench)
