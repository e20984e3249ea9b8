"""
Steps of training phase A in PyTorch for the bench train-gan: the same blocks (tests/golden/blocks.py), batch and precision.
Reads a line with the configuration as JSON, then takes one step for every further line and answers with its milliseconds.
"""

from time import perf_counter

from serve import PAGE, Network, serve, settings

import blocks
import torch
import torch.nn.functional as F


def main():
    given = settings()
    config, batch, side = given["config"], given["batch"], given["side"]
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

    def step():
        laps = {}
        optimiser.zero_grad()
        value = loss()
        laps["forward"] = perf_counter()
        value.backward()
        laps["backward"] = perf_counter()
        torch.nn.utils.clip_grad_norm_(leaves, 1.0)
        optimiser.step()
        value.item()
        laps["adam"] = perf_counter()
        return laps

    serve(sum(w.numel() for w in leaves), step)


main()
