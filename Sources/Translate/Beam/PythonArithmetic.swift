/// Arithmetic and functions of numbers in Python.
enum PythonArithmetic {
    static let blocks: [PythonBlock] = [
        PythonBlock(
            "seconds",
            #"""
            def seconds(micros):
                """Microseconds as seconds: an integer where they are whole."""
                return micros / 1_000_000 if micros % 1_000_000 else micros // 1_000_000
            """#),
        PythonBlock(
            "shift", needs: ["epoch_time"],
            #"""
            def shift(time, by, sign=1):
                """A time plus or minus a number of seconds."""
                by = epoch_time(by, 10**6)
                return None if by is None else Timestamp(micros=time.micros + sign * by.micros)
            """#),
        PythonBlock(
            "add", needs: ["number", "shift"],
            #"""
            def add(a, b):
                if isinstance(a, Timestamp) or isinstance(b, Timestamp):
                    return shift(a, b) if isinstance(a, Timestamp) else shift(b, a)
                a, b = number(a), number(b)
                return None if a is None or b is None else fit(a + b)
            """#),
        PythonBlock(
            "subtract", needs: ["number", "shift", "seconds"],
            #"""
            def subtract(a, b):
                if isinstance(a, Timestamp):
                    return seconds(a.micros - b.micros) if isinstance(b, Timestamp) else shift(a, b, -1)
                a, b = number(a), number(b)
                return None if a is None or b is None else fit(a - b)
            """#),
        PythonBlock(
            "multiply", needs: ["number"],
            #"""
            def multiply(a, b):
                a, b = number(a), number(b)
                return None if a is None or b is None else fit(a * b)
            """#),
        PythonBlock(
            "divide", needs: ["number"],
            #"""
            def divide(a, b):
                """Always a float; None by zero."""
                a, b = number(a), number(b)
                return None if a is None or not b else float(a) / float(b)
            """#),
        PythonBlock(
            "remainder", needs: ["number"], imports: ["import math"],
            #"""
            def remainder(a, b):
                """With the sign of the left side; None by zero."""
                a, b = number(a), number(b)
                if a is None or not b:
                    return None
                if isinstance(a, int) and isinstance(b, int):
                    return abs(a) % abs(b) * (-1 if a < 0 else 1)
                return math.fmod(a, b)
            """#),
        PythonBlock(
            "negate", needs: ["number"],
            #"""
            def negate(a):
                a = number(a)
                return None if a is None else fit(-a)
            """#),
        PythonBlock(
            "whole",
            #"""
            def whole(x):
                """A float without decimals as an integer, if it fits into 64 bits."""
                return int(x) if -(2.0**63) <= x < 2.0**63 else float(x)
            """#),
        PythonBlock(
            "rounded", needs: ["number", "whole"], imports: ["from decimal import ROUND_HALF_UP, Decimal"],
            #"""
            def rounded(x, digits=0):
                """The exact value rounded, halves away from zero."""
                x, digits = number(x), number(digits)
                if x is None or digits is None or (isinstance(x, int) and digits >= 0) or digits > 22:
                    return None if digits is None else x
                result = Decimal(x).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP) if abs(x) < 2**53 else x
                return whole(result) if digits <= 0 else float(result)
            """#),
        PythonBlock(
            "whole_number", needs: ["number", "whole"], imports: ["import math"],
            #"""
            def whole_number(function, x):
                """A rounding function of a number."""
                x = number(x)
                return x if x is None or isinstance(x, int) else whole(function(x))
            """#),
        PythonBlock(
            "absolute", needs: ["number"],
            #"""
            def absolute(x):
                x = number(x)
                return None if x is None else fit(abs(x))
            """#),
        PythonBlock(
            "sign", needs: ["number"],
            #"""
            def sign(x):
                """-1, 0 or 1."""
                x = number(x)
                return None if x is None else (x > 0) - (x < 0)
            """#),
        PythonBlock(
            "square_root", needs: ["number"], imports: ["import math"],
            #"""
            def square_root(x):
                """None of a negative number."""
                x = number(x)
                return None if x is None or x < 0 else math.sqrt(x)
            """#),
        PythonBlock(
            "to_number", needs: ["numeric", "seconds"], imports: [PythonValues.timestamp],
            #"""
            def to_number(x):
                """A number; a time as seconds since 1970."""
                return seconds(x.micros) if isinstance(x, Timestamp) else numeric(x)
            """#),
        PythonBlock(
            "to_integer", needs: ["to_number"],
            #"""
            def to_integer(x):
                """A number rounded toward zero; None beyond 64 bits."""
                x = to_number(x)
                return int(x) if isinstance(x, float) and -(2.0**63) <= x < 2.0**63 else x if isinstance(x, int) else None
            """#),
    ]
}
