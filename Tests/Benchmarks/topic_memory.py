"""The memory that reading a topic takes, and its rate, by the number of partitions. Nothing is judged.

The topic is on the small broker of the tests, which serves it like a real one: a fetch brings up to a megabyte of each
partition. Its batches are made once and served without a copy to any disk. Says the most memory that was resident.

Called by Tests/Benchmarks/topic_memory: topic_memory.py SCRATCH ROUNDS STREAMCTL [ANOTHER STREAMCTL...]
"""

import os
import pathlib
import random
import statistics
import subprocess
import sys

from System.kafka import protocol, small_broker

SCRATCH = pathlib.Path(sys.argv[1]).resolve()
ROUNDS, PROGRAMS = int(sys.argv[2]), sys.argv[3:]
START = 1_767_225_600_000
# Name: partitions, records, records of a batch, bytes of a record, the share of the first partition.
CASES = {
    "1 partition": (1, 6_400_000, 10_000, 50, 0),
    "4 partitions": (4, 6_400_000, 10_000, 50, 0),
    "100 partitions": (100, 6_400_000, 10_000, 50, 0),
    "400 partitions": (400, 6_400_000, 8_000, 50, 0),
    "400, small batches": (400, 6_400_000, 200, 50, 0),
    "1000 partitions": (1000, 6_400_000, 3_200, 50, 0),
    "400, most in one": (400, 3_200_000, 1_000, 50, 0.95),
    "400 of 100 kB": (400, 16_000, 8, 100_000, 0),
}
JOB = ("-t", "@kafka_time", "-w", "6h", "--count", "-X", "check.crcs=false")


def fill(broker, topic, partitions, records, of_batch, size, share):
    """Batches of one partition follow each other in time; a fiftieth of an hour each."""
    broker.create(topic, partitions)
    counts = [int(records * (1 - share) / partitions)] * partitions
    counts[0] += records - sum(counts)
    span = 72_000
    batch = protocol.batch([b'{"n":12345,"s":"' + b"x" * max(0, size - 18) + b'"}'] * of_batch, START, span)
    for count, log in zip(counts, broker.topics[topic]):
        log.extend(batch, range(START, START + -(-count // of_batch) * span, span))
    return sum(log.end for log in broker.topics[topic])


def run(program, broker, topic, expected):
    measured = SCRATCH / "memory-report"
    done = subprocess.run(
        [SCRATCH / "measure", measured, program, "-q", f"kafka://127.0.0.1:{broker.port}/{topic}?until=end", *JOB],
        stdout=subprocess.PIPE, text=True, check=True)
    counted = sum(int(line.rsplit(":", 1)[1].rstrip("}")) for line in done.stdout.split())
    if counted != expected:
        sys.exit(f"{topic}: {counted} records instead of {expected}")
    wall, processor, resident = map(float, measured.read_text().split())
    return wall, processor, resident / 1024


def main():
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before; medians of {ROUNDS} rounds, most memory")
    chosen = os.environ.get("CASES", "").split(";") if os.environ.get("CASES") else CASES
    for name in chosen:
        broker = small_broker.SmallBroker()
        topic = f"t{random.randrange(1 << 30)}"
        total = fill(broker, topic, *CASES[name])
        costs = {program: [] for program in PROGRAMS}
        for _ in range(ROUNDS):
            for program in PROGRAMS:
                costs[program].append(run(program, broker, topic, total))
        for program, found in costs.items():
            wall = statistics.median(cost[0] for cost in found)
            processor = statistics.median(cost[1] for cost in found)
            memory = max(cost[2] for cost in found)
            print(f"  {name:20}{total:9} records{wall:8.2f} s{processor:8.2f} s processor{memory:7.0f} MiB  "
                  f"{total / wall:10.0f}/s  {program if len(PROGRAMS) > 1 else ''}", flush=True)
        broker.stop()


if __name__ == "__main__":
    main()
