"""Linear classifiers on made-up rows, for `linear.json`: the primal of logistic regression by Newton's method, the dual of
the support vector machine by accelerated projected gradient, both in numpy float64, so that nothing is computed as in
`src/benchmark/shallow/linear.ts` (dual coordinate descent). The bias is the weight of a feature that is always 1.
"""
import numpy as np
from golden import uniform, write


def rows(name, count, width, offset):
    return np.float32(offset + 2 * uniform(name, count * width)).astype(np.float64).reshape(count, width)


def with_one(x):
    return np.hstack([x, np.ones((len(x), 1))])


def logistic(x, y, c):
    """argmin |w|^2 / 2 + sum c_i ln(1 + exp(-y_i w.x_i)); y in {-1, 1}."""
    w = np.zeros(x.shape[1])
    for _ in range(100):
        s = 1 / (1 + np.exp(y * (x @ w)))
        gradient = w - x.T @ (c * y * s)
        hessian = np.eye(len(w)) + (x.T * (c * s * (1 - s))) @ x
        w = w - np.linalg.solve(hessian, gradient)
    assert np.abs(gradient).max() < 1e-10, np.abs(gradient).max()
    return w, float(w @ w / 2 + (c * np.log1p(np.exp(-y * (x @ w)))).sum())


def machine(x, y, c):
    """argmin |w|^2 / 2 + sum c_i max(0, 1 - y_i w.x_i), by its dual."""
    q = (x * y[:, None]) @ (x * y[:, None]).T
    rate = 1 / np.linalg.eigvalsh(q)[-1]
    a, ahead, t = np.zeros(len(y)), np.zeros(len(y)), 1.0
    for _ in range(400000):
        after = np.clip(ahead - rate * (q @ ahead - 1), 0, c)
        if (after - a) @ (ahead - after) > 0:
            t = 1.0
        t_after = (1 + np.sqrt(1 + 4 * t * t)) / 2
        ahead = after + (t - 1) / t_after * (after - a)
        a, t = after, t_after
    w = x.T @ (a * y)
    primal = w @ w / 2 + (c * np.maximum(0, 1 - y * (x @ w))).sum()
    gap = primal - (a.sum() - w @ w / 2)
    assert gap < 1e-9 * primal, gap
    return w, float(primal)


def ratios(source, target, cost):
    x = with_one(np.vstack([source, target]))
    d = np.concatenate([-np.ones(len(source)), np.ones(len(target))])
    w, _ = logistic(x, d, np.full(len(d), cost))
    r = len(source) / len(target) * np.exp(with_one(source) @ w)
    unit = r / r.mean()
    cut = np.minimum(unit, 10)
    return cut / cut.mean(), float(r.mean()), int((unit > 10).sum())


cases = []
for name, count, width, cost, domain_cost, offset in (
    ("small", 40, 3, 0.05, 0.1, 0.4),
    ("wide", 60, 12, 1.0, 0.3, 0.3),
    ("far", 120, 2, 3.0, 3.0, 1.5),
):
    source, target = rows(name + " source", count, width, 0), rows(name + " target", count - 10, width, offset)
    noise = uniform(name + " noise", count)
    y = np.where(source[:, 0] - 0.5 * source[:, 1] + noise > 0, 1.0, -1.0)
    x = with_one(source)
    weights, overlap, clipped = ratios(source, target, domain_cost)
    case = dict(name=name, rows=count, width=width, cost=cost, domainCost=domain_cost, offset=offset,
                weights=weights.tolist(), overlap=overlap, clipped=clipped)
    for label, solve, c in (
        ("logistic", logistic, np.full(count, cost)),
        ("hinge", machine, np.full(count, cost)),
        ("weighted", logistic, cost * weights),
    ):
        w, primal = solve(x, y, c)
        case[label] = dict(weights=w[:-1].tolist(), bias=float(w[-1]), primal=primal)
    cases.append(case)
write("linear", dict(cases=cases))
