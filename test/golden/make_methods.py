"""What each method minimises, and its gradients, by torch.autograd from the papers' equations, for `methods.json`.

One small network: G_f = tanh(x W + b), G_y linear, G_d = tanh layer and one logit. Parameters, rows and whatever a
method draws are hashes of their names, as in methods.test.ts.
"""
import torch
import torch.nn.functional as F
from golden import draw, numbers, write

NS, NT, D, WIDTH, HIDDEN, K = 5, 4, 3, 4, 6, 3
LAMBDA = 0.7
Y = torch.tensor([0, 2, 1, 1, 0])


class Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        return -LAMBDA * g


class Net:
    """Parameters by name, made when first asked for."""

    def __init__(self):
        self.parameters = {}

    def get(self, name, shape):
        if name not in self.parameters:
            self.parameters[name] = draw(name, shape).requires_grad_()
        return self.parameters[name]

    def linear(self, x, name, units):
        return x @ self.get(f"{name}/weight", (x.shape[1], units)) + self.get(f"{name}/bias", (units,))

    def features(self, x):
        return torch.tanh(self.linear(x, "featureExtractor/fc", WIDTH))

    def classify(self, f, part="labelPredictor"):
        return self.linear(f, f"{part}/fc", K)

    def domain(self, f):
        return self.linear(torch.tanh(self.linear(f, "domainClassifier/fc", HIDDEN)), "domainClassifier/logit", 1)

    def both(self):
        self.xs, self.xt = draw("source/x", (NS, D)), draw("target/x", (NT, D))
        self.fs, self.ft = self.features(self.xs), self.features(self.xt)
        self.zs, self.zt = self.classify(self.fs), self.classify(self.ft)
        return F.cross_entropy(self.zs, Y)


def domain_loss(s, t, ws=None, wt=None):
    """Sum of the domains' (weighted) means; source 0, target 1."""
    ls = F.binary_cross_entropy_with_logits(s, torch.zeros_like(s), reduction="none").flatten()
    lt = F.binary_cross_entropy_with_logits(t, torch.ones_like(t), reduction="none").flatten()
    mean = lambda l, w: l.mean() if w is None else (w * l).sum() / w.sum()
    return mean(ls, ws) + mean(lt, wt)


def entropy(z):
    p = z.softmax(1)
    return -(p * p.log()).sum(1)


def certainty(z):
    return (1 + torch.exp(-entropy(z))).detach()


def dann(net, weighted=False):
    w = (certainty(net.zs), certainty(net.zt)) if weighted else ()
    return domain_loss(net.domain(Reversal.apply(net.fs)), net.domain(Reversal.apply(net.ft)), *w)


def cdan(net, weighted=False, random=None):
    def conditioned(f, z):
        f, g = Reversal.apply(f), z.softmax(1).detach()
        if random is None:
            return torch.bmm(f.unsqueeze(2), g.unsqueeze(1)).flatten(1)
        rf, rg = draw("randomMap/features", (WIDTH, random)), draw("randomMap/predictions", (K, random))
        return (f @ rf) * (g @ rg) / random**0.5

    w = (certainty(net.zs), certainty(net.zt)) if weighted else ()
    return domain_loss(net.domain(conditioned(net.fs, net.zs)), net.domain(conditioned(net.ft, net.zt)), *w)


def mcc(net, temperature=2.5):
    """As the paper writes it: the weighted confusion matrix, its rows divided by their sums, what is off the diagonal."""
    p = (net.zt / temperature).softmax(1)
    w = 1 + torch.exp(-entropy(net.zt / temperature))
    w = (NT * w / w.sum()).detach()
    confusion = p.T @ torch.diag(w) @ p
    confusion = confusion / confusion.sum(1, keepdim=True)
    return (confusion.sum() - confusion.trace()) / K


CASES = []


def case(name, added, options=None, update="objective"):
    """`added(net)` is what the method adds to the label loss; of an update other than the objective, all of its loss."""
    net = Net()
    labels = net.both()
    net.labels = labels
    loss = added(net) if update != "objective" else labels + added(net)
    used = [k for k in net.parameters]
    grads = torch.autograd.grad(loss, [net.parameters[k] for k in used], allow_unused=True)
    CASES.append(
        dict(
            name=name,
            options=options or {},
            update=update,
            loss=loss.item(),
            gradients={k: numbers(g) for k, g in zip(used, grads) if g is not None},
        )
    )


case("dann", dann)
case("dann+e", lambda net: dann(net, weighted=True))
case("cdan", cdan)
case("cdan+e", lambda net: cdan(net, weighted=True))
case("cdan", lambda net: cdan(net, random=5), dict(multilinearLimit=11, randomMapWidth=5))
case("mcc", mcc)
case("mcc", lambda net: 0.3 * mcc(net, 1.5), dict(temperature=1.5, confusionWeight=0.3))
case("cdan+e+mcc", lambda net: cdan(net, weighted=True) + mcc(net))

write(
    "methods",
    dict(rows=[NS, NT], inputs=D, width=WIDTH, hidden=HIDDEN, classes=K, y=Y.tolist(), **{"lambda": LAMBDA}, cases=CASES),
)
