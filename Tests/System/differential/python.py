"""Compares how streamctl reads, prints, groups and adds numbers with Python's float(), repr(), int and fsum."""

import decimal
import fractions
import json
import math
import random
import re
import struct

from ..common.compare import rows_of

OPTIONS = {"literals": 100_000}
# The same literals in every run, unless --seed chooses others.
SEED = 1
INT64 = range(-(2**63), 2**63)


def bits(number):
    return struct.pack("<d", number)


def double(pattern):
    return struct.unpack("<d", struct.pack("<Q", pattern & 0xFFFF_FFFF_FFFF_FFFF))[0]


def edges():
    """Literals where readers and printers of numbers go wrong."""
    found = ["0", "-0", "0.0", "-0.0", "0e0", "0e999999999", "-0e-999999999", "1e0", "1E+0", "1e-0", "1e+05", "1e-05",
             "1e00000000000000000005", "0.1", "0.30000000000000004", "123456789.000000000000000000000000000001",
             "2.2250738585072011e-308", "2.2250738585072012e-308", "2.2250738585072014e-308", "4.9e-324", "5e-324",
             "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400", "-1e-400", "1.7976931348623157e308",
             "1.7976931348623158e308", "9007199254740993.0", "9007199254740992.9999999999999999999999",
             "6.631236846766476e-316", "3.237883913302901289588352412501532174863037669423108059901297049552301970670"
             "676565786835742587799557860615776559838283435514391084153169252689190564396459577394618038928365305143"
             "463955100356696665629202017331344031730044369360205258345803431471660032699580731300954848363975548690"
             "010751530018881758184174569652173110473696022749934638425380623369774736560008997404060967498028389191"
             "878963968575439222206416981462690113342524002724385941651051293552601421155333430225237291523843322331"
             "326138431477823591142408800030775170625915670728657003151953664260769822494937951845801530895238439819"
             "708403389937873241463484205608000027270531106827387907791444918534771598750162812548862768493201518991"
             "668028251730299953143924168545708663913273994694463908672332763671875E-319"]
    for power in (10, 24, 31, 32, 52, 53, 54, 62, 63, 64, 65, 127, 1023):
        for offset in range(-3, 4):
            for sign in ("", "-"):
                found.append(f"{sign}{2**power + offset}")
                found.append(f"{sign}{2**power + offset}.0")
                found.append(f"{sign}{2**power + offset}.5")
                found.append(f"{sign}{2**power + offset}e0")
    for exponent in range(-345, 309):
        found += [f"1e{exponent}", f"-9.999999999999999e{exponent - 1}", f"123456789012345678e{exponent - 18}"]
    for digits in range(1, 40):
        found += ["9" * digits, "1" + "0" * digits, "0." + "0" * digits + "1", "0." + "3" * digits, "7" * digits + ".7"]
    for digits in (100, 400, 800, 1100):
        found += ["1" + "0" * 100 + "." + "0" * digits + "1", "0." + "0" * 300 + "1" * digits, "1." + "9" * digits]
    return found


def halfway(random_source):
    """Exactly between two doubles, or one unit of a far digit beside it."""
    low = double(random_source.randrange(0, 0x7FEF_FFFF_FFFF_FFFF))
    middle = (fractions.Fraction(low) + fractions.Fraction(math.nextafter(low, math.inf))) / 2
    # A dyadic fraction has a finite decimal expansion.
    shift = middle.denominator.bit_length() - 1
    digits = str(middle.numerator * 5**shift)
    kind = random_source.randrange(3)
    if kind == 1:
        digits, shift = digits + "0000000001", shift + 10
    elif kind == 2:
        digits, shift = str(int(digits + "0000000000") - 1), shift + 10
    return f"{digits}e-{shift}"


