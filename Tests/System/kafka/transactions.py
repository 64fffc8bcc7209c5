"""Requests of transactional producers to the small broker."""

from . import logs
from .logs import Refused
from .protocol import ERRORS


class Requests:
    """All are called with the lock held."""

    def on_init_producer_id(self, request, answer, version):
        flexible = version >= 2
        if flexible:
            request.tags()
            answer.number("b", 0)
        name, patience = request.compact_text() if flexible else request.text(), request.number("i")
        given = (request.number("q"), request.number("h")) if version >= 3 else (-1, -1)
        producer, epoch = self.next_producer, 0
        code = self.refusal(("Write", "transactional-id", name)) if name else self.idempotent_refusal()
        known = self.transactions.get(name) if name else None
        if code:
            pass
        elif name and known and given[0] >= 0 and given != (known.producer, known.epoch):
            code = ERRORS["INVALID_PRODUCER_EPOCH"]
        elif name and known:
            known.epoch, known.patience = known.epoch + 1, patience / 1000
            if known.is_open:
                self.end_transaction(known, False)
            known.last_commits = None
            producer, epoch = known.producer, known.epoch
        elif given[0] >= 0:
            producer, epoch = given[0], given[1] + 1
        else:
            self.next_producer += 1
            if name:
                self.transactions[name] = logs.Transaction(producer, 0, patience / 1000)
        answer.number("ihqh", 0, code, *((-1, -1) if code else (producer, epoch)))
        if flexible:
            answer.number("b", 0)

    def transaction(self, name, producer, epoch):
        known = self.transactions.get(name)
        if known is None or known.producer != producer:
            raise Refused("INVALID_PRODUCER_ID_MAPPING")
        if known.epoch != epoch:
            raise Refused("INVALID_PRODUCER_EPOCH")
        return known

    def asked(self, request):
        """The transaction that a request belongs to, and an error code."""
        name, producer, epoch = request.text(), request.number("q"), request.number("h")
        if code := self.refusal(("Write", "transactional-id", name)):
            return None, code
        try:
            return self.transaction(name, producer, epoch), 0
        except Refused as refused:
            return None, refused.code

    def end_transaction(self, transaction, commits):
        transaction.end(commits, self.committed_offsets)
        self.lock.notify_all()

    def on_add_partitions_to_txn(self, request, answer, version):
        transaction, code = self.asked(request)
        topics = request.list(lambda: (request.text(), request.list(lambda: request.number("i"))))
        partitions = [(topic, number) for topic, numbers in topics for number in numbers]
        refused = {topic for topic, _ in topics if self.refusal(("Write", "topic", topic))}
        if transaction and not refused:
            try:
                transaction.logs.update({partition: self.log(*partition) for partition in partitions})
                transaction.begin()
            except Refused as refused:
                code = refused.code
        others = code or (ERRORS["OPERATION_NOT_ATTEMPTED"] if refused else 0)
        self.answer_partitions(
            answer.number("i", 0), partitions,
            lambda topic: ERRORS["TOPIC_AUTHORIZATION_FAILED"] if topic in refused and not code else others)

    def on_add_offsets_to_txn(self, request, answer, version):
        transaction, code = self.asked(request)
        group = request.text()
        code = code or self.refusal(("Read", "group", group))
        if transaction and not code:
            transaction.begin()
            transaction.groups.add(group)
        answer.number("ih", 0, code)

    def on_txn_offset_commit(self, request, answer, version):
        name, group, producer, epoch = request.text(), request.text(), request.number("q"), request.number("h")
        positions, code = self.positions(request, version >= 2), self.refusal(("Write", "transactional-id", name))
        refused = self.refusals(group)
        try:
            transaction = self.transaction(name, producer, epoch)
            if group not in transaction.groups and not code:
                raise Refused("INVALID_TXN_STATE")
            transaction.offsets.update({
                (group, topic, number): (offset, note)
                for topic, number, offset, note in positions if not code and not refused(topic)})
        except Refused as error:
            code = error.code
        self.answer_partitions(answer.number("i", 0), positions, lambda topic: code or refused(topic))

    def on_end_txn(self, request, answer, version):
        transaction, code = self.asked(request)
        commits = bool(request.number("b"))
        if transaction and transaction.is_open:
            self.end_transaction(transaction, commits)
        elif transaction and transaction.last_commits != commits:
            code = ERRORS["INVALID_TXN_STATE"]
        answer.number("ih", 0, code)
