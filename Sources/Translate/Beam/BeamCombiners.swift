/// The aggregate functions as CombineFns of Beam.
enum BeamCombiners {
    private static let beam = "import apache_beam as beam"

    static let blocks: [PythonBlock] = [
        PythonBlock(
            "group_key", needs: ["compact"],
            #"""
            def plain(value):
                """A whole float as an integer, because 1 and 1.0 are one value."""
                return int(value) if isinstance(value, float) and abs(value) < 2**63 and value == int(value) else value


            def group_key(*values):
                """The values of a group as JSON, whose encoding is the same on all workers."""
                return compact([plain(value) for value in values])
            """#),
        PythonBlock(
            "order_key", imports: [PythonValues.timestamp],
            #"""
            def order_key(value):
                """The order of values: None, booleans, numbers and times, texts."""
                if isinstance(value, Timestamp):
                    return 2, value.micros
                return (3, value) if isinstance(value, str) else (
                    0 if value is None else 1 if isinstance(value, bool) else 2, value or 0)
            """#),
        PythonBlock(
            "Aggregate", imports: [beam],
            #"""
            class Aggregate(beam.CombineFn):
                """An aggregate of the values that are not None, by the state of one value and the join of two states."""

                def create_accumulator(self):
                    return None

                def add_input(self, state, value):
                    value = None if value is None else self.one(value)
                    return state if value is None else value if state is None else self.join(state, value)

                def merge_accumulators(self, states):
                    result = None
                    for state in states:
                        result = state if result is None else result if state is None else self.join(result, state)
                    return result

                def extract_output(self, state):
                    return None if state is None else self.result(state)

                def one(self, value):
                    return value

                def result(self, state):
                    return state
            """#),
        PythonBlock(
            "Count", imports: [beam],
            #"""
            class Count(beam.CombineFn):
                """How many values are not None."""

                def create_accumulator(self):
                    return 0

                def add_input(self, count, value):
                    return count if value is None else count + 1

                def merge_accumulators(self, counts):
                    return sum(counts)

                def extract_output(self, count):
                    return count
            """#),
        PythonBlock(
            "Sum", needs: ["Aggregate", "numeric"],
            #"""
            class Sum(Aggregate):
                """The sum and the number of the values."""

                def one(self, value):
                    value = numeric(value)
                    return None if value is None else (value, 1)

                def join(self, a, b):
                    return a[0] + b[0], a[1] + b[1]

                def result(self, state):
                    return fit(state[0])
            """#),
        PythonBlock(
            "Avg", needs: ["Sum"],
            #"""
            class Avg(Sum):
                def result(self, state):
                    return state[0] / state[1]
            """#),
        PythonBlock(
            "Variance", needs: ["Aggregate", "numeric"], imports: ["import math"],
            #"""
            class Variance(Aggregate):
                """Number, mean and sum of squared differences; less is 1 for a sample."""
                less = 1

                def one(self, value):
                    value = numeric(value)
                    return None if value is None else (1, float(value), 0.0)

                def join(self, a, b):
                    count, difference = a[0] + b[0], b[1] - a[1]
                    mean = a[1] + difference * b[0] / count
                    return count, mean, a[2] + b[2] + difference * difference * a[0] * b[0] / count

                def result(self, state):
                    return state[2] / (state[0] - self.less) if state[0] > self.less else None


            class Stddev(Variance):
                def result(self, state):
                    variance = super().result(state)
                    return None if variance is None else math.sqrt(variance)


            class StddevPop(Stddev):
                less = 0
            """#),
        PythonBlock(
            "Extreme", needs: ["Aggregate", "number"], imports: [PythonValues.timestamp],
            #"""
            class Min(Aggregate):
                """The smallest number if there are any, else the smallest text or time."""
                best = min

                def one(self, value):
                    found = number(value)
                    return found if found is not None else value if isinstance(value, (str, Timestamp)) else None

                def join(self, a, b):
                    if isinstance(a, (int, float)) != isinstance(b, (int, float)):
                        return a if isinstance(a, (int, float)) else b
                    return type(self).best(a, b)


            class Max(Min):
                best = max
            """#),
        PythonBlock(
            "Timed", needs: ["Aggregate"],
            #"""
            class First(Aggregate):
                """The first value by time, of pairs (time, value)."""

                def one(self, pair):
                    return None if pair[1] is None else pair

                def join(self, a, b):
                    return b if b[0] < a[0] else a

                def result(self, pair):
                    return pair[1]


            class Last(First):
                def join(self, a, b):
                    return b if b[0] >= a[0] else a
            """#),
        PythonBlock(
            "TimedRow", needs: ["Timed"],
            #"""
            class FirstRow(First):
                """The value of the first record, even if it is None."""

                def one(self, pair):
                    return pair


            class LastRow(Last):
                """The value of the last record, even if it is None."""

                def one(self, pair):
                    return pair
            """#),
        PythonBlock(
            "By", needs: ["Aggregate", "number"], imports: [PythonValues.timestamp],
            #"""
            class MinBy(Aggregate):
                """The x of the smallest y, of triples (time, x, y); the first by time of several."""
                sign = 1

                def one(self, triple):
                    time, x, y = triple
                    found = number(y)
                    found = found if found is not None else y if isinstance(y, (str, Timestamp)) else None
                    return None if x is None or found is None else (time, x, found)

                def join(self, a, b):
                    kinds = [isinstance(triple[2], (int, float)) for triple in (a, b)]
                    if kinds[0] != kinds[1]:
                        return a if kinds[0] else b
                    if a[2] != b[2]:
                        return a if (a[2] < b[2]) == (self.sign > 0) else b
                    return b if b[0] < a[0] else a

                def result(self, triple):
                    return triple[1]


            class MaxBy(MinBy):
                """The x of the largest y."""
                sign = -1
            """#),
        PythonBlock(
            "Values", imports: [beam],
            #"""
            class Values(beam.CombineFn):
                """All values that are not None."""

                def create_accumulator(self):
                    return []

                def add_input(self, values, value):
                    value = None if value is None else self.one(value)
                    if value is not None:
                        values.append(value)
                    return values

                def merge_accumulators(self, lists):
                    return [value for values in lists for value in values]

                def extract_output(self, values):
                    return self.result(sorted(values, key=self.order)) if values else None

                def order(self, pair):
                    return pair[0]
            """#),
        PythonBlock(
            "Quantile", needs: ["Values", "numeric"],
            #"""
            class Quantile(Values):
                """With linear interpolation between the two neighbours."""

                def __init__(self, q):
                    self.q = q

                def one(self, value):
                    return numeric(value)

                def order(self, value):
                    return value

                def result(self, values):
                    place = self.q * (len(values) - 1)
                    low = int(place)
                    rest = place - low
                    return values[low] + (values[low + 1] - values[low]) * rest if rest else values[low]
            """#),
        PythonBlock(
            "Listing", needs: ["Values"],
            #"""
            class Listing(Values):
                """The values by time, of pairs (time, value)."""

                def one(self, pair):
                    return None if pair[1] is None else pair

                def result(self, pairs):
                    return [value for _, value in pairs]
            """#),
        PythonBlock(
            "Change", needs: ["Values", "numeric"],
            #"""
            class Delta(Values):
                """The last number minus the first, of pairs (time, number)."""

                def one(self, pair):
                    found = numeric(pair[1])
                    return None if found is None else (pair[0], found)

                def result(self, pairs):
                    return fit(pairs[-1][1] - pairs[0][1]) if len(pairs) > 1 else None


            class Rate(Delta):
                """The increase of a counter per second; a smaller number is a start from 0."""

                def result(self, pairs):
                    elapsed = pairs[-1][0] - pairs[0][0]
                    if not elapsed:
                        return None
                    numbers = [number for _, number in pairs]
                    increase = sum(b - a if b >= a else b for a, b in zip(numbers, numbers[1:]))
                    return increase / (elapsed / 1e6)
            """#),
        PythonBlock(
            "Distinct", needs: ["Aggregate", "group_key", "order_key"],
            #"""
            class Distinct(Aggregate):
                """The number of different values; 1 and 1.0 are one, 1 and "1" are two."""

                def one(self, value):
                    return {group_key(value): (1, plain(value))}

                def join(self, a, b):
                    for key, (count, value) in b.items():
                        a[key] = a.get(key, (0,))[0] + count, value
                    return a

                def extract_output(self, state):
                    return len(state or ())


            class Top(Distinct):
                """The most frequent values; of equally frequent ones, the smallest."""

                def __init__(self, length):
                    self.length = length

                def extract_output(self, state):
                    found = sorted((state or {}).values(), key=lambda pair: (-pair[0], order_key(pair[1])))
                    return [value for _, value in found[:self.length]] or None


            class Mode(Top):
                """The most frequent value."""

                def __init__(self):
                    super().__init__(1)

                def extract_output(self, state):
                    return (super().extract_output(state) or [None])[0]
            """#),
        PythonBlock(
            "FirstRows", needs: ["order_key"], imports: [beam],
            #"""
            class FirstRows(beam.CombineFn):
                """The first rows of a window, of pairs (column, whether it is descending); None is all of them."""

                def __init__(self, count, *columns, rank=None):
                    self.count, self.columns, self.rank = count, columns, rank

                def create_accumulator(self):
                    return []

                def add_input(self, rows, row):
                    return self.first(rows + [row])

                def merge_accumulators(self, lists):
                    return self.first([row for rows in lists for row in rows])

                def extract_output(self, rows):
                    return [dict(row, **{self.rank: place}) if self.rank else row for place, row in enumerate(rows, 1)]

                def first(self, rows):
                    for column, descends in reversed(self.columns):
                        rows = sorted(rows, key=lambda row: order_key(row.get(column)), reverse=descends)
                    return rows[:self.count]
            """#),
    ]
}
