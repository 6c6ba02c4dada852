"""Calibration on made-up rows, for `calibration.json`: ECE as Guo et al. write it, bin by bin, and temperatures by LBFGS
in torch float64 on ln T, so that nothing is computed as in `src/evaluate/calibration`. The density ratio is a given
function of the row here; `validators.json` holds the fitted one.
"""
import numpy as np
import torch
from golden import uniform, write


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def ece(p, y, w):
    confidence, said = p.max(1), p.argmax(1)
    edges = np.linspace(0, 1, 16)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        mass = w[inside].sum()
        if mass > 0:
            accuracy = (w[inside] * (said[inside] == y[inside])).sum() / mass
            mean = (w[inside] * confidence[inside]).sum() / mass
            total += mass / w.sum() * abs(accuracy - mean)
    return float(total)


def temperature(z, y, w):
    z, y, w = torch.tensor(z), torch.tensor(y), torch.tensor(w)
    log_t = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_t], lr=0.5, max_iter=500, tolerance_grad=1e-14, tolerance_change=1e-16,
                                  line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        losses = torch.nn.functional.cross_entropy(z / log_t.exp(), y, reduction="none")
        loss = (w * losses).sum() / w.sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(log_t.exp())


def clipped(ratio):
    unit = ratio / ratio.mean()
    cut = int((unit > 10).sum())
    w = np.minimum(unit, 10)
    w = w / w.mean()
    return w, cut, float(w.sum() ** 2 / (w ** 2).sum())


def case(name, rows, classes, sure, wrong_every, steep):
    labels = np.arange(rows) % classes
    said = np.where(np.arange(rows) % wrong_every == 2, (labels + 1) % classes, labels)
    logits = np.float32(uniform(f"{name} logits", rows * classes)).astype(np.float64).reshape(rows, classes)
    # How sure a row is grows with what its weight grows with, so that weights matter.
    place = uniform(f"{name} place", rows)
    logits[np.arange(rows), said] += sure * (1.5 + place)
    w, cut, effective = clipped(np.exp(steep * place))
    ones = np.ones(rows)
    weighted = temperature(logits, labels, w)
    after = softmax(logits / weighted)
    expected = dict(
        source=temperature(logits, labels, ones),
        weighted=weighted,
        effectiveRows=effective,
        clipped=cut,
        eceBefore=ece(softmax(logits), labels, ones),
        eceAfter=ece(after, labels, ones),
        weightedEceBefore=ece(softmax(logits), labels, w),
        weightedEceAfter=ece(after, labels, w),
    )
    return dict(name=name, rows=rows, classes=classes, sure=sure, wrongEvery=wrong_every, steep=steep, expected=expected)


write(
    "calibration",
    dict(
        cases=[
            case("too sure", 200, 3, 4.0, 5, 1.0),
            case("not sure enough", 300, 4, 0.6, 9, -2.0),
            case("two classes", 120, 2, 3.0, 4, 0.5),
            case("steep", 400, 5, 2.5, 6, 9.0),
        ]
    ),
)
