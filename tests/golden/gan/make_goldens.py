"""
Makes the numbers that tests/unit/{discriminator,losses-gan,perceptual}*.test.ts compare with, in float64, and the small
files by torch.save that the reader of state dicts is tested on. Written from the descriptions in lib/, not from its code.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install torch numpy
    /tmp/goldens/bin/python tests/golden/gan/make_goldens.py

Not a part of the tests: run it again only when the mathematics changes. The committed numbers were made with
PyTorch 2.15.0 and NumPy 2.4.6 on Python 3.11.7.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import discriminator
import losses
import state_dicts
import vgg19

HERE = Path(__file__).parent

for name, module in (("discriminator", discriminator), ("losses", losses), ("vgg19", vgg19)):
    path = HERE / f"{name}.json"
    path.write_text(json.dumps(module.goldens(), indent=None, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size, "bytes")
state_dicts.write(HERE)
