"""
Makes the numbers that tests/unit/*-golden*.test.ts compare with: the network, its gradients and the training rules in
PyTorch, written from the descriptions in lib/ and not from its code, in float64.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install torch numpy
    /tmp/goldens/bin/python tests/golden/make_goldens.py

Not a part of the tests: run it again only when the mathematics changes. The committed numbers were made with
PyTorch 2.15.0 and NumPy 2.4.6 on Python 3.11.7.
"""

import json
from pathlib import Path

import network
import operations
import training

for name, module in (("network", network), ("operations", operations), ("training", training)):
    path = Path(__file__).parent / f"{name}.json"
    path.write_text(json.dumps(module.goldens(), indent=None, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size, "bytes")
