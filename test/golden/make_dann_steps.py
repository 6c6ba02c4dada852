"""Whole DANN steps by torch.autograd and torch.optim: the paper's MNIST network with SGD, and small networks with batch
normalisation by domain and Adam. For `dann-steps.json`.

Of the large network, the change of every parameter over three steps is kept in full (float32), that of the first two
steps as 16 random projections a tensor: in full it would be three times the file.
"""
import math
import torch
import torch.nn.functional as F
from golden import draw, numbers, packed, projections, write


class GradientReversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.factor * g, None


class Parameters:
    """Parameters and running statistics by our names. Our linear weights are [in, out], torch's [out, in]."""

    def __init__(self, prefix):
        self.prefix, self.trained, self.running, self.specs = prefix, {}, {}, {}

    def get(self, name, shape, bound, offset=0.0):
        if name not in self.trained:
            self.specs[name] = dict(shape=list(shape), bound=bound, offset=offset)
            self.trained[name] = draw(self.prefix + name, shape, bound, offset).requires_grad_()
        return self.trained[name]

    def linear(self, name, x, units, bias=True):
        n = x.shape[1]
        y = x @ self.get(f"{name}/weight", (n, units), math.sqrt(6 / (n + units)))
        return y + self.get(f"{name}/bias", (units,), 0.1) if bias else y

    def conv(self, name, x, filters, kernel, padding=0, bias=True):
        dims = (filters, x.shape[1], *[kernel] * (x.dim() - 2))
        taps = math.prod(dims[2:])
        w = self.get(f"{name}/weight", dims, math.sqrt(6 / ((dims[0] + dims[1]) * taps)))
        b = self.get(f"{name}/bias", (filters,), 0.1) if bias else None
        return (F.conv2d if x.dim() == 4 else F.conv1d)(x, w, b, padding=padding)

    def norm(self, name, x, ns):
        parts = []
        for domain, rows in (("source", x[:ns]), ("target", x[ns:])):
            at = f"{name}/{domain}"
            scale = self.get(f"{at}/scale", (x.shape[1],), 0.3, 1.0)
            shift = self.get(f"{at}/shift", (x.shape[1],), 0.1)
            mean = self.running.setdefault(f"{at}/mean", torch.zeros(x.shape[1]))
            variance = self.running.setdefault(f"{at}/variance", torch.ones(x.shape[1]))
            parts.append(F.batch_norm(rows, mean, variance, scale, shift, True, 0.1, 1e-5))
        return torch.cat(parts)


def mnist(p, x, ns, grl):
    x = F.max_pool2d(F.relu(p.conv("featureExtractor/conv1", x, 32, 5)), 2)
    x = F.max_pool2d(F.relu(p.conv("featureExtractor/conv2", x, 48, 5)), 2).flatten(1)
    h = F.relu(p.linear("labelPredictor/fc1", x[:ns], 100))
    h = F.relu(p.linear("labelPredictor/fc2", h, 100))
    d = F.relu(p.linear("domainClassifier/fc1", grl(x), 100))
    return p.linear("labelPredictor/logits", h, 10), p.linear("domainClassifier/logit", d, 1)


def mlp(p, x, ns, grl):
    for i, units in enumerate([8, 6]):
        x = p.linear(f"featureExtractor/fc{i + 1}", x, units, bias=False)
        x = torch.tanh(p.norm("featureExtractor/norm" + ("" if i == 0 else "2"), x, ns))
    d = F.relu(p.linear("domainClassifier/fc1", grl(x), 5))
    return p.linear("labelPredictor/logits", x, 3)[:ns], p.linear("domainClassifier/logit", d, 1)


def signal(p, x, ns, grl):
    for i, filters in enumerate([4, 6]):
        x = F.max_pool1d(p.conv(f"featureExtractor/conv{i + 1}", x, filters, 5, padding=2, bias=False), 2)
        x = F.relu(p.norm("featureExtractor/norm" + ("" if i == 0 else "2"), x, ns))
    x = x.mean(2)
    x = F.relu(p.norm("featureExtractor/norm3", p.linear("featureExtractor/fc1", x, 5, bias=False), ns))
    d = F.relu(p.linear("domainClassifier/fc1", grl(x), 5))
    return p.linear("labelPredictor/logits", x, 3)[:ns], p.linear("domainClassifier/logit", d, 1)


