"""What each method minimises, and its gradients, by torch.autograd from the papers' equations, for `methods.json`.

One small network: G_f = tanh(x W + b), G_y linear, G_d = tanh layer and one logit. Parameters, rows and whatever a
method draws are hashes of their names, as in methods.test.ts.
"""
import itertools

import torch
import torch.nn.functional as F
from golden import draw, numbers, write

NS, NT, D, WIDTH, HIDDEN, K = 5, 4, 3, 4, 6, 3
LAMBDA = 0.7
Y = torch.tensor([0, 2, 1, 1, 0])
PSEUDO = torch.tensor([1, 0, 2, 1])


class Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor=1):
        ctx.factor = factor
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        return -ctx.factor * LAMBDA * g, None


class Net:
    """Parameters by name, made when first asked for."""

    def __init__(self, spectral=False):
        self.parameters = {}
        self.spectral = spectral

    def get(self, name, shape):
        if name not in self.parameters:
            self.parameters[name] = draw(name, shape).requires_grad_()
        return self.parameters[name]

    def linear(self, x, name, units):
        w = self.get(f"{name}/weight", (x.shape[1], units))
        if self.spectral and name.startswith("domainClassifier/"):
            u = draw(f"{name}/weight-direction", (x.shape[1], 1))
            v = F.normalize(w.T @ u, dim=0).detach()
            u = F.normalize(w @ v, dim=0).detach()
            w = w / (u.T @ w @ v)
        return x @ w + self.get(f"{name}/bias", (units,))

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


def by_class():
    """A weight of each source row, by its class."""
    return draw("classWeights", (K,))[Y]


def domain_loss(s, t, ws=None, wt=None, importance=1):
    """Sum of the domains' (weighted) means; source 0, target 1."""
    ls = importance * F.binary_cross_entropy_with_logits(s, torch.zeros_like(s), reduction="none").flatten()
    lt = F.binary_cross_entropy_with_logits(t, torch.ones_like(t), reduction="none").flatten()
    mean = lambda l, w: l.mean() if w is None else (w * l).sum() / w.sum()
    return mean(ls, ws) + mean(lt, wt)


def entropy(z):
    p = z.softmax(1)
    return -(p * p.log()).sum(1)


def certainty(z):
    return (1 + torch.exp(-entropy(z))).detach()


def dann(net, weighted=False, importance=1):
    w = (certainty(net.zs), certainty(net.zt)) if weighted else ()
    return domain_loss(net.domain(Reversal.apply(net.fs)), net.domain(Reversal.apply(net.ft)), *w, importance=importance)


def steepness(net):
    """Half the mean squared gradient of the domain logit by the features of both domains."""
    points = torch.cat([net.fs, net.ft]).detach().requires_grad_()
    (g,) = torch.autograd.grad(net.domain(points).sum(), points, create_graph=True)
    return (g**2).sum(1).mean() / 2


def cdan(net, weighted=False, random=None, importance=1):
    def conditioned(f, z):
        f, g = Reversal.apply(f), z.softmax(1).detach()
        if random is None:
            return torch.bmm(f.unsqueeze(2), g.unsqueeze(1)).flatten(1)
        rf, rg = draw("randomMap/features", (WIDTH, random)), draw("randomMap/predictions", (K, random))
        return (f @ rf) * (g @ rg) / random**0.5

    w = (certainty(net.zs), certainty(net.zt)) if weighted else ()
    s, t = net.domain(conditioned(net.fs, net.zs)), net.domain(conditioned(net.ft, net.zt))
    return domain_loss(s, t, *w, importance=importance)


def mcc(net, temperature=2.5):
    """As the paper writes it: the weighted confusion matrix, its rows divided by their sums, what is off the diagonal."""
    p = (net.zt / temperature).softmax(1)
    w = 1 + torch.exp(-entropy(net.zt / temperature))
    w = (NT * w / w.sum()).detach()
    confusion = p.T @ torch.diag(w) @ p
    confusion = confusion / confusion.sum(1, keepdim=True)
    return (confusion.sum() - confusion.trace()) / K


def bsp(net, k=1):
    """By singular value decomposition."""
    return sum((torch.linalg.svdvals(f)[:k] ** 2).sum() for f in (net.fs, net.ft))


