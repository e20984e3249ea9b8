"""Single operations with their gradients: the ones whose gradient is ours in lib/network/tfjs, and the delicate ones."""

import torch
from layers import causal_conv1d, conv2d, enlarge, instance_norm, pixel_shuffle2, space_to_depth2, upsample2, warp
from pattern import case, pattern, seed_of


def leaves_of(shapes, scales):
    return {
        name: pattern(shape, seed_of(name), scales.get(name, 1.0)).requires_grad_() for name, shape in shapes.items()
    }


def operation(build, shapes, **scales):
    """`inputs` is what the other side needs to make the same ones."""
    leaves = leaves_of(shapes, scales)
    inputs = {name: {"shape": shape, "scale": scales.get(name, 1.0)} for name, shape in shapes.items()}
    return {"inputs": inputs, **case({"y": build(**leaves)}, leaves)}


def goldens():
    image = [2, 7, 10, 3]
    result = {}
    for kernel, stride in ((1, 1), (3, 1), (3, 2), (5, 2)):
        shapes = {"x": image, "filter": [kernel, kernel, 3, 4], "bias": [4]}
        result[f"conv2d {kernel} {stride}"] = operation(
            lambda x, filter, bias, stride=stride: conv2d(x, filter, bias, stride), shapes
        )
    result["upsample2"] = operation(lambda x: upsample2(x), {"x": image})
    for factor in (2, 4):
        result[f"enlarge {factor}"] = operation(lambda x, factor=factor: enlarge(x, factor), {"x": image})
    result["enlarge 4 thin"] = operation(lambda x: enlarge(x, 4), {"x": [1, 1, 5, 2]})
    result["pixelShuffle2"] = operation(lambda x: pixel_shuffle2(x), {"x": [2, 5, 3, 12]})
    result["spaceToDepth2"] = operation(lambda x: space_to_depth2(x), {"x": [2, 6, 4, 3]})
    result["instanceNorm"] = operation(lambda x: instance_norm(x), {"x": image})
    # A scale of 1.4: some points lie outside and are clamped to the border.
    result["warp"] = operation(lambda x, coords: warp(x, coords), {"x": image, "coords": [2, 9, 6, 2]}, coords=1.4)
    result["warp thin"] = operation(lambda x, coords: warp(x, coords), {"x": [1, 1, 8, 2], "coords": [1, 4, 5, 2]}, coords=1.2)
    for dilation in (1, 4):
        shapes = {"x": [2, 9, 5], "w": [3, 5, 4], "b": [4]}
        result[f"causalConv1d {dilation}"] = operation(
            lambda x, w, b, dilation=dilation: causal_conv1d(x, w, b, dilation), shapes
        )
    return result
