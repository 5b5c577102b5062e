"""Makes statistics.json: figures of empyrical-reloaded, quantstats and backtesting.py on the series of metrics.json
and the scenarios of broker_aapl.json, as far as those files do not hold them already.

    pip install empyrical-reloaded==0.7.1 quantstats==0.0.86 backtesting==0.6.6
    python tests/golden/make_statistics.py
"""

import json
import math
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

import empyrical
import numpy
import pandas
import quantstats.stats as quantstats
from backtesting import _stats as backtesting_py

HERE = Path(__file__).parent
WINDOW = 126


def plain(value):
    """A number, or None where the library gives none; a duration in days."""
    if isinstance(value, pandas.Timedelta):
        return value / pandas.Timedelta(days=1)
    if value is None or value is pandas.NaT:
        return None
    value = float(value)
    return value if math.isfinite(value) else None


def of_returns(returns):
    sharpe = empyrical.roll_sharpe_ratio(returns, WINDOW)
    fall = empyrical.roll_max_drawdown(returns, WINDOW)
    details = quantstats.drawdown_details(quantstats.to_drawdown_series(returns))
    monthly = empyrical.aggregate_returns(returns, "monthly")
    yearly = empyrical.aggregate_returns(returns, "yearly")
    figures = {
        "value_at_risk": quantstats.value_at_risk(returns),
        "conditional_value_at_risk": quantstats.conditional_value_at_risk(returns),
        "ulcer_performance_index": quantstats.ulcer_performance_index(returns),
        "adjusted_sortino": quantstats.adjusted_sortino(returns),
        "probabilistic_sortino_ratio": quantstats.probabilistic_sortino_ratio(returns),
        "probabilistic_adjusted_sortino_ratio": quantstats.probabilistic_adjusted_sortino_ratio(returns),
        "risk_return_ratio": quantstats.risk_return_ratio(returns),
        "avg_return": quantstats.avg_return(returns),
        "avg_win": quantstats.avg_win(returns),
        "avg_loss": quantstats.avg_loss(returns),
        "best": quantstats.best(returns),
        "worst": quantstats.worst(returns),
        "profit_ratio": quantstats.profit_ratio(returns),
        "autocorr_penalty": quantstats.autocorr_penalty(returns),
        "omega": quantstats.omega(returns),
        "calmar": quantstats.calmar(returns),
        "max_drawdown": quantstats.max_drawdown(returns),
    }
    return {
        "figures": {name: plain(value) for name, value in figures.items()},
        "window": WINDOW,
        "rolling_sharpe": [plain(value) for value in sharpe],
        "rolling_maximum_drawdown": [plain(value) for value in fall],
        "monthly": [[int(year), int(month), plain(value)] for (year, month), value in monthly.items()],
        "yearly": [[int(year), plain(value)] for year, value in yearly.items()],
        "drawdowns": [[row["start"], row["valley"], row["end"], plain(row["max drawdown"])] for _, row in details.iterrows()],
    }


def of_pair(returns, benchmark):
    returns, benchmark = returns.align(benchmark, join="inner")
    alpha, beta = empyrical.alpha_beta(returns, benchmark)
    batting = empyrical.batting_average(returns, benchmark)
    active = returns - benchmark
    figures = {
        "empyrical.alpha": alpha,
        "empyrical.beta": beta,
        "empyrical.excess_sharpe": empyrical.excess_sharpe(returns, benchmark),
        "empyrical.up_capture": empyrical.up_capture(returns, benchmark),
        "empyrical.down_capture": empyrical.down_capture(returns, benchmark),
        "empyrical.up_down_capture": empyrical.up_down_capture(returns, benchmark),
        "empyrical.batting_average": batting["batting average"],
        "empyrical.annual_volatility of the difference": empyrical.annual_volatility(active),
        "quantstats.information_ratio": quantstats.information_ratio(returns, benchmark),
        "quantstats.r_squared": quantstats.r_squared(returns, benchmark),
        "quantstats.treynor_ratio": quantstats.treynor_ratio(returns, benchmark),
        "quantstats.greeks.alpha": quantstats.greeks(returns, benchmark)["alpha"],
        "quantstats.greeks.beta": quantstats.greeks(returns, benchmark)["beta"],
    }
    return {name: plain(value) for name, value in figures.items()}


