"""Small networks of the usual architectures as ONNX files, with what PyTorch computes for them.

`onnx/NAME.onnx` is written by torch.onnx.export in float32. `onnx/NAME.safetensors` holds, computed in float64 from the
same weights: `output/...`, and the gradients of `loss = mean(weights * y^2)` summed over the outputs, with respect to
every float initialiser of the file (`gradient/...`) and every float input (`input-gradient/...`). Inputs and loss weights
are `draw(name, shape)` of golden.py. `onnx-models.json` lists the files. Needs python3-torch and python3-onnx.
"""
import copy
import json
import math
import os
import struct
import warnings

import numpy as np
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import numpy_helper
from torch.nn.utils.fusion import fuse_conv_bn_eval

from golden import HERE, draw, write

warnings.filterwarnings("ignore")
FOLDER = os.path.join(HERE, "onnx")


# ---- architectures ------------------------------------------------------------------------------------------------

def conv(i, o, k=3, s=1, groups=1, d=1, bias=False):
    return nn.Conv2d(i, o, k, s, d * (k - 1) // 2, d, groups, bias)


def conv_bn(i, o, k=3, s=1, groups=1, act=nn.ReLU):
    parts = [conv(i, o, k, s, groups), nn.BatchNorm2d(o)]
    return nn.Sequential(*parts, *([] if act is None else [act()]))


class Residual(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.a, self.b = conv_bn(i, o, 3, s), conv_bn(o, o, 3, act=None)
        self.skip = nn.Identity() if i == o and s == 1 else conv_bn(i, o, 1, s, act=None)

    def forward(self, x):
        return F.relu(self.b(self.a(x)) + self.skip(x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv_bn(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.blocks = nn.Sequential(Residual(8, 8, 1), Residual(8, 16, 2))
        self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(16, 5)

    def forward(self, x):
        return self.fc(torch.flatten(self.pool(self.blocks(self.stem(x))), 1))


class Inverted(nn.Module):
    """MobileNet v2's block; with `excite`, v3's."""

    def __init__(self, i, o, s, act, excite=None):
        super().__init__()
        w = 3 * i
        self.expand, self.depthwise = conv_bn(i, w, 1, act=act), conv_bn(w, w, 3, s, groups=w, act=act)
        self.excite = excite(w) if excite else nn.Identity()
        self.project, self.same = conv_bn(w, o, 1, act=None), i == o and s == 1

    def forward(self, x):
        y = self.project(self.excite(self.depthwise(self.expand(x))))
        return x + y if self.same else y


class Excite(nn.Module):
    def __init__(self, c, gate=nn.Hardsigmoid, act=nn.ReLU):
        super().__init__()
        self.a, self.b, self.act, self.gate = nn.Conv2d(c, 4, 1), nn.Conv2d(4, c, 1), act(), gate()

    def forward(self, x):
        return x * self.gate(self.b(self.act(self.a(F.adaptive_avg_pool2d(x, 1)))))


class MobileV2(nn.Module):
    def __init__(self):
        super().__init__()
        act = nn.ReLU6
        self.body = nn.Sequential(conv_bn(3, 8, 3, 2, act=act), Inverted(8, 8, 1, act), Inverted(8, 12, 2, act))
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(12, 5))

    def forward(self, x):
        return self.head(self.body(x).mean([2, 3]))


class MobileV3(nn.Module):
    def __init__(self):
        super().__init__()
        act = nn.Hardswish
        self.body = nn.Sequential(
            conv_bn(3, 8, 3, 2, act=act), Inverted(8, 8, 1, nn.ReLU, Excite), Inverted(8, 12, 2, act, Excite))
        self.head = nn.Sequential(nn.Linear(12, 16), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(16, 5))

    def forward(self, x):
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.body(x), 1), 1))


class Efficient(nn.Module):
    def __init__(self):
        super().__init__()
        act = nn.SiLU
        excite = lambda c: Excite(c, nn.Sigmoid, nn.SiLU)
        self.body = nn.Sequential(
            conv_bn(3, 8, 3, 2, act=act), Inverted(8, 8, 1, act, excite), Inverted(8, 12, 2, act, excite))
        self.head = nn.Linear(12, 5)

    def forward(self, x):
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.body(x), 1), 1))


class Shuffle(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = conv_bn(3, 8, 3, 2)
        self.branch = nn.Sequential(conv_bn(4, 4, 1), conv_bn(4, 4, 3, groups=4, act=None), conv_bn(4, 4, 1))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        a, b = self.stem(x).chunk(2, dim=1)
        y = torch.cat((a, self.branch(b)), dim=1)
        n, c, h, w = y.size()
        y = y.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, -1, h, w)
        return self.fc(y.mean([2, 3]))


class ConvNeXtBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.depthwise, self.norm = nn.Conv2d(c, c, 7, padding=3, groups=c), nn.LayerNorm(c, eps=1e-6)
        self.up, self.down = nn.Linear(c, 4 * c), nn.Linear(4 * c, c)
        self.scale = nn.Parameter(torch.full((c, 1, 1), 0.5))

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + self.scale * self.down(F.gelu(self.up(y))).permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.blocks = nn.Conv2d(3, 8, 4, 4), nn.Sequential(ConvNeXtBlock(8), ConvNeXtBlock(8))
        self.norm, self.fc = nn.LayerNorm(8), nn.Linear(8, 5)

    def forward(self, x):
        return self.fc(self.norm(self.blocks(self.stem(x)).mean([-2, -1])))


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x, mask=None):
        n, s, d = x.shape
        q, k, v = self.qkv(x).reshape(n, s, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)
        scores = scores if mask is None else scores + mask
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, s, d))


class Block(nn.Module):
    """A transformer's block; with `scaled`, DINOv2's scaled branches."""

    def __init__(self, d, heads, scaled=False):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(d, eps=1e-6), nn.LayerNorm(d, eps=1e-6)
        self.attention, self.up, self.down = Attention(d, heads), nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
        self.s1 = nn.Parameter(torch.full((d,), 0.3)) if scaled else 1.0
        self.s2 = nn.Parameter(torch.full((d,), 0.7)) if scaled else 1.0

    def forward(self, x, mask=None):
        x = x + self.attention(self.n1(x), mask) * self.s1
        return x + self.down(F.gelu(self.up(self.n2(x)))) * self.s2


class ViT(nn.Module):
    def __init__(self, scaled=False):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, 8)
        self.token, self.places = nn.Parameter(torch.randn(1, 1, 16)), nn.Parameter(torch.randn(1, 17, 16) * 0.1)
        self.blocks, self.norm = nn.ModuleList([Block(16, 2, scaled) for _ in range(2)]), nn.LayerNorm(16)
        self.head = nn.Identity() if scaled else nn.Linear(16, 5)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), dim=1) + self.places
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


class Bert(nn.Module):
    def __init__(self, tied):
        super().__init__()
        self.words, self.places = nn.Embedding(30, 16), nn.Embedding(12, 16)
        self.norm, self.blocks = nn.LayerNorm(16), nn.ModuleList([Block(16, 2) for _ in range(2)])
        self.pool = nn.Linear(16, 16)
        # In BERT the words' table is used again to score words. Folding would write its transpose as a second tensor.
        self.scores = self.words.weight if tied else nn.Parameter(torch.zeros(30, 16))
        self.bias = nn.Parameter(torch.zeros(30))

    def forward(self, input_ids, attention_mask):
        places = torch.arange(input_ids.shape[1]).unsqueeze(0)
        x = self.norm(self.words(input_ids) + self.places(places))
        mask = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -1e4
        for block in self.blocks:
            x = block(x, mask)
        weights = attention_mask.unsqueeze(-1).expand(x.size()).to(x.dtype)
        mean = (x * weights).sum(1) / torch.clamp(weights.sum(1), min=1e-9)
        return torch.tanh(self.pool(F.normalize(mean, p=2, dim=1))), x @ self.scores.t() + self.bias


