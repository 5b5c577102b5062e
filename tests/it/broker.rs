//! The broker against backtesting.py, and its books.
