"""lstm_load_state_dict.py WEIGHTS FORECASTS: a trained model's weights in PyTorch, and what they forecast there.

WEIGHTS is the `weights.safetensors` of a model with softmax weights. FORECASTS is a safetensors file with, for each
group, `GROUP.window` [samples, steps, features] and `GROUP.forecast` [samples]; and `given` [samples, series] and
`score` [samples]: what the networks saw, scaled, and what ours made of it. Every tensor of WEIGHTS is loaded into
`nn.LSTM`, `nn.Linear` and `nn.Sequential` by `load_state_dict(strict=True)`. It fails where a forecast differs by over
1e-5 of the largest.

`cargo test --release --test it lstm_weights_load` trains a model, writes both and runs this, where there is PyTorch:
with the Python that the environment names as PYTORCH_PYTHON, or `python3`.
"""

import json
import math
import struct
import sys
from pathlib import Path

import torch
from torch import nn


def read(path):
    """The tensors of a safetensors file of F32, by name."""
    data = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", name
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        numbers = struct.unpack(f"<{(end - start) // 4}f", data[start:end])
        assert math.prod(entry["shape"]) == len(numbers), name
        tensors[name] = torch.tensor(numbers).reshape(entry["shape"])
    return tensors


def below(tensors, prefix):
    """The tensors whose names begin with a prefix, without it."""
    found = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    assert found, prefix
    return found


def filled(module, state):
    module.load_state_dict(state, strict=True)
    return module


def group_forecast(weights, group, window):
    state = below(weights, f"{group}.lstm.")
    layers = sum(name.startswith("weight_hh_l") for name in state)
    hidden, inputs = state["weight_hh_l0"].shape[1], state["weight_ih_l0"].shape[1]
    lstm = filled(nn.LSTM(inputs, hidden, layers, batch_first=True), state)
    return filled(nn.Linear(hidden, 1), below(weights, f"{group}.head."))(lstm(window)[0][:, -1])


def group_weights(weights, given):
    state = below(weights, "weights.")
    hidden, series = state["0.weight"].shape
    groups = state["2.weight"].shape[0]
    network = nn.Sequential(nn.Linear(series, hidden), nn.Tanh(), nn.Linear(hidden, groups), nn.Softmax(1))
    return filled(network, state)(given)


def compare(name, theirs, ours):
    difference, largest = (theirs - ours).abs().max().item(), ours.abs().max().item()
    print(f"{name}: {len(ours)} forecasts, largest difference {difference:.2e} of {largest:.2e}")
    return difference <= 1e-5 * largest


def main():
    weights, forecasts = (read(path) for path in sys.argv[1:3])
    groups = [name.removesuffix(".window") for name in forecasts if name.endswith(".window")]
    # The order of the groups is that of the weights' outputs: `order` names each one's place.
    groups.sort(key=lambda group: forecasts[f"{group}.order"].item())
    used = {f"{group}.{part}." for group in groups for part in ("lstm", "head")} | {"weights."}
    assert all(any(name.startswith(prefix) for prefix in used) for name in weights), "a tensor of no network"
    with torch.inference_mode():
        each = [group_forecast(weights, group, forecasts[f"{group}.window"])[:, 0] for group in groups]
        score = (group_weights(weights, forecasts["given"]) * torch.stack(each, 1)).sum(1)
    same = [compare(group, theirs, forecasts[f"{group}.forecast"]) for group, theirs in zip(groups, each)]
    same.append(compare("score", score, forecasts["score"]))
    sys.exit(0 if all(same) else 1)


if __name__ == "__main__":
    main()
