"""indicators.py BARS.parquet [--all] [--rounds N] [--core N] [--program FILE]: our indicators beside TA-Lib's.

Both compute the same function on the same columns in memory, on one core, turn by turn, so that
whatever else the machine does meets both. Of all turns the fastest counts; the median is printed
beside it. The last values are compared: a figure for something else would be worth nothing.

Without --all: the usual functions with usual parameters. With it: every function that both have,
with its defaults, which are the same. --program names our side where cargo is not to build it.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import talib
from talib import abstract

USUAL = [
    ("SMA", {"timeperiod": 20}),
    ("SMA", {"timeperiod": 200}),
    ("EMA", {"timeperiod": 20}),
    ("RSI", {"timeperiod": 14}),
    ("ATR", {"timeperiod": 14}),
    ("ADX", {"timeperiod": 14}),
    ("STOCH", {"fastk_period": 14, "slowk_period": 3, "slowd_period": 3}),
    ("MACD", {"fastperiod": 12, "slowperiod": 26, "signalperiod": 9}),
    ("BBANDS", {"timeperiod": 20, "nbdevup": 2.0, "nbdevdn": 2.0}),
    ("MFI", {"timeperiod": 14}),
    ("CCI", {"timeperiod": 14}),
    ("CCI", {"timeperiod": 20}),
    ("WMA", {"timeperiod": 20}),
    ("STDDEV", {"timeperiod": 5}),
    ("STDDEV", {"timeperiod": 20}),
    ("LINEARREG", {"timeperiod": 14}),
]

# Ours by other names: `max` and `min` are operators of scripts.
RENAMED = {"MAX": "highest", "MIN": "lowest"}

# Operators and functions of our language, not indicators.
ELEMENT_WISE = {"Math Operators", "Math Transform"}


class Ours:
    """Our side: a program of its own that is asked line by line."""

    def __init__(self, program, bars):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([program, bars], stdin=pipe, stdout=pipe, text=True)

    def ask(self, node, arguments, repeats):
        request = {"node": node, "arguments": arguments, "repeats": repeats}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())


def build():
    """Builds our side and gives the path of the program."""
    root = Path(__file__).resolve().parents[2]
    command = ["cargo", "build", "--release", "--bench", "peers", "--message-format=json"]
    lines = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    messages = map(json.loads, lines)
    built = [m for m in messages if m.get("target", {}).get("name") == "peers" and m.get("executable")]
    return built[-1]["executable"]


def read(path):
    """The columns as contiguous arrays of float64, by name."""
    table = pq.read_table(path)
    names = ("open", "high", "low", "close", "volume")
    return {name: np.ascontiguousarray(table[name].combine_chunks().to_numpy(zero_copy_only=False)) for name in names}


def columns(function, bars):
    """The columns that a function of TA-Lib reads, in its order."""
    names = []
    for value in function.input_names.values():
        names.extend([value] if isinstance(value, str) else value)
    if names == ["high", "low"] and list(function.input_names) == ["price0", "price1"]:
        names = ["close", "open"]
    return [bars["close" if name == "periods" else name] for name in names]


def theirs(call, repeats):
    """The seconds of each repeat, and the last values."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start)
    result = result if isinstance(result, tuple) else (result,)
    return seconds, [float(column[-1]) for column in result]


def same(ours, theirs):
    return len(ours) == len(theirs) and all(
        (math.isnan(b) and (a is None or math.isnan(a))) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        for a, b in zip(ours, theirs)
    )


def cases(everything):
    if not everything:
        return USUAL
    grouped = talib.get_function_groups()
    left_out = {name for group in ELEMENT_WISE for name in grouped[group]} - set(RENAMED) - {"SUM", "MINMAX"}
    return [(name, {}) for name in sorted(talib.get_functions()) if name not in left_out]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bars")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--program")
    options = parser.parse_args()
    program = options.program or build()
    os.sched_setaffinity(0, {options.core})
    ours, bars = Ours(program, options.bars), read(options.bars)
    count = len(bars["close"])

    rows = []
    for name, parameters in cases(options.all):
        node = RENAMED.get(name, name.lower())
        if "unknown" in ours.ask(node, {}, 1):
            continue
        inputs, function = columns(abstract.Function(name), bars), getattr(talib, name)
        row = {"name": name, "parameters": parameters, "ours": [], "theirs": []}
        rows.append((row, node, lambda f=function, i=inputs, p=parameters: f(*i, **p)))
    for turn in range(options.rounds):
        for row, node, call in rows:
            seconds, last = theirs(call, 6)
            answer = ours.ask(node, row["parameters"], 6)
            # The first of each turn finds the other side in the caches, and the first two write to memory that is new.
            row["theirs"] += seconds[2:]
            row["ours"] += answer["seconds"][2:]
            row["agree"] = same(answer["last"], last)

    print(f"{count:,} bars, TA-Lib {talib.__version__}, ns a bar: fastest (median) of {4 * options.rounds} turns\n")
    print("| function | ours | TA-Lib | ratio | ratio of medians | |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for row, _, _ in rows:
        best = {side: min(row[side]) / count * 1e9 for side in ("ours", "theirs")}
        middle = {side: statistics.median(row[side]) / count * 1e9 for side in ("ours", "theirs")}
        ratio, middle_ratio = best["ours"] / best["theirs"], middle["ours"] / middle["theirs"]
        given = ", ".join(str(value) for value in row["parameters"].values())
        label = f"{row['name'].lower()}({given})" if given else row["name"].lower()
        print(
            f"| {label} | {best['ours']:.2f} ({middle['ours']:.2f}) | {best['theirs']:.2f} ({middle['theirs']:.2f}) "
            f"| {ratio:.2f} | {middle_ratio:.2f} | {'' if row['agree'] else 'last values differ'} |"
        )


if __name__ == "__main__":
    main()
