"""A TCP proxy that reads the Postgres protocol and breaks connections at the worst moments.

Faults, each at a random COMMIT or message:
  before   the connection is cut instead of forwarding COMMIT
  after    COMMIT is forwarded and answered, the answer is thrown away, the connection is cut
  doubt    COMMIT is forwarded and the connection is cut at once, so that it may still run when the client is back
  spoil    the transaction is made to fail just before COMMIT, so that COMMIT is answered with ROLLBACK
  any      the connection is cut at any message of the client
"""

import random
import socket
import struct
import threading
import time

from ..common import wire

COMMIT_FAULTS = ("before", "after", "doubt", "spoil")


class Cut(Exception):
    """The connection must end now."""


class Proxy:
    # What serves a connection.
    kind = property(lambda self: Connection)

    def __init__(self, port, seed=0):
        self.upstream = port
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.fault, self.range, self.left, self.hits = None, (1, 1), 0, 0
        # After each `chunk` bytes of one direction its sender waits `delay` seconds.
        self.delay, self.chunk = 0.0, 1 << 16
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def break_at(self, fault, first=1, last=1):
        """From now on every `first`-th to `last`-th such message breaks the connection. Returns how often the previous
        fault struck."""
        with self.lock:
            hits, self.hits = self.hits, 0
            self.fault, self.range = fault, (first, last)
            self.left = self.random.randint(first, last)
        return hits

    def strikes(self, fault):
        with self.lock:
            if self.fault != fault:
                return False
            self.left -= 1
            if self.left > 0:
                return False
            self.left = self.random.randint(*self.range)
            self.hits += 1
            return True

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.upstream), timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.delay:
            # Otherwise the server's answers would wait in this machine's buffers, and the server would be done.
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.chunk)
        connection = self.kind(self, client, server)
        threading.Thread(target=connection.answers, daemon=True).start()
        connection.requests()

    def close(self):
        self.listener.close()


class Pace:
    """One direction of a connection, slowed down to the pace of its proxy."""

    def __init__(self, proxy):
        self.proxy, self.owed = proxy, 0

    def wait(self, count):
        self.owed += count
        if self.owed >= self.proxy.chunk:
            time.sleep(self.proxy.delay * self.owed / self.proxy.chunk)
            self.owed = 0


class Connection:
    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.has_started = False
        self.request_pace, self.answer_pace = Pace(proxy), Pace(proxy)
        # While this is set, the server's answers are for the proxy and not for the client.
        self.holding = threading.Event()
        self.answered = threading.Event()

    def requests(self):
        """Client to server."""
        messages, start = wire.Messages(), bytearray()
        try:
            while more := self.client.recv(1 << 16):
                if not self.has_started:
                    start += more
                    more = self.begin(start)
                for kind, whole in messages.take(more):
                    self.request(kind, whole)
        except (Cut, OSError):
            pass
        self.end()

    def begin(self, start):
        """The first packet has no type. Declines encryption and returns the bytes after the packet."""
        while len(start) >= 8:
            length, code = struct.unpack_from("!ii", start)
            if code in (wire.SSL_REQUEST, wire.GSS_REQUEST):
                del start[:8]
                self.client.sendall(b"N")
            elif len(start) < length:
                break
            else:
                self.has_started = True
                self.server.sendall(start[:length])
                return bytes(start[length:])
        return b""

    def request(self, kind, whole):
        if self.proxy.strikes("any"):
            raise Cut
        if wire.statement_of(kind, whole).strip().upper().rstrip(";").startswith(("COMMIT", "END")):
            for fault in COMMIT_FAULTS:
                if self.proxy.strikes(fault):
                    self.broken_commit(fault, whole)
                    return
        self.forward(whole)

    def broken_commit(self, fault, commit):
        if fault == "before":
            raise Cut
        if fault == "doubt":
            self.server.sendall(commit)
            raise Cut
        if fault == "after":
            self.ask(commit)
            raise Cut
        self.ask(wire.query_message("SELECT 1/0"))
        self.server.sendall(commit)

    def ask(self, whole):
        """Sends a message and hides the answer, up to ReadyForQuery, from the client."""
        self.answered.clear()
        self.holding.set()
        self.server.sendall(whole)
        self.answered.wait(30)
        self.holding.clear()

    def forward(self, whole):
        self.server.sendall(whole)
        self.request_pace.wait(len(whole))

    def answers(self):
        """Server to client."""
        messages = wire.Messages()
        try:
            while more := self.server.recv(1 << 16):
                for kind, whole in messages.take(more):
                    if not self.holding.is_set():
                        self.answer(kind, whole)
                    elif kind == "Z":
                        # requests() must run before the next answer can arrive.
                        self.holding.clear()
                        self.answered.set()
        except (Cut, OSError):
            pass
        self.end()

    def answer(self, kind, whole):
        self.client.sendall(whole)
        self.answer_pace.wait(len(whole))

    def end(self):
        """Half of the connections end with a reset, like those of a machine that lost its power."""
        how = socket.SHUT_RDWR
        try:
            if self.proxy.random.random() < 0.5:
                self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                how = socket.SHUT_RD
        except OSError:
            pass
        for end, way in ((self.client, how), (self.server, socket.SHUT_RDWR)):
            try:
                end.shutdown(way)
            except OSError:
                pass
            end.close()
