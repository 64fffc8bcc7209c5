"""The part of Kafka's protocol that the small broker needs: fields, record batches, control records."""

import gzip
import struct

API = {
    "Produce": (0, 3, 7), "Fetch": (1, 4, 11), "ListOffsets": (2, 1, 2), "Metadata": (3, 4, 4), "OffsetCommit": (8, 2, 7),
    "OffsetFetch": (9, 1, 5), "FindCoordinator": (10, 0, 2), "DescribeGroups": (15, 0, 0), "ListGroups": (16, 0, 0),
    "ApiVersions": (18, 0, 0), "InitProducerId": (22, 0, 4),
    "AddPartitionsToTxn": (24, 0, 0), "AddOffsetsToTxn": (25, 0, 0), "EndTxn": (26, 0, 1), "TxnOffsetCommit": (28, 0, 2)}
NAMES = {number: name for name, (number, _, _) in API.items()}

ERRORS = {
    "OFFSET_OUT_OF_RANGE": 1, "UNKNOWN_TOPIC_OR_PART": 3, "MSG_SIZE_TOO_LARGE": 10,
    "TOPIC_AUTHORIZATION_FAILED": 29, "GROUP_AUTHORIZATION_FAILED": 30, "CLUSTER_AUTHORIZATION_FAILED": 31,
    "TRANSACTIONAL_ID_AUTHORIZATION_FAILED": 53, "OPERATION_NOT_ATTEMPTED": 55,
    "UNSUPPORTED_VERSION": 35, "OUT_OF_ORDER_SEQUENCE": 45, "INVALID_PRODUCER_EPOCH": 47, "INVALID_TXN_STATE": 48,
    "INVALID_PRODUCER_ID_MAPPING": 49}
HEADER = struct.Struct(">qiibIhiqqqhii")
TRANSACTIONAL, CONTROL = 0x10, 0x20


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, count):
        taken = self.data[self.at:self.at + count]
        if count < 0 or len(taken) != count:
            raise ValueError("a truncated message")
        self.at += count
        return taken

    def number(self, form):
        return struct.unpack(">" + form, self.raw(struct.calcsize(form)))[0]

    def text(self):
        length = self.number("h")
        return None if length < 0 else bytes(self.raw(length)).decode()

    def blob(self):
        length = self.number("i")
        return None if length < 0 else bytes(self.raw(length))

    def list(self, item):
        return [item() for _ in range(self.number("i"))]

    def unsigned(self):
        """An unsigned integer with seven bits in each byte."""
        value, shift = 0, 0
        while True:
            byte = self.raw(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self):
        value = self.unsigned()
        return (value >> 1) ^ -(value & 1)

    def compact_text(self):
        length = self.unsigned()
        return None if length == 0 else bytes(self.raw(length - 1)).decode()

    def tags(self):
        for _ in range(self.unsigned()):
            self.unsigned()
            self.raw(self.unsigned())


class Writer:
    def __init__(self):
        self.data = bytearray()

    def number(self, form, *values):
        self.data += struct.pack(">" + form, *values)
        return self

    def text(self, value):
        if value is None:
            return self.number("h", -1)
        self.number("h", len(value.encode()))
        self.data += value.encode()
        return self

    def blob(self, value):
        self.number("i", len(value))
        self.data += value
        return self

    def list(self, items, write):
        items = list(items)
        self.number("i", len(items))
        for item in items:
            write(item)
        return self


def crc32c_table():
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


TABLE = list(crc32c_table())


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ TABLE[(value ^ byte) & 255]
    return value ^ 0xFFFFFFFF


def zigzag(value):
    value, data = value << 1 if value >= 0 else -value * 2 - 1, bytearray()
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    data.append(value)
    return bytes(data)


class Batch:
    """A batch of records as clients send it: the broker only writes its base offset into it."""

    def __init__(self, data):
        (_, _, _, self.magic, _, self.attributes, last, self.first_time, self.last_time, self.producer, self.epoch,
         self.sequence, self.count) = HEADER.unpack_from(data)
        self.data, self.span, self.base = bytearray(data), last + 1, -1

    def rebase(self, offset):
        self.base = offset
        struct.pack_into(">q", self.data, 0, offset)

    @property
    def end(self):
        return self.base + self.span

    @property
    def is_transactional(self):
        return bool(self.attributes & TRANSACTIONAL)

    def first_since(self, time):
        """The offset and time of the first record that is not older; the first record of a batch that cannot be decoded."""
        kind = self.attributes & 7
        if kind > 1:
            return self.base, self.first_time
        body = bytes(self.data[HEADER.size:])
        reader = Reader(gzip.decompress(body) if kind else body)
        for _ in range(self.count):
            length = reader.signed()
            record = Reader(reader.raw(length))
            record.raw(1)
            at, offset = self.first_time + record.signed(), self.base + record.signed()
            if at >= time:
                return offset, at
        return None


def batch(values, time, span):
    """Records with times from `time` on, in a batch without a checksum."""
    body = bytearray()
    for number, value in enumerate(values):
        record = (b"\0" + zigzag(number * span // len(values)) + zigzag(number) + zigzag(-1) + zigzag(len(value)) + value
                  + zigzag(0))
        body += zigzag(len(record)) + record
    checked = struct.pack(">hiqqqhii", 0, len(values) - 1, time, time + span, -1, -1, -1, len(values)) + body
    return Batch(struct.pack(">qiibI", 0, len(checked) + 9, 0, 2, 0) + checked)


def split(data):
    """The batches in some bytes."""
    at = 0
    while at + 12 <= len(data):
        length = struct.unpack_from(">i", data, at + 8)[0] + 12
        yield Batch(data[at:at + length])
        at += length


def marker(producer, epoch, commits, time):
    """The control record that ends a transaction."""
    key, value = struct.pack(">hh", 0, int(commits)), struct.pack(">hi", 0, 0)
    record = b"\0" + zigzag(0) + zigzag(0) + zigzag(len(key)) + key + zigzag(len(value)) + value + zigzag(0)
    body = zigzag(len(record)) + record
    checked = struct.pack(">hiqqqhii", TRANSACTIONAL | CONTROL, 0, time, time, producer, epoch, -1, 1) + body
    return Batch(struct.pack(">qiibI", 0, len(checked) + 9, 0, 2, crc32c(checked)) + checked)