class Dilated(nn.Module):
    """A temporal convolutional network: dilations 1, 2, 4, causal by cutting the end off."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv1d(c, 8, 3, padding=2 * d, dilation=d) for c, d in ((3, 1), (8, 2), (8, 4))])
        self.norm, self.slope, self.fc = nn.BatchNorm1d(8), nn.PReLU(8), nn.Linear(16, 5)

    def forward(self, x):
        for layer in self.layers:
            x = F.leaky_relu(layer(x)[:, :, : -layer.padding[0]], 0.1)
        x = self.slope(self.norm(x))
        return self.fc(torch.cat((x.mean(-1), x.amax(-1)), dim=1))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = conv_bn(3, 6), conv_bn(6, 8), nn.Sequential(conv(8, 8, bias=True), nn.GroupNorm(2, 8), nn.ELU())
        self.up, self.d, self.e = nn.ConvTranspose2d(8, 8, 2, 2), conv_bn(16, 6), conv_bn(12, 6)
        self.out = nn.Conv2d(6, 2, 1)

    def forward(self, x):
        a = self.a(x)
        b = self.b(F.max_pool2d(a, 2))
        c = self.c(F.avg_pool2d(b, 2))
        d = self.d(torch.cat((b, self.up(c)), 1))
        e = self.e(torch.cat((a, F.interpolate(d, scale_factor=2, mode="bilinear", align_corners=False)), 1))
        return self.out(e + F.interpolate(c[:, :6], scale_factor=4, mode="nearest"))


class SwinBlock(nn.Module):
    def __init__(self, d, window, shift):
        super().__init__()
        self.window, self.shift = window, shift
        self.norm, self.attention = nn.LayerNorm(d), Attention(d, 2)
        table = (2 * window - 1) ** 2
        self.bias = nn.Parameter(torch.randn(table, 2) * 0.1)
        at = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
        relative = (at[:, :, None] - at[:, None, :]).permute(1, 2, 0) + window - 1
        self.register_buffer("index", (relative[..., 0] * (2 * window - 1) + relative[..., 1]).flatten())

    def forward(self, x):
        n, h, w, d = x.shape
        k, s = self.window, self.shift
        y = self.norm(x)
        y = torch.roll(y, (-s, -s), (1, 2)) if s else y
        y = y.view(n, h // k, k, w // k, k, d).permute(0, 1, 3, 2, 4, 5).reshape(-1, k * k, d)
        bias = self.bias[self.index].view(k * k, k * k, -1).permute(2, 0, 1).unsqueeze(0)
        if s:
            regions = x.new_zeros((h, w))
            count = 0
            for rows in ((0, -k), (-k, -s), (-s, None)):
                for columns in ((0, -k), (-k, -s), (-s, None)):
                    regions[rows[0]:rows[1], columns[0]:columns[1]] = count
                    count += 1
            regions = regions.view(h // k, k, w // k, k).permute(0, 2, 1, 3).reshape(-1, k * k)
            apart = (regions.unsqueeze(1) - regions.unsqueeze(2)).masked_fill(
                regions.unsqueeze(1) - regions.unsqueeze(2) != 0, -100.0)
            bias = (bias.unsqueeze(0) + apart[None, :, None]).repeat(n, 1, 1, 1, 1).flatten(0, 1)
        y = self.attention(y, bias)
        y = y.view(n, h // k, w // k, k, k, d).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, d)
        return x + (torch.roll(y, (s, s), (1, 2)) if s else y)


class Swin(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, 4)
        self.blocks = nn.Sequential(SwinBlock(8, 4, 0), SwinBlock(8, 4, 2))
        self.merge, self.norm, self.fc = nn.Linear(32, 16, bias=False), nn.LayerNorm(32), nn.Linear(16, 5)

    def forward(self, x):
        x = self.blocks(self.patches(x).permute(0, 2, 3, 1))
        x = torch.cat([x[:, a::2, b::2] for b in (0, 1) for a in (0, 1)], -1)
        return self.fc(self.merge(self.norm(x)).mean([1, 2]))


# ---- export and gradients -----------------------------------------------------------------------------------------

@torch.no_grad()
def settle(model, name):
    """Weights, scales and statistics away from what they start at: equal tensors would be written as one."""
    for key, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        bound = 1 / math.sqrt(max(1, tensor[0].numel())) if tensor.dim() > 1 else 0.2
        offset = 1.0 if tensor.dim() == 1 and key.endswith(("weight", "running_var")) else 0.0
        tensor.copy_(draw(f"{name}/{key}", tensor.shape, bound, offset).reshape(tensor.shape))


def fuse(module):
    """Batch normalisations behind convolutions put into their weights, as the exporter does it in evaluation."""
    previous = None
    for key, child in list(module.named_children()):
        if isinstance(child, (nn.BatchNorm2d, nn.BatchNorm1d)) and isinstance(previous, (nn.Conv2d, nn.Conv1d)):
            setattr(module, last, fuse_conv_bn_eval(previous, child))
            setattr(module, key, nn.Identity())
        else:
            fuse(child)
        previous, last = child, key
    return module


def close(a, b):
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-6)


def variants(model):
    """Tensors that the exporter may have made of the model's parameters, and their gradients."""
    for parameter in model.parameters():
        value, gradient = parameter.detach().numpy(), parameter.grad
        yield value, gradient
        if value.ndim == 2:
            yield value.T, None if gradient is None else gradient.T
        if value.ndim == 1:
            # Slopes and scales of channels, in the shapes that broadcast over one or two spatial axes.
            for shape in ((-1, 1), (-1, 1, 1)):
                yield value.reshape(shape), None if gradient is None else gradient.reshape(shape)


def safetensors(path, tensors):
    header, offset = {}, 0
    for key, value in tensors.items():
        size = value.numel() * 4
        header[key] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            f.write(value.detach().numpy().astype("<f4").tobytes())