SKIPPED = {"Start", "End", "_strategy", "_equity_curve", "_trades"}


def of_backtest(dates, close, equity, trades):
    """Every statistic of backtesting.py; trades as [size, entry bar, exit bar, entry price, exit price, profit]."""
    index = pandas.DatetimeIndex(dates)
    prices = pandas.DataFrame({"Close": close}, index=index)
    columns = ["Size", "EntryBar", "ExitBar", "EntryPrice", "ExitPrice", "PnL"]
    table = pandas.DataFrame([dict(zip(columns, trade)) for trade in trades], columns=columns)
    table = table.astype({name: "float" for name in ("Size", "EntryPrice", "ExitPrice", "PnL")})
    table = table.astype({name: "int" for name in ("EntryBar", "ExitBar")})
    table["ReturnPct"] = table.PnL / (table.EntryPrice * table.Size.abs())
    table["EntryTime"], table["ExitTime"] = index[table.EntryBar], index[table.ExitBar]
    table["Duration"] = table.ExitTime - table.EntryTime
    stats = backtesting_py.compute_stats(table, numpy.array(equity, dtype=float), prices, None)
    return {name: plain(value) for name, value in stats.items() if name not in SKIPPED}


def scenarios():
    for scenario in json.loads((HERE / "broker_aapl.json").read_text())["scenarios"]:
        names = ["size", "entry_bar", "exit_bar", "entry_price", "exit_price", "pnl"]
        trades = [[trade[name] for name in names] for trade in scenario["trades"]]
        stats = of_backtest(scenario["dates"], scenario["close"], scenario["equity"], trades)
        for name, value in scenario["stats"].items():
            again = stats.pop(name)
            same = value == again or abs(value - again) <= 1e-9 * max(abs(value), 1e-12)
            assert same, (scenario["name"], name, value, again)
        yield scenario["name"], stats


def calendars(returns):
    """Bars of other lengths and days than those of the scenarios: how backtesting.py tells a year."""
    grids = {
        "weekdays": pandas.bdate_range("2010-01-01", periods=400),
        "every day": pandas.date_range("2010-01-01", periods=400),
        "weeks": pandas.date_range("2010-01-04", periods=120, freq="7D"),
        "months": pandas.date_range("2004-01-01", periods=60, freq="MS"),
        "years": pandas.date_range("1990-01-01", periods=20, freq="YS"),
        "hours": pandas.date_range("2010-01-01", periods=400, freq="h"),
        "minutes of sessions": pandas.DatetimeIndex(
            [day + pandas.Timedelta(minutes=570 + 5 * step) for day in pandas.bdate_range("2010-01-01", periods=8) for step in range(78)]
        ),
        "one bar": pandas.bdate_range("2010-01-01", periods=1),
        "two bars": pandas.bdate_range("2010-01-01", periods=2),
    }
    for name, index in grids.items():
        count = len(index)
        close = (100 * numpy.cumprod(1 + returns[:count])).tolist()
        equity = (10_000 * numpy.cumprod(1 + 0.7 * returns[1_000:1_000 + count])).tolist()
        trades = [[5, bar, bar + 3, close[bar], close[bar + 3], 5 * (close[bar + 3] - close[bar])] for bar in range(2, count - 4, 11)]
        stats = of_backtest(index, close, equity, trades)
        seconds = [int(instant.timestamp()) for instant in index]
        yield {"name": name, "seconds": seconds, "close": close, "equity": equity, "trades": trades, "stats": stats}


def main():
    series = json.loads((HERE / "metrics.json").read_text())
    returns = {one["series"]: pandas.Series(one["values"], index=pandas.to_datetime(one["dates"])) for one in series}
    aapl, goog = returns["AAPL.csv"], returns["GOOG.csv"]
    golden = {
        "engines": "empyrical-reloaded 0.7.1, quantstats 0.0.86, backtesting.py 0.6.6",
        "returns": {name: of_returns(one) for name, one in returns.items()},
        "pairs": {"AAPL.csv against GOOG.csv": of_pair(aapl, goog), "GOOG.csv against AAPL.csv": of_pair(goog, aapl)},
        "backtesting_py": dict(scenarios()),
        "calendars": list(calendars(aapl.to_numpy())),
    }
    (HERE / "statistics.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
