//! Metrics against empyrical, quantstats and backtesting.py.
