"""Cross-entropy, squared error and domain loss with their gradients by torch.nn.functional, for `losses.json`."""
import torch
import torch.nn.functional as F
from golden import draw, numbers, write

labels = []
for smoothing in [0.0, 0.1]:
    z = draw("class logits", (5, 4), 3.0).requires_grad_()
    y = torch.tensor([0, 3, 1, 1, 2])
    loss = F.cross_entropy(z, y, label_smoothing=smoothing)
    loss.backward()
    labels.append(dict(smoothing=smoothing, y=y.tolist(), loss=loss.item(), gradient=numbers(z.grad)))

domains = []
for reading in ["sum", "half"]:
    for smoothing in [0.0, 0.1]:
        s = draw("source logits", (5, 1), 4.0).requires_grad_()
        t = draw("target logits", (3, 1), 4.0).requires_grad_()
        # Source 0, target 1.
        on_source = F.binary_cross_entropy_with_logits(s, torch.full_like(s, smoothing))
        on_target = F.binary_cross_entropy_with_logits(t, torch.full_like(t, 1 - smoothing))
        loss = (on_source + on_target) * (1 if reading == "sum" else 0.5)
        loss.backward()
        domains.append(
            dict(
                reading=reading,
                smoothing=smoothing,
                loss=loss.item(),
                sourceGradient=numbers(s.grad),
                targetGradient=numbers(t.grad),
            )
        )

z = draw("outputs", (5, 1), 3.0).requires_grad_()
y = draw("numbers", (5,), 2.0)
loss = F.mse_loss(z, y.reshape(5, 1))
loss.backward()
squared = dict(loss=loss.item(), gradient=numbers(z.grad))

huber = []
for delta in [0.5, 1.0, 2.5]:
    z = draw("outputs", (5, 1), 3.0).requires_grad_()
    y = draw("numbers", (5,), 2.0)
    loss = F.huber_loss(z, y.reshape(5, 1), delta=delta)
    loss.backward()
    huber.append(dict(delta=delta, loss=loss.item(), gradient=numbers(z.grad)))

# One logit against 0 is a softmax over two classes.
z = draw("logit", (6, 1), 5.0).requires_grad_()
y = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.0], dtype=z.dtype)
loss = F.binary_cross_entropy_with_logits(z, y.reshape(6, 1))
loss.backward()
binary = dict(y=[int(one) for one in y.tolist()], loss=loss.item(), gradient=numbers(z.grad))

write("losses", dict(labels=labels, domains=domains, squared=squared, huber=huber, binary=binary))
