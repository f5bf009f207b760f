"""The search networks of DARTS (Liu et al., ICLR 2019) and NAS-Bench-201 (Dong and Yang, ICLR 2020) in plain PyTorch.

As the methods are usually written down: a mixed operation evaluates each of its operations and adds up their weighted
results; nothing is grouped, fused or shared; the default memory format.
"""
import math

import torch
from torch import nn
from torch.nn import functional

DARTS_OPERATIONS = ["none", "max_pool_3x3", "avg_pool_3x3", "skip_connect",
                    "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"]
BENCH_OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
DARTS_EDGES = 14
BENCH_EDGES = 6


class Zero(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return x[:, :, ::self.stride, ::self.stride].mul(0.0)


class FactorizedReduce(nn.Module):
    """Half of the channels from the even pixels, half from the odd ones."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.even = nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False)
        self.odd = nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, affine=False)

    def forward(self, x):
        x = functional.relu(x)
        return self.norm(torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], dim=1))


def relu_conv_norm(inputs, outputs, kernel, stride=1, affine=False, bias=False):
    return nn.Sequential(nn.ReLU(), nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=bias),
                         nn.BatchNorm2d(outputs, affine=affine))


def separable(channels, kernel, stride, dilation=1):
    padding = dilation * (kernel // 2)
    return [nn.ReLU(),
            nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False),
            nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels, affine=False)]


def darts_operation(name, channels, stride):
    norm = nn.BatchNorm2d(channels, affine=False)
    if name == "none":
        return Zero(stride)
    if name == "max_pool_3x3":
        return nn.Sequential(nn.MaxPool2d(3, stride, 1), norm)
    if name == "avg_pool_3x3":
        return nn.Sequential(nn.AvgPool2d(3, stride, 1, count_include_pad=False), norm)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels)
    kernel = int(name[-1])
    if name.startswith("sep_conv"):
        return nn.Sequential(*separable(channels, kernel, stride), *separable(channels, kernel, 1))
    return nn.Sequential(*separable(channels, kernel, stride, dilation=2))


class MixedOperation(nn.Module):
    def __init__(self, operations):
        super().__init__()
        self.operations = nn.ModuleList(operations)

    def forward(self, x, weights):
        return sum(weight * operation(x) for weight, operation in zip(weights, self.operations))

    def sampled(self, x, weights, choice):
        """GDAS: only the chosen operation is evaluated; the others' weights, 0 in value, carry gradients."""
        return sum(weight * operation(x) if index == choice else weight
                   for index, (weight, operation) in enumerate(zip(weights, self.operations)))


class DartsCell(nn.Module):
    def __init__(self, before, previous, channels, reduces, reduced_before):
        super().__init__()
        self.first = FactorizedReduce(before, channels) if reduced_before else relu_conv_norm(before, channels, 1)
        self.second = relu_conv_norm(previous, channels, 1)
        self.edges = nn.ModuleList(
            MixedOperation(darts_operation(name, channels, 2 if reduces and state < 2 else 1)
                           for name in DARTS_OPERATIONS)
            for node in range(4) for state in range(2 + node))

    def forward(self, before, previous, weights):
        states = [self.first(before), self.second(previous)]
        offset = 0
        for _ in range(4):
            states.append(sum(self.edges[offset + j](state, weights[offset + j]) for j, state in enumerate(states)))
            offset += len(states) - 1
        return torch.cat(states[2:], dim=1)


class Darts(nn.Module):
    """`[batch, 3, height, width] -> [batch, classes]`, mixed by the two tensors `[14, 8]` in `alphas`."""

    def __init__(self, channels=16, layers=8, classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * channels, 3, padding=1, bias=False), nn.BatchNorm2d(3 * channels))
        before = previous = 3 * channels
        self.cells = nn.ModuleList()
        self.reduces = [layer in (layers // 3, 2 * layers // 3) for layer in range(layers)]
        reduced_before = False
        for reduces in self.reduces:
            channels *= 2 if reduces else 1
            self.cells.append(DartsCell(before, previous, channels, reduces, reduced_before))
            before, previous, reduced_before = previous, 4 * channels, reduces
        self.classifier = nn.Linear(previous, classes)
        # No parameters of the module: they have an optimiser of their own.
        self.alphas = [alpha(DARTS_EDGES, 8, phase).requires_grad_() for phase in (0.1, 0.9)]

    def forward(self, x):
        before = previous = self.stem(x)
        for cell, reduces in zip(self.cells, self.reduces):
            weights = functional.softmax(self.alphas[1 if reduces else 0], dim=-1)
            before, previous = previous, cell(before, previous, weights)
        return self.classifier(functional.adaptive_avg_pool2d(previous, 1).flatten(1))


def bench_operation(name, channels, affine):
    if name == "none":
        return Zero(1)
    if name == "skip_connect":
        return nn.Identity()
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    return relu_conv_norm(channels, channels, int(name[-1]), affine=affine, bias=not affine)


class BenchCell(nn.Module):
    def __init__(self, channels, affine):
        super().__init__()
        self.edges = nn.ModuleList(
            MixedOperation(bench_operation(name, channels, affine) for name in BENCH_OPERATIONS)
            for _ in range(BENCH_EDGES))

    def forward(self, x, weights, choices):
        states = [x]
        edge = 0
        for node in range(1, 4):
            total = 0
            for source in range(node):
                mixed = self.edges[edge]
                if choices is None:
                    total = total + mixed(states[source], weights[edge])
                else:
                    total = total + mixed.sampled(states[source], weights[edge], choices[edge])
                edge += 1
            states.append(total)
        return states[-1]


class ResidualReduction(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.body = nn.Sequential(relu_conv_norm(inputs, outputs, 3, 2, affine=True),
                                  relu_conv_norm(outputs, outputs, 3, affine=True))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class NasBench201(nn.Module):
    """`[batch, 3, height, width] -> [batch, classes]`, mixed by the tensor `[6, 5]` in `alphas`. With `gumbel` noise
    `[6, 5]` and a temperature `tau` every edge evaluates the one operation that GDAS samples."""

    def __init__(self, channels=16, cells=5, classes=10, affine=False):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
        self.blocks = nn.ModuleList()
        for stage in range(3):
            self.blocks += [BenchCell(channels, affine) for _ in range(cells)]
            if stage < 2:
                self.blocks.append(ResidualReduction(channels, 2 * channels))
                channels *= 2
        self.last = nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, classes)
        self.alphas = [alpha(BENCH_EDGES, 5, 0.3).requires_grad_()]
        self.gumbel, self.tau = None, 1.0

    def weights(self):
        if self.gumbel is None:
            return functional.softmax(self.alphas[0], dim=-1), None
        logits = (functional.log_softmax(self.alphas[0], dim=-1) + self.gumbel) / self.tau
        soft = functional.softmax(logits, dim=-1)
        choices = soft.argmax(dim=-1)
        hard = functional.one_hot(choices, 5).to(soft)
        return hard - soft.detach() + soft, choices.tolist()

    def forward(self, x):
        weights, choices = self.weights()
        x = self.stem(x)
        for block in self.blocks:
            x = block(x, weights, choices) if isinstance(block, BenchCell) else block(x)
        return self.classifier(functional.adaptive_avg_pool2d(self.last(x), 1).flatten(1))


def code(count, seed=0):
    """Numbers in [0, 1) that need no random generator."""
    k = torch.arange(count, dtype=torch.int64)
    return (((1103 * k * k) % 10007 + ((7919 + 74 * seed) % 10007) * k + 131 * seed + 17) % 10007).double() / 10007


def images(batch, side, seed):
    return (2 * (2 * code(batch * 3 * side * side, seed) - 1)).view(batch, 3, side, side)


def alpha(edges, operations, phase):
    return 0.5 * torch.sin(1.7 * torch.arange(edges * operations, dtype=torch.float64) + phase).view(edges, operations)


def gumbel(phase=0.2):
    return 1.1 * torch.sin(2.3 * torch.arange(BENCH_EDGES * 5, dtype=torch.float64) + phase).view(BENCH_EDGES, 5) + 0.3


@torch.no_grad()
def fill(model):
    """Sets the weights by formulas that any other implementation can follow."""
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            weight = module.weight
            bound = math.sqrt(6 * weight.shape[0] / weight.numel())
            weight.copy_((bound * (2 * code(weight.numel()) - 1)).view_as(weight))
            if module.bias is not None:
                module.bias.copy_(0.1 * torch.cos(0.9 * torch.arange(module.bias.numel(), dtype=torch.float64)))
        elif isinstance(module, nn.BatchNorm2d) and module.affine:
            k = torch.arange(module.num_features, dtype=torch.float64)
            module.weight.copy_(1 + 0.2 * torch.sin(1.1 * k + 0.5))
            module.bias.copy_(0.1 * torch.cos(1.3 * k + 0.2))
    return model