def mdd(net, margin, reversal=0.1, importance=torch.ones(NS)):
    """Predictions of the first predictor are labels for the second, behind the reversal."""
    second = lambda f: net.classify(Reversal.apply(f, reversal), "marginPredictor")
    agrees = (importance * F.cross_entropy(second(net.fs), net.zs.argmax(1), reduction="none")).mean()
    p = second(net.ft).softmax(1).gather(1, net.zt.argmax(1, keepdim=True))
    return margin * agrees - torch.log(1 - p).mean()


def mcd(net, part):
    z2s, z2t = net.classify(net.fs, "secondPredictor"), net.classify(net.ft, "secondPredictor")
    second = F.cross_entropy(z2s, Y)
    d = (net.zt.softmax(1) - z2t.softmax(1)).abs().mean()
    return dict(A=second, B=net.labels + second - d, C=d)[part]


def critic_distance(net, fs, ft, importance=torch.ones(NS)):
    return importance @ net.domain(fs).flatten() / importance.sum() - net.domain(ft).mean()


def wdgrl_critic(net, penalty, importance=torch.ones(NS)):
    fs, ft = net.fs.detach(), net.ft.detach()
    mix = draw("gradientPenalty/mix", (NT, 1))
    points = torch.cat([fs, ft, fs[:NT] + (ft - fs[:NT]) * mix]).requires_grad_()
    (g,) = torch.autograd.grad(net.domain(points).sum(), points, create_graph=True)
    return -critic_distance(net, fs, ft, importance) + penalty * ((g.norm(dim=1) - 1) ** 2).mean()


def vat(net, radius):
    """Mean KL of each domain under one power iteration; the constants as in vat.ts."""
    length = radius * D**0.5
    x = torch.cat([net.xs, net.xt])
    log_p = torch.cat([net.zs, net.zt]).log_softmax(1).detach()
    kl = lambda r: F.kl_div(net.classify(net.features(x + r)).log_softmax(1), log_p.exp(), reduction="none").sum(1)
    d = F.normalize(draw("vat/direction", (NS + NT, D)), dim=1).requires_grad_()
    (g,) = torch.autograd.grad(kl(d * length / 10).sum(), d)
    each = kl(length * F.normalize(g, dim=1))
    return each[:NS].mean(), each[NS:].mean()


def vada(net, radius, source, target, certain):
    s, t = vat(net, radius)
    return dann(net) + source * s + target * t + certain * entropy(net.zt).mean()


def fixmatch(net, confidence, noise):
    """The label loss of a strong view with the classes of the rows that are sure."""
    strong = (net.xt + noise * draw("fixmatch/noise", (NT, D))) * draw("fixmatch/kept", (NT, D))
    p, y = net.zt.softmax(1).detach().max(1)
    losses = F.cross_entropy(net.classify(net.features(strong)), y, reduction="none")
    assert 0 < (p >= confidence).sum() < NT, p
    return (losses * (p >= confidence)).mean()


def dirt_t(net, radius, smooth, teacher):
    """Entropy and VAT of the target, and the divergence from another network's predictions."""
    copy = Net()
    copy.parameters = {k: draw("copy/" + k, v.shape) for k, v in net.parameters.items()}
    q = copy.classify(copy.features(net.xt)).softmax(1)
    kl = (q * (q.log() - net.zt.log_softmax(1))).sum(1).mean()
    return smooth * (entropy(net.zt).mean() + target_vat(net, radius)) + teacher * kl


def target_vat(net, radius):
    length = radius * D**0.5
    log_p = net.zt.log_softmax(1).detach()
    kl = lambda r: F.kl_div(net.classify(net.features(net.xt + r)).log_softmax(1), log_p.exp(), reduction="none").sum(1)
    d = F.normalize(draw("vat/direction", (NT, D)), dim=1).requires_grad_()
    (g,) = torch.autograd.grad(kl(d * length / 10).sum(), d)
    return kl(length * F.normalize(g, dim=1)).mean()


