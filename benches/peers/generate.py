"""generate.py BARS SEED OUT.parquet: one-minute bars, the same bytes for the same seed.

A geometric random walk whose volatility wanders, with highs and lows drawn from the exact
distribution of a Brownian bridge between open and close, and small gaps between bars.
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.signal import lfilter


def bars(count, seed):
    random = np.random.default_rng(np.random.PCG64(seed))
    persistence, shock = 0.999, 0.02
    wander = lfilter([1.0], [1.0, -persistence], shock * random.standard_normal(count))
    volatility = 8e-4 * np.exp(wander - 0.5 * shock**2 / (1 - persistence**2))
    gap = 0.15 * volatility * random.standard_normal(count)
    gap[0] = 0.0
    change = volatility * random.standard_normal(count)
    steps = np.empty(2 * count)
    steps[0::2], steps[1::2] = gap, change
    path = np.log(100.0) + np.cumsum(steps)
    opens, closes = path[0::2], path[1::2]
    above, below = 1.0 - random.random(count), 1.0 - random.random(count)
    squared = (opens - closes) ** 2
    highs = 0.5 * (opens + closes + np.sqrt(squared - 2 * volatility**2 * np.log(above)))
    lows = 0.5 * (opens + closes - np.sqrt(squared - 2 * volatility**2 * np.log(below)))
    opens, highs, lows, closes = np.exp(opens), np.exp(highs), np.exp(lows), np.exp(closes)
    highs = np.maximum(highs, np.maximum(opens, closes))
    lows = np.minimum(lows, np.minimum(opens, closes))
    volume = 5000.0 * np.exp(0.6 * random.standard_normal(count) + 0.5 * np.abs(change) / volatility)
    first = np.datetime64("2015-01-01T00:00:00", "us").astype("int64")
    timestamp = first + np.arange(count, dtype=np.int64) * 60_000_000
    return pa.table(
        {
            "timestamp": pa.array(timestamp, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
            "open": opens,
            "high": highs,
            "low": lows,
            "close": closes,
            "volume": volume,
        }
    )


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    pq.write_table(bars(int(sys.argv[1]), int(sys.argv[2])), sys.argv[3])
