"""
Whole steps of training phase C in PyTorch for the bench train-gan: the discriminator judges x and G(z) and learns, then the
generator, by all losses. The same networks, frames, batch, losses and precision; written as one would for PyTorch: G(z) is
made once for both, features once for both losses that look at them, Adam in its fastest form for processors.
"""

from time import perf_counter

from serve import PAGE, Network, serve, settings

import blocks
import torch
import torch.nn.functional as F
from generator import generate, motion_scalars

RATE, BETAS, CLIP, LABEL, DECAY, STYLE_DECAY = 2e-4, (0.5, 0.999), 1.0, 0.9, 0.999, 0.99
WEIGHTS = {"layers": 10.0, "fields": 10.0, "trajectory": 1.0, "temporal": 10.0, "content": 1.0, "style": 1.0, "adversarial": 1.0}
FEATURES = [(16, 1, False), (16, 1, True), (32, 2, False), (32, 1, True), (64, 2, False), (64, 1, True), (96, 2, True)]


class Generator(Network):
    """The TCN's weights are held as length and direction (Salimans 2016)."""

    def get_weight(self, name, shape):
        if not (name.startswith("tcn.block") and name.endswith(".weight")):
            return super().get_weight(name, shape)
        direction = self.leaf(f"{name}.direction", shape)
        norm = (direction.square().sum((0, 1), keepdim=True) + 1e-12).sqrt()
        if f"{name}.length" not in self.leaves:
            self.leaves[f"{name}.length"] = norm.detach().clone().requires_grad_()
        return direction * (self.leaves[f"{name}.length"] / norm)