def adda(net, part):
    """The domain classifier between a frozen encoder of the source and the target's; the target's with inverted labels."""
    copy = Net()
    copy.parameters = {k: draw("copy/" + k, v.shape) for k, v in net.parameters.items() if k.startswith("feature")}
    if part == "critic":
        return domain_loss(net.domain(copy.features(net.xs)), net.domain(net.ft.detach()))
    zt = net.domain(net.ft)
    return F.binary_cross_entropy_with_logits(zt, torch.zeros_like(zt))


def shot(net, information, pseudo):
    """Entropy less that of the mean prediction, and the label loss of pseudo-labels."""
    p = net.zt.softmax(1)
    mean = p.mean(0)
    diversity = -(mean * mean.log()).sum()
    return information * (entropy(net.zt).mean() - diversity) + pseudo * F.cross_entropy(net.zt, PSEUDO)


def centroid_labels(features, logits):
    """As `obtain_label` of the authors' release does it: weighted centroids, cosine distance, one more round."""
    f = torch.cat([features, torch.ones(len(features), 1)], 1)
    f = (f.T / f.norm(dim=1)).T
    weights = logits.softmax(1)
    for _ in range(2):
        centroids = weights.T @ f / (1e-8 + weights.sum(0)[:, None])
        there = weights.sum(0) > 0
        distance = 1 - F.normalize(f, dim=1) @ F.normalize(centroids, dim=1).T
        distance[:, ~there] = 9
        labels = distance.argmin(1)
        weights = F.one_hot(labels, K).double()
    return labels


def target_shares(a, m):
    """argmin |m - A q|^2 over shares q, by solving for every set of classes that may have a share: exact."""
    best = None
    for size in range(1, len(m) + 1):
        for some in itertools.combinations(range(len(m)), size):
            s = list(some)
            kkt = torch.zeros(size + 1, size + 1)
            kkt[:size, :size] = a[:, s].T @ a[:, s]
            kkt[size, :size] = kkt[:size, size] = 1
            q = torch.zeros(len(m))
            q[s] = torch.linalg.solve(kkt, torch.cat([a[:, s].T @ m, torch.ones(1)]))[:size]
            error = ((m - a @ q) ** 2).sum()
            if (q >= 0).all() and (best is None or error < best[0]):
                best = error, q
    return best[1]


def class_weights(labels, source, target):
    """Of label shift: shares over the source's. Of partial adaptation: mean predictions, 1 in the mean over the source."""
    said, p = source.softmax(1), F.one_hot(labels).double().mean(0)
    a = torch.stack([said[labels == j].mean(0) for j in range(len(p))], 1)
    m = target.softmax(1).mean(0)
    return dict(labelShift=numbers(target_shares(a, m) / p), partial=numbers(m / (p @ m)))


CASES = []