def feeds(spec):
    made = {}
    for key, (kind, shape) in spec.items():
        if kind == "float":
            made[key] = draw(key, shape)
        elif kind == "ids":
            made[key] = (draw(key, shape) * 15 + 15).floor().long()
        else:  # a mask that ends earlier in every row
            made[key] = torch.tensor([[int(i < shape[1] - 2 * r) for i in range(shape[1])] for r in range(shape[0])])
    return made


def make(name, build, spec, outputs, opset, folding=True, norm="folded", dynamic=True, scale=1.0):
    torch.manual_seed(0)
    model = build()
    settle(model, name)
    model.eval()
    inputs = feeds(spec)
    path = os.path.join(FOLDER, name + ".onnx")
    single = copy.deepcopy(model).float()
    for module in single.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.momentum = 0.0  # exporting in training mode runs the model
    training = {"folded": torch.onnx.TrainingMode.EVAL, "kept": torch.onnx.TrainingMode.PRESERVE,
                "training": torch.onnx.TrainingMode.TRAINING}[norm]
    arguments = tuple(x.float() if x.is_floating_point() else x for x in inputs.values())
    axes = {k: {0: "N"} for k in [*inputs, *outputs]} if dynamic else None
    torch.onnx.export(single, arguments, path, opset_version=opset, do_constant_folding=folding, training=training,
                      input_names=list(inputs), output_names=outputs, dynamic_axes=axes)
    reference = fuse(copy.deepcopy(model)) if norm == "folded" else model
    for x in inputs.values():
        x.requires_grad_(x.is_floating_point())
    results = reference(*inputs.values())
    results = results if isinstance(results, tuple) else (results,)
    loss = sum((draw(f"weights of {key}", y.shape) * y * y).mean() for key, y in zip(outputs, results))
    loss.backward()
    tensors = {f"output/{key}": y for key, y in zip(outputs, results)}
    known = list(variants(reference))
    buffers = [b.numpy() for b in reference.buffers()]
    missing = []
    for initializer in onnx.load(path).graph.initializer:
        value = numpy_helper.to_array(initializer)
        if value.dtype != np.float32 or value.ndim == 0:
            continue
        found = next((g for v, g in known if close(value, v)), None)
        if found is None and next((True for b in buffers if close(value, b)), False):
            continue
        if found is None:
            missing.append(initializer.name)
            continue
        tensors["gradient/" + initializer.name] = found
    for key, x in inputs.items():
        if x.grad is not None:
            tensors["input-gradient/" + key] = x.grad
    safetensors(os.path.join(FOLDER, name + ".safetensors"), tensors)
    print(name, os.path.getsize(path), len(tensors), "without a gradient:", missing)
    return dict(name=name, opset=opset, folding=folding, batchNorm=norm, dynamic=dynamic, loss=loss.item(),
                inputs={k: dict(kind=kind, shape=list(shape)) for k, (kind, shape) in spec.items()}, outputs=outputs)


def image(size, batch=2):
    return {"image": ("float", (batch, 3, size, size))}


os.makedirs(FOLDER, exist_ok=True)

MODELS = [
    ("resnet", ResNet, image(32), ["logits"], 11, True, "kept"),
    ("resnet-folded", ResNet, image(32), ["logits"], 13, True, "folded"),
    ("mobilenet-v2", MobileV2, image(24), ["logits"], 12, False, "kept"),
    ("mobilenet-v3", MobileV3, image(24), ["logits"], 14, True, "folded"),
    ("shufflenet", Shuffle, image(24), ["logits"], 15, False, "kept"),
    ("efficientnet", Efficient, image(24), ["logits"], 16, True, "training"),
    ("convnext", ConvNeXt, image(32), ["logits"], 17, True, "folded"),
    ("vit", ViT, image(32), ["logits"], 14, False, "folded"),
    ("dino", lambda: ViT(True), image(32), ["features"], 17, True, "folded"),
    ("bert", lambda: Bert(False), {"input_ids": ("ids", (3, 9)), "attention_mask": ("mask", (3, 9))}, ["sentence", "scores"], 12, True,
     "folded"),
    ("bert-tied", lambda: Bert(True), {"input_ids": ("ids", (3, 9)), "attention_mask": ("mask", (3, 9))}, ["sentence", "scores"],
     13, False, "folded"),
    ("dilated", Dilated, {"signal": ("float", (2, 3, 20))}, ["logits"], 11, False, "kept"),
    ("unet", UNet, image(16), ["mask"], 16, False, "kept"),
    ("unet-folded", UNet, image(16), ["mask"], 11, True, "folded"),
    ("swin", Swin, image(32), ["logits"], 16, False, "folded"),
]

write("onnx-models", dict(models=[make(*model) for model in MODELS]))
