"""VGG-19 features in both layouts of weights (lib/perceptual/vgg19.ts), with fewer channels."""

import torch
import torch.nn.functional as F
from pattern import case, pattern, seed_of, weight

WIDTHS = [4, 6, 8, 8, 8]
CONVOLUTIONS = [2, 2, 4, 4, 4]
MEAN = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64)
DEVIATION = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64)
CAFFE_LAYERS = ["1_1", "1_2", "2_1", "2_2", "3_1"]


def ours_to_theirs(name, shape):
    """A filter of pattern weights, [k,k,in,out] in our order, as [out,in,k,k]."""
    return weight(name, shape).detach().permute(3, 2, 0, 1).contiguous()


def torchvision_model():
    """features of torchvision.models.vgg19 (cfg E), layer by layer, with the names of the ReLUs by index."""
    layers, relus, inputs = [], {}, 3
    for block, count in enumerate(CONVOLUTIONS):
        for i in range(count):
            index, width = len(layers), WIDTHS[block]
            convolution = torch.nn.Conv2d(inputs, width, 3, padding=1).double()
            convolution.weight.data = ours_to_theirs(f"features.{index}.weight", [3, 3, inputs, width])
            convolution.bias.data = weight(f"features.{index}.bias", [width]).detach()
            layers += [convolution, torch.nn.ReLU()]
            relus[index + 1] = f"relu{block + 1}_{i + 1}"
            inputs = width
        layers.append(torch.nn.MaxPool2d(2, 2))
    return torch.nn.Sequential(*layers), relus


def images():
    return {"images": pattern([2, 32, 40, 3], seed_of("images"), 0.5, 0.5).requires_grad_()}


def torchvision_features(kept):
    model, relus = torchvision_model()
    x = images()
    y = ((x["images"] - MEAN) / DEVIATION).permute(0, 3, 1, 2)
    found = {}
    for index, layer in enumerate(model):
        y = layer(y)
        if relus.get(index) in kept:
            found[relus[index]] = y.permute(0, 2, 3, 1)
    return case(found, x)


def caffe_features(kept):
    """A 1x1 conv0 without ReLU; reflect padding; pooling before 2_1 and 3_1."""
    x = images()
    y = x["images"].permute(0, 3, 1, 2)
    y = F.conv2d(y, ours_to_theirs("conv0.weight", [1, 1, 3, 3]), weight("conv0.bias", [3]).detach())
    found = {}
    for at in CAFFE_LAYERS:
        width = WIDTHS[int(at[0]) - 1]
        if at in ("2_1", "3_1"):
            y = F.max_pool2d(y, 2)
        name = f"conv{at}"
        filter = ours_to_theirs(f"{name}.weight", [3, 3, y.shape[1], width])
        y = F.relu(F.conv2d(F.pad(y, [1] * 4, "reflect"), filter, weight(f"{name}.bias", [width]).detach()))
        if f"relu{at}" in kept:
            found[f"relu{at}"] = y.permute(0, 2, 3, 1)
    return case(found, x)


def goldens():
    return {
        "widths": WIDTHS,
        "torchvision": torchvision_features(["relu1_2", "relu2_2", "relu3_1", "relu4_1", "relu5_4"]),
        "caffe-like": caffe_features(["relu1_1", "relu2_1", "relu3_1"]),
    }
