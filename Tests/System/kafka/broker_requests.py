"""Requests of consumers and producers to the small broker."""

import collections
import time

from . import protocol
from .logs import Refused
from .protocol import API, ERRORS


class Requests:
    """All are called with the lock held."""

    def api_versions(self, answer, version):
        answer.number("h", ERRORS["UNSUPPORTED_VERSION"] if version else 0)
        answer.list(API.values(), lambda row: answer.number("hhh", *row))

    def on_metadata(self, request, answer, version):
        asked = [request.text() for _ in range(count)] if (count := request.number("i")) >= 0 else list(self.topics)
        answer.number("i", 0).list([0], lambda _: answer.number("i", 1).text("127.0.0.1").number("i", self.port).text(None))
        answer.text(self.id).number("i", 1)

        def topic(name):
            known, code = self.topics.get(name), self.refusal(("Describe", "topic", name))
            known = None if code else known
            code = code or (ERRORS["UNKNOWN_TOPIC_OR_PART"] if known is None else 0)
            answer.number("h", code).text(name).number("b", 0)
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
            base = -1
            code = self.refusal(*[("Write", "transactional-id", name)] * bool(name), ("Write", "topic", topic))
            try:
                base = -1 if code else self.append(name, topic, number, data)
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
        for topic, partitions in topics:
            for number, offset, _ in partitions:
                self.fetched[topic, number] = max(offset, self.fetched.get((topic, number), 0))
        end = time.monotonic() + patience / 1000
        # A fetch that waits while its topic is deleted fails, even if the topic is created again at once.
        logs = {(topic, number): self.topics.get(topic) for topic, partitions in topics for number, *_ in partitions}
        found, size = self.found(topics, limit, isolation, logs)
        while size < least and time.monotonic() < end:
            self.lock.wait(end - time.monotonic())
            found, size = self.found(topics, limit, isolation, logs)
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

    def found(self, topics, limit, isolation, logs):
        """The batches that can be read now, and their size; an error counts as a full answer, so that it is not delayed."""
        size, rows = 0, []
        for topic, partitions in topics:
            items = []
            for number, offset, most in partitions:
                log, code, data, aborted = None, self.refusal(("Read", "topic", topic)), b"", []
                if code:
                    items.append((number, code, log, data, aborted))
                    size += limit
                    continue
                try:
                    if logs[topic, number] is not self.topics.get(topic):
                        raise Refused("UNKNOWN_TOPIC_OR_PART")
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
                code = self.refusal(("Describe", "topic", topic))
                offset, found = (-1, -1) if code else self.log(topic, number).find(when, isolation)
                answer.number("ihqq", number, code, found, offset)
            except Refused as refused:
                answer.number("ihqq", number, refused.code, -1, -1)

        answer.list(topics, lambda row: answer.text(row[0]).list(row[1], lambda item: partition(row[0], *item)))

    def on_find_coordinator(self, request, answer, version):
        name, kind = request.text(), request.number("b") if version >= 1 else 0
        code = self.refusal(("Describe", "transactional-id" if kind else "group", name))
        if version >= 1:
            answer.number("i", 0)
        answer.number("h", code)
        if version >= 1:
            answer.text(None)
        answer.number("i", -1 if code else 1).text("" if code else "127.0.0.1").number("i", -1 if code else self.port)

    def on_offset_commit(self, request, answer, version):
        group, _, _ = request.text(), request.number("i"), request.text()
        if version >= 7:
            request.text()
        if version <= 4:
            request.number("q")
        topics = self.positions(request, version >= 6)
        if version >= 3:
            answer.number("i", 0)
        refused = self.refusals(group)
        for topic, number, offset, note in topics:
            if not refused(topic):
                self.committed_offsets[group, topic, number] = (offset, note)
        self.answer_partitions(answer, topics, refused)

    def refusals(self, group):
        """The error code for each topic whose offsets are committed."""
        return lambda topic: self.refusal(("Read", "group", group), ("Read", "topic", topic))

    def positions(self, request, has_epoch):
        def position():
            number, offset = request.number("i"), request.number("q")
            if has_epoch:
                request.number("i")
            return number, offset, request.text()

        topics = request.list(lambda: (request.text(), request.list(position)))
        return [(topic, *item) for topic, items in topics for item in items]

    def answer_partitions(self, answer, positions, code=lambda topic: 0):
        """Answers with a code for each partition."""
        topics = collections.defaultdict(list)
        for topic, number, *_ in positions:
            topics[topic].append(number)
        answer.list(
            topics.items(),
            lambda row: answer.text(row[0]).list(row[1], lambda number: answer.number("ih", number, code(row[0]))))

    def on_list_groups(self, request, answer, version):
        groups = sorted({group for group, _, _ in self.committed_offsets})
        answer.number("h", 0).list(groups, lambda group: answer.text(group).text(""))

    def on_describe_groups(self, request, answer, version):
        answer.list(
            request.list(request.text),
            lambda group: answer.number("h", 0).text(group).text("Empty").text("").text("").list([], None))

    def on_offset_fetch(self, request, answer, version):
        group = request.text()
        topics = request.list(lambda: (request.text(), request.list(lambda: request.number("i"))))
        if version >= 3:
            answer.number("i", 0)
        refusal = self.refusal(("Describe", "group", group))

        def partition(topic, number):
            code = refusal or self.refusal(("Describe", "topic", topic))
            offset, note = (-1, "") if code else self.committed_offsets.get((group, topic, number), (-1, ""))
            answer.number("iq", number, offset)
            if version >= 5:
                answer.number("i", -1)
            answer.text(note).number("h", code)

        answer.list(topics, lambda row: answer.text(row[0]).list(row[1], lambda number: partition(row[0], number)))
        if version >= 2:
            answer.number("h", refusal)
