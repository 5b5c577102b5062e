"""Random signals, and what vectorbt 1.2.0 makes of them: tests/golden/vectorbt_aapl.json.

    pip install vectorbt==1.2.0
    python benches/peers/vectorbt_signals.py tests/golden/broker_aapl.json tests/golden/vectorbt_aapl.json

Bars come from the first file's scenarios. A position never stays open to the end, since vectorbt leaves
it open there and we close it.
"""

import json
import random
import sys

import numpy as np
import pandas as pd
import vectorbt as vbt

KINDS = {
    "signals": {},
    "fees": {"fees": 0.001},
    "slippage": {"slippage": 0.002},
    "stop": {"sl": 0.03, "fees": 0.001},
    "target": {"tp": 0.04, "slippage": 0.001},
    "bracket": {"sl": 0.02, "tp": 0.03, "fees": 0.001, "slippage": 0.0005},
    "short": {"short": True, "long": False, "fees": 0.001},
    "short_bracket": {"short": True, "long": False, "sl": 0.03, "tp": 0.02, "fees": 0.002},
    "both": {"short": True},
    "both_costs": {"short": True, "fees": 0.001, "slippage": 0.001},
    "both_bracket": {"short": True, "sl": 0.025, "tp": 0.05, "fees": 0.001, "slippage": 0.001},
    "half": {"percent": 0.5, "fees": 0.001},
    "fixed": {"fixed_fees": 5.0, "fees": 0.001, "sl": 0.05},
}


def scenario(rng, name, settings, source):
    count = len(source["dates"])
    index = pd.to_datetime(source["dates"])
    prices = {field: pd.Series(source[field], index=index) for field in ("open", "high", "low", "close")}
    signals = {}
    for field, share in (("enter", 0.15), ("exit", 0.08), ("short_enter", 0.12), ("short_exit", 0.08)):
        side = "short" if field.startswith("short") else "long"
        wanted = settings.get(side, side == "long")
        bars = [bar for bar in range(count - 10) if wanted and rng.random() < share]
        if field.endswith("exit") and wanted:
            bars.append(count - 3)
        signals[field] = bars

    def flags(bars):
        column = np.zeros(count, dtype=bool)
        column[bars] = True
        return pd.Series(column, index=index)

    size = {"size": settings["percent"], "size_type": "percent"} if "percent" in settings else {}
    portfolio = vbt.Portfolio.from_signals(
        prices["close"],
        entries=flags(signals["enter"]),
        exits=flags(signals["exit"]),
        short_entries=flags(signals["short_enter"]),
        short_exits=flags(signals["short_exit"]),
        open=prices["open"],
        high=prices["high"],
        low=prices["low"],
        sl_stop=settings.get("sl", np.nan),
        tp_stop=settings.get("tp", np.nan),
        fees=settings.get("fees", 0.0),
        fixed_fees=settings.get("fixed_fees", 0.0),
        slippage=settings.get("slippage", 0.0),
        init_cash=100_000.0,
        **size,
    )
    trades = []
    for trade in portfolio.trades.records.itertuples():
        assert trade.status == 1, "open at the end"
        trades.append(
            {
                "size": float(trade.size) * (1 if trade.direction == 0 else -1),
                "entry_bar": int(trade.entry_idx),
                "exit_bar": int(trade.exit_idx),
                "entry_price": float(trade.entry_price),
                "exit_price": float(trade.exit_price),
                "pnl": float(trade.pnl),
                "fees": float(trade.entry_fees + trade.exit_fees),
            }
        )
    return {
        "name": name,
        **{field: source[field] for field in ("dates", "open", "high", "low", "close")},
        "settings": {key: value for key, value in settings.items() if key not in ("long", "short")},
        "signals": signals,
        "trades": trades,
        "equity": [float(value) for value in portfolio.value()],
    }


def main():
    with open(sys.argv[1]) as file:
        sources = json.load(file)["scenarios"]
    rng = random.Random(11)
    made = []
    for turn in range(2):
        for kind, settings in KINDS.items():
            made.append(scenario(rng, f"{kind}_{turn}", settings, rng.choice(sources)))
    about = {"engine": f"vectorbt {vbt.__version__}", "made_by": "benches/peers/vectorbt_signals.py", "scenarios": made}
    with open(sys.argv[2], "w") as file:
        json.dump(about, file, separators=(",", ":"))
        file.write("\n")
    print(len(made), "scenarios,", sum(len(one["trades"]) for one in made), "trades")


main()
