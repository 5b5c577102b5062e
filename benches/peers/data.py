"""Reading and resampling bars beside polars, pyarrow and DuckDB, over the same Parquet file, in one run.

    python benches/peers/generate.py 5000000 7 bars.parquet
    python benches/peers/data.py bars.parquet

`read`: all six columns into memory, the file in the page cache; ours looks at every row too (order, ranges, signs).
`resample`: hours out of the minutes in memory. Two threads each. Each takes its turn in every round.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
THREADS = 2
HOUR = ("open", "first"), ("high", "max"), ("low", "min"), ("close", "last"), ("volume", "sum")


def polars(path):
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    import polars as library

    read = lambda: library.read_parquet(path)
    bars = read()
    columns = [getattr(library.col(name), how)() for name, how in HOUR]
    resample = lambda: bars.group_by_dynamic("timestamp", every="1h").agg(columns)
    hours = resample()
    sums = [len(bars), bars["close"].sum()], [len(hours), hours["high"].sum(), hours["volume"].sum()]
    return read, resample, sums


def pyarrow(path):
    import pyarrow as library
    import pyarrow.compute as compute
    import pyarrow.parquet as parquet

    library.set_cpu_count(THREADS)
    read = lambda: parquet.read_table(path)
    bars = read()
    return read, None, ([bars.num_rows, compute.sum(bars["close"]).as_py()], None)


def duckdb(path):
    import duckdb as library

    database = library.connect()
    database.execute(f"SET threads={THREADS}")
    database.execute("SET TimeZone='UTC'")
    database.execute(f"CREATE TABLE bars AS SELECT * FROM read_parquet('{path}')")
    read = lambda: database.execute(f"SELECT * FROM read_parquet('{path}')").to_arrow_table()
    query = """SELECT time_bucket(INTERVAL '1 hour', timestamp) AS hour, arg_min(open, timestamp), max(high) AS high,
        min(low), arg_max(close, timestamp), sum(volume) AS volume FROM bars GROUP BY 1 ORDER BY 1"""
    resample = lambda: database.execute(query).to_arrow_table()
    one = lambda text: list(database.execute(text).fetchone())
    sums = one("SELECT count(*), sum(close) FROM bars"), one(f"SELECT count(*), sum(high), sum(volume) FROM ({query})")
    return read, resample, sums


PEERS = {"polars": polars, "pyarrow": pyarrow, "DuckDB": duckdb}


def timed(work, repeats):
    seconds = []
    for _ in range(repeats if work else 0):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
        del result
    return seconds


def serve(peer, path, repeats):
    read, resample, (bars, hours) = PEERS[peer](path)
    print(json.dumps({"read": timed(read, repeats), "resample": timed(resample, repeats), "bars": bars, "hours": hours}))


def ours():
    build = ["cargo", "bench", "--bench", "peers_data", "--no-run", "--message-format=json"]
    lines = subprocess.run(build, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    made = [json.loads(line) for line in lines]
    return next(m["executable"] for m in made if m.get("executable") and m["target"]["name"] == "peers_data")


def agree(one, other):
    return other is None or all(abs(a - b) <= 1e-9 * abs(a) for a, b in zip(one, other, strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        return serve(given.peer, given.file, given.repeats)
    own = {"timeweave": [ours(), given.file, str(given.repeats)]}
    here = [sys.executable, __file__, given.file, "--repeats", str(given.repeats), "--peer"]
    commands = own | {peer: [*here, peer] for peer in PEERS}
    results = {peer: {"read": [], "resample": []} for peer in commands}
    environment = os.environ | {"RAYON_NUM_THREADS": str(THREADS)}
    for _ in range(given.rounds):
        for peer, command in commands.items():
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            answer = json.loads(done.stdout.splitlines()[-1])
            results[peer]["read"] += answer["read"]
            results[peer]["resample"] += answer["resample"]
            results[peer] |= {"bars": answer["bars"], "hours": answer["hours"]}
    mine = results["timeweave"]
    for peer, result in results.items():
        if not (agree(mine["bars"], result["bars"]) and agree(mine["hours"], result["hours"])):
            sys.exit(f"{peer} comes to other figures: {result['bars']} {result['hours']}, not {mine['bars']} {mine['hours']}")
    print(f"{mine['bars'][0]:,} bars, {given.rounds} rounds of {given.repeats}; seconds, the fastest (median)\n")
    print("| | read | ratio | resample | ratio |\n| --- | ---: | ---: | ---: | ---: |")
    for peer, result in results.items():
        cells = []
        for what in ("read", "resample"):
            seconds = result[what]
            if seconds:
                cells += [f"{min(seconds):.4f} ({statistics.median(seconds):.4f})", f"{min(seconds) / min(mine[what]):.2f}"]
            else:
                cells += ["", ""]
        print(f"| {peer} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
