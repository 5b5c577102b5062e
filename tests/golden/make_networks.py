"""make_networks.py OUT.safetensors: what PyTorch's nn.GRU and a bidirectional nn.LSTM make of random windows.

Writes the weights, the windows [steps, samples, features] and the outputs, under the names of the state dicts: `gru.*` and
`lstm.*`. tests/golden/networks_torch.safetensors was made by it, with PyTorch 2.15.
"""
import sys

import torch
from safetensors.torch import save_file

torch.manual_seed(11)
steps, samples, features, hidden, layers = 7, 4, 3, 5, 2
window = torch.randn(steps, samples, features)
gru = torch.nn.GRU(features, hidden, layers)
lstm = torch.nn.LSTM(features, hidden, layers, bidirectional=True)
norm = torch.nn.LayerNorm(2 * hidden)
with torch.no_grad():
    norm.weight.uniform_(0.5, 1.5)
    norm.bias.uniform_(-0.5, 0.5)
    last = lstm(window)[1][0][-2:]
    both = torch.cat([last[0], last[1]], 1)
    tensors = {"window": window, "gru_last": gru(window)[0][-1], "lstm_last": both, "lstm_norm": norm(both)}
for name, module in (("day.gru", gru), ("day.lstm", lstm), ("day.norm", norm)):
    tensors |= {f"{name}.{key}": value.detach() for key, value in module.state_dict().items()}
save_file({name: value.contiguous() for name, value in tensors.items()}, sys.argv[1])
