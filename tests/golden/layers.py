"""The operations of lib/network/ops.ts in PyTorch, from their docstrings. Images are [batch, height, width, channels]."""

import torch
import torch.nn.functional as F


def first(x):
    return x.permute(0, 3, 1, 2)


def last(x):
    return x.permute(0, 2, 3, 1)


def conv2d(x, filter, bias, stride):
    """Padding SAME upper: the odd pixel goes after. filter [kh, kw, in, out]"""
    kh, kw = filter.shape[:2]
    pads = []
    for size, kernel in ((x.shape[2], kw), (x.shape[1], kh)):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return last(F.conv2d(F.pad(first(x), pads), filter.permute(3, 2, 0, 1), bias, stride))


def upsample2(x):
    return last(F.interpolate(first(x), scale_factor=2, mode="nearest"))


def enlarge(x, factor):
    return last(F.interpolate(first(x), scale_factor=factor, mode="bilinear", align_corners=False))


def pixel_shuffle2(x):
    """Channel (dy*2+dx)*C+c of ours is channel c*4+dy*2+dx of PyTorch's."""
    batch, height, width, channels = x.shape
    ordered = x.reshape(batch, height, width, 4, channels // 4).transpose(3, 4).reshape(x.shape)
    return last(F.pixel_shuffle(first(ordered), 2))


def space_to_depth2(x):
    batch, height, width, channels = x.shape
    theirs = last(F.pixel_unshuffle(first(x), 2)).reshape(batch, height // 2, width // 2, channels, 4)
    return theirs.transpose(3, 4).reshape(batch, height // 2, width // 2, 4 * channels)


def instance_norm(x):
    return last(F.instance_norm(first(x), eps=1e-5))


def warp(image, coords):
    return last(F.grid_sample(first(image), coords, mode="bilinear", padding_mode="border", align_corners=True))


def causal_conv1d(x, w, b, dilation):
    """x [B,T,in], w [k,in,out]"""
    padded = F.pad(x.transpose(1, 2), [(w.shape[0] - 1) * dilation, 0])
    return F.conv1d(padded, w.permute(2, 1, 0), b, dilation=dilation).transpose(1, 2)


def wrap(x):
    return x - torch.floor(x + 0.5)