SGD = (lambda ps: torch.optim.SGD(ps, 1.0, momentum=0.9), dict(name="sgd", momentum=0.9))
ADAM = (lambda ps: torch.optim.Adam(ps, 1.0), dict(name="adam"))
SMALL = dict(network="mlp", options=dict(hidden=[8, 6], activation="tanh", domainHidden=[5], batchNorm="perDomain"))
CASES = [
    dict(
        title="the paper's MNIST network, SGD, sum",
        network="mnist", options={}, net=mnist, shape=(3, 28, 28), classes=10, rows=(2, 1), optimizer=SGD,
        reading="sum", els=0.0, smoothing=0.0, weight=1.0, lambdas=[0.2, 0.5, 0.9], rates=[0.01, 0.009, 0.008], full=False,
    ),
    dict(
        title="mlp, batch norm a domain, unequal batches, Adam, half, smoothed labels",
        **SMALL, net=mlp, shape=(4,), classes=3, rows=(6, 4), optimizer=ADAM,
        reading="half", els=0.1, smoothing=0.1, weight=1.0, lambdas=[0.1, 0.5, 1.0], rates=[0.02, 0.01, 0.005], full=True,
    ),
    dict(
        title="mlp, batch norm a domain, equal batches, Adam, sum, weight 1/4",
        **SMALL, net=mlp, shape=(4,), classes=3, rows=(5, 5), optimizer=ADAM,
        reading="sum", els=0.0, smoothing=0.0, weight=0.25, lambdas=[0.1, 0.5, 1.0], rates=[0.02, 0.01, 0.005], full=True,
    ),
    dict(
        # No Adam here: a shift before another batch norm may have a gradient of exactly zero, of which Adam makes a step.
        title="convnet over time, batch norm a domain, reversal on the last layer, SGD",
        network="signal",
        options=dict(filters=[4, 6], hidden=[5], domainHidden=[5], batchNorm="perDomain", reversalAt="last-hidden"),
        net=signal, shape=(2, 16), classes=3, rows=(5, 5), optimizer=SGD,
        reading="half", els=0.1, smoothing=0.0, weight=1.0, lambdas=[0.1, 0.5, 1.0], rates=[0.2, 0.1, 0.05], full=True,
    ),
]


def run(case):
    p = Parameters(case["title"] + "/")
    ns, nt = case["rows"]
    y = torch.arange(ns) % case["classes"]
    make, config = case["optimizer"]
    optimizer, before, steps = None, None, []
    for t, (factor, rate) in enumerate(zip(case["lambdas"], case["rates"])):
        x = torch.cat([draw(f"source {t}", (ns, *case["shape"]), 0.5), draw(f"target {t}", (nt, *case["shape"]), 0.5, 0.2)])
        classes, d = case["net"](p, x, ns, lambda v: GradientReversal.apply(v, factor))
        if optimizer is None:
            optimizer, before = make(list(p.trained.values())), {k: v.detach().clone() for k, v in p.trained.items()}
        bce = lambda z, q: F.binary_cross_entropy_with_logits(z, torch.full_like(z, q))
        label = F.cross_entropy(classes, y, label_smoothing=case["smoothing"])
        e = case["els"]
        domain = bce(d[:ns], e) + bce(d[ns:], 1 - e)
        if case["reading"] == "half":
            domain = domain / 2
        loss = label + case["weight"] * domain
        optimizer.zero_grad()
        loss.backward()
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        change = {k: v.detach() - before[k] for k, v in p.trained.items()}
        step = dict(
            loss=loss.item(),
            labelLoss=label.item(),
            domainLoss=(bce(d[:ns], 0.0) + bce(d[ns:], 1.0)).item() / 2,
            norms={k: v.norm().item() for k, v in change.items()},
        )
        if case["full"]:
            step["change"] = {k: numbers(v) for k, v in change.items()}
            step["running"] = {k: numbers(v) for k, v in p.running.items()}
        elif t + 1 < len(case["rates"]):
            step["projections"] = {k: projections(k, v) for k, v in change.items()}
        else:
            step["packed"] = {k: packed(v) for k, v in change.items()}
        steps.append(step)
    keep = ("title", "network", "options", "classes", "reading", "els", "smoothing", "weight", "lambdas", "rates")
    return dict(
        **{k: case[k] for k in keep},
        shape=list(case["shape"]), rows=list(case["rows"]), optimizer=config, labels=y.tolist(),
        parameters=p.specs, steps=steps,
    )


write("dann-steps", dict(cases=[run(case) for case in CASES]))
