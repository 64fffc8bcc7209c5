"""A private Postgres in a temporary folder: TCP on a free port of 127.0.0.1 and a Unix socket."""

import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from . import wire
from .places import Missing

SETTINGS = {
    "fsync": "on", "shared_buffers": "16MB", "max_connections": "60", "max_wal_size": "1GB", "logging_collector": "off",
    "log_min_messages": "warning", "listen_addresses": "127.0.0.1", "password_encryption": "scram-sha-256"}
# Every role is trusted except the one that passwords are tested with.
ACCESS = """local all all trust
host all guarded 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""


def programs():
    """The folder of the newest installed Postgres server."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[-3]))
    if found:
        return pathlib.Path(found[-1]).parent
    here = shutil.which("initdb")
    if not here:
        raise Missing("no Postgres server is installed (Debian package postgresql)")
    return pathlib.Path(here).resolve().parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Starts with the object, ends with stop() or with the process of the tests."""

    def __init__(self, **settings):
        self.programs = programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="streamctl-postgres-"))
        self.port = free_port()
        self.settings = {**SETTINGS, **settings, "port": str(self.port), "unix_socket_directories": str(self.folder)}
        self.process = None
        self.make()
        self.start()

    def as_owner(self, command):
        """Postgres refuses to run as root: another user runs it. The kernel ends the server when the tests end."""
        prefix = ["setpriv", "--pdeathsig", "QUIT"]
        if os.geteuid() == 0:
            prefix += ["--reuid", str(self.owner.pw_uid), "--regid", str(self.owner.pw_gid), "--clear-groups"]
        return [*prefix, *map(str, command)]

    def make(self):
        names = ("postgres", "nobody") if os.geteuid() == 0 else (pwd.getpwuid(os.geteuid()).pw_name,)
        users = {entry.pw_name: entry for entry in pwd.getpwall()}
        self.owner = next(users[name] for name in names if name in users)
        os.chmod(self.folder, 0o755)
        if os.geteuid() == 0:
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        self.data = self.folder / "data"
        subprocess.run(
            self.as_owner([
                self.programs / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync",
                "--locale=C.UTF-8"]),
            check=True, stdout=subprocess.DEVNULL, cwd=self.folder)
        (self.data / "pg_hba.conf").write_text(ACCESS)

    def start(self):
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                self.as_owner([self.programs / "postgres", "-D", self.data, *options]), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=self.folder)
        self.wait()

    def wait(self):
        end = time.monotonic() + 60
        while True:
            try:
                self.session("postgres").close()
                return
            except (OSError, wire.ServerError, ConnectionError):
                if time.monotonic() > end or self.process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()[-2000:])
                time.sleep(0.02)

    def session(self, user="postgres", database="postgres"):
        return wire.Session(f"{self.folder}/.s.PGSQL.{self.port}", user, database)

    def url(self, user="postgres", database="postgres", port=None):
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    def crash(self):
        """Like pg_ctl stop -m immediate: no shutdown checkpoint, recovery at the next start."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def restart(self):
        self.crash()
        self.start()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
