//! The LSTM against PyTorch.
