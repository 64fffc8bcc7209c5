"""A small Kafka broker in a thread of the tests, with what librdkafka's mock cluster lacks.

Transactions look as on a real broker (their markers are records, fetches list aborted transactions, and offsets that are
part of a transaction become visible with it), offsets are found by time, partitions are added, topics are deleted and
created again under the same cluster id, retention and compaction remove records, clients lack rights, and requests are lost
where a test wants it. One broker, no groups with members.
"""

import collections
import contextlib
import secrets
import socket
import struct
import threading
import time

from . import acls, broker_requests, cluster, logs, transactions
from .protocol import NAMES, Reader, Writer


class SmallBroker(broker_requests.Requests, transactions.Requests, acls.Rights, cluster.Cluster):
    def __init__(self):
        self.lock = threading.Condition()
        self.id, self.topics, self.committed_offsets, self.transactions = "small" + secrets.token_hex(4), {}, {}, {}
        self.next_producer, self.max_message = 1000, 1 << 20
        # The fault of a request, by name: {"EndTxn": function() -> None, "unasked", "unanswered" or seconds of delay}.
        self.strikes, self.struck, self.requests = {}, collections.Counter(), collections.Counter()
        # Damages answers: a function of the request's name and the answer, which gives the parts to send; None for none.
        self.damage = None
        # The largest offset that consumers have asked for, by topic and partition.
        self.fetched = {}
        self.port, self.connections, self.listener = 0, set(), None
        self.up()
        super().__init__(f"127.0.0.1:{self.port}")

    # Commands of the tests.

    def up(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def down(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    stop = down

    def create(self, topic, partitions):
        with self.lock:
            self.topics[topic] = [logs.Log() for _ in range(partitions)]

    def add_partitions(self, topic, count):
        with self.lock:
            self.topics[topic] += [logs.Log() for _ in range(count)]

    def delete(self, topic):
        with self.lock:
            del self.topics[topic]
            self.committed_offsets = {key: value for key, value in self.committed_offsets.items() if key[1] != topic}
            self.lock.notify_all()

    def drop_before(self, topic, partition, offset):
        with self.lock:
            self.topics[topic][partition].drop_before(offset)

    def compact(self, topic, partition, offsets):
        """Removes records that are alone in their batches; they leave gaps."""
        with self.lock:
            self.topics[topic][partition].remove(offsets)

    def is_read(self, topic):
        """Whether consumers have read all records of a topic."""
        with self.lock:
            return all(self.fetched.get((topic, number), 0) >= log.end for number, log in enumerate(self.topics[topic]))

    # Connections.

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError, ValueError):
            while self.answer_one(connection):
                pass
        self.connections.discard(connection)
        connection.close()

    def answer_one(self, connection):
        head = exactly(connection, 4)
        body = head and exactly(connection, struct.unpack(">i", head)[0])
        if not body:
            return False
        request = Reader(body)
        api, version, number = request.number("h"), request.number("h"), request.number("i")
        request.text()
        name = NAMES.get(api, str(api))
        self.requests[name] += 1
        strike = self.strikes[name]() if name in self.strikes else None
        if strike:
            self.struck[name] += 1
        if strike == "unasked":
            return False
        if isinstance(strike, (int, float)):
            time.sleep(strike)
        answer = Writer().number("i", number)
        with self.lock:
            self.expire()
            if name == "ApiVersions":
                self.api_versions(answer, version)
            else:
                getattr(self, HANDLERS[name])(request, answer, version)
        if strike == "unanswered":
            return False
        frame = struct.pack(">i", len(answer.data)) + answer.data
        for part in self.damage(name, bytes(frame)) if self.damage else (frame,):
            connection.sendall(part)
        return True

    def expire(self):
        """Aborts transactions that are open for too long and fences their producers."""
        for transaction in self.transactions.values():
            if transaction.is_open and time.monotonic() > transaction.began + transaction.patience:
                transaction.epoch += 1
                self.end_transaction(transaction, False)


HANDLERS = {
    "Produce": "on_produce", "Fetch": "on_fetch", "ListOffsets": "on_list_offsets", "Metadata": "on_metadata",
    "OffsetCommit": "on_offset_commit", "OffsetFetch": "on_offset_fetch",
    "ListGroups": "on_list_groups", "DescribeGroups": "on_describe_groups", "FindCoordinator": "on_find_coordinator",
    "InitProducerId": "on_init_producer_id", "AddPartitionsToTxn": "on_add_partitions_to_txn",
    "AddOffsetsToTxn": "on_add_offsets_to_txn", "EndTxn": "on_end_txn", "TxnOffsetCommit": "on_txn_offset_commit"}


def exactly(connection, count):
    """Exactly this many bytes, or none at the end."""
    data = bytearray()
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            return b""
        data += more
    return bytes(data)
