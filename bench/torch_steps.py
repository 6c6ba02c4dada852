"""The training steps of `bench/workloads.ts` in PyTorch, for comparison.

Reads one JSON request a line on stdin, {"workload", "steps", "warmup"}, and answers one a line: mean milliseconds
a step by the clock and of processor time, the loss at the end and the peak memory of the process. Threads and allocator settings come from the environment, because
OpenBLAS and malloc read theirs at start. TUNED=1 stores images and kernels channels_last, which suits oneDNN.
"""

import copy
import json
import math
import os
import resource
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

threads = int(os.environ["OMP_NUM_THREADS"])
torch.set_num_threads(threads)
tuned = os.environ.get("TUNED") == "1"


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -ctx.factor * gradient, None


def fill(dims, scale, offset):
    """The same numbers as `fill` in workloads.ts: a sine of the index, so that both sides start alike."""
    index = np.arange(math.prod(dims), dtype=np.float64)
    return torch.from_numpy((np.sin(index * 12.9898 + offset) * scale).astype(np.float32).reshape(dims))


def linear(i, o):
    return nn.Linear(i, o)


def pixels(count):
    """The same bytes as `pixels` in workloads.ts: the upper byte of a multiplicative hash of the index."""
    return torch.from_numpy(((np.arange(count, dtype=np.uint32) * np.uint32(2654435761)) >> 24).astype(np.uint8))


def resnet18():
    """torchvision's ResNet-18 without its classifier, from the numbers that export_resnet18.py wrote."""
    import torchvision

    model = torchvision.models.resnet18(weights=None)
    model.load_state_dict(torch.load(os.path.join(os.environ["BENCH_MODELS"], "resnet18.pt")))
    model.fc = nn.Identity()
    return model


class DomainNorm(nn.Module):
    """Batch normalisation with statistics, scale and shift of each domain: the halves of the batch."""

    def __init__(self, norm):
        super().__init__()
        self.source, self.target = norm, copy.deepcopy(norm)

    def forward(self, x):
        source, target = x.chunk(2)
        return torch.cat([self.source(source), self.target(target)])


def per_domain(module):
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, DomainNorm(child))
        else:
            per_domain(child)
    return module


def networks(name):
    """(features, label head, domain head, input shape, rows a domain, classes)"""
    if name in ("resnet18", "resnet18-joint"):
        f = resnet18() if name == "resnet18-joint" else per_domain(resnet18())
        d = nn.Sequential(linear(512, 100), nn.ReLU(), linear(100, 1))
        return f, linear(512, 10), d, (3, 64, 64), 32, 10
    if name == "mnist":
        f = nn.Sequential(
            nn.Conv2d(3, 32, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 48, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
        )
        y = nn.Sequential(linear(768, 100), nn.ReLU(), linear(100, 100), nn.ReLU(), linear(100, 10))
        d = nn.Sequential(linear(768, 100), nn.ReLU(), linear(100, 1))
        return f, y, d, (3, 28, 28), 64, 10
    if name == "mlp":
        d = nn.Sequential(linear(256, 100), nn.ReLU(), linear(100, 1))
        return nn.Sequential(linear(512, 256), nn.ReLU()), linear(256, 10), d, (512,), 64, 10
    if name == "shallow":
        return nn.Sequential(linear(5000, 100), nn.Sigmoid()), linear(100, 2), linear(100, 1), (5000,), 64, 2
    if name == "moons":
        return nn.Sequential(linear(2, 15), nn.Sigmoid()), linear(15, 2), linear(15, 1), (2,), 32, 2
    raise ValueError(name)


class Step:
    def __init__(self, name):
        self.f, self.y, self.d, shape, rows, classes = networks(name)
        exported = name.startswith("resnet18")
        count = 0
        # Weights of an exported network stay as its file has them.
        for part in (self.y, self.d) if exported else (self.f, self.y, self.d):
            for parameter in part.parameters():
                fan_in = math.prod(parameter.shape[1:])
                scale = 1 / math.sqrt(fan_in) if parameter.dim() > 1 else 0.0
                parameter.data.copy_(fill(tuple(parameter.shape), scale, count))
                count += 1
        if exported:
            self.x = (pixels(2 * rows * math.prod(shape)).double() / 255 - 0.5).float().reshape(2 * rows, *shape)
        else:
            self.x = fill((2 * rows, *shape), 1.0, 100.0)
        if tuned and len(shape) == 3:
            self.f = self.f.to(memory_format=torch.channels_last)
            self.x = self.x.contiguous(memory_format=torch.channels_last)
        self.labels = torch.arange(rows) % classes
        self.domain = torch.cat([torch.zeros(rows), torch.ones(rows)])
        self.rows = rows
        parameters = [p for part in (self.f, self.y, self.d) for p in part.parameters()]
        self.optimiser = torch.optim.SGD(parameters, 5e-4 if exported else 0.01, momentum=0.9)

    def run(self):
        features = self.f(self.x)
        label_loss = F.cross_entropy(self.y(features[: self.rows]), self.labels)
        logits = self.d(Reverse.apply(features, 0.5))[:, 0]
        # Sum of the two domain means (the papers' reading): twice the mean over the joint batch of equal halves.
        loss = label_loss + 2 * F.binary_cross_entropy_with_logits(logits, self.domain)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return loss.item()


class Features:
    """Pixels [N, H, W, C] of 5,000 images to features, in evaluation mode."""

    batch = 32

    def __init__(self):
        self.model = resnet18().eval()
        if tuned:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.pixels = pixels(5000 * 64 * 64 * 3).reshape(5000, 64, 64, 3)
        self.values = np.empty((5000, 512), dtype=np.float32)

    @torch.inference_mode()
    def run(self):
        for start in range(0, len(self.pixels), self.batch):
            # [N, C, H, W] as a view of pixels is channels_last, stock PyTorch is given planes.
            x = self.pixels[start : start + self.batch].permute(0, 3, 1, 2).float().mul_(1 / 255)
            x = x if tuned else x.contiguous()
            self.values[start : start + self.batch] = self.model(x).numpy()
        return checksum(self.values)


def checksum(values):
    """The same number as `checksum` in workloads.ts."""
    flat = values.reshape(-1).astype(np.float64)
    return math.sqrt(np.mean(((1 + np.arange(flat.size) % 7) * flat) ** 2))


def prepare(name):
    return Features() if name == "resnet18-features" else Step(name)


steps = {}
for line in sys.stdin:
    request = json.loads(line)
    step = steps.setdefault(request["workload"], None) or prepare(request["workload"])
    steps[request["workload"]] = step
    for _ in range(request["warmup"]):
        loss = step.run()
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(request["steps"]):
        loss = step.run()
    ms = (time.perf_counter() - start) / request["steps"] * 1000
    cpu_ms = (time.process_time() - cpu) / request["steps"] * 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": ms, "cpuMs": cpu_ms, "loss": loss, "peakMB": peak}), flush=True)
