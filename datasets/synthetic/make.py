"""make.py: 8,000 hourly bars of a made-up market, as CSV on standard output.

The market is in one of two moods, and stays in one for some days. In the calm mood returns go on: each keeps a third of
the one before. In the wild mood they turn back by as much, and are twice as large. Nothing else can be known of
what comes. Made with

    python3 datasets/synthetic/make.py > moods.csv
    runner data import moods.csv --dataset synthetic --symbol MOODS --timeframe 1h --calendar 24x7 ...

Python's `random` gives the same numbers for a seed on every machine.
"""
import datetime
import random

random.seed(20)
price, last, wild = 100.0, 0.0, False
print("Date,Open,High,Low,Close,Volume")
for hour in range(8_000):
    if random.random() < 1 / 80:
        wild = not wild
    size, kept = (0.004, -0.35) if wild else (0.002, 0.35)
    # The hour is made of four steps; they show high and low.
    steps = [random.gauss(0, size / 2) for _ in range(4)]
    steps[0] += kept * last
    path = [price]
    for step in steps:
        path.append(path[-1] * (1 + step))
    last = path[-1] / price - 1
    time = datetime.datetime(2023, 1, 1) + datetime.timedelta(hours=hour)
    row = [path[0], max(path), min(path), path[-1]]
    volume = int(1_000 * (2.5 if wild else 1.0) * random.uniform(0.5, 1.5))
    print(f"{time:%Y-%m-%d %H:%M}," + ",".join(f"{value:.4f}" for value in row) + f",{volume}")
    price = round(path[-1], 4)
