"""Random orders of every kind mixed, and what backtesting.py 0.6.6 makes of them: tests/golden/backtesting_py_mixed.json.

    pip install backtesting==0.6.6
    python benches/peers/backtesting_py_orders.py tests/golden/broker_aapl.json tests/golden/backtesting_py_mixed.json

Bars come from the first file's scenarios. Left out is what docs/presets/backtesting_py.md says we do
otherwise: trades that end on the bar before they began, stop orders with trade_on_close, stop-limits that
open beyond their stop, ruin, a fixed commission of orders that are closed in parts, and exclusive_orders
where orders wait.
"""

import json
import random
import sys
import warnings

import pandas as pd
from backtesting import Backtest, Strategy

warnings.simplefilter("ignore")


def order(rng, settings, kind, bar, price):
    side = rng.choice(["buy", "sell"] if kind != "long" else ["buy"])
    sign = 1 if side == "buy" else -1
    made = {"bar": bar, "action": side}
    made["size"] = round(rng.uniform(0.05, 0.9), 3) if rng.random() < 0.4 else rng.randint(1, int(150_000 / price) + 1)
    # Away from the price, so that stop and target lie on the sides that backtesting.py asks for.
    away = lambda low, high: 1 + rng.uniform(low, high)
    # Of orders that wait, exclusive_orders cancels every other one.
    style = rng.random() if not settings["exclusive_orders"] else 1.0
    base = price
    if style < 0.25:
        base = made["limit"] = round(price * (2 - away(0.0, 0.04) if sign > 0 else away(0.0, 0.04)), 4)
    elif style < 0.5 and not settings["trade_on_close"]:
        base = made["stop"] = round(price * (away(0.0, 0.04) if sign > 0 else 2 - away(0.0, 0.04)), 4)
    if rng.random() < 0.6:
        made["sl"] = round(base * (1 - sign * rng.uniform(0.01, 0.08)), 4)
    if rng.random() < 0.6:
        made["tp"] = round(base * (1 + sign * rng.uniform(0.01, 0.08)), 4)
    return made


def scenario(rng, number, kind, source):
    count = len(source["dates"])
    settings = {
        "cash": 100_000.0,
        "commission": rng.choice([0.0, 0.001, 0.002]),
        "commission_fixed": rng.choice([1.0, 7.5]) if kind == "fixed" else 0.0,
        "spread": rng.choice([0.0, 0.0005, 0.002]),
        "margin": rng.choice([1.0, 0.5, 0.25]) if kind != "fixed" else 1.0,
        "trade_on_close": kind == "at_close",
        "exclusive_orders": kind == "exclusive",
    }
    orders = []
    for bar in range(3, count - 3):
        if rng.random() < 0.12:
            if rng.random() < 0.3:
                made = {"bar": bar, "action": "close"}
                if kind != "fixed" and rng.random() < 0.5:
                    made["portion"] = round(rng.uniform(0.2, 0.8), 2)
                orders.append(made)
            for _ in range(rng.randint(1, 2) if kind not in ("fixed", "exclusive") else 1):
                made = order(rng, settings, kind, bar, source["close"][bar])
                if kind == "fixed":
                    # Whole orders of one side, closed whole.
                    made = {"bar": bar, "action": "buy", "size": made["size"]}
                orders.append(made)
    bars = pd.DataFrame(
        {name.title(): source[name] for name in ("open", "high", "low", "close")},
        index=pd.to_datetime(source["dates"]),
    )

    class Orders(Strategy):
        def init(self):
            pass

        def next(self):
            now = len(self.data) - 1
            for made in (made for made in orders if made["bar"] == now):
                if made["action"] == "close":
                    self.position.close(made.get("portion", 1.0))
                else:
                    place = self.buy if made["action"] == "buy" else self.sell
                    place(**{key: made[key] for key in ("size", "limit", "stop", "sl", "tp") if key in made})

    stats = Backtest(
        bars,
        Orders,
        cash=settings["cash"],
        commission=(settings["commission_fixed"], settings["commission"]),
        spread=settings["spread"],
        margin=settings["margin"],
        trade_on_close=settings["trade_on_close"],
        exclusive_orders=settings["exclusive_orders"],
        finalize_trades=True,
    ).run()
    equity = stats["_equity_curve"]["Equity"].tolist()
    if min(equity) <= 0:
        return None
    trades = [
        {
            "size": int(trade.Size),
            "entry_bar": int(trade.EntryBar),
            "exit_bar": int(trade.ExitBar),
            "entry_price": float(trade.EntryPrice),
            "exit_price": float(trade.ExitPrice),
            "pnl": float(trade.PnL),
            "commission": float(trade.Commission),
        }
        for trade in stats["_trades"].itertuples()
    ]
    if any(trade["exit_bar"] < trade["entry_bar"] for trade in trades):
        return None
    trades.sort(key=lambda t: (t["entry_bar"], t["exit_bar"], t["size"], t["entry_price"]))
    prices = {name: source[name] for name in ("dates", "open", "high", "low", "close")}
    return {
        "name": f"{kind}_{number:03}", **prices, "settings": settings, "orders": orders, "trades": trades,
        "final_equity": equity[-1], "equity": equity,
    }


def main():
    source, target = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    with open(source) as file:
        sources = json.load(file)["scenarios"]
    rng, made, kinds = random.Random(seed), [], ["long", "both", "at_close", "exclusive", "fixed"]
    while len(made) < count:
        one = scenario(rng, len(made), kinds[len(made) % len(kinds)], rng.choice(sources))
        made.extend([one] if one else [])
    about = {"engine": "backtesting.py 0.6.6", "made_by": "benches/peers/backtesting_py_orders.py", "scenarios": made}
    with open(target, "w") as file:
        json.dump(about, file, separators=(",", ":"))
        file.write("\n")
    print(len(made), "scenarios,", sum(len(one["trades"]) for one in made), "trades")


main()