def literal(random_source):
    r = random_source
    kind = r.randrange(12)
    sign = r.choice(("", "", "-"))
    if kind == 0:
        return sign + repr(abs(double(r.getrandbits(63) % 0x7FF0_0000_0000_0000)))
    if kind == 1:
        return f"{sign}{r.getrandbits(r.randrange(1, 70))}"
    if kind == 2:
        return f"{sign}{2 ** r.choice((53, 63, 64)) + r.randrange(-4096, 4096)}{r.choice(('', '.0', '.5', '.25'))}"
    if kind == 3:
        digits = r.randrange(17, 20)
        return f"{sign}{r.randrange(10 ** (digits - 1), 10**digits)}e{r.randrange(-340, 290)}"
    if kind == 4:
        digits = str(r.randrange(10**16, 10**19))
        point = r.randrange(1, len(digits))
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if kind == 5:
        return sign + halfway(r)
    if kind == 6:
        return sign + repr(double(r.getrandbits(r.randrange(1, 53))))  # subnormal
    if kind == 7:
        return f"{sign}{r.randrange(10**6)}.{r.randrange(10**r.randrange(1, 7))}"
    if kind == 8:
        exponent = r.choice("eE") + r.choice(("", "+", "-")) + str(r.randrange(300))
        return f"{sign}{r.randrange(1, 10)}.{r.randrange(10**r.randrange(1, 40))}{exponent}"
    if kind == 9:
        return f"{sign}{r.getrandbits(64)}e-{r.randrange(1, 30)}"
    if kind == 10:
        return sign + repr(r.lognormvariate(0, 10))
    return f"{sign}{r.randrange(100)}.{r.randrange(100):02}"


def value(text):
    """The number that a literal is in arithmetic: an int within 64 bits and a sign, else a double."""
    if re.fullmatch(r"-?\d+", text) and (int(text) in INT64 or abs(int(text)) < 2**64):
        return int(text)
    return float(text)


def stands_alone(text):
    """Whether an int of 64 bits or a double holds the literal: otherwise its text does."""
    if re.fullmatch(r"-?\d+", text):
        return int(text) in INT64 and text != "-0"
    return decimal.Decimal(text) == decimal.Decimal(repr(float(text)))


def unchanged(text, printed):
    """The problem with a literal that should be printed as it was read, or None."""
    return None if printed == text else f"{text}: printed as {printed}"


def problem(text, printed):
    """The problem with the printed form of a literal that was computed with, or None."""
    wanted = int(text) if re.fullmatch(r"-?\d+", text) and int(text) in INT64 else float(text)
    if isinstance(wanted, int):
        return None if printed == str(wanted) else f"{text}: integer printed as {printed}"
    if bits(float(printed)) != bits(wanted):
        return f"{text}: {printed} is another double than {wanted!r}"
    if decimal.Decimal(printed) != decimal.Decimal(repr(wanted)):
        return f"{text}: {printed} is not the shortest form {wanted!r}"
    if re.fullmatch(r"-?\d+", printed):
        return f"{text}: a double printed as the integer {printed}"
    return None


def converted(text, printed):
    """The problem with a literal that was converted from a string, or None."""
    return problem(text, printed) if stands_alone(text) else unchanged(text, printed)


def printed_values(bench, literals, arguments, shape, problem=unchanged):
    """The text of column v as it was printed: Python's JSON reader must not change it."""
    lines = "".join(shape.format(text) for text in literals)
    outcome = bench.succeeded(["-q", *arguments, "-"], lines.encode())
    found = re.findall(r'"v":([^,}\n]*)', outcome.out)
    problems = [] if len(found) == len(literals) else [f"{len(found)} values of {len(literals)}; {outcome.err[:200]}"]
    if not problems:
        problems = list(filter(None, map(problem, literals, found)))
    return problems, f"{len(literals)} rows"


def grouped(bench, literals):
    """Keys are equal when the numbers are equal as decimals, as they are written."""
    expected = {}
    for text in literals:
        number = decimal.Decimal(text)
        expected[number] = expected.get(number, 0) + 1
    text = "".join(f'{{"x":{literal}}}\n' for literal in literals)
    rows = json_rows(bench.printed(["-q", "--by", "x", "--count", "-"], text.encode()))
    problems = []
    if len(rows) != len(expected):
        problems.append(f"{len(rows)} groups, Python has {len(expected)}")
    problems += [f"{row['x']!r}: {row['count']}, Python counts {expected.get(row['x'])}"
                 for row in rows if expected.get(row["x"]) != row["count"]]
    order = [row["x"] for row in rows]
    if order != sorted(order):
        problems.append("rows are not in the order of their keys")
    return problems, f"{len(rows)} rows of {len(literals)} records"


