"""Discrepancies between domains with their gradients, written out term by term, for `discrepancies.json`."""
import torch
from golden import draw, numbers, write

MULTIPLES = [0.125, 0.25, 0.5, 1.0, 2.0]


def gram(z, sigma_squared):
    return torch.exp(-torch.cdist(z, z, compute_mode="donot_use_mm_for_euclid_dist") ** 2 / (2 * sigma_squared))


def relative(z):
    mean = (torch.cdist(z, z) ** 2).mean().detach()
    return sum(gram(z, multiple * mean) for multiple in MULTIPLES)


def unbiased(kernel, n):
    m = kernel.shape[0] - n
    own, other, cross = kernel[:n, :n], kernel[n:, n:], kernel[:n, n:]
    within = (own.sum() - own.diagonal().sum()) / (n * (n - 1)) + (other.sum() - other.diagonal().sum()) / (m * (m - 1))
    return within - 2 * cross.mean()


def covariance(x):
    return torch.cov(x.T)


def sinkhorn(cost, entropy, iterations):
    """Scaling form in float64, Cuturi 2013, algorithm 1."""
    n, m = cost.shape
    kernel = torch.exp(-cost / (entropy * cost.mean()))
    u, v = torch.ones(n), torch.ones(m)
    for _ in range(iterations):
        u = (1 / n) / (kernel @ v)
        v = (1 / m) / (kernel.T @ u)
    return u[:, None] * kernel * v[None, :]


def leaves():
    return (
        draw("source features", (5, 3), 1.0).requires_grad_(),
        draw("target features", (4, 3), 1.0, 0.5).requires_grad_(),
        draw("source logits", (5, 2), 2.0).requires_grad_(),
        draw("target logits", (4, 2), 2.0).requires_grad_(),
    )


def case(name, loss, variables):
    gradients = torch.autograd.grad(loss, variables)
    return dict(name=name, loss=loss.item(), gradients=[numbers(g) for g in gradients])


cases = []
s, t, p, q = leaves()
cases.append(case("mmd", unbiased(relative(torch.cat([s, t])), 5), [s, t]))
joint = relative(torch.cat([s, t])) * gram(torch.softmax(torch.cat([p, q]), 1), 0.92**2)
cases.append(case("joint mmd", unbiased(joint, 5), [s, t, p, q]))
cases.append(case("covariance", ((covariance(s) - covariance(t)) ** 2).sum() / (4 * 3 * 3), [s, t]))
norms = s.norm(dim=1)
cases.append(case("norm growth", ((norms - (norms.detach() + 0.5)) ** 2).mean(), [s]))
cost = torch.cdist(s, t) ** 2
plan = sinkhorn(cost.detach(), 0.05, 50)
cases.append(case("transport", (plan * cost).sum(), [s, t]))
write("discrepancies", dict(cases=cases, plan=numbers(plan)))
