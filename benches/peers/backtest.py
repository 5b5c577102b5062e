"""Our backtests beside vectorbt's and RaptorBT's, over the same Parquet file, in one run.

    python benches/peers/backtest.py bars.parquet sma_cross      # two averages cross, long only
    python benches/peers/backtest.py bars.parquet stops          # the same entry, a stop of 2 %, a target of 4 %

Long only, fills at the next open, a fee of 0.1 %, all of the equity, 100,000 in cash. `whole` is a process from its
start to the first result with its figures, file and imports included, `peak` the most memory until then; the others
are runs with the bars in memory, median (fastest): to the trades and the final equity, and to all the figures that an
engine gives (RaptorBT always computes its own; vectorbt's are those of `stats()`). Each peer takes its turn in every
round. Ours closes what is open at the end and pays for it; the others leave it open.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAST, SLOW, FEE, CASH = 50, 200, 0.001, 100_000.0


def columns(path):
    import numpy
    import pyarrow.parquet as parquet

    table = parquet.read_table(path)
    names = ("open", "high", "low", "close", "volume")
    values = {name: numpy.ascontiguousarray(table[name].combine_chunks().to_numpy()) for name in names}
    stamps = table["timestamp"].combine_chunks().cast("timestamp[us]").cast("int64").to_numpy() * 1000
    return values | {"timestamp": numpy.ascontiguousarray(stamps)}


def crossings(fast, slow):
    import numpy

    above, below, known = fast > slow, fast < slow, ~numpy.isnan(slow[:-1])
    enter, leave = numpy.zeros(fast.size, bool), numpy.zeros(fast.size, bool)
    enter[1:] = above[1:] & ~above[:-1] & known
    leave[1:] = below[1:] & ~below[:-1] & known
    return enter, leave


def raptorbt(path, kind):
    import raptorbt as engine

    bars = columns(path)
    values = [bars[name] for name in ("timestamp", "open", "high", "low", "close", "volume")]

    class Entries(engine.Strategy):
        """After a stop its fast way ignores entries until a signal to leave: with stops it is asked bar by bar."""

        def __init__(self, enter):
            super().__init__()
            self.signals = enter

        def on_bar(self, context):
            if self.signals[context.idx] and context.position is None:
                self.enter()

    def run(figures):
        enter, leave = crossings(engine.sma(bars["close"], FAST), engine.sma(bars["close"], SLOW))
        settings = engine.BacktestConfig(initial_capital=CASH, fees=FEE, slippage=0.0, fill_timing="next_bar_open")
        if kind == "stops":
            settings.set_fixed_stop(0.02)
            settings.set_fixed_target(0.04)
            result = engine.run_strategy_backtest(Entries(enter), *values, symbol="X", config=settings)
        else:
            result = engine.run_single_backtest(*values, enter, leave, 1, 1.0, "X", settings)
        return result.metrics.total_trades, result.metrics.end_value

    return run


def vectorbt(path, kind, engine):
    import numpy
    import vectorbt as library

    library.settings["engine"] = engine
    bars = columns(path)
    average = lambda length: library.MA.run(bars["close"], length).ma.to_numpy()

    def run(figures):
        # A signal acts at the next bar's open.
        enter, leave = (numpy.concatenate(([False], signal[:-1])) for signal in crossings(average(FAST), average(SLOW)))
        settings = {"price": bars["open"], "fees": FEE, "init_cash": CASH, "direction": "longonly", "min_size": 0.0}
        if kind == "stops":
            leave = None
            settings |= {"open": bars["open"], "high": bars["high"], "low": bars["low"], "sl_stop": 0.02, "tp_stop": 0.04}
            settings |= {"stop_entry_price": "fillprice", "stop_exit_price": "stoplimit"}
        portfolio = library.Portfolio.from_signals(bars["close"], enter, leave, **settings)
        if figures:
            portfolio.stats()
        return int(portfolio.trades.count()), float(portfolio.final_value())

    return run


PEERS = {
    "RaptorBT": raptorbt,
    "vectorbt (rust)": lambda path, kind: vectorbt(path, kind, "rust"),
    "vectorbt (numba)": lambda path, kind: vectorbt(path, kind, "numba"),
}


def started():
    """When this process started, as time.time() has it."""
    with open("/proc/self/stat") as stat, open("/proc/uptime") as uptime:
        ticks = int(stat.read().rsplit(")", 1)[1].split()[19])
        return time.time() - float(uptime.read().split()[0]) + ticks / os.sysconf("SC_CLK_TCK")


def serve(peer, path, kind, repeats):
    import warnings

    warnings.filterwarnings("ignore")
    run = PEERS[peer](path, kind)
    trades, equity = run(True)
    whole = time.time() - started()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = {"whole": whole, "peak": peak, "trades": trades, "equity": equity, "seconds": [], "figures": []}
    for what in ("seconds", "figures"):
        for _ in range(repeats):
            start = time.perf_counter()
            run(what == "figures")
            answer[what].append(time.perf_counter() - start)
    print(json.dumps(answer))


def ours():
    build = ["cargo", "bench", "--bench", "peers_backtest", "--no-run", "--message-format=json"]
    lines = subprocess.run(build, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    made = [json.loads(line) for line in lines]
    return next(m["executable"] for m in made if m.get("executable") and m["target"]["name"] == "peers_backtest")


def measure(command):
    start = time.time()
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    return answer, time.time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("kind", choices=["sma_cross", "stops"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        return serve(given.peer, given.file, given.kind, given.repeats)
    commands = {"timeweave": [ours(), given.file, given.kind]}
    here = [sys.executable, __file__, given.file, given.kind, "--repeats", str(given.repeats), "--peer"]
    commands |= {peer: [*here, peer] for peer in PEERS}
    results = {peer: {"whole": [], "peak": [], "seconds": [], "figures": []} for peer in commands}
    for _ in range(given.rounds):
        for peer, command in commands.items():
            answer, _ = measure(command + [str(given.repeats)] if peer == "timeweave" else command)
            for what in ("whole", "peak"):
                results[peer][what].append(answer[what])
            results[peer]["seconds"] += answer["seconds"]
            results[peer]["figures"] += answer["figures"]
            results[peer] |= {"trades": answer["trades"], "equity": answer["equity"]}
    own = results["timeweave"]
    print(f"{given.kind}: {given.rounds} rounds, {given.repeats} warm runs each\n")
    print("| engine | whole, s | ratio | peak, MB | ratio | to trades, ms | ratio | to figures, ms | ratio | trades | equity |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for peer, result in results.items():
        cells = [f"{min(result['whole']):.3f}", f"{min(result['whole']) / min(own['whole']):.1f}"]
        cells += [f"{max(result['peak']) / 1e3:.0f}", f"{max(result['peak']) / max(own['peak']):.1f}"]
        for what in ("seconds", "figures"):
            median = statistics.median(result[what])
            cells += [f"{median * 1e3:.1f} ({min(result[what]) * 1e3:.1f})", f"{median / statistics.median(own[what]):.1f}"]
        print(f"| {peer} | {' | '.join(cells)} | {result['trades']} | {result['equity']:.4f} |")


if __name__ == "__main__":
    main()