def json_rows(text):
    """Rows whose numbers keep all their digits."""
    return [json.loads(line, parse_int=decimal.Decimal, parse_float=decimal.Decimal) for line in text.splitlines()]


def overflow(bench):
    """A literal that overflows a double makes its line malformed; the largest that does not is read."""
    largest = 2**1024 - 2**970  # halfway between the largest double and 2**1024, rounds away
    literals = ["1e309", "-1e309", "1.7976931348623159e308", str(largest), "9" * 309, "1e999999999999",
                "17976931348623159" + "0" * 292]
    flags, problems = ["-q", "--let", "v=x", "--select", "v", "-"], []
    for text in literals:
        rows = rows_of(bench.printed(flags, f'{{"x":1}}\n{{"x":{text}}}\n'.encode()))
        if rows != [{"v": 1}]:
            problems.append(f"{text[:40]}: {rows}")
    rows = rows_of(bench.printed(flags, f'{{"x":{largest - 1}}}\n'.encode()))
    if rows != [{"v": largest - 1}]:
        problems.append(f"the largest literal gives {rows}")
    return problems, f"{len(literals) + 1} literals"


def short_inputs(bench):
    """One batch and many threads: most of them have ended before the rows are printed."""
    problems, path = [], bench.folder / "short.jsonl"
    path.write_text("".join(f'{{"n":{number}}}\n' for number in range(3000)))
    expected = '{"text":"A CONSTANT THAT IS COMPUTED ONCE"}\n' * 3000
    arguments = ["-q", "-j", "4", "--select", "text=upper('a constant that is computed once')", path]
    for number in range(300):
        if bench.printed(arguments) != expected:
            problems.append(f"run {number} prints something else")
    return problems, "300 runs"


RANKS = ("0.25", "0.9", "0.99", "0.001", "0.123456789")


def aggregates(bench, groups):
    """groups: lists of literals. Results are exact and rounded once, min, max and distinct compare decimals."""
    lines = [(key, text) for key, texts in enumerate(groups) for text in texts]
    random.Random(7).shuffle(lines)
    columns = ("s=sum(x),lo=min(x),hi=max(x),d=distinct(x),avg=avg(x),median=median(x),variance=variance(x),"
               "stddev=stddev(x),pop=stddev_pop(x)" + "".join(f",q{rank}=quantile(x,{rank})" for rank in RANKS))
    columns = re.sub(r"q(0\.\d+)=", r'"q\1"=', columns)
    text = "".join(f'{{"g":{key},"x":{literal}}}\n' for key, literal in lines)
    rows = json_rows(bench.printed(["-q", "--by", "g", "-a", columns, "-"], text.encode()))
    problems = []
    if len(rows) != len(groups):
        problems.append(f"{len(rows)} groups of {len(groups)}")
    for row in rows:
        texts = groups[int(row["g"])]
        numbers = [value(text) for text in texts]
        exact = [fractions.Fraction(number) for number in numbers]
        written = [decimal.Decimal(text) for text in texts]
        whole = all(isinstance(number, int) for number in numbers)
        wanted = {"s": sum(exact) if whole else nearest(sum(exact)), "lo": min(written), "hi": max(written),
                  "d": len(set(written)), **rounded(exact)}
        for name, number in wanted.items():
            printed = row[name]
            if name in ("s", "lo", "hi", "d"):
                same_number = printed == (decimal.Decimal(repr(number)) if isinstance(number, float) else number)
            else:
                same_number = printed is number is None or printed is not None and float(printed) == number
            if not same_number:
                problems.append(f"{name} {printed!r}, exactly {number!r} of {len(numbers)}: {texts[:4]}")
    return problems, f"{len(rows)} rows of {len(lines)} records"


def rounded(exact):
    """The exact values of the functions that give doubles, each rounded once."""
    count, ordered = len(exact), sorted(exact)

    def quantile(rank):
        position = fractions.Fraction(rank) * (count - 1)
        below = math.floor(position)
        above = min(below + 1, count - 1)
        return nearest(ordered[below] + (ordered[above] - ordered[below]) * (position - below))

    mean = sum(exact) / count
    spread = sum((number - mean) ** 2 for number in exact)
    return {"avg": nearest(mean), "median": quantile("0.5"),
            "variance": nearest(spread / (count - 1)) if count > 1 else None,
            "stddev": root(spread / (count - 1)) if count > 1 else None, "pop": root(spread / count),
            **{f"q{rank}": quantile(rank) for rank in RANKS}}