def case(name, added, options=None, update="objective", labelled=True, spectral=False):
    """`added(net)` is what the method adds to the label loss, where there is one; of other updates all of their loss."""
    net = Net(spectral)
    labels = net.both()
    options = options or {}
    if "classWeights" in options or "labelSmoothing" in options:
        each = F.cross_entropy(net.zs, Y, reduction="none", label_smoothing=options.get("labelSmoothing", 0))
        labels = (by_class() * each).mean()
    net.labels = labels
    loss = labels + added(net) if update == "objective" and labelled else added(net)
    used = [k for k in net.parameters]
    grads = torch.autograd.grad(loss, [net.parameters[k] for k in used], allow_unused=True)
    CASES.append(
        dict(
            name=name,
            options=options,
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
case("dann+bsp", lambda net: dann(net) + 0.05 * bsp(net), dict(spectralWeight=0.05))
case("cdan+bsp", lambda net: cdan(net) + 0.05 * bsp(net, 2), dict(spectralWeight=0.05, singularValues=2))
case("mdd", lambda net: mdd(net, 4))
case("mdd", lambda net: 0.5 * mdd(net, 2, 0.4), dict(margin=2, reversal=0.4, disparityWeight=0.5))
case("mcd", lambda net: mcd(net, "A"))
case("mcd", lambda net: mcd(net, "B"), update="after 0")
case("mcd", lambda net: mcd(net, "C"), dict(generatorUpdates=2), update="after 2")
case("wdgrl", lambda net: LAMBDA * critic_distance(net, net.fs, net.ft))
case("wdgrl", lambda net: wdgrl_critic(net, 10), update="before 4")
case("wdgrl", lambda net: wdgrl_critic(net, 3), dict(gradientPenalty=3, criticUpdates=1), update="before 0")
case("vat", lambda net: sum(vat(net, 0.1)))
case(
    "vat",
    lambda net: (lambda s, t: 0.5 * s + 2 * t)(*vat(net, 0.3)),
    dict(vatRadius=0.3, vatSourceWeight=0.5, vatTargetWeight=2),
)
case("vada", lambda net: vada(net, 0.1, 1, 1, 0.01))
case(
    "vada",
    lambda net: vada(net, 0.2, 0.5, 0.4, 0.3),
    dict(vatRadius=0.2, vatSourceWeight=0.5, vatTargetWeight=0.4, entropyWeight=0.3),
)
case("shot", lambda net: shot(net, 1, 0.3), labelled=False)
case("shot", lambda net: shot(net, 0.4, 2), dict(informationWeight=0.4, pseudoWeight=2), labelled=False)
case("dirt-t", lambda net: dirt_t(net, 0.1, 0.01, 0.01), labelled=False)
case(
    "dirt-t",
    lambda net: dirt_t(net, 0.3, 2, 0.5),
    dict(vatRadius=0.3, dirtWeight=2, teacherWeight=0.5),
    labelled=False,
)
case("dann", lambda net: dann(net) + 5 * steepness(net), dict(domainGradientPenalty=5))
case("dann", dann, dict(domainSpectralNorm=True), spectral=True)
case("adda", lambda net: adda(net, "encoder"), labelled=False)
case("adda", lambda net: 0.4 * adda(net, "encoder"), dict(addaWeight=0.4), labelled=False)
case("adda", lambda net: adda(net, "critic"), update="before 0")
case("fixmatch", lambda net: fixmatch(net, 0.6, 0.2), dict(confidence=0.6))
case("dann+fixmatch", lambda net: dann(net) + 3 * fixmatch(net, 0.5, 0.5), dict(confidence=0.5, consistencyWeight=3, strongNoise=0.5))

SHIFT, PARTIAL = dict(classWeights="label-shift"), dict(classWeights="partial")
case("dann", lambda net: dann(net, importance=by_class()), SHIFT)
case("dann", lambda net: dann(net, importance=by_class()), dict(labelSmoothing=0.2, **PARTIAL))
case("dann+e", lambda net: dann(net, weighted=True, importance=by_class()), PARTIAL)
case("cdan", lambda net: cdan(net, importance=by_class()), SHIFT)
case("cdan+e", lambda net: cdan(net, weighted=True, importance=by_class()), SHIFT)
case("mdd", lambda net: mdd(net, 4, importance=by_class()), SHIFT)
case("wdgrl", lambda net: LAMBDA * critic_distance(net, net.fs, net.ft, by_class()), SHIFT)
case("wdgrl", lambda net: wdgrl_critic(net, 10, by_class()), SHIFT, update="before 4")

WEIGHED = 30
LABELS_OF = torch.tensor([0, 0, 0, 1, 1, 2, 3, 2, 1, 0] * (WEIGHED // 10))
LOGITS = 2 * draw("classWeights/source", (WEIGHED, 4)) + 2 * F.one_hot(LABELS_OF)
MOVED = 2 * draw("classWeights/target", (WEIGHED, 4)) + torch.tensor([[1.0, 0, 0, -3]])
WEIGHTS = class_weights(LABELS_OF, LOGITS, MOVED)
assert min(WEIGHTS["labelShift"]) == 0 < sorted(WEIGHTS["labelShift"])[1], WEIGHTS

CENTROIDS = 40
LABELS = centroid_labels(draw("centroids/features", (CENTROIDS, WIDTH)), draw("centroids/logits", (CENTROIDS, K)))

write(
    "methods",
    dict(rows=[NS, NT], inputs=D, width=WIDTH, hidden=HIDDEN, classes=K, y=Y.tolist(), pseudoLabels=PSEUDO.tolist(), centroids=dict(rows=CENTROIDS, labels=LABELS.tolist()), classWeights=dict(rows=WEIGHED, labels=LABELS_OF.tolist(), **WEIGHTS), **{"lambda": LAMBDA}, cases=CASES),
)
