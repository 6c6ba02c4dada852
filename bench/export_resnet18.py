"""Writes torchvision's ResNet-18 with random weights as `resnet18.onnx` and `resnet18.pt` (the same numbers) into a folder.

The weights come from torchvision's own initialisation with seed 0, scales and shifts of the batch normalisations are drawn
(equal ones, the exporter would write once, as shared), their running statistics come from a few random batches: values on
the way are of the size that they have in a trained network. Exported as our documentation tells users to, so that the
batch normalisations stay nodes of their own.
"""

import os
import sys

import torch
import torchvision

folder = sys.argv[1]
torch.manual_seed(0)
model = torchvision.models.resnet18(weights=None)
images = torch.randn(32, 3, 64, 64)
with torch.no_grad():
    for name, values in model.named_parameters():
        if values.dim() == 1 and not name.startswith("fc"):
            values.add_(torch.randn_like(values), alpha=0.1)
    for _ in range(20):
        model.train()(images)
torch.save(model.state_dict(), os.path.join(folder, "resnet18.pt"))
torch.onnx.export(
    model.eval(),
    images[:1],
    os.path.join(folder, "resnet18.onnx"),
    opset_version=17,
    input_names=["image"],
    output_names=["logits"],
    dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}},
    training=torch.onnx.TrainingMode.PRESERVE,
    do_constant_folding=False,
)
