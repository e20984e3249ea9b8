"""
Steps of training phase A in PyTorch for the bench train-gan: the same blocks (tests/golden/blocks.py), batch and precision.
Reads a line with the configuration as JSON, then takes one step for every further line and answers with its milliseconds.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "golden"))

import blocks
import torch
import torch.nn.functional as F

PAGE = 128


class Network(blocks.Layers):
    """
    Weights are made when they are first asked for; filters lie in memory as PyTorch has them, [out,in,kh,kw], and images
    channels last, which it runs fastest on processors.
    """

    def __init__(self):
        self.leaves = {}

    def get_weight(self, name, shape):
        if name not in self.leaves:
            fan_in = 1
            for size in shape[:-1]:
                fan_in *= size
            scale = 0.0 if len(shape) == 1 else (2 / fan_in) ** 0.5
            held = [shape[3], shape[2], shape[0], shape[1]] if len(shape) == 4 else shape
            self.leaves[name] = (torch.randn(held) * scale).requires_grad_()
        leaf = self.leaves[name]
        return leaf.permute(2, 3, 1, 0) if len(shape) == 4 else leaf


def main():
    settings = json.loads(sys.stdin.readline())
    config, batch, side = settings["config"], settings["batch"], settings["side"]
    torch.manual_seed(1)
    torch.set_num_threads(settings["threads"])
    quarter = side // 4
    photo, page = torch.rand(batch, side, side, 3) * 2 - 1, torch.rand(batch, PAGE, PAGE, 1) * 2 - 1
    position = torch.rand(batch, quarter, quarter, 2) * 2 - 1
    target, target_fields = torch.rand(batch, side, side, 4), torch.rand(batch, quarter, quarter, 1 + 2 * config["flowBases"])
    net = Network()

    def loss():
        style = blocks.style_encoder(net, config, page)
        half, quarter, eighth, _ = blocks.encoder(net, config, photo)
        layers, fields = blocks.canonical_decoder(net, config, half, quarter, eighth, style, position)
        error = (layers - target).abs()
        line = error[..., :1] * (1 + 4 * target[..., :1])
        return 10 * torch.cat([line, error[..., 1:]], 3).mean() + 10 * F.l1_loss(fields, target_fields)

    with torch.no_grad():
        loss()
    leaves = list(net.leaves.values())
    optimiser = torch.optim.Adam(leaves, lr=1e-4, betas=(0.5, 0.999))
    print(json.dumps({"version": torch.__version__, "parameters": sum(w.numel() for w in leaves)}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        optimiser.zero_grad()
        value = loss()
        forward = time.perf_counter()
        value.backward()
        backward = time.perf_counter()
        torch.nn.utils.clip_grad_norm_(leaves, 1.0)
        optimiser.step()
        value.item()
        end = time.perf_counter()
        times = {"forward": forward - start, "backward": backward - forward, "adam": end - backward, "total": end - start}
        print(json.dumps({name: 1000 * seconds for name, seconds in times.items()}), flush=True)


main()
