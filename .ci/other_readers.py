"""Reads every Parquet file below folders with DuckDB, polars and pandas, and fails where they do not agree.

Of files of bars, the timestamps are instants in UTC that strictly increase, and stand in the statistics of each row
group, so that a range of time can be read without the rest. The first bar of AAPL is that of its source's CSV.
"""

import pathlib
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet

AAPL = ("2000-03-01 00:00:00+00:00", 118.56, 132.06, 118.5, 130.31, 9616100.0)


def check(path):
    database = duckdb.connect()
    database.execute("SET TimeZone='UTC'")
    columns = [name for name, kind, *_ in database.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall() if kind == "DOUBLE"]
    sums = ", ".join(f'sum("{name}") FILTER (WHERE NOT isnan("{name}"))' for name in columns)
    rows, *theirs = database.execute(f"SELECT count(*), {sums} FROM '{path}'").fetchone()
    read = {
        "DuckDB": (rows, theirs),
        "polars": (lambda bars: (bars.height, [bars[name].fill_nan(None).sum() for name in columns]))(polars.read_parquet(path)),
        "pandas": (lambda bars: (len(bars), [bars[name].sum() for name in columns]))(pandas.read_parquet(path)),
    }
    for reader, (count, totals) in read.items():
        close = all(abs(a - b) <= 1e-9 * max(abs(a), 1) for a, b in zip(theirs, totals, strict=True))
        if count != rows or not close:
            sys.exit(f"{path}: {reader} reads {count} rows that come to {totals}, DuckDB {rows} and {theirs}")
    stamps = polars.read_parquet(path, columns=["timestamp"])["timestamp"]
    if str(stamps.dtype) != "Datetime(time_unit='us', time_zone='UTC')":
        sys.exit(f"{path}: its timestamps are {stamps.dtype}")
    if "close" in columns and not (stamps.is_sorted() and stamps.is_unique().all()):
        sys.exit(f"{path}: its timestamps do not increase")
    footer = pyarrow.parquet.ParquetFile(path).metadata
    for group in range(footer.num_row_groups):
        if not footer.row_group(group).column(0).is_stats_set:
            sys.exit(f"{path}: row group {group} has no statistics of its timestamps")
    print(f"{path}: {rows} rows, {len(columns)} columns of numbers, read alike")


def main():
    paths = [path for folder in sys.argv[1:] for path in sorted(pathlib.Path(folder).rglob("*.parquet"))]
    for path in paths:
        check(path)
        if path.parts[-2:] == ("AAPL", "1d.parquet"):
            first = pandas.read_parquet(path).iloc[0]
            found = (str(first["timestamp"]), *(float(first[name]) for name in ("open", "high", "low", "close", "volume")))
            if found != AAPL:
                sys.exit(f"{path}: the first bar is {found}, not {AAPL}")
    print(f"{len(paths)} files")
    if not paths:
        sys.exit("there is none")


if __name__ == "__main__":
    main()
