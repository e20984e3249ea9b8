"""The whole generator, photo to frames, as lib/training/gan/sequences.ts runs it: blocks.py and the camera between them."""

import math

import blocks
import torch

# lib/motion/trajectory.ts: log zoom, rotation, pan, parallax, dolly, flow.
LOG_ZOOM, ROTATION, PAN, PARALLAX, DOLLY, FLOW = 0.24, 0.06, 0.06, 0.035, 0.08, 0.035
EDGE_SLOPE, DOT_SLOPE, PERIOD, SOFTNESS = 0.5, 2.2, 5.0, 2.0


def keep_within(x, room):
    """Linear to 70 % of the room, then towards its end."""
    knee = 0.7 * room
    rest = (room - knee).clamp(min=1e-6)
    beyond = rest * torch.tanh(torch.relu(x.abs() - knee) / rest)
    return x.sign() * (torch.minimum(x.abs(), knee) + beyond)


def motion_scalars(motion, frame, side):
    """
    scalars [N,18] and flow weights [N,2K] of motions [N,7+K]: a square frame of `frame` pixels on a square drawing of `side`
    pixels, one output pixel a drawn pixel.
    """
    bases = motion.shape[1] - 7
    log_zoom, rotation, pan_x, pan_y, parallax_x, parallax_y, dolly = motion[:, :7].unbind(1)
    rotation, dolly = rotation * ROTATION, dolly * DOLLY
    parallax = {"x": parallax_x * PARALLAX, "y": parallax_y * PARALLAX}
    taken = (rotation.cos().abs() + rotation.sin().abs()) * frame / side
    zoom = torch.maximum(torch.exp(torch.relu(log_zoom * LOG_ZOOM)), taken)
    room = (1 - taken / zoom) / 2
    pan = {"x": keep_within(pan_x * PAN, room), "y": keep_within(pan_y * PAN, room)}
    # A drawn pixel in the warp's coordinates, -1..1 from the first pixel's centre to the last's.
    n = 2 / (side - 1)
    approach = (1 - dolly / 2) / zoom
    shift = {a: (pan[a] * side - parallax[a] * side / 2) * n for a in "xy"}
    turned = 1 / (PERIOD * n) / math.sqrt(2)  # a screen of 45 degrees
    values = {
        "xx": rotation.cos() * approach * n,
        "xy": -rotation.sin() * approach * n,
        "x0": shift["x"],
        "yx": rotation.sin() * approach * n,
        "yy": rotation.cos() * approach * n,
        "y0": shift["y"],
        "parallaxX": parallax["x"] * side * n,
        "parallaxY": parallax["y"] * side * n,
        "dolly": dolly,
        **{"screenUX": turned, "screenUY": turned, "screenU0": 0.0},
        **{"screenVX": -turned, "screenVY": turned, "screenV0": 0.0},
        "edgeGain": zoom / SOFTNESS / EDGE_SLOPE,
        "lineThreshold": 0.5,
        "screenGain": PERIOD * zoom / DOT_SLOPE / SOFTNESS,
    }
    rows = [torch.as_tensor(values[name], dtype=motion.dtype).expand(len(motion)) for name in blocks.SCALARS]
    weights = (motion[:, 7:] * FLOW * side * n).repeat_interleave(2, 1)
    assert weights.shape[1] == 2 * bases
    return torch.stack(rows, 1), weights


def generate(net, config, sample, frames, frame):
    """G(z) [B*T,frame,frame,1], layers, fields, motion [B,T,7+K]"""
    style = blocks.style_encoder(net, config, sample["page"])
    half, quarter, eighth, code = blocks.encoder(net, config, sample["photo"])
    layers, fields = blocks.canonical_decoder(net, config, half, quarter, eighth, style, sample["position"])
    motion = blocks.motion_tcn(net, config, sample["z"], sample["phase"], code)[:, -frames:]
    scalars, weights = motion_scalars(motion.flatten(0, 1), frame, sample["photo"].shape[1])
    line, tone = blocks.render(layers, fields, scalars, weights, frames, (frame, frame))
    return (1 - torch.maximum(line, tone))[..., None], layers, fields, motion
