"""Random schemas of Avro with values, written by fastavro, and what the JSON text of a value must be."""

import datetime
import decimal
import io
import json
import random
import struct
import uuid

from .places import Missing

try:
    import fastavro
except ImportError as error:
    raise Missing("the Python package fastavro is not installed") from error

EPOCH = datetime.datetime(1970, 1, 1)
PLAIN = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
TIMES = {
    "timestamp-millis": 1000, "timestamp-micros": 10**6, "timestamp-nanos": 10**9, "local-timestamp-millis": 1000,
    "local-timestamp-micros": 10**6, "local-timestamp-nanos": 10**9}
TEXTS = ("", "a", "plain text of some length", 'a "quoted" \\ text', "line\nbreak\t\x01\x7f", "é∀😀", "x" * 300, "\u2028")


class Maker:
    """Makes a schema and values of it. A type is its schema, with what is needed of named types in `types`."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0
        # Full name to definition.
        self.types = {}
        self.open = []

    def name(self, stem):
        self.count += 1
        return f"{stem}{self.count}"

    def define(self, kind, namespace, **settings):
        """A named type, whose name has the namespace in itself, beside itself, or from around it."""
        name = self.name(kind)
        how = self.random.randrange(3)
        inner = namespace if how == 0 else self.random.choice(["a.b", "c"])
        schema = {"type": kind, "name": name if how != 1 else f"{inner}.{name}", **settings}
        if how == 2:
            schema["namespace"] = inner
        if self.random.random() < 0.1:
            schema["aliases"] = ["Old" + name]
        full = f"{inner}.{name}" if inner else name
        self.types[full] = schema
        return schema, full, inner

    def schema(self, namespace="", depth=0, in_union=False):
        choices = ["plain"] * 6 + ["logical"] * 5 + ["enum", "fixed", "decimal"]
        if depth < 4:
            choices += ["array", "map", "record", "record"] + [] if in_union else ["union"] * 4 + ["array", "map", "record"]
        # From inside of a namespace, a name without one cannot be reached.
        known = [full for full in self.types if "." in full or not namespace]
        choices += ["again"] if known else []
        kind = self.random.choice(choices)
        if kind == "plain":
            plain = self.random.choice(PLAIN)
            return plain if self.random.random() < 0.8 else {"type": plain, "doc": "é", "logicalType": "unknown"}
        if kind == "logical":
            return self.logical(namespace)
        if kind == "decimal":
            precision = self.random.choice([1, 5, 18, 38, 60])
            scale = self.random.randint(0, precision)
            if self.random.random() < 0.5:
                return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
            size = (precision * 10 // 24) + 2
            return self.define("fixed", namespace, size=size, logicalType="decimal", precision=precision, scale=scale)[0]
        if kind == "enum":
            symbols = self.random.sample(["RED", "green", "_b", "X1", "LAST"], self.random.randint(1, 5))
            return self.define("enum", namespace, symbols=symbols)[0]
        if kind == "fixed":
            return self.define("fixed", namespace, size=self.random.choice([0, 1, 7, 40]))[0]
        if kind == "array":
            return {"type": "array", "items": self.schema(namespace, depth + 1)}
        if kind == "map":
            return {"type": "map", "values": self.schema(namespace, depth + 1)}
        if kind == "union":
            return self.union(namespace, depth)
        if kind == "again":
            full = self.random.choice(known)
            # A type that is still being defined can contain itself only where it may be missing.
            return full if full not in self.open else ["null", full] if not in_union else "null"
        return self.record(namespace, depth)

    def record(self, namespace, depth):
        schema, full, inner = self.define("record", namespace, fields=[])
        self.open.append(full)
        for number in range(self.random.randint(0 if depth else 1, 6)):
            field = {"name": f"f{number}" if number else self.random.choice(["a", "id", "f0"])}
            field["type"] = self.schema(inner, depth + 1)
            if self.random.random() < 0.2:
                field["doc"] = 'a "note"'
            schema["fields"].append(field)
        self.open.pop()
        return schema

    def logical(self, namespace):
        name = self.random.choice(["date", "time-millis", "time-micros", "uuid", "uuid-fixed", "duration", *TIMES])
        if name == "duration":
            return self.define("fixed", namespace, size=12, logicalType="duration")[0]
        if name == "uuid-fixed":
            return self.define("fixed", namespace, size=16, logicalType="uuid")[0]
        base = "int" if name in ("date", "time-millis") else "string" if name == "uuid" else "long"
        return {"type": base, "logicalType": name}

    def union(self, namespace, depth):
        """Unions hold each type without a name once."""
        branches, seen = [], set()
        for _ in range(self.random.randint(1, 5)):
            before = dict(self.types)
            branch = self.schema(namespace, depth + 1, in_union=True)
            key = None if isinstance(branch, list) else self.key(branch)
            if key is None or key in seen:
                # What it defines is not in the schema.
                self.types = before
                continue
            seen.add(key)
            branches.append(branch)
        return branches or ["null"]

    def key(self, schema):
        definition = self.resolve(schema)
        kind = definition if isinstance(definition, str) else definition["type"]
        return id(definition) if kind in ("record", "enum", "fixed") else kind

    def resolve(self, schema):
        return self.types.get(schema, schema) if isinstance(schema, str) else schema

    def value(self, schema, depth=0):
        """A value as (schema, content): ints of logical types are raw, decimals are Decimal, a union has (index, value)."""
        schema = self.resolve(schema)
        noise = self.random
        if isinstance(schema, list):
            index = noise.randrange(len(schema))
            if depth > 6 and "null" in schema:
                index = schema.index("null")
            return (index, self.value(schema[index], depth + 1))
        kind = schema if isinstance(schema, str) else schema["type"]
        logical = None if isinstance(schema, str) else schema.get("logicalType")
        if logical in TIMES:
            return noise.choice([0, -1, 1, noise.randint(-10**12, 2 * 10**12) * TIMES[logical] // 1000,
                                 noise.randint(-2**63, 2**63 - 1) if TIMES[logical] > 1000 else noise.randint(-2**60, 2**60)])
        if logical == "date":
            return noise.choice([0, -1, 20000, -719528, 2932896, 2932897, noise.randint(-10**6, 10**6)])
        if logical == "time-millis":
            return noise.choice([0, 86_399_999, noise.randrange(86_400_000), noise.randrange(86_400) * 1000])
        if logical == "time-micros":
            return noise.choice([0, 86_399_999_999, noise.randrange(86_400_000_000), 500])
        if logical == "decimal":
            digits = noise.randint(1, schema["precision"])
            number = noise.choice([0, 1, -1, noise.randint(-10**digits + 1, 10**digits - 1)])
            return decimal.Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -schema.get("scale", 0)))
        if logical == "uuid":
            return noise.randbytes(16) if kind == "fixed" else str(uuid.UUID(int=noise.getrandbits(128)))
        if logical == "duration":
            return tuple(noise.choice([0, 1, noise.getrandbits(32), 1000]) for _ in range(3))
        if kind == "null":
            return None
        if kind == "boolean":
            return noise.random() < 0.5
        if kind == "int":
            return noise.choice([0, -1, 63, 64, -65, 2**31 - 1, -2**31, noise.randint(-10**6, 10**6)])
        if kind == "long":
            return noise.choice([0, -64, 2**63 - 1, -2**63, 2**53 + 1, noise.randint(-2**63, 2**63 - 1)])
        if kind in ("float", "double"):
            form = "<f" if kind == "float" else "<d"
            bits = noise.randbytes(struct.calcsize(form))
            return noise.choice([0.0, -0.0, 1.0, struct.unpack("<f", struct.pack("<f", 0.1))[0], 1.5e10, float("inf"),
                                 float("-inf"), float("nan"), struct.unpack(form, bits)[0]])
        if kind == "string":
            return noise.choice(TEXTS)
        if kind == "bytes":
            return noise.randbytes(noise.choice([0, 1, 5, 60]))
        if kind == "fixed":
            return noise.randbytes(schema["size"])
        if kind == "enum":
            return noise.choice(schema["symbols"])
        count = noise.choice([0, 1, 2, 4]) if depth < 6 else 0
        if kind == "array":
            return [self.value(schema["items"], depth + 1) for _ in range(count)]
        if kind == "map":
            return {noise.choice(TEXTS) + str(n): self.value(schema["values"], depth + 1) for n in range(count)}
        return {field["name"]: self.value(field["type"], depth + 1) for field in schema["fields"]}

    def native(self, schema, value):
        """The value as fastavro writes it."""
        schema = self.resolve(schema)
        if isinstance(schema, list):
            index, inner = value
            branch = self.resolve(schema[index])
            native = self.native(branch, inner)
            if isinstance(branch, str):
                return (branch, native)
            if branch["type"] in ("record", "enum", "fixed"):
                name = next(full for full, definition in self.types.items() if definition is branch)
                return (name, native)
            return (branch["type"], native)
        kind = schema if isinstance(schema, str) else schema["type"]
        logical = None if isinstance(schema, str) else schema.get("logicalType")
        if kind == "record":
            return {field["name"]: self.native(field["type"], value[field["name"]]) for field in schema["fields"]}
        if kind == "array":
            return [self.native(schema["items"], item) for item in value]
        if kind == "map":
            return {name: self.native(schema["values"], item) for name, item in value.items()}
        if logical == "duration":
            return struct.pack("<III", *value)
        return value

    def expected(self, schema, value):
        """The value as JSON has it: numbers as ("int", text) or ("float" or "double", number)."""
        schema = self.resolve(schema)
        if isinstance(schema, list):
            return self.expected(schema[value[0]], value[1])
        kind = schema if isinstance(schema, str) else schema["type"]
        logical = None if isinstance(schema, str) else schema.get("logicalType")
        if logical in TIMES:
            return timestamp(value, TIMES[logical], "" if logical.startswith("local") else "Z")
        if logical == "date":
            return timestamp(value * 86_400, 1, "").split("T")[0]
        if logical in ("time-millis", "time-micros"):
            return timestamp(value, 1000 if logical == "time-millis" else 10**6, "").split("T")[1]
        if logical == "decimal":
            return ("int", f"{value:f}")
        if logical == "duration":
            months, days, milliseconds = value
            whole, rest = divmod(milliseconds, 1000)
            clock = f"T{whole}{f'.{rest:03}' if rest else ''}S" if milliseconds or not months and not days else ""
            return f"P{f'{months}M' if months else ''}{f'{days}D' if days else ''}{clock}"
        if kind == "fixed" and logical == "uuid":
            return str(uuid.UUID(bytes=value))
        if kind in ("int", "long"):
            return ("int", str(value))
        if kind in ("float", "double"):
            return (kind, value)
        if kind in ("bytes", "fixed"):
            return "\\x" + value.hex()
        if kind == "record":
            return {field["name"]: self.expected(field["type"], value[field["name"]]) for field in schema["fields"]}
        if kind == "array":
            return [self.expected(schema["items"], item) for item in value]
        if kind == "map":
            return {name: self.expected(schema["values"], item) for name, item in value.items()}
        return value


def timestamp(value, unit, zone):
    """RFC 3339 with no, three, six or nine digits; years with a sign where they have more or fewer than four digits."""
    seconds, rest = divmod(value, unit)
    nanoseconds = rest * (10**9 // unit)
    days, clock = divmod(seconds, 86_400)
    if unit == 1000 and not -2**63 <= value * 1000 < 2**63:
        return ("int", str(value))
    # 400 years are 146 097 days.
    eras, day = divmod(days, 146_097)
    at = EPOCH + datetime.timedelta(days=day, seconds=clock)
    year = at.year + 400 * eras
    shown = f"{year:04}" if 0 <= year <= 9999 else f"{year:+06}"
    digits = "" if not nanoseconds else f".{nanoseconds:09}"
    if nanoseconds and nanoseconds % 10**6 == 0:
        digits = digits[:4]
    elif nanoseconds and nanoseconds % 1000 == 0:
        digits = digits[:7]
    return f"{shown}-{at:%m-%dT%H:%M:%S}{digits}{zone}"


def sample(seed):
    """A schema, the bytes of a value by fastavro, and the value as JSON has it."""
    maker = Maker(seed)
    schema = maker.record("", 0)
    # Parsing changes what it is given.
    parsed = fastavro.parse_schema(json.loads(json.dumps(schema)))
    value = maker.value(schema)
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parsed, maker.native(schema, value), strict=False)
    return schema, buffer.getvalue(), maker.expected(schema, value)


def long(number):
    """A number in Avro's form: seven bits a byte, with the sign in the lowest bit."""
    rest, data = (number << 1) ^ (number >> 63), b""
    while rest >= 0x80:
        data += bytes([rest & 0x7f | 0x80])
        rest >>= 7
    return data + bytes([rest])


def parsed(text):
    """JSON with the texts of its numbers."""
    return json.loads(text, parse_int=lambda word: ("number", word), parse_float=lambda word: ("number", word),
                      parse_constant=lambda word: ("number", word))


def is_same(expected, found):
    if isinstance(expected, tuple):
        kind, value = expected
        if not isinstance(found, tuple):
            return False
        if kind == "int":
            return found[1] == value
        number = float(found[1].replace("Infinity", "inf"))
        form = "<f" if kind == "float" else "<d"
        return value != value and number != number or struct.pack(form, number) == struct.pack(form, value)
    if isinstance(expected, dict):
        return isinstance(found, dict) and list(expected) == list(found) and all(
            is_same(item, found[name]) for name, item in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and len(expected) == len(found) and all(map(is_same, expected, found))
    return expected == found and type(expected) is type(found)
