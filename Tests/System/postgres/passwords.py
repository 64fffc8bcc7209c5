"""A password goes to the server and nowhere else: not to output, messages, --explain or the list of processes."""

import os
import pathlib
import time

from ..common import wire
from ..common.bench import Bench as CommonBench

CANARY = "c4nary-Passw0rd"


class Bench(CommonBench):
    def prepare(self):
        self.texts = []
        with self.server.session() as session:
            session.query(
                f"CREATE ROLE guarded LOGIN PASSWORD {wire.literal(CANARY)};"
                "GRANT CREATE, USAGE ON SCHEMA public TO guarded")
        self.source = self.folder / "in.jsonl"
        self.source.write_text("".join(f'{{"v":{number}}}\n' for number in range(1000)))
        self.tables = 0

    def attempt(self, extra=None, url=None, flags=()):
        """One run into a new table. Everything that it prints is kept."""
        self.tables += 1
        arguments = [self.source, "--select", "v", "-o", url or self.server.url(user="guarded"), "--table", f"t{self.tables}"]
        outcome = self.run([*arguments, "--create", *flags], extra)
        self.texts += [outcome.out, outcome.err]
        return outcome

    def stored(self):
        with self.server.session() as session:
            rows = session.value(f"SELECT count(*) FROM t{self.tables}")
        return [] if rows == "1000" else [f"{rows} rows"]


def by_variable(bench):
    return bench.attempt({"PGPASSWORD": CANARY}, flags=("-v",)).expect(0) + bench.stored()


def by_file(bench, name):
    """In PGPASSFILE, and where libpq looks by default."""
    path = bench.folder / name
    path.write_text(f"127.0.0.1:{bench.server.port}:*:guarded:{CANARY}\n")
    path.chmod(0o600)
    extra = {"PGPASSFILE": str(path)} if name != ".pgpass" else {}
    problems = bench.attempt(extra).expect(0) + bench.stored()
    path.unlink()
    return problems


def by_service(bench):
    path = bench.folder / "service.conf"
    path.write_text(
        f"[guarded]\nhost=127.0.0.1\nport={bench.server.port}\nuser=guarded\ndbname=postgres\npassword={CANARY}\n")
    extra = {"PGSERVICEFILE": str(path), "PGSERVICE": "guarded"}
    return bench.attempt(extra, "postgresql://").expect(0) + bench.stored()


def missing(bench):
    return bench.attempt().expect(69)


def wrong(bench):
    """A wrong password may be the right one of another service: it must not be shown either."""
    return bench.attempt({"PGPASSWORD": CANARY + "x"}).expect(69)


def nowhere(bench):
    """No server, no such database, no such host: messages while a password is known."""
    problems = []
    for url in (
            "postgresql://guarded@127.0.0.1:1/postgres", bench.server.url(user="guarded", database="nowhere"),
            "postgresql://guarded@no-such-host.invalid/postgres"):
        problems += bench.attempt({"PGPASSWORD": CANARY}, url).expect(69)
    return problems


def in_url(bench):
    host = f"127.0.0.1:{bench.server.port}/postgres"
    problems = []
    for url in (
            f"postgresql://guarded:{CANARY}@{host}", f"postgres://guarded:{CANARY}@{host}",
            f"postgresql://guarded@{host}?password={CANARY}", f"postgresql://guarded@{host}?sslpassword={CANARY}",
            f"postgresql://guarded:{CANARY}@{host}?nonsense=1", f"postgresql://:{CANARY}@{host}"):
        for flags in ((), ("--explain",)):
            outcome = bench.attempt(url=url, flags=flags)
            problems += [f"{url.replace(CANARY, '***')}: {problem}" for problem in outcome.expect(64)]
    return problems


def malformed(bench):
    """libpq repeats a URL that it cannot parse in its message."""
    problems = []
    for url in (f"postgresql://guarded:{CANARY}@[::1/x", f"postgresql://u:{CANARY}@h:port/d", f"postgresql://u:{CANARY}%zz@h/d"):
        problems += bench.attempt(url=url).expect(64)
    return problems


def explain(bench):
    return bench.attempt({"PGPASSWORD": CANARY}, flags=("--explain",)).expect(0)


def processes(bench):
    """What other users see of a running process."""
    source = "demo:sensors?rate=1000"
    bench.tables += 1
    process = bench.start(
        [source, "--select", "temperature", "-o", bench.server.url(user="guarded"), "--table", f"t{bench.tables}", "--create"],
        {"PGPASSWORD": CANARY})
    seen = []
    end = time.monotonic() + 1.5
    while time.monotonic() < end and process.poll() is None:
        seen += [pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "comm")]
        time.sleep(0.05)
    with bench.server.session() as session:
        activity = str(session.query("SELECT * FROM pg_stat_activity"))
    process.terminate()
    outcome = bench.finish(process)
    bench.texts += [outcome.out, outcome.err]
    problems = [f"a {part[:60]!r}" for part in seen if CANARY.encode() in part]
    return problems + (["pg_stat_activity shows it"] if CANARY in activity else []) + ([] if len(seen) > 10 else [outcome.err])


def as_job(bench):
    """The contents of the job table."""
    outcome = bench.attempt({"PGPASSWORD": CANARY}, flags=("--job", "guarded"))
    with bench.server.session() as session:
        kept = str(session.query("TABLE streamctl_jobs")) if outcome.status == 0 else ""
    return outcome.expect(0) + (["the job table has it"] if CANARY in kept else [])


def silence(bench):
    """In everything that all runs printed or left in files."""
    problems = [text[:200] for text in bench.texts if CANARY in text]
    for path in bench.folder.rglob("*"):
        if path.is_file() and path.name != "service.conf" and CANARY.encode() in path.read_bytes():
            problems.append(f"the file {path.name} has it")
    return problems, f"{len(bench.texts)} texts of {bench.tables} runs"


def checks(bench):
    os.umask(0o077)
    check = bench.report.check
    check("PGPASSWORD", by_variable, bench)
    check("PGPASSFILE", by_file, bench, "passwords")
    check("the password file of the home folder", by_file, bench, ".pgpass")
    check("a service file", by_service, bench)
    check("no password", missing, bench)
    check("a wrong password", wrong, bench)
    check("no server", nowhere, bench)
    check("a password in the URL is refused", in_url, bench)
    check("a URL that cannot be read", malformed, bench)
    check("--explain", explain, bench)
    check("the list of processes", processes, bench)
    check("the job table", as_job, bench)
    check("the password was never shown", silence, bench)
