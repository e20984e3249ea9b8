"""Files by torch.save for the reader of state dicts: what it must read, and what it must refuse."""

from collections import OrderedDict

import torch
from pattern import pattern
from vgg19 import torchvision_model

SHAPES = {"features.0.weight": [2, 3, 3, 3], "features.0.bias": [2], "classifier.0.weight": [3, 5]}


def state_dict(dtype):
    return OrderedDict((name, pattern(shape, i).to(dtype)) for i, (name, shape) in enumerate(SHAPES.items()))


def vgg19_start():
    """The first five convolutions of vgg19.py's network, named as in torchvision's whole model, beside a classifier."""
    model, relus = torchvision_model()
    end = next(index for index, name in relus.items() if name == "relu3_1")
    start = OrderedDict((f"features.{name}", w.float()) for name, w in model[:end].state_dict().items())
    return OrderedDict(start, **{"classifier.0.weight": pattern([2, 3], 0).float()})


def write(folder):
    model = torch.nn.Sequential(OrderedDict(features=torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3))))
    model.features[0].weight.data = pattern([2, 3, 3, 3], 0).float()
    model.features[0].bias.data = pattern([2], 1).float()
    # Slices of one storage, and a dictionary one level down, as training scripts save them.
    both = pattern([4, 5], 3).float()
    nested = {"epoch": 3, "state_dict": {"low": both[:1], "high": both[1:], "weight": torch.nn.Parameter(both[2])}}
    files = {
        "vgg19-to-relu3_1": (vgg19_start(), {}),
        "zip-float": (state_dict(torch.float32), {}),
        "zip-half": (state_dict(torch.float16), {}),
        "zip-double": (state_dict(torch.float64), {}),
        "zip-module": (model.state_dict(), {}),
        "zip-nested": (nested, {}),
        "legacy": (state_dict(torch.float32), {"_use_new_zipfile_serialization": False}),
        "legacy-nested": (nested, {"_use_new_zipfile_serialization": False}),
        "refused-model": (model, {}),
        "refused-transposed": ({"w": pattern([3, 4], 0).float().T}, {}),
        "refused-bfloat16": ({"w": pattern([3, 4], 0).bfloat16()}, {}),
        "refused-list": ([1, 2, 3], {}),
    }
    for name, (value, options) in files.items():
        path = folder / "state-dicts" / f"{name}.pth"
        path.parent.mkdir(exist_ok=True)
        torch.save(value, path, **options)
        print(path, path.stat().st_size, "bytes")
