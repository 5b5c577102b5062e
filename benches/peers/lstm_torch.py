"""lstm_torch.py [--rounds N] [--threads N] [--program FILE]: our LSTMs beside PyTorch's, on the same cores.

Three LSTMs of 12 inputs, a linear head each, and a softmax network that weighs them; float32. `train` is a step on 64
windows: forward, backward, Adam. `infer` is the forecast of 256 windows, and of one. The two take turns, so that
whatever else the machine does meets both; of all turns the fastest counts, and the median is printed beside it.

--program names our side where cargo is not to build it.
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

SHAPES = [(64, 30, 1), (128, 60, 2)]
GROUPS, FEATURES, BATCH, MIXER = 3, 12, 64, 32
# What is measured, how often in a turn, and the goal: so many times as fast as PyTorch.
TASKS = [("train", BATCH, 10, 1.5), ("infer", 256, 5, 1.5), ("infer", 1, 50, 3.0)]


class Ours:
    """Our side: a program of its own that is asked line by line."""

    def __init__(self, program, shape, threads):
        command, pipe = [program, *map(str, shape)], subprocess.PIPE
        environment = os.environ | {"RAYON_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)

    def ask(self, task, samples, repeats):
        request = f"train {repeats}" if task == "train" else f"infer {samples} {repeats}"
        print(request, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())["seconds"]


class Theirs:
    """PyTorch's side, in this process."""

    def __init__(self, shape):
        import torch
        from torch import nn

        hidden, steps, layers = shape

        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.lstms = nn.ModuleList(nn.LSTM(FEATURES, hidden, layers, batch_first=True) for _ in range(GROUPS))
                self.heads = nn.ModuleList(nn.Linear(hidden, 1) for _ in range(GROUPS))
                self.weights = nn.Sequential(
                    nn.Linear(GROUPS * hidden, MIXER), nn.Tanh(), nn.Linear(MIXER, GROUPS), nn.Softmax(1)
                )

            def forward(self, windows):
                last = [lstm(window)[0][:, -1] for lstm, window in zip(self.lstms, windows)]
                forecasts = torch.cat([head(units) for head, units in zip(self.heads, last)], 1)
                return (self.weights(torch.cat(last, 1)) * forecasts).sum(1, keepdim=True)

        torch.manual_seed(0)
        self.torch, self.model, self.steps = torch, Model(), steps
        self.adam = torch.optim.Adam(self.model.parameters(), 1e-3)
        self.windows, self.target = self.inputs(BATCH), 0.1 * torch.randn(BATCH, 1)

    def inputs(self, samples):
        return [self.torch.randn(samples, self.steps, FEATURES) for _ in range(GROUPS)]

    def train(self):
        self.adam.zero_grad(set_to_none=True)
        loss = self.torch.nn.functional.mse_loss(self.model(self.windows), self.target)
        loss.backward()
        self.adam.step()
        return loss.item()

    def ask(self, task, samples, repeats):
        if task == "train":
            return timed(self.train, repeats)
        windows = self.inputs(samples)
        with self.torch.inference_mode():
            return timed(lambda: self.model(windows), repeats)


def timed(call, repeats):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def build():
    """Builds our side and gives the path of the program."""
    root = Path(__file__).resolve().parents[2]
    command = ["cargo", "build", "--release", "--bench", "peers_lstm", "--message-format=json"]
    lines = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    messages = map(json.loads, lines)
    built = [m for m in messages if m.get("target", {}).get("name") == "peers_lstm" and m.get("executable")]
    return built[-1]["executable"]


def operations(shape, task, samples):
    """Floating-point operations of the products alone."""
    hidden, steps, layers = shape
    total = 0
    for layer in range(layers):
        inputs = FEATURES if layer == 0 else hidden
        forward = 2 * samples * steps * 4 * hidden * (inputs + hidden)
        # Backward: the gradients of the weights, of the states, and of what a lower layer gave.
        backward = forward + 2 * samples * steps * 4 * hidden * hidden * (2 if layer else 1)
        total += forward + (backward if task == "train" else 0)
    return GROUPS * total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--program")
    given = parser.parse_args()
    import torch

    torch.set_num_threads(given.threads)
    program = given.program or build()
    print(f"PyTorch {torch.__version__}, {given.threads} threads, {given.rounds} rounds\n")
    print("| hidden, steps, layers | task | ours, ms: fastest (median) | PyTorch | ratio | goal | ours, GFLOP/s |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for shape in SHAPES:
        sides = [Ours(program, shape, given.threads), Theirs(shape)]
        for task, samples, repeats, goal in TASKS:
            seconds = [[], []]
            for turn in range(given.rounds + 1):
                for side, found in zip(sides, seconds):
                    answer = side.ask(task, samples, repeats)
                    # The first turn warms both up.
                    found.extend(answer if turn else [])
            fastest = [min(found) for found in seconds]
            text = [f"{min(found) * 1e3:.3f} ({statistics.median(found) * 1e3:.3f})" for found in seconds]
            ratio, speed = fastest[1] / fastest[0], operations(shape, task, samples) / fastest[0] / 1e9
            name = f"{task} {samples}"
            print(f"| {shape} | {name} | {text[0]} | {text[1]} | {ratio:.2f} | {goal} | {speed:.0f} |", flush=True)


if __name__ == "__main__":
    main()
