"""Random target weights, and what vectorbt 1.2.0 makes of them: tests/golden/vectorbt_weights.json.

    pip install vectorbt==1.2.0
    python benches/peers/vectorbt_weights.py tests/golden/vectorbt_weights.json

Three instruments on one cash account. Orders fill at the close of their bar. Where costs are paid, some cash
is left over: with none, vectorbt cuts the orders that come last, and we cut all in proportion. Where a fixed fee
is paid, no weight changes its sign: vectorbt turns a position with one order, we with two.
"""

import json
import random
import sys

import numpy as np
import pandas as pd
import vectorbt as vbt

NAMES = ["A", "B", "C"]
BARS = 160

KINDS = {
    "full": {"sum": 1.0, "every": 5},
    "each_bar": {"sum": 1.0, "every": 1},
    "fees": {"sum": 0.9, "every": 5, "fees": 0.001},
    "slippage": {"sum": 0.9, "every": 7, "fees": 0.001, "slippage": 0.002},
    "fixed": {"sum": 0.9, "every": 10, "fixed_fees": 5.0},
    "short": {"sum": 0.8, "every": 5, "short": True},
    "short_costs": {"sum": 0.8, "every": 20, "short": True, "fees": 0.001, "slippage": 0.001},
}


def walk(rng):
    prices, last = [], 50.0 + 100.0 * rng.random()
    for _ in range(BARS):
        last *= 1.0 + rng.gauss(0.0004, 0.02)
        prices.append(round(last, 4))
    return prices


def weights(rng, settings):
    raw = [rng.random() if rng.random() < 0.8 else 0.0 for _ in NAMES]
    if settings.get("short"):
        raw = [value * rng.choice([-1.0, 1.0]) for value in raw]
    total = sum(abs(value) for value in raw)
    return [value / total * settings["sum"] if total else 0.0 for value in raw]


def scenario(rng, name, settings):
    closes = {instrument: walk(rng) for instrument in NAMES}
    wanted = [weights(rng, settings) for _ in range(BARS)]
    index = pd.date_range("2001-01-01", periods=BARS, freq="D")
    size = pd.DataFrame(np.nan, index=index, columns=NAMES)
    # The last bar has no next one: nothing is ordered there.
    for bar in range(0, BARS - 1, settings["every"]):
        size.iloc[bar] = wanted[bar]
    portfolio = vbt.Portfolio.from_orders(
        pd.DataFrame(closes, index=index),
        size=size,
        size_type="targetpercent",
        group_by=True,
        cash_sharing=True,
        call_seq="auto",
        fees=settings.get("fees", 0.0),
        fixed_fees=settings.get("fixed_fees", 0.0),
        slippage=settings.get("slippage", 0.0),
        init_cash=100_000.0,
        freq="D",
    )
    return {
        "name": name,
        "settings": settings,
        "closes": closes,
        "weights": wanted,
        "units": portfolio.assets().to_numpy().tolist(),
        "equity": [float(value) for value in portfolio.value()],
        "fees": float(portfolio.orders.records["fees"].sum()),
        "orders": int(len(portfolio.orders.records)),
    }


def main():
    rng = random.Random(23)
    made = [scenario(rng, f"{kind}_{turn}", settings) for turn in range(2) for kind, settings in KINDS.items()]
    about = {"engine": f"vectorbt {vbt.__version__}", "made_by": "benches/peers/vectorbt_weights.py", "scenarios": made}
    with open(sys.argv[1], "w") as file:
        json.dump(about, file, separators=(",", ":"))
        file.write("\n")
    print(len(made), "scenarios,", sum(one["orders"] for one in made), "orders")


main()
