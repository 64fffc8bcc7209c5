/// Functions of texts and times in Python.
enum PythonTexts {
    static let blocks: [PythonBlock] = [
        PythonBlock(
            "compact", needs: ["instant"], imports: ["import json"],
            #"""
            def compact(value):
                """A value as JSON."""
                return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=instant)
            """#),
        PythonBlock(
            "text", needs: ["compact"], imports: [PythonValues.timestamp],
            #"""
            def text(value):
                """A value as a text: numbers and times as they are printed, arrays and objects as JSON."""
                if value is None or isinstance(value, str):
                    return value
                return instant(value) if isinstance(value, Timestamp) else compact(value)
            """#),
        PythonBlock(
            "on_text", needs: ["text"],
            #"""
            def on_text(function, *values):
                """A function of texts; None if one of them is None."""
                values = [text(value) for value in values]
                return None if None in values else function(*values)
            """#),
        PythonBlock(
            "cases",
            #"""
            LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
            UPPER = {lower: upper for upper, lower in LOWER.items()}
            """#),
        PythonBlock(
            "length", needs: ["on_text"],
            #"""
            def length(value):
                """The number of characters, elements or members."""
                return len(value) if isinstance(value, (list, dict)) else on_text(len, value)
            """#),
        PythonBlock(
            "contains", needs: ["on_text", "compare"],
            #"""
            def contains(value, part):
                """Whether a text has a part, an array an element, or an object a member."""
                if isinstance(value, list):
                    return None if part is None else any(compare(item, "==", part) for item in value)
                if isinstance(value, dict):
                    return None if part is None else text(part) in value
                return on_text(lambda whole, part: part in whole, value, part)
            """#),
        PythonBlock(
            "substr", needs: ["text", "number"],
            #"""
            def substr(value, start, count=2**53):
                """Characters from a start, which counts from the end if it is negative."""
                value, start, count = text(value), number(start), number(count)
                if value is None or start is None or count is None:
                    return None
                first = int(start) if start >= 0 else max(0, len(value) + int(start))
                return value[first:first + max(0, int(count))]
            """#),
        PythonBlock(
            "split", needs: ["on_text", "number"],
            #"""
            def split(value, separator, index):
                """A part of a text; None if there is no such part."""
                index, separator = number(index), text(separator)
                if index is None or not separator:
                    return None
                parts = on_text(lambda value: value.split(separator), value)
                found = parts is not None and -len(parts) <= index < len(parts)
                return parts[int(index)] if found else None
            """#),
        PythonBlock(
            "search", needs: ["on_text"], imports: ["import re"],
            #"""
            def search(pattern, value):
                """Whether a regular expression matches a part of a text."""
                return on_text(lambda value: re.search(pattern, value, re.ASCII) is not None, value)
            """#),
        PythonBlock(
            "extract", needs: ["text"], imports: ["import re"],
            #"""
            def extract(pattern, group, value):
                """The match of a group of a regular expression; None without a match."""
                value = text(value)
                match = None if value is None else re.search(pattern, value, re.ASCII)
                return match.group(group) if match else None
            """#),
        PythonBlock(
            "replaced", needs: ["on_text"], imports: ["import re"],
            #"""
            def replaced(pattern, replacement, value):
                """A text with each match replaced by a function of the match."""
                return on_text(lambda value: re.sub(pattern, replacement, value, flags=re.ASCII), value)
            """#),
        PythonBlock(
            "floor_time", needs: ["as_time"],
            #"""
            def floor_time(value, step, zone=timezone.utc):
                """A time rounded down to a multiple of a step in microseconds."""
                value = as_time(value, zone)
                return None if value is None else Timestamp(micros=value.micros - value.micros % step)
            """#),
        PythonBlock(
            "epoch", needs: ["as_time", "seconds"],
            #"""
            def epoch(value, zone=timezone.utc):
                """The seconds since 1970."""
                value = as_time(value, zone)
                return None if value is None else seconds(value.micros)
            """#),
        PythonBlock(
            "local", needs: ["as_time"],
            #"""
            def local(function, value, zone=timezone.utc):
                """A function of the date and time that a clock in the zone shows."""
                value = as_time(value, zone)
                if value is None:
                    return None
                return function(
                    (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=value.micros)).astimezone(zone))
            """#),
        PythonBlock(
            "parsed_time", needs: ["text"],
            imports: ["from datetime import datetime, timedelta, timezone", PythonValues.timestamp],
            #"""
            def parsed_time(value, pattern, zone=timezone.utc):
                """A text of a pattern as a time; None if it is another text."""
                try:
                    local = datetime.strptime(text(value) or "", pattern)
                except ValueError:
                    return None
                local = local if local.tzinfo else local.replace(tzinfo=zone)
                return Timestamp(micros=(local - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1))
            """#),
    ]
}
