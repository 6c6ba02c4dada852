"""Every validator on made-up rows, for `validators.json`, written out with numpy as the papers have them.

The logistic regression between the domains is solved by Newton's method, k-means by Lloyd's from many starts, and the
expected mutual information with exact binomials, so that nothing is computed as in `src/evaluate`.
"""
import math

import numpy as np
import torch
from golden import uniform, write


def draw(name, rows, width, bound):
    """float32 numbers in [-bound, bound)."""
    return np.float32(bound * uniform(name, rows * width)).astype(np.float64).reshape(rows, width)


def rows_of(name, domain, n, c, width, spread, shift, sure):
    """Labels, logits and features of one domain. The class is the row's number modulo c; every seventh is mistaken."""
    labels = np.arange(n) % c
    said = np.where(np.arange(n) % 7 == 3, (labels + 1) % c, labels)
    logits = draw(f"{name} {domain} logits", n, c, 1.0)
    logits[np.arange(n), said] += sure
    centres = draw(f"{name} centres", c, width, spread)
    features = centres[labels] + draw(f"{name} {domain} features", n, width, 1.0) + shift
    return labels, np.float32(logits).astype(np.float64), np.float32(features).astype(np.float64)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def entropy(p):
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())


def standardised(x):
    deviation = x.std(0)
    return np.where(deviation > 1e-9, (x - x.mean(0)) / np.where(deviation > 1e-9, deviation, 1), 0)


def leading(x, share=0.95):
    """Rows in the directions that hold this share of the variance, by singular values of the standardised rows."""
    x = standardised(x)
    _, singular, directions = np.linalg.svd(x, full_matrices=False)
    held = np.cumsum(singular**2)
    kept = 1 if held[-1] == 0 else int(np.searchsorted(held, share * held[-1])) + 1
    return x @ directions[:kept].T


def density_ratio(s, t, l2=1e-2):
    x = standardised(leading(np.vstack([s, t])))
    x = np.hstack([x, np.ones((len(x), 1))])
    y = np.r_[np.zeros(len(s)), np.ones(len(t))]
    penalty = l2 * np.diag([1.0] * (x.shape[1] - 1) + [0.0])
    w = np.zeros(x.shape[1])
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (p - y) / len(x) + penalty @ w
        hessian = (x * (p * (1 - p))[:, None]).T @ x / len(x) + penalty
        w = w - np.linalg.pinv(hessian) @ gradient
    return len(s) / len(t) * np.exp(x[: len(s)] @ w)


def controlled(w, loss):
    wl = w * loss
    cov = np.cov(np.vstack([wl, w]))
    eta = 0.0 if cov[1, 1] < 1e-20 else -cov[0, 1] / cov[1, 1]
    return float(wl.mean() + eta * w.mean() - eta)


def k_means(x, k, starts=200):
    r = np.random.default_rng(0)
    best = None
    for _ in range(starts):
        centres = x[r.choice(len(x), k, replace=False)].copy()
        for _ in range(100):
            d = ((x[:, None] - centres[None]) ** 2).sum(-1)
            found = d.argmin(1)
            for j in range(k):
                if (found == j).any():
                    centres[j] = x[found == j].mean(0)
        spread = ((x - centres[found]) ** 2).sum()
        if best is None or spread < best[0] - 1e-12:
            best = (spread, found)
    return best[1]


def ami(a, b):
    n = len(a)
    table = np.array([[int(((a == i) & (b == j)).sum()) for j in np.unique(b)] for i in np.unique(a)])
    rows, columns = table.sum(1), table.sum(0)
    if len(rows) == len(columns) == 1:
        return 0.0
    information = sum(
        table[i, j] / n * math.log(n * table[i, j] / (rows[i] * columns[j]))
        for i in range(len(rows))
        for j in range(len(columns))
        if table[i, j]
    )
    expected = 0.0
    for m in map(int, rows):
        for l in map(int, columns):
            for k in range(max(1, m + l - n), min(m, l) + 1):
                chance = math.comb(l, k) * math.comb(n - l, m - k) / math.comb(n, m)
                expected += chance * k / n * math.log(n * k / (m * l))
    scale = (entropy(rows / n) + entropy(columns / n)) / 2 - expected
    return 0.0 if abs(scale) < 1e-12 else float((information - expected) / scale)


