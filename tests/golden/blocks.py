"""The generator's blocks in PyTorch, from the descriptions in lib/network/blocks. Images are [batch, height, width, channels]."""

import torch
import torch.nn.functional as F
from layers import causal_conv1d, conv2d, enlarge, pixel_shuffle2, upsample2, warp, wrap

SCALARS = """xx xy x0 yx yy y0 parallaxX parallaxY dolly screenUX screenUY screenU0 screenVX screenVY screenV0
edgeGain lineThreshold screenGain""".split()


def act(x):
    return F.leaky_relu(x, 0.2)


class Layers:
    """Layers by name. Whoever inherits gives `get_weight(name, shape)`."""

    def conv(self, name, x, kernel, out, stride=1):
        filter = self.get_weight(f"{name}.weight", [kernel, kernel, x.shape[3], out])
        return conv2d(x, filter, self.get_weight(f"{name}.bias", [out]), stride)

    def dense(self, name, x, out):
        return x @ self.get_weight(f"{name}.weight", [x.shape[-1], out]) + self.get_weight(f"{name}.bias", [out])

    def causal(self, name, x, kernel, dilation):
        channels = x.shape[2]
        w = self.get_weight(f"{name}.weight", [kernel, channels, channels])
        return causal_conv1d(x, w, self.get_weight(f"{name}.bias", [channels]), dilation)

    def residual(self, name, x):
        hidden = act(self.conv(f"{name}.a", x, 3, x.shape[3]))
        return x + self.conv(f"{name}.b", hidden, 3, x.shape[3])

    def film(self, name, x, style):
        channels = x.shape[3]
        gamma, beta = self.dense(name, style, 2 * channels).split(channels, 1)
        return x * (1 + gamma)[:, None, None, :] + beta[:, None, None, :]


def encoder(net, config, photo):
    """half, quarter, eighth, code"""
    w1, w2, w3 = config["widths"]
    half = act(net.conv("encoder.half", photo, 5, w1, 2))
    quarter = act(net.conv("encoder.quarter", half, 3, w2, 2))
    eighth = act(net.conv("encoder.eighth", quarter, 3, w3, 2))
    for i in range(config["encoderBlocks"]):
        eighth = net.residual(f"encoder.block{i}", eighth)
    return half, quarter, eighth, eighth.mean((1, 2))


def style_encoder(net, config, page):
    x = page
    for i, channels in enumerate([16, 32, 64, 64]):
        x = act(net.conv(f"style.conv{i}", x, 3, channels, 2))
    return net.dense("style.code", x.mean((1, 2)), config["style"])


def canonical_decoder(net, config, half_in, quarter_in, eighth, style, position):
    """layers, fields"""
    w1, w2, _ = config["widths"]
    x = eighth
    for i in range(config["decoderBlocks"]):
        x = net.film(f"decoder.block{i}.film", net.residual(f"decoder.block{i}", x), style)
    up4 = net.conv("decoder.quarter", torch.cat([upsample2(x), quarter_in], 3), 3, w2)
    quarter = act(net.film("decoder.quarter.film", up4, style))
    narrow = act(net.conv("decoder.narrow", quarter, 1, w1))
    up2 = net.conv("decoder.half", torch.cat([upsample2(narrow), half_in], 3), 3, w1)
    half = act(net.film("decoder.half.film", up2, style))
    refined = half + act(net.conv("decoder.refine", half, 3, w1))
    layers = pixel_shuffle2(net.conv("decoder.layers", refined, 3, 16))
    hidden = act(net.conv("decoder.fields.a", torch.cat([quarter, position], 3), 3, 32))
    return layers, torch.tanh(net.conv("decoder.fields.b", hidden, 3, 1 + 2 * config["flowBases"]))


def motion_tcn(net, config, z, phase, code):
    channels, levels, kernel = (config["tcn"][key] for key in ("channels", "levels", "kernel"))
    steps = z.shape[1]
    amplitude = net.dense("tcn.amplitude", torch.cat([z, code[:, None, :].expand(-1, steps, -1)], 2), channels)
    start = amplitude * net.dense("tcn.course", phase, channels)
    x = start
    for level in range(levels):
        h = x
        for part in "ab":
            h = torch.relu(net.causal(f"tcn.block{level}.{part}", h, kernel, 2**level))
        x = torch.relu(x + h)
    return net.dense("tcn.motion", torch.cat([x, start], 2), 7 + config["flowBases"])


def arch(u):
    """A parabola arch through cos(2 pi u)'s zeros and extremes."""
    x = 1 - 4 * wrap(u).abs()
    return x * (2 - x.abs())


def render(layers, fields, scalars, weights, frames, size):
    """
    Plates line and tone, [B*T,h,w]. layers [B,H,W,4], fields [B,h,w,1+2K], scalars [B*T,18], weights [B*T,2K]; size is the
    frame's height and width.
    """
    count = scalars.shape[0]
    bases = weights.shape[1] // 2
    s = {name: scalars[:, i].reshape(count, 1, 1) for i, name in enumerate(SCALARS)}

    def grid(step):
        y, x = (torch.arange(side // step) * step + (step - 1) / 2 - (side - 1) / 2 for side in size)
        return x.to(scalars.dtype).reshape(1, 1, -1), y.to(scalars.dtype).reshape(1, -1, 1)

    def camera(x, y):
        return [s[f"{a}x"] * x + s[f"{a}y"] * y + s[f"{a}0"] for a in "xy"]

    def sample(image, qx, qy):
        each = image.repeat_interleave(frames, 0)  # every frame sees its own picture
        return warp(each, torch.stack([qx, qy], 3))

    coarse = camera(*grid(4))
    moved = sample(fields, *coarse)
    disparity = moved[..., 0]
    q = camera(*grid(1))
    for a in (0, 1):
        flow = disparity * (s["parallaxX" if a == 0 else "parallaxY"] + s["dolly"] * coarse[a])
        for k in range(bases):
            flow = flow + weights[:, 2 * k + a].reshape(count, 1, 1) * moved[..., 1 + 2 * k + a]
        q[a] = q[a] + enlarge(flow[..., None], 4)[..., 0]
    drawn = sample(layers, *q)
    coverage = lambda channel, threshold: ((drawn[..., channel] - threshold) * s["edgeGain"] + 0.5).clamp(0, 1)
    line = coverage(0, s["lineThreshold"])
    tones = [coverage(1 + i, 0.5) for i in range(3)]
    threshold = 0.289 * tones[0] + 0.211 * tones[1] + 0.5 * tones[2]
    offset = 0.5 * tones[0] + 0.5 * tones[2]
    u, v = (s[f"screen{a}X"] * q[0] + s[f"screen{a}Y"] * q[1] + s[f"screen{a}0"] for a in "UV")
    distance = 0.5 - (arch(u) + arch(v)) / 4
    return line, ((threshold - distance) * s["screenGain"] + offset).clamp(0, 1)
