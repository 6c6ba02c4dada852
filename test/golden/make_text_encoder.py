"""A tiny BERT as ONNX (`demo/encoder/encoder.onnx`), its sequence length open, with what PyTorch computes for padded rows.

Laid out as the encoders that people export: `input_ids`, `attention_mask`, `token_type_ids` in, `last_hidden_state` and
`pooler_output` out, positions from a buffer that is cut to the length. `text-encoder.json` has the tokens of some rows
of unequal length and, in float64, the mean of each row's token vectors, computed on the row by itself, without padding.
Needs python3-torch.
"""
import copy
import math
import os
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

from golden import HERE, draw, write

warnings.filterwarnings("ignore")
WORDS, PLACES, WIDTH = 40, 24, 16


class Layer(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(d, d) for _ in range(4))
        self.up, self.down = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)

    def forward(self, x, mask):
        def split(y):
            return y.view(y.size(0), y.size(1), self.heads, -1).permute(0, 2, 1, 3)

        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = (q @ k.transpose(-1, -2) / math.sqrt(q.size(-1)) + mask).softmax(-1)
        mixed = (scores @ v).permute(0, 2, 1, 3).contiguous()
        x = self.n1(x + self.out(mixed.view(mixed.size(0), mixed.size(1), -1)))
        return self.n2(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places, self.types = nn.Embedding(WORDS, WIDTH), nn.Embedding(PLACES, WIDTH), nn.Embedding(2, WIDTH)
        self.norm, self.layers = nn.LayerNorm(WIDTH), nn.ModuleList([Layer(WIDTH, 2) for _ in range(2)])
        self.pooler = nn.Linear(WIDTH, WIDTH)
        self.register_buffer("position_ids", torch.arange(PLACES).expand((1, -1)))

    def forward(self, input_ids, attention_mask, token_type_ids):
        x = self.words(input_ids) + self.types(token_type_ids) + self.places(self.position_ids[:, : input_ids.size(1)])
        x = self.norm(x)
        mask = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * torch.finfo(x.dtype).min
        for layer in self.layers:
            x = layer(x, mask)
        return x, torch.tanh(self.pooler(x[:, 0]))


torch.manual_seed(0)
model = Encoder().double().eval()
with torch.no_grad():
    for key, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            bound = 1 / math.sqrt(tensor[0].numel()) if tensor.dim() > 1 else 0.2
            bound = 1.0 if key.startswith(("words", "places")) else bound
            offset = 1.0 if tensor.dim() == 1 and key.endswith("weight") else 0.0
            tensor.copy_(draw(f"text-encoder/{key}", tensor.shape, bound, offset).reshape(tensor.shape))

rows = [[1, 5, 9, 2], [1, 30, 7, 7, 12, 39, 4, 2], [1, 2], [1, 11, 12, 13, 14, 15, 16, 17, 18, 19, 2]]
means = []
for row in rows:
    ids = torch.tensor([row])
    states, _ = model(ids, torch.ones_like(ids), torch.zeros_like(ids))
    means.append(states[0].mean(0).tolist())

ids = torch.tensor([row + [0] * (11 - len(row)) for row in rows])
mask = torch.tensor([[1] * len(row) + [0] * (11 - len(row)) for row in rows])
axes = {0: "batch_size", 1: "sequence_length"}
torch.onnx.export(
    copy.deepcopy(model).float(), (ids, mask, torch.zeros_like(ids)), os.path.join(HERE, "../../demo/encoder/encoder.onnx"), opset_version=14,
    input_names=["input_ids", "attention_mask", "token_type_ids"], output_names=["last_hidden_state", "pooler_output"],
    dynamic_axes={"input_ids": axes, "attention_mask": axes, "token_type_ids": axes, "last_hidden_state": axes,
                  "pooler_output": {0: "batch_size"}})
write("text-encoder", dict(tokens=rows, means=means))
