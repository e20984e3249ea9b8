"""
Makes the numbers that tests/unit/metrics-golden.test.ts compares with: every metric of lib/metrics in NumPy, written
from the definitions in docs/evaluation.md and not from the code, in float64.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install numpy
    /tmp/goldens/bin/python tests/golden/metrics/make_goldens.py

Not a part of the tests: run it again only when a definition changes. The committed numbers were made with NumPy 2.4.6 on
Python 3.11.7.
"""

import json
from pathlib import Path

import numpy as np


def pixels(count, height, width, channels, seed):
    """Bytes by a formula that both sides compute: round(127.5 + 120 sin(.013 i^2 mod 1000 + .7 i + seed))."""
    i = np.arange(count * height * width * channels, dtype=np.float64)
    values = np.round(127.5 + 120 * np.sin((0.013 * i * i) % 1000 + 0.7 * i + seed))
    return values.reshape(count, height, width, channels)


def features(channels, positions, seed):
    i = np.arange(channels * positions, dtype=np.float64)
    return np.maximum(0, np.sin(0.37 * i + seed) + 0.3 * np.cos(1.9 * i * seed)).reshape(channels, positions)


def camera_map(a, b, frame, canvas):
    """Complex numbers: canvas = e^{i r} p / z + pan, p from the centre of the frame; then the inverse of b's."""
    width, height = frame
    xs, ys = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    pan = lambda m: m["panX"] * canvas[0] + 1j * m["panY"] * canvas[1]
    on_canvas = (xs + 1j * ys) * np.exp(1j * a["rotation"]) / a["zoom"] + pan(a)
    p = (on_canvas - pan(b)) * np.exp(-1j * b["rotation"]) * b["zoom"]
    return p.real + (width - 1) / 2, p.imag + (height - 1) / 2


def bilinear(image, x, y):
    height, width = image.shape[:2]
    x0 = np.clip(np.floor(x).astype(int), 0, width - 2)
    y0 = np.clip(np.floor(y).astype(int), 0, height - 2)
    fx, fy = (x - x0)[..., None], (y - y0)[..., None]
    top = image[y0, x0] * (1 - fx) + image[y0, x0 + 1] * fx
    bottom = image[y0 + 1, x0] * (1 - fx) + image[y0 + 1, x0 + 1] * fx
    return top * (1 - fy) + bottom * fy


def temporal(frames, cameras, canvas):
    frames = frames / 255
    count, height, width, channels = frames.shape
    result = {}
    for interval in (1, 10):
        squared, lengths = [], []
        for t in range(count - interval):
            x, y = camera_map(cameras[t], cameras[t + interval], (width, height), canvas)
            seen = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
            warped = bilinear(frames[t + interval], np.clip(x, 0, width - 1), np.clip(y, 0, height - 1))
            squared.append(((warped - frames[t]) ** 2).mean(axis=2)[seen].mean())
            xs, ys = np.meshgrid(np.arange(width), np.arange(height))
            lengths.append(np.hypot(x - xs, y - ys)[seen].mean())
        result[f"eWarp{interval}"] = float(np.mean(squared))
        result[f"rmse{interval}"] = float(np.mean(np.sqrt(squared)))
        if interval == 1:
            result["motion"] = float(np.mean(lengths))
    grey = frames[..., 0] if channels == 1 else np.round(255 * frames @ np.array([0.299, 0.587, 0.114])) / 255
    variance = float(np.mean([g.var() for g in grey]))
    result["contrast"] = variance**0.5
    result["nE"] = result["eWarp1"] / variance
    return result


def gram(f):
    return f @ f.T / f.shape[1]


def set_distance(outputs, pages):
    """@param outputs, pages lists over pictures of lists over layers of features"""
    distances = []
    for layer in range(len(pages[0])):
        a = np.mean([gram(picture[layer]) for picture in outputs], axis=0)
        b = np.mean([gram(picture[layer]) for picture in pages], axis=0)
        distances.append(np.abs(a - b).sum() / np.abs(b).sum())
    return float(np.mean(distances))


def content_distance(a, b):
    unit = lambda f: f / np.maximum(np.linalg.norm(f, axis=0, keepdims=True), 1e-10)
    return float(np.abs(unit(a) - unit(b)).mean())


def discrepancy(x, y):
    """Unbiased squared MMD with k(x, y) = (x.y / (d s) + 1)^3, s the mean square of y. @param x, y [n,d]"""
    scale = (y**2).mean() * y.shape[1]
    kernel = lambda a, b: (a @ b.T / scale + 1) ** 3
    apart = lambda k: (k.sum() - np.trace(k)) / (len(k) * (len(k) - 1))
    return float(apart(kernel(x, x)) + apart(kernel(y, y)) - 2 * kernel(x, y).mean())


def pooled(seeds):
    return np.stack([features(9, 12, seed).mean(axis=1) for seed in seeds])


CAMERAS = [
    {"zoom": 1 + 0.02 * t, "rotation": 0.004 * t * (-1) ** t, "panX": 0.003 * t, "panY": -0.002 * t} for t in range(13)
]
CANVAS = [60, 48]

goldens = {
    "cameras": CAMERAS,
    "canvas": CANVAS,
    "correspondence": [
        [float(v) for v in np.array(camera_map(CAMERAS[2], CAMERAS[9], (40, 32), CANVAS))[:, row, column]]
        for row, column in ((0, 0), (31, 39), (10, 25))
    ],
    "grey": temporal(pixels(13, 32, 40, 1, 1), CAMERAS, CANVAS),
    "colour": temporal(pixels(13, 32, 40, 3, 2), CAMERAS, CANVAS),
    "gram": gram(features(5, 30, 1)).ravel().tolist(),
    "setDistance": set_distance(
        [[features(5, 30, s), features(9, 12, s)] for s in (1, 2)],
        [[features(5, 30, s), features(9, 12, s)] for s in (3, 4, 5)],
    ),
    "discrepancy": discrepancy(pooled(range(1, 25)), pooled(range(101, 125))),
    "contentDistance": content_distance(features(9, 12, 1), features(9, 12, 2)),
    "diversity": float(
        np.mean(
            [
                content_distance(features(9, 12, 10 * a + k), features(9, 12, 10 * b + k))
                for a, b in ((1, 2), (1, 3), (2, 3))
                for k in range(4)
            ]
        )
    ),
}
path = Path(__file__).parent / "metrics.json"
path.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
print(path, path.stat().st_size, "bytes")
