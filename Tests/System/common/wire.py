"""The part of the Postgres protocol that the tests use: messages, and a session for simple queries without a password."""

import socket
import struct

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST, PROTOCOL_3 = 80877103, 80877104, 80877102, 196608


class ServerError(Exception):
    """The error that the server answered with."""

    def __init__(self, fields):
        self.state = fields.get("C", "")
        super().__init__(f"{self.state} {fields.get('M', '')}")


class Messages:
    """Splits bytes into protocol messages: a type byte, a length that includes itself, the content."""

    def __init__(self):
        self.bytes = bytearray()

    def take(self, more):
        """The messages that are complete now, each as (type, whole message)."""
        self.bytes += more
        found, start = [], 0
        while len(self.bytes) - start >= 5:
            end = start + 1 + struct.unpack_from("!i", self.bytes, start + 1)[0]
            if end > len(self.bytes):
                break
            found.append((chr(self.bytes[start]), bytes(self.bytes[start:end])))
            start = end
        del self.bytes[:start]
        return found


def message(kind, content):
    return kind.encode() + struct.pack("!i", len(content) + 4) + content


def query_message(sql):
    return message("Q", sql.encode() + b"\0")


def statement_of(kind, whole):
    """The SQL text of a Query or Parse message, else an empty string."""
    if kind == "Q":
        return whole[5:].split(b"\0")[0].decode(errors="replace")
    if kind == "P":
        return whole[5:].split(b"\0")[1].decode(errors="replace")
    return ""


def error_fields(content):
    """The fields of an ErrorResponse by letter: C is the SQLSTATE, M the message."""
    return {chr(part[0]): part[1:].decode(errors="replace") for part in content.split(b"\0") if part}


class Session:
    """One connection over the Unix socket. query() returns rows of texts and Nones."""

    def __init__(self, path, user, database):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.messages = Messages()
        self.waiting = []
        settings = {
            "user": user, "database": database, "client_encoding": "UTF8", "TimeZone": "UTC", "DateStyle": "ISO",
            "application_name": "tests"}
        words = b"".join(name.encode() + b"\0" + value.encode() + b"\0" for name, value in settings.items())
        start = struct.pack("!i", PROTOCOL_3) + words + b"\0"
        self.socket.sendall(struct.pack("!i", len(start) + 4) + start)
        self.answer()

    def query(self, sql):
        self.socket.sendall(query_message(sql))
        return self.answer()

    def value(self, sql):
        """The first value of the first row, None if there is no row."""
        rows = self.query(sql)
        return rows[0][0] if rows else None

    def answer(self):
        rows, error = [], None
        while True:
            kind, whole = self.next()
            if kind == "D":
                rows.append(row_of(whole))
            elif kind == "E":
                error = ServerError(error_fields(whole[5:]))
            elif kind == "R" and whole[5:9] != b"\0\0\0\0":
                raise ConnectionError("the server asks for a password")
            elif kind == "Z":
                if error:
                    raise error
                return rows

    def next(self):
        while not self.waiting:
            more = self.socket.recv(1 << 16)
            if not more:
                raise ConnectionError("the server closed the connection")
            self.waiting = self.messages.take(more)[::-1]
        return self.waiting.pop()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def row_of(whole):
    """The values of a DataRow."""
    values, at = [], 7
    for _ in range(struct.unpack_from("!h", whole, 5)[0]):
        length = struct.unpack_from("!i", whole, at)[0]
        at += 4
        values.append(None if length < 0 else whole[at:at + length].decode())
        at += max(length, 0)
    return tuple(values)


def literal(text):
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name):
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
