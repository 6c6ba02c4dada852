"""Five steps of torch.optim on given gradients, for `optimizers.json`."""
import torch
from golden import draw, numbers, write

STEPS = 5
RATES = [0.1, 0.05, 0.05, 0.02, 0.01]

CASES = {
    "sgd": (torch.optim.SGD, dict(), dict(name="sgd", momentum=0)),
    "sgd, momentum": (torch.optim.SGD, dict(momentum=0.9), dict(name="sgd", momentum=0.9)),
    "sgd, nesterov": (torch.optim.SGD, dict(momentum=0.8, nesterov=True), dict(name="sgd", momentum=0.8, nesterov=True)),
    "sgd, weight decay": (torch.optim.SGD, dict(momentum=0.9, weight_decay=0.1), dict(name="sgd", momentum=0.9, weightDecay=0.1)),
    "adam": (torch.optim.Adam, dict(), dict(name="adam")),
    "adam, all options": (
        torch.optim.Adam,
        dict(betas=(0.5, 0.99), eps=1e-3, weight_decay=0.1),
        dict(name="adam", beta1=0.5, beta2=0.99, epsilon=1e-3, weightDecay=0.1),
    ),
    "adamw": (torch.optim.AdamW, dict(weight_decay=0.1), dict(name="adamw", weightDecay=0.1)),
}

shape = (3, 2)
gradients = [draw(f"gradient {t}", shape) for t in range(STEPS)]
cases = []
for title, (make, torch_options, config) in CASES.items():
    w = draw("weight", shape, 0.5).requires_grad_()
    optimizer = make([w], lr=1.0, **torch_options)
    after = []
    for t in range(STEPS):
        optimizer.param_groups[0]["lr"] = RATES[t]
        w.grad = gradients[t].clone()
        optimizer.step()
        after.append(numbers(w))
    cases.append(dict(title=title, config=config, after=after))

clipped = []
for limit in [0.5, 100.0]:
    parts = [draw("clip a", (2, 3)).requires_grad_(), draw("clip b", (4,)).requires_grad_()]
    for p in parts:
        p.grad = p.detach().clone()
    torch.nn.utils.clip_grad_norm_(parts, limit)
    clipped.append(dict(maxNorm=limit, gradients=[numbers(p.grad) for p in parts]))

# torch.renorm is the l2-norm restriction: rows of a matrix [units, inputs] to norm at most c.
restricted = []
for dims, axes in [((4, 3), (1, 0)), ((3, 2, 2, 2), None)]:
    w = draw("max-norm", dims)
    out = torch.renorm(w.t(), 2, 0, 0.9).t() if axes else torch.renorm(w, 2, 0, 0.9)
    restricted.append(dict(shape=list(dims), maxNorm=0.9, after=numbers(out.contiguous())))

write("optimizers", dict(shape=list(shape), rates=RATES, cases=cases, clipped=clipped, restricted=restricted))
