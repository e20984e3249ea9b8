"""What the PyTorch baselines share: the networks' weights, and steps taken when told."""

import json
import sys
import time
from pathlib import Path

for folder in ("golden", "golden/gan-step"):
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / folder))

import blocks
import torch

PAGE = 128


class Network(blocks.Layers):
    """
    Weights are made when they are first asked for; filters lie in memory as PyTorch has them, [out,in,kh,kw], and images
    channels last, which it runs fastest on processors.
    """

    def __init__(self):
        self.leaves = {}

    def leaf(self, name, shape):
        if name not in self.leaves:
            fan_in = 1
            for size in shape[:-1]:
                fan_in *= size
            scale = 0.0 if len(shape) == 1 else (2 / fan_in) ** 0.5
            held = [shape[3], shape[2], shape[0], shape[1]] if len(shape) == 4 else shape
            self.leaves[name] = (torch.randn(held) * scale).requires_grad_()
        return self.leaves[name]

    def get_weight(self, name, shape):
        leaf = self.leaf(name, shape)
        return leaf.permute(2, 3, 1, 0) if len(shape) == 4 else leaf


def settings():
    """The line of JSON that the bench sends first."""
    read = json.loads(sys.stdin.readline())
    torch.manual_seed(1)
    torch.set_num_threads(read["threads"])
    return read


def serve(parameters, step):
    """Tells what there is, then takes a step for every line and answers with its milliseconds. `step` gives its laps by name."""
    print(json.dumps({"version": torch.__version__, "parameters": parameters}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        laps = step()
        times, before = {}, start
        for name, at in laps.items():
            times[name], before = at - before, at
        times["total"] = before - start
        print(json.dumps({name: 1000 * seconds for name, seconds in times.items()}), flush=True)
