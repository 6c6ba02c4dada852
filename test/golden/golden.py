"""What the makers of golden numbers share: inputs by a formula instead of files, and the frame of the file they write.

Run a maker with Debian's Python and python3-torch, from anywhere:

    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE /usr/bin/python3 -B test/golden/make_losses.py

Everything is computed in float64. Inputs are float32 numbers, so that both sides start from the same bits.
"""
import base64
import datetime
import hashlib
import json
import os
import platform
import re
import sys
import zlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))


def uniform(name, count):
    """`count` numbers in [-1, 1): a hash of name and index. Its twin is `uniform` in golden.ts."""
    h = 0x811C9DC5
    for c in name.encode():
        h = ((h ^ c) * 0x01000193) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        x = (np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x9E3779B1)) ^ np.uint32(h)
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2**31 - 1


def draw(name, shape, bound=1.0, offset=0.0):
    """A float64 tensor of float32 numbers offset + bound * uniform."""
    count = int(np.prod(shape)) if len(shape) else 1
    values = np.float32(offset + bound * uniform(name, count)).astype(np.float64)
    return torch.from_numpy(values.reshape(shape))


def numbers(tensor):
    """A tensor as a flat list, every digit kept."""
    return tensor.detach().reshape(-1).tolist()


def packed(tensor):
    """A tensor as float32, deflated, in base64: for tensors too large for lists."""
    raw = tensor.detach().numpy().astype("<f4").tobytes()
    return base64.b64encode(zlib.compress(raw, 9)).decode()


def projections(name, tensor, count=16):
    """Sums under random signs: the mean of their squared differences is the squared distance of two tensors."""
    flat = tensor.detach().reshape(-1).numpy()
    signs = [np.sign(uniform(f"{name}#{k}", flat.size)) for k in range(count)]
    return [float(s @ flat) for s in signs]


def sha256(*names):
    h = hashlib.sha256()
    for name in names:
        with open(os.path.join(HERE, name), "rb") as f:
            h.update(f.read())
    return h.hexdigest()


def write(name, body):
    """Writes `<name>.json` with its maker, the maker's hash, versions and date."""
    maker = os.path.basename(sys.argv[0])
    frame = dict(
        maker=maker,
        sha256=sha256("golden.py", maker),
        versions=dict(torch=torch.__version__, numpy=np.__version__, python=platform.python_version()),
        seed="none: inputs are a hash of their names, golden.py `uniform`",
        date=datetime.date.today().isoformat(),
    )
    path = os.path.join(HERE, name + ".json")
    with open(path, "w") as f:
        text = json.dumps({**frame, **body}, indent=1)
        # Lists of numbers on one line each.
        f.write(re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", text) + "\n")
    print(path, os.path.getsize(path), "bytes")
