"""The state of the small broker: logs of partitions, transactions and their producers."""

import bisect
import collections
import dataclasses
import struct
import time

from . import protocol
from .protocol import ERRORS


class Refused(Exception):
    def __init__(self, name):
        super().__init__(name)
        self.code = ERRORS[name]


class Log:
    """A partition. Readers of committed records see nothing after the start of an open transaction."""

    def __init__(self):
        self.batches, self.bases, self.start, self.end = [], [], 0, 0
        # The first offset of the open transaction of a producer; aborted transactions as (producer, first, marker).
        self.open, self.aborted = {}, []
        # The last batches of each producer, to recognize repeated ones.
        self.recent = collections.defaultdict(lambda: collections.deque(maxlen=5))

    @property
    def stable_end(self):
        return min(self.open.values(), default=self.end)

    def extend(self, batch, times):
        """Appends copies of a batch without a checksum: one at each time."""
        for time in times:
            data = bytearray(batch.data)
            struct.pack_into(">qq", data, 27, time, time + batch.last_time - batch.first_time)
            self.append(protocol.Batch(data))

    def append(self, batch):
        """The offset of the batch, also if it was appended before."""
        if batch.producer >= 0 and batch.sequence >= 0:
            known = self.recent[batch.producer]
            for epoch, sequence, count, offset in known:
                if (epoch, sequence, count) == (batch.epoch, batch.sequence, batch.count):
                    return offset
            if known and known[-1][0] == batch.epoch:
                expected = (known[-1][1] + known[-1][2]) & 0x7FFFFFFF
            else:
                expected = 0
            if batch.sequence != expected and known:
                raise Refused("OUT_OF_ORDER_SEQUENCE")
            known.append((batch.epoch, batch.sequence, batch.count, self.end))
        batch.rebase(self.end)
        if batch.is_transactional and not batch.attributes & protocol.CONTROL:
            self.open.setdefault(batch.producer, self.end)
        self.batches.append(batch)
        self.bases.append(batch.base)
        self.end = batch.end
        return batch.base

    def finish(self, producer, epoch, commits):
        batch = protocol.marker(producer, epoch, commits, int(time.time() * 1000))
        offset = self.append(batch)
        first = self.open.pop(producer, None)
        if not commits and first is not None:
            self.aborted.append((producer, first, offset))

    def read(self, offset, limit, committed):
        """The bytes from the batch that holds the offset, at least one batch, and the aborted transactions among them."""
        if not self.start <= offset <= self.end:
            raise Refused("OFFSET_OUT_OF_RANGE")
        end, taken, last = self.stable_end if committed else self.end, bytearray(), offset
        for batch in self.batches[max(0, bisect.bisect_right(self.bases, offset) - 1):]:
            if batch.end <= offset:
                continue
            if batch.base >= end or taken and len(taken) + len(batch.data) > limit:
                break
            taken += batch.data
            last = batch.end
        aborted = [(producer, first) for producer, first, marker in self.aborted if first < last and marker >= offset]
        return bytes(taken), aborted if committed else []

    def find(self, when, committed):
        """The first record that is not older, as (offset, time); (-1, -1) if there is none."""
        end = self.stable_end if committed else self.end
        if when == -1:
            return end, -1
        if when == -2:
            return self.start, -1
        for batch in self.batches:
            if batch.last_time >= when and batch.end > self.start and not batch.attributes & protocol.CONTROL:
                found = batch.first_since(when)
                if found:
                    return found if found[0] < end else (-1, -1)
        return -1, -1

    def drop_before(self, offset):
        """Removes records like retention."""
        self.start = min(offset, self.end)
        gone = sum(batch.end <= self.start for batch in self.batches)
        del self.batches[:gone], self.bases[:gone]

    def remove(self, offsets):
        """Removes batches of one record like compaction."""
        kept = [batch for batch in self.batches if batch.span > 1 or batch.base not in offsets]
        self.batches, self.bases = kept, [batch.base for batch in kept]


@dataclasses.dataclass
class Transaction:
    """The producer of a transactional.id, and the partitions and offsets of its open transaction."""

    producer: int
    epoch: int
    patience: float
    logs: dict = dataclasses.field(default_factory=dict)
    groups: set = dataclasses.field(default_factory=set)
    offsets: dict = dataclasses.field(default_factory=dict)
    began: float = 0
    last_commits: bool | None = None

    @property
    def is_open(self):
        return self.began > 0

    def begin(self):
        self.began = self.began or time.monotonic()

    def end(self, commits, committed):
        for log in self.logs.values():
            log.finish(self.producer, self.epoch, commits)
        if commits:
            committed.update(self.offsets)
        self.logs, self.groups, self.offsets, self.began, self.last_commits = {}, set(), {}, 0, commits