class Discriminator(Network):
    """lib/network/blocks/discriminator.ts with weights W / sigma (Miyato 2018): u and v are constants to the gradient."""

    def __init__(self, batch, frames, channels):
        super().__init__()
        self.batch, self.frames, self.channels, self.vectors = batch, frames, channels, {}

    def matrix(self, name):
        """[outputs, everything else]"""
        leaf = self.leaves[name]
        return leaf.flatten(1) if leaf.dim() == 4 else leaf.flatten(0, -2).T

    @torch.no_grad()
    def advance(self, name):
        w, (u, _) = self.matrix(name), self.vectors[name]
        v = F.normalize(w.T @ u, dim=0)
        self.vectors[name] = (F.normalize(w @ v, dim=0), v)

    def get_weight(self, name, shape):
        leaf = self.leaf(name, shape)
        if len(shape) == 1:
            return leaf
        if name not in self.vectors:
            self.vectors[name] = (F.normalize(torch.randn(shape[-1]), dim=0), None)
            self.advance(name)
        u, v = self.vectors[name]
        whole = leaf / torch.dot(u, self.matrix(name) @ v)
        return whole.permute(2, 3, 1, 0) if len(shape) == 4 else whole

    def __call__(self, frames):
        """frames [N*T,S,S,1] in 0..1 -> logits [N,1]"""
        clips, side = len(frames) // self.frames, frames.shape[1]
        x = frames * 2 - 1
        y = x
        for i in range(3):
            y = blocks.act(self.conv(f"frames.conv{i}", y, 3, self.channels << i, 2))
        drawn = self.conv("frames.logits", y, 1, 1).reshape(clips, -1).mean(1, keepdim=True)
        half = F.avg_pool2d(x[..., 0], 2).reshape(clips, self.frames, side // 2, side // 2)
        now, then = half[:, :-1], half[:, 1:]
        y = torch.stack([now, then, then - now], 4).flatten(0, 1)
        for i in range(3):
            y = blocks.act(self.conv(f"motion.conv{i}", y, 3, self.channels // 2 << i, 2))
        steps = y.mean((1, 2)).reshape(clips, self.frames - 1, -1)
        for level in range(2):
            h = steps
            for part in "ab":
                h = self.causal(f"motion.block{level}.{part}", blocks.act(h), 3, 2**level)
            steps = steps + h
        return (drawn + self.dense("motion.logits", blocks.act(steps), 1).mean(1)) / 2


class Features(Network):
    """lib/perceptual/small.ts; random weights take the same time."""

    def __call__(self, images):
        x = images.expand(-1, -1, -1, 3) * 2 - 1
        found = []
        for i, (channels, stride, wanted) in enumerate(FEATURES):
            x = torch.relu(self.conv(f"conv{i}", x, 3, channels, stride))
            if wanted:
                found.append(x)
        return found


def bce(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def gram(features):
    columns = features.flatten(1, 2)
    return columns.transpose(1, 2) @ columns / columns.shape[1]


def main():
    given = settings()
    config, batch, side, frames, frame = (given[key] for key in ("config", "batch", "side", "frames", "frame"))
    bases, quarter = config["flowBases"], side // 4
    steps = frames + 2 * (config["tcn"]["kernel"] - 1) * (2 ** config["tcn"]["levels"] - 1)
    signed = lambda *shape: torch.rand(*shape) * 2 - 1
    sample = {
        "photo": signed(batch, side, side, 3),
        "page": signed(batch, PAGE, PAGE, 1),
        "position": signed(batch, quarter, quarter, 2),
        "z": signed(batch, steps, config["noise"]),
        "phase": signed(batch, steps, 9),
        "path": signed(batch, frames, 7 + bases),
        "layers": torch.rand(batch, side, side, 4),
        "fields": signed(batch, quarter, quarter, 1 + 2 * bases),
    }
    player, judge, seeing = Generator(), Discriminator(batch, frames, given["channels"]), Features()
    few = lambda x: x.reshape(batch, frames, frame, frame, 1)[:, [0, frames - 1]].flatten(0, 1)
    change = lambda x: x.reshape(batch, frames, frame, frame).diff(dim=1)

    def drawn():
        scalars, weights = motion_scalars(sample["path"].flatten(0, 1), frame, side)
        line, tone = blocks.render(sample["layers"], sample["fields"], scalars, weights, frames, (frame, frame))
        return (1 - torch.maximum(line, tone))[..., None]

    with torch.no_grad():
        made = generate(player, config, sample, frames, frame)[0]
        judge(made)
        seeing(few(made))
    for weight in seeing.leaves.values():
        weight.requires_grad_(False)
    mine, theirs = list(player.leaves.values()), list(judge.leaves.values())
    average = [w.detach().clone() for w in mine]
    code = torch.zeros(config["style"])
    adam = lambda leaves: torch.optim.Adam(leaves, lr=RATE, betas=BETAS)
    mine_adam, theirs_adam = adam(mine), adam(theirs)

    def update(leaves, optimiser, loss):
        for leaf, gradient in zip(leaves, torch.autograd.grad(loss, leaves)):
            leaf.grad = gradient
        torch.nn.utils.clip_grad_norm_(leaves, CLIP)
        optimiser.step()

    def step():
        laps = {}
        with torch.no_grad():
            real = drawn()
        made, layers, fields, motion = generate(player, config, sample, frames, frame)
        laps["generate"] = perf_counter()
        on_real, on_fake = judge(torch.cat([real, made.detach()])).chunk(2)
        opponent = bce(on_real, LABEL) + bce(on_fake, 0.0)
        update(theirs, theirs_adam, opponent)
        for name in judge.vectors:
            judge.advance(name)
        laps["discriminator"] = perf_counter()
        error = (layers - sample["layers"]).abs()
        line = error[..., :1] * (1 + 4 * sample["layers"][..., :1])
        with torch.no_grad():
            seen_real = seeing(few(real))
        seen = seeing(few(made))
        losses = {
            "layers": torch.cat([line, error[..., 1:]], 3).mean(),
            "fields": F.l1_loss(fields, sample["fields"]),
            "trajectory": F.l1_loss(motion, sample["path"]),
            "temporal": F.l1_loss(change(made), change(real)),
            "content": F.l1_loss(seen[-1], seen_real[-1]),
            "style": sum(F.l1_loss(gram(a), gram(b)) for a, b in zip(seen, seen_real)) / len(seen),
            "adversarial": bce(judge(made), 1.0),
        }
        update(mine, mine_adam, sum(WEIGHTS[name] * value for name, value in losses.items()))
        with torch.no_grad():
            torch._foreach_lerp_(average, mine, 1 - DECAY)
            code.lerp_(blocks.style_encoder(player, config, sample["page"]).mean(0), 1 - STYLE_DECAY)
        [value.item() for value in (opponent, *losses.values())]
        laps["generator"] = perf_counter()
        return laps

    serve(sum(w.numel() for w in mine), step)


main()