def score(c, ys, zs, fs, zt, ft):
    p, n = softmax(zt), len(zt)
    loss = -np.log(softmax(zs))[np.arange(len(ys)), ys]
    w = density_ratio(fs, ft)
    scaled = w / w.max()
    h = float(np.mean([entropy(row) for row in p]))
    spread = entropy(p.mean(0))
    unit = p / np.linalg.norm(p, axis=1, keepdims=True)
    near = unit @ unit.T / 0.05
    np.fill_diagonal(near, -np.inf)
    singular = torch.linalg.svdvals(torch.from_numpy(ft)).numpy()
    share = singular / singular.sum() + 1e-7 if singular.sum() > 0 else None
    wrong = int((zs.argmax(1) != ys).sum())
    surest = lambda z: np.sort(z, 1)[:, -1] - np.log(np.exp(np.sort(z, 1)[:, :-1]).sum(1))
    confidence = np.sort(surest(zs))
    threshold = confidence[wrong] if wrong < len(confidence) else np.inf
    return {
        "source-accuracy": 1 - wrong / len(ys),
        "iwcv": float((w * loss).mean()),
        "dev": controlled(w, loss),
        "devn": controlled(scaled + 1 - scaled.mean(), loss),
        "entropy": h / math.log(c),
        "diversity": spread / math.log(c),
        "information-maximisation": (spread - h) / math.log(c),
        "bnm": float(torch.linalg.svdvals(torch.from_numpy(p)).sum()) / math.sqrt(n * min(n, c)),
        "snd": float(np.mean([entropy(row) for row in softmax(near)])),
        "class-ami": ami(zt.argmax(1), k_means(ft, c)),
        "atc": float((surest(zt) >= threshold).mean()),
        "rankme": None if share is None else float(np.exp(-(share * np.log(share)).sum())),
    }


# `mixed` logits stand for what a model says of mixtures; the heavier row's class is the pair's number modulo c.
def mixed(name, pairs, c, sure):
    heavier = np.arange(pairs) % c
    z = draw(f"{name} mixtures", pairs, c, 1.0)
    z[np.arange(pairs), heavier] += sure
    return float((np.float32(z).argmax(1) == heavier).mean())


SETTINGS = [
    # name, classes, source rows, target rows, width, spread of the centres, shift of the target, how sure
    ("separated", 3, 60, 80, 4, 9.0, 0.5, 3.0),
    ("shifted", 4, 90, 70, 5, 6.0, 1.5, 0.6),
    ("two classes", 2, 50, 50, 2, 5.0, -0.7, 1.2),
    ("wide", 3, 40, 12, 20, 4.0, 0.1, 1.0),
]

cases = []
for name, c, ns, nt, width, spread, shift, sure in SETTINGS:
    ys, zs, fs = rows_of(name, "source", ns, c, width, spread, 0.0, sure)
    _, zt, ft = rows_of(name, "target", nt, c, width, spread, shift, sure)
    expected = score(c, ys, zs, fs, zt, ft)
    expected["mixval"] = (mixed(f"{name} intra", 30, c, 0.9) + mixed(f"{name} inter", 24, c, 0.3)) / 2
    cases.append(dict(name=name, classes=c, rows=[ns, nt], width=width, spread=spread, shift=shift, sure=sure, change="none", expected=expected))
    if name != "separated":
        continue
    for change in ["collapsed predictions", "equal features", "no features", "one source class", "all wrong"]:
        y, z, f, u, g = ys.copy(), zs.copy(), fs.copy(), zt.copy(), ft.copy()
        if change == "collapsed predictions":
            u[:] = [9.0, -3.0, -3.0]
        if change == "equal features":
            f[:], g[:] = 1.5, 1.5
        if change == "no features":
            f[:], g[:] = 0.0, 0.0
        if change == "one source class":
            y[:] = 0
            z[:] = [4.0, 0.0, 0.0]
        if change == "all wrong":
            y[:] = (z.argmax(1) + 1) % c
        expected = score(c, y, z, f, u, g)
        cases.append(dict(name=name, classes=c, rows=[ns, nt], width=width, spread=spread, shift=shift, sure=sure, change=change, expected=expected))

write("validators", dict(cases=cases))
