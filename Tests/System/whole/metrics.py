"""Metrics of a run that goes on: parsers of Prometheus read them, each number is right, and no client disturbs the run."""

import http.client
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import time

from ..common.bench import Bench as CommonBench
from ..common.places import Missing

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
RECORDS = [
    *({"t": f"2026-01-01T00:00:{second:02}Z", "k": "a\"b" if second % 3 else "c", "n": second} for second in range(40)),
    {"t": "2026-01-01T00:01:05Z", "k": "a", "n": 1}, {"t": "2026-01-01T00:00:01Z", "k": "late", "n": 1},
    {"t": "no time", "k": "a", "n": 1}, {"t": "2026-01-01T00:01:06Z", "k": "drop", "n": 1},
    {"t": "2026-01-01T00:01:07Z", "k": "a", "n": "many"},
]
FLAGS = ["-t", "t", "-w", "1m", "-W", "5s", "--max-ahead", "off", "--idle", "off", "-g", "k", "--sum", "n",
         "--where", "k <> 'drop'"]


def parsers():
    try:
        from prometheus_client import parser
        from prometheus_client.openmetrics import parser as open_parser
    except ImportError as error:
        raise Missing("prometheus-client is not installed") from error
    return parser.text_string_to_metric_families, open_parser.text_string_to_metric_families


class Bench(CommonBench):
    def prepare(self):
        self.random = random.Random(self.seed)

    def serving(self, arguments, **settings):
        """Starts a run on a free port. Returns its process and the port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = self.start([*arguments, "--metrics", str(port)], **settings)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                if get(port, "/readyz").status == 200:
                    return process, port
            except OSError:
                pass
            time.sleep(0.01)
        raise RuntimeError(f"nothing answers on port {port}: {process.poll()}")


def get(port, path, accept="", method="GET", patience=10):
    """The answer, with its body in `text`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    connection.request(method, path, headers={"Accept": accept} if accept else {})
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    connection.close()
    return answer