def nearest(number):
    """The nearest double: the division of two ints is rounded once; null where it would be infinite."""
    try:
        return number.numerator / number.denominator
    except OverflowError:
        return None


def root(number):
    """The double nearest to a square root."""
    if number == 0:
        return 0.0
    # 2^shift times the number has 160 bits, its root 80; what is cut off counts as half a unit.
    shift = 160 - number.numerator.bit_length() + number.denominator.bit_length()
    shift += shift % 2
    scaled = number * fractions.Fraction(2) ** shift
    whole = math.isqrt(math.floor(scaled))
    more = fractions.Fraction(0 if whole * whole == scaled else 1, 2)
    return nearest((whole + more) / fractions.Fraction(2) ** (shift // 2))


def small_group(source):
    """2 to 50 numbers of up to 17 digits, of one magnitude or many."""
    digits, places = source.randrange(1, 18), source.randrange(0, 20)
    wild = source.randrange(4) == 0
    texts = []
    for _ in range(source.randrange(2, 51)):
        if wild:
            digits, places = source.randrange(1, 18), source.randrange(0, 25)
        text = str(source.randrange(10**digits)).rjust(places + 1, "0")
        text = f"{text[:len(text) - places]}.{text[len(text) - places:]}" if places else text
        texts.append(source.choice(("", "", "", "-")) + text)
    return texts


def checks(bench):
    check, source, amount = bench.report.check, random.Random(bench.seed), bench.options.literals
    literals = edges()
    while len(literals) < amount:
        literals.append(literal(source))
    literals = [text for text in literals if math.isfinite(float(text))]
    source.shuffle(literals)

    computed = ["--let", "v=x", "--select", "v"]
    check("read and printed", printed_values, bench, literals, computed, '{{"x":{0}}}\n')
    check("computed and printed", printed_values, bench, literals, ["--let", "v=x*1", "--select", "v"],
          '{{"x":{0}}}\n', problem)
    # A sequence of lines of one length keeps the learnt layout of the record; among other fields and blanks too.
    by_length = sorted(literals, key=len)
    check("read and printed, by length", printed_values, bench, by_length, computed, '{{"a":"b","x":{0},"c":[1]}}\n')
    check("with blanks", printed_values, bench, literals[:20_000], computed, '{{ "x" : {0} , "z" : 1 }}\n')
    check("in an object and array", printed_values, bench, literals[:20_000], ["--let", "v=o.a[1]", "--select", "v"],
          '{{"o":{{"a":[0,{0}]}}}}\n')
    check("in a string", printed_values, bench, literals[:20_000], ["--let", "v=number(s)", "--select", "v"],
          '{{"s":"{0}"}}\n', converted)
    check("group keys", grouped, bench, literals + literals[:amount // 4])
    check("overflow", overflow, bench)
    check("constant texts with more threads than batches", short_inputs, bench)

    ordinary = [[f"{source.uniform(-1e6, 1e6):.{source.randrange(1, 6)}f}" for _ in range(source.randrange(1, 900))]
                for _ in range(60)]
    check("aggregates of decimals", aggregates, bench, ordinary)
    wild = [[repr(source.uniform(-1, 1) * 10.0 ** source.randrange(-12, 13)) for _ in range(source.randrange(1, 200))]
            for _ in range(60)]
    check("aggregates over 24 orders of magnitude", aggregates, bench, wild)
    whole = [[str(source.choice((2**63 - 1, -(2**63), source.randrange(-(2**63), 2**63), source.randrange(-9, 9))))
              for _ in range(source.randrange(1, 300))] for _ in range(60)]
    check("aggregates of large integers", aggregates, bench, whole)
    fixed = ("0.1", "-0.0", "7", "7.0", "9007199254740993", "9007199254740993.0")
    mixed = [[source.choice((str(source.randrange(-(2**62), 2**62)), repr(source.gauss(0, 1e9)), *fixed))
              for _ in range(source.randrange(1, 300))] for _ in range(60)]
    check("aggregates of integers and doubles", aggregates, bench, mixed)
    check("10000 small groups, rounded once", aggregates, bench, [small_group(source) for _ in range(10_000)])
