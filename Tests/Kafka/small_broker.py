"""A small Kafka broker in a thread of the tests: what librdkafka's pretend cluster lacks.

Transactions are seen as on a real broker (their markers are records, what was aborted is told, offsets that travel with
them become visible with them), offsets are found by time, partitions are added, topics are made anew under the same
cluster id, records go by retention, and requests are lost where a test wants it. One broker, no groups with members.
"""

import collections
import contextlib
import secrets
import socket
import struct
import threading
import time

import cluster
import logs
import protocol
import transactions
from logs import Refused
from protocol import API, ERRORS, NAMES, Reader, Writer


class SmallBroker(transactions.Requests, cluster.Cluster):
    def __init__(self):
        self.lock = threading.Condition()
        self.id, self.topics, self.committed_offsets, self.transactions = "small" + secrets.token_hex(4), {}, {}, {}
        self.next_producer, self.max_message = 1000, 1 << 20
        # Which request is struck how: {"EndTxn": function() -> None, "unasked", "unanswered" or seconds of delay}.
        self.strikes, self.struck, self.requests = {}, collections.Counter(), collections.Counter()
        self.port, self.connections, self.listener = 0, set(), None
        self.up()
        super().__init__(f"127.0.0.1:{self.port}")

    # What tests do to it.

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
            self.committed_offsets = {key: place for key, place in self.committed_offsets.items() if key[1] != topic}

    def drop_before(self, topic, partition, offset):
        with self.lock:
            self.topics[topic][partition].drop_before(offset)

    def compact(self, topic, partition, offsets):
        """Records go that stand alone in their batches, and leave gaps."""
        with self.lock:
            self.topics[topic][partition].remove(offsets)

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
        connection.sendall(struct.pack(">i", len(answer.data)) + answer.data)
        return True

    def expire(self):
        """A transaction that is open for too long is aborted, and its producer shut out."""
        for transaction in self.transactions.values():
            if transaction.is_open and time.monotonic() > transaction.began + transaction.patience:
                transaction.epoch += 1
                self.end_transaction(transaction, False)

    # Requests, with the lock held.

    def api_versions(self, answer, version):
        answer.number("h", ERRORS["UNSUPPORTED_VERSION"] if version else 0)
        answer.list(API.values(), lambda row: answer.number("hhh", *row))

    def on_metadata(self, request, answer, version):
        asked = [request.text() for _ in range(count)] if (count := request.number("i")) >= 0 else list(self.topics)
        answer.number("i", 0).list([0], lambda _: answer.number("i", 1).text("127.0.0.1").number("i", self.port).text(None))
        answer.text(self.id).number("i", 1)

        def topic(name):
            known = self.topics.get(name)
            answer.number("h", ERRORS["UNKNOWN_TOPIC_OR_PART"] if known is None else 0).text(name).number("b", 0)
            answer.list(range(len(known or [])), lambda number: answer.number("hiiiiii", 0, number, 1, 1, 1, 1, 1))

        answer.list(asked, topic)

    def log(self, topic, partition):
        found = self.topics.get(topic, [])
        if not 0 <= partition < len(found):
            raise Refused("UNKNOWN_TOPIC_OR_PART")
        return found[partition]

    def on_produce(self, request, answer, version):
        name = request.text()
        request.number("h"), request.number("i")
        topics = request.list(lambda: (request.text(), request.list(lambda: (request.number("i"), request.blob()))))

        def partition(topic, number, data):
            code, base = 0, -1
            try:
                base = self.append(name, topic, number, data)
            except Refused as refused:
                code = refused.code
            answer.number("ihqq", number, code, base, -1)
            if version >= 5:
                answer.number("q", 0)

        answer.list(topics, lambda row: answer.text(row[0]).list(row[1], lambda item: partition(row[0], *item)))
        answer.number("i", 0)
        self.lock.notify_all()

    def append(self, name, topic, number, data):
        log, base = self.log(topic, number), -1
        for batch in protocol.split(data):
            if len(batch.data) > self.max_message:
                raise Refused("MSG_SIZE_TOO_LARGE")
            if batch.is_transactional:
                transaction = self.transaction(name, batch.producer, batch.epoch)
                if (topic, number) not in transaction.logs:
                    raise Refused("INVALID_TXN_STATE")
            base = log.append(batch)
        return base

    def on_fetch(self, request, answer, version):
        _, patience, least, limit, isolation = (request.number(form) for form in "iiiib")
        session = (request.number("i"), request.number("i"))[0] if version >= 7 else 0

        def wanted():
            number = request.number("i")
            if version >= 9:
                request.number("i")
            offset = request.number("q")
            if version >= 5:
                request.number("q")
            return number, offset, request.number("i")

        topics = request.list(lambda: (request.text(), request.list(wanted)))
        end = time.monotonic() + patience / 1000
        found, size = self.found(topics, limit, isolation)
        while size < least and time.monotonic() < end:
            self.lock.wait(end - time.monotonic())
            found, size = self.found(topics, limit, isolation)
        answer.number("i", 0)
        if version >= 7:
            answer.number("hi", 0, 0 if session == 0 else session)

        def partition(item):
            number, code, log, data, aborted = item
            answer.number("ihqq", number, code, log.end if log else -1, log.stable_end if log else -1)
            if version >= 5:
                answer.number("q", log.start if log else -1)
            answer.list(aborted, lambda pair: answer.number("qq", *pair))
            if version >= 11:
                answer.number("i", -1)
            answer.blob(data)

        answer.list(found, lambda row: answer.text(row[0]).list(row[1], partition))

    def found(self, topics, limit, isolation):
        """What there is to read now, and its size; an error counts as much as one can wait for."""
        size, rows = 0, []
        for topic, partitions in topics:
            items = []
            for number, offset, most in partitions:
                log, code, data, aborted = None, 0, b"", []
                try:
                    log = self.log(topic, number)
                    data, aborted = log.read(offset, min(most, max(limit - size, 0)), isolation)
                    data = b"" if size and size + len(data) > limit else data
                    size += len(data)
                except Refused as refused:
                    code, size = refused.code, size + limit
                items.append((number, code, log, data, aborted))
            rows.append((topic, items))
        return rows, size

    def on_list_offsets(self, request, answer, version):
        _, isolation = request.number("i"), request.number("b") if version >= 2 else 0
        topics = request.list(
            lambda: (request.text(), request.list(lambda: (request.number("i"), request.number("q")))))
        if version >= 2:
            answer.number("i", 0)

        def partition(topic, number, when):
            try:
                offset, found = self.log(topic, number).find(when, isolation)
                answer.number("ihqq", number, 0, found, offset)
            except Refused as refused:
                answer.number("ihqq", number, refused.code, -1, -1)

        answer.list(topics, lambda row: answer.text(row[0]).list(row[1], lambda item: partition(row[0], *item)))

    def on_find_coordinator(self, request, answer, version):
        if version >= 1:
            answer.number("i", 0)
        answer.number("h", 0)
        if version >= 1:
            answer.text(None)
        answer.number("i", 1).text("127.0.0.1").number("i", self.port)

    def on_offset_commit(self, request, answer, version):
        group, _, _ = request.text(), request.number("i"), request.text()
        if version >= 7:
            request.text()
        if version <= 4:
            request.number("q")
        topics = self.places(request, version >= 6)
        if version >= 3:
            answer.number("i", 0)
        for topic, number, offset, note in topics:
            self.committed_offsets[group, topic, number] = (offset, note)
        self.answer_places(answer, topics)

    def places(self, request, has_epoch):
        def place():
            number, offset = request.number("i"), request.number("q")
            if has_epoch:
                request.number("i")
            return number, offset, request.text()

        topics = request.list(lambda: (request.text(), request.list(place)))
        return [(topic, *item) for topic, items in topics for item in items]

    def answer_places(self, answer, places, code=0):
        """A code for each partition."""
        topics = collections.defaultdict(list)
        for topic, number, *_ in places:
            topics[topic].append(number)
        answer.list(
            topics.items(), lambda row: answer.text(row[0]).list(row[1], lambda number: answer.number("ih", number, code)))

    def on_offset_fetch(self, request, answer, version):
        group = request.text()
        topics = request.list(lambda: (request.text(), request.list(lambda: request.number("i"))))
        if version >= 3:
            answer.number("i", 0)

        def partition(topic, number):
            offset, note = self.committed_offsets.get((group, topic, number), (-1, ""))
            answer.number("iq", number, offset)
            if version >= 5:
                answer.number("i", -1)
            answer.text(note).number("h", 0)

        answer.list(topics, lambda row: answer.text(row[0]).list(row[1], lambda number: partition(row[0], number)))
        if version >= 2:
            answer.number("h", 0)


HANDLERS = {
    "Produce": "on_produce", "Fetch": "on_fetch", "ListOffsets": "on_list_offsets", "Metadata": "on_metadata",
    "OffsetCommit": "on_offset_commit", "OffsetFetch": "on_offset_fetch", "FindCoordinator": "on_find_coordinator",
    "InitProducerId": "on_init_producer_id", "AddPartitionsToTxn": "on_add_partitions_to_txn",
    "AddOffsetsToTxn": "on_add_offsets_to_txn", "EndTxn": "on_end_txn", "TxnOffsetCommit": "on_txn_offset_commit"}


def exactly(connection, count):
    """That many bytes, or nothing at the end."""
    data = bytearray()
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            return b""
        data += more
    return bytes(data)