def samples(families):
    return {(sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples}


def after_records(bench):
    """A run that has read the records and waits; its process, its port and what /healthz says."""
    process, port = bench.serving(FLAGS, stdin=subprocess.PIPE)
    process.stdin.write("".join(json.dumps(record) + "\n" for record in RECORDS).encode() + b"{broken\n")
    process.stdin.flush()
    end = time.monotonic() + 30
    while (health := json.loads(get(port, "/healthz").text))["records"] < len(RECORDS) + 1:
        if time.monotonic() > end:
            raise RuntimeError(f"not all records were read: {health}")
        time.sleep(0.05)
    return process, port, health


def equal_statistics(bench, form):
    classic, modern = parsers()
    process, port, health = after_records(bench)
    answer = get(port, "/metrics", OPENMETRICS if form == "OpenMetrics" else "")
    found = samples((modern if form == "OpenMetrics" else classic)(answer.text))
    outcome = bench.finish(process)
    problems = outcome.expect(0)
    prefix = "streamctl_"
    expected = {
        "records_total": 46, "rows_total": 2, "open_windows": 1, "open_groups": 1, "replay_ratio": 1, "up": 1,
        "processing_seconds_count": health["processing_seconds"]["count"], "commit_seconds_count": 0, "commit_seconds_sum": 0,
        "skipped_values_total": 1, "missed_windows_total": 0, "refused_rows_total": 0, "worst_delay_seconds": 5.000001,
        "input_bytes_total": health["bytes"], "state_bytes": health["state_bytes"],
        "watermark_seconds": 1767225662, "latest_time_seconds": 1767225667,
    }
    for name, value in expected.items():
        if found.get((prefix + name,)) != value:
            problems.append(f"{name} is {found.get((prefix + name,))}, not {value}")
    outcomes = {"in_window": 42, "in_no_window": 0, "filtered": 1, "late": 1, "duplicate": 0, "tombstone": 0, "reread": 0, "rejected": 2}
    for name, value in outcomes.items():
        if found.get((prefix + "record_outcomes_total", ("outcome", name))) != value:
            problems.append(f"{name}: {found.get((prefix + 'record_outcomes_total', ('outcome', name)))}, not {value}")
    for name in ("in_windows", "in_no_window", "filtered", "late", "duplicates", "tombstones", "reread"):
        key = {"in_windows": "in_window", "duplicates": "duplicate", "tombstones": "tombstone"}.get(name, name)
        if health[name] != outcomes[key]:
            problems.append(f"/healthz has {name} {health[name]}")
    if found.get((prefix + "input_position", ("input", "stdin"))) != health["bytes"]:
        problems.append(f"the position is not that of {health['inputs']}")
    return problems, f"{len(found)} samples"


def promtool(bench):
    program = shutil.which("promtool")
    if not program:
        raise Missing("promtool is not installed")
    process, port, _ = after_records(bench)
    text = get(port, "/metrics").text
    problems = bench.finish(process).expect(0)
    checked = subprocess.run([program, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    return problems + ([] if checked.returncode == 0 else [checked.stdout + checked.stderr])


def answers(bench):
    process, port, _ = after_records(bench)
    problems = []
    for path, method, status, type_ in (
            ("/metrics", "GET", 200, "text/plain; version=0.0.4; charset=utf-8"),
            ("/metrics?name[]=x", "HEAD", 200, "text/plain; version=0.0.4; charset=utf-8"),
            ("/healthz", "GET", 200, "application/json"), ("/readyz", "GET", 200, "application/json"),
            ("/", "GET", 200, "text/plain; charset=utf-8"), ("/nothing", "GET", 404, "text/plain; charset=utf-8"),
            ("/metrics", "POST", 405, "text/plain; charset=utf-8")):
        answer = get(port, path, method=method)
        if (answer.status, answer.getheader("Content-Type")) != (status, type_):
            problems.append(f"{method} {path}: {answer.status} {answer.getheader('Content-Type')}")
        if (method == "HEAD") != (answer.text == ""):
            problems.append(f"{method} {path} has a body of {len(answer.text)}")
    other = get(port, "/metrics", OPENMETRICS)
    if other.getheader("Content-Type") != f"{OPENMETRICS}; charset=utf-8" or not other.text.endswith("# EOF\n"):
        problems.append(f"OpenMetrics: {other.getheader('Content-Type')}")
    taken = bench.run(["/dev/null", "--count", "--metrics", str(port)])
    problems += taken.expect(73, f"--metrics {port}", "in use")
    return problems + bench.finish(process).expect(0)


def hostile_clients(bench):
    """A thousand connections: silent ones, slow ones, garbage, requests without end, and clients that never read."""
    process, port = bench.serving(["demo:sensors?records=3000000&rate=500000", "-t", "event_time", "-w", "1h", "--count"])
    descriptors = pathlib.Path(f"/proc/{process.pid}/fd")
    before = len(list(descriptors.iterdir()))
    sockets = []
    kinds = (b"", b"GET /met", os.urandom(300), b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 20_000, b"GET /metrics HTTP/1.1\r\n\r\n",
             b"\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"\x16\x03\x01\x02\x00")
    for number in range(1000):
        client = socket.socket()
        client.setblocking(False)
        try:
            client.connect(("127.0.0.1", port))
        except BlockingIOError:
            pass
        sockets.append((client, kinds[number % len(kinds)]))
    for client, text in sockets:
        try:
            client.send(text)
        except OSError:
            pass
    # Connections that are in time are answered while the others wait for their end.
    slow = []
    for _ in range(5):
        began = time.monotonic()
        if get(port, "/healthz", patience=30).status != 200:
            slow.append("not healthy")
        slow += [f"an answer took {time.monotonic() - began:.1f} s"] if time.monotonic() - began > 20 else []
    for client, _ in sockets:
        client.close()
    end = time.monotonic() + 20
    while len(list(descriptors.iterdir())) > before + 1 and time.monotonic() < end and process.poll() is None:
        time.sleep(0.05)
    left = len(list(descriptors.iterdir())) - before if process.poll() is None else 0
    outcome = bench.finish(process)
    problems = slow + outcome.expect(0) + ([f"{left} descriptors are left"] if left > 1 else [])
    rows = [json.loads(line) for line in outcome.out.splitlines()]
    if sum(row["count"] for row in rows) != 3_000_000:
        problems.append(f"{len(rows)} rows have {sum(row['count'] for row in rows)} records")
    return problems


def topic(bench):
    """Where each partition ends, and how far a reader is behind."""
    classic, _ = parsers()
    _, url = bench.readings(3)
    process, port = bench.serving([url, "-t", "event_time", "-w", "1h", "--count"])
    end = time.monotonic() + 30
    while json.loads((health := get(port, "/healthz")).text)["records"] < 5000 and time.monotonic() < end:
        time.sleep(0.05)
    inputs = json.loads(health.text)["inputs"]
    found = samples(classic(get(port, "/metrics").text))
    process.terminate()
    problems = bench.finish(process).expect(143)
    ends = {each["name"]: each["end"] for each in inputs}
    if sum(ends.values()) != 5000 or any(each["lag"] != 0 or each["position"] != each["end"] for each in inputs):
        problems.append(f"{inputs}")
    if sorted(ends) != [f"readings[{number}]" for number in range(3)]:
        problems.append(f"the partitions are {sorted(ends)}")
    lags = [found.get(("streamctl_input_lag", ("input", name))) for name in ends]
    return problems + ([] if lags == [0, 0, 0] else [f"lags {lags}"])


def followed(bench):
    """Rotations and truncations of followed files, and which of them are idle."""
    classic, _ = parsers()
    log, quiet = bench.folder / "app.log", bench.folder / "quiet.log"
    line = '{"t":"2026-01-01T00:00:00Z"}\n'
    for file in (log, quiet):
        file.write_text(line)
    process, port = bench.serving(["-F", log, quiet, "-t", "t", "-w", "1m", "--count", "--idle", "300ms"])

    def waited(is_reached):
        """The state once it is reached, or after half a minute."""
        end = time.monotonic() + 30
        while not is_reached(state := json.loads(get(port, "/healthz").text)) and time.monotonic() < end:
            time.sleep(0.02)
        return state

    waited(lambda state: state["records"] == 2)
    # The rest of a truncated file is read from its copy, which counts as rotated then.
    shutil.copy(log, bench.folder / "app.log.1")
    log.write_text("")
    waited(lambda state: state["rotations"] == state["truncations"] == 1)
    log.rename(bench.folder / "app.log.2")
    log.write_text(line)
    state = waited(lambda state: state["records"] == 3 and state["rotations"] == 2 and all(each["idle"] for each in state["inputs"]))
    found = samples(classic(get(port, "/metrics").text))
    process.terminate()
    problems = bench.finish(process).expect(143)
    if (state["rotations"], state["truncations"]) != (2, 1):
        problems.append(f"{state}")
    for name in ("rotations", "truncations"):
        if found[(f"streamctl_{name}_total",)] != state[name]:
            problems.append(f"{name}: {found[(f'streamctl_{name}_total',)]}, {state[name]}")
    idle = [each["idle"] for each in state["inputs"]]
    return problems + ([] if idle == [True, True] and found[("streamctl_idle_inputs",)] == 2 else [f"idle: {idle}"])


def results(bench):
    """The last closed window as gauges: both parsers and promtool take them, they equal the rows, and old ones go away."""
    classic, modern = parsers()
    process, port = bench.serving(
        ["-t", "t", "-w", "1m", "-W", "0s", "--max-ahead", "off", "--idle", "off", "-g", "k,column=x,\"1a\"", "--sum", "n", "--count",
         "--metrics-results"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    problems = []
    for minute, keys in enumerate((["a\"b\\\n", "c"], ["c"], ["c"], ["d"])):
        for key in keys:
            record = {"t": f"2026-01-01T00:{minute:02}:01Z", "k": key, "x": 1, "1a": None, "n": minute + 0.5}
            process.stdin.write((json.dumps(record) + "\n").encode())
        process.stdin.flush()
        if minute == 0:
            continue
        end = time.monotonic() + 20
        while time.monotonic() < end:
            text = get(port, "/metrics").text
            found = samples(classic(text))
            if found.get(("streamctl_result_window_seconds",)) == 1767225600 + 60 * (minute - 1):
                break
            time.sleep(0.05)
        shown = {
            (dict(name[1:])["k"], dict(name[1:])["column"]): value for name, value in found.items() if name[0] == "streamctl_result"}
        expected = {("c", "count"): 1, ("c", "sum_n"): minute - 0.5}
        if minute <= 2:
            expected |= {("a\"b\\\n", "count"): 1, ("a\"b\\\n", "sum_n"): 0.5}
        if shown != expected:
            problems.append(f"minute {minute}: {shown} is not {expected}")
        if samples(modern(get(port, "/metrics", OPENMETRICS).text)).keys() < {"streamctl_result"}:
            problems.append("OpenMetrics differs")
        program = shutil.which("promtool")
        checked = subprocess.run([program, "check", "metrics"], input=text, capture_output=True, text=True, check=False) if program else None
        if checked and checked.returncode:
            problems.append(checked.stdout + checked.stderr)
    return problems + bench.finish(process).expect(0)


def rules(bench):
    """The alert rules of the manual are valid, and use only metrics that exist."""
    program = shutil.which("promtool")
    if not program:
        raise Missing("promtool is not installed")
    manual = (pathlib.Path(__file__).parents[3] / "man" / "streamctl.1").read_text()
    found = re.search(r"\n(groups:\n.*?)\n\.Ed", manual, re.DOTALL)
    if not found:
        return ["the manual has no rules"]
    text = found[1].replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\").replace("\\&", "")
    file = bench.folder / "rules.yml"
    file.write_text(text)
    checked = subprocess.run([program, "check", "rules", file], capture_output=True, text=True, check=False)
    process, port, _ = after_records(bench)
    metrics = get(port, "/metrics").text
    problems = bench.finish(process).expect(0)
    # Partitions of topics have ends; these records have none.
    for name in sorted(set(re.findall(r"streamctl_\w+", text)) - {"streamctl_input_lag"}):
        if name not in metrics:
            problems.append(f"there is no {name}")
    return problems + ([] if checked.returncode == 0 else [checked.stdout + checked.stderr])


def dashboard(bench):
    """The dashboard for Grafana is JSON, whose expressions use only metrics that exist."""
    outcome = bench.run(["--generate", "grafana"])
    tree = json.loads(outcome.out)
    expressions = [target["expr"] for panel in tree["panels"] for target in panel.get("targets", ())]
    process, port, _ = after_records(bench)
    metrics = get(port, "/metrics").text
    problems = outcome.expect(0) + bench.finish(process).expect(0)
    # Partitions of topics have ends; these records have none.
    for name in sorted(set(re.findall(r"streamctl_\w+", " ".join(expressions))) - {"streamctl_input_lag"}):
        if name not in metrics:
            problems.append(f"there is no {name}")
    places = [tuple(panel["gridPos"].values()) for panel in tree["panels"]]
    if len(set(places)) < len(places) or len({panel["id"] for panel in tree["panels"]}) < len(places):
        problems.append(f"panels share a place or a number: {places}")
    return problems, f"{len(expressions)} expressions"


def text_file(bench):
    classic, _ = parsers()
    file = bench.folder / "streamctl.prom"
    process = bench.start([*FLAGS, "--metrics", "streamctl.prom"], stdin=subprocess.PIPE)
    end = time.monotonic() + 30
    while not file.exists() and time.monotonic() < end:
        time.sleep(0.01)
    during = samples(classic(file.read_text()))
    process.stdin.write((json.dumps(RECORDS[0]) + "\n").encode())
    problems = bench.finish(process).expect(0)
    found = samples(classic(file.read_text()))
    if during[("streamctl_up",)] != 1 or found[("streamctl_up",)] != 0 or found[("streamctl_records_total",)] != 1:
        problems.append(f"up was {during[('streamctl_up',)]}, then {found[('streamctl_up',)]}")
    left = [path.name for path in bench.folder.iterdir() if ".tmp." in path.name]
    problems += [f"left behind: {left}"] if left else []
    return problems + bench.run(["/dev/null", "--count", "--metrics", "no/where.prom"]).expect(73, "no/where.prom")


def checks(bench):
    check = bench.report.check
    for form in ("Prometheus", "OpenMetrics"):
        check(f"{form}: each number is that of the statistics", equal_statistics, bench, form)
    check("promtool finds nothing to complain about", promtool, bench)
    check("paths, methods and types; a port that is taken", answers, bench)
    check("a thousand hostile clients", hostile_clients, bench)
    check("a topic: ends and lags of its partitions", topic, bench)
    check("followed files: rotations, truncations, idle ones", followed, bench)
    check("a file for the textfile collector", text_file, bench)
    check("results as metrics", results, bench)
    check("the alert rules of the manual", rules, bench)
    check("the dashboard for Grafana", dashboard, bench)
