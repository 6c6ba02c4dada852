"""Batch normalisation of a batch of two domains in its four regimes, for `batch-norm.json`.

perDomain, perDomainStats and joint are torch.nn.BatchNorm; source has no counterpart and is written out.
"""
import torch
import torch.nn.functional as F
from golden import draw, numbers, write

EPSILON, MOMENTUM = 1e-3, 0.2


def affine(name, c):
    return draw(f"{name} scale", (c,), 0.5, 1.0).requires_grad_(), draw(f"{name} shift", (c,), 0.5).requires_grad_()


def torch_norm(x, a, running):
    return F.batch_norm(x, running[0], running[1], a[0], a[1], True, MOMENTUM, EPSILON)


def by_source(xs, x, a, running):
    axes = [0, *range(2, x.dim())]
    shape = [1, -1] + [1] * (x.dim() - 2)
    n = xs.numel() / xs.shape[1]
    mean, variance = xs.mean(axes), xs.var(axes, unbiased=False)
    with torch.no_grad():
        running[0].mul_(1 - MOMENTUM).add_(MOMENTUM * mean)
        running[1].mul_(1 - MOMENTUM).add_(MOMENTUM * variance * n / (n - 1))
    y = (x - mean.view(shape)) / (variance.view(shape) + EPSILON).sqrt()
    return y * a[0].view(shape) + a[1].view(shape)


cases = []
for rows in [(4, 4), (5, 3)]:
    for tail in [(3,), (3, 4), (2, 2, 3)]:
        for regime in ["perDomain", "perDomainStats", "joint", "source"]:
            ns, c = rows[0], tail[0]
            x = draw("x", (sum(rows), *tail), 2.0, 0.5).requires_grad_()
            own = regime in ("perDomain", "perDomainStats")
            names = ["source/", "target/"] if own else [""]
            stats = {n: [draw(f"{n}mean", (c,)), draw(f"{n}variance", (c,), 0.5, 1.0)] for n in names}
            affines = {n: affine(n, c) for n in (names if regime == "perDomain" else [""])}
            pick = lambda n: affines[n] if regime == "perDomain" else affines[""]
            before = {n: [t.clone() for t in s] for n, s in stats.items()}
            if own:
                y = torch.cat([torch_norm(p, pick(n), stats[n]) for p, n in zip((x[:ns], x[ns:]), names)])
            elif regime == "joint":
                y = torch_norm(x, pick(""), stats[""])
            else:
                y = by_source(x[:ns], x, pick(""), stats[""])
            (y * draw("weights of y", y.shape)).sum().backward()
            evaluated = {}
            for domain in ["source", "target"]:
                n = f"{domain}/" if own else ""
                a, s = pick(n), before[n]
                evaluated[domain] = numbers(F.batch_norm(x, s[0], s[1], a[0], a[1], False, MOMENTUM, EPSILON))
            cases.append(
                dict(
                    regime=regime,
                    rows=list(rows),
                    tail=list(tail),
                    y=numbers(y),
                    dx=numbers(x.grad),
                    affine={f"{n}{k}": numbers(t.grad) for n, a in affines.items() for k, t in zip(("scale", "shift"), a)},
                    running={f"{n}{k}": numbers(t) for n, s in stats.items() for k, t in zip(("mean", "variance"), s)},
                    evaluated=evaluated,
                )
            )

write("batch-norm", dict(epsilon=EPSILON, momentum=MOMENTUM, cases=cases))
