#!/usr/bin/env python3
"""A training step of two networks in plain eager PyTorch, to measure the worker against.

    python3 bench/reference_step.py --net darts --steps 10 --threads 2

The network is the one that `nascent-worker bench` trains, with the same weights and images (formulas below), so the
loss of the first step must be the same. Everything is as a user would first write it: fp32, the default memory format,
`torch.optim.SGD`. scripts/torch-python.sh makes a Python that can import torch.
"""
import argparse
import json
import math
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

# DARTS, second order (Liu et al., ICLR 2019): (operation, state) pairs, two per node.
NORMAL = [("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("sep_conv_3x3", 1),
          ("sep_conv_3x3", 1), ("skip_connect", 0), ("skip_connect", 0), ("dil_conv_3x3", 2)]
REDUCE = [("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2), ("max_pool_3x3", 1),
          ("max_pool_3x3", 0), ("skip_connect", 2), ("skip_connect", 2), ("max_pool_3x3", 1)]
# The most accurate cell of NAS-Bench-201 on CIFAR-10: (operation, node) per node.
CELL = [[("nor_conv_3x3", 0)], [("nor_conv_3x3", 0), ("nor_conv_3x3", 1)],
        [("skip_connect", 0), ("nor_conv_3x3", 1), ("nor_conv_3x3", 2)]]


class ReluConvNorm(nn.Sequential):
    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__(nn.ReLU(), nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
                         nn.BatchNorm2d(outputs))


def depthwise(inputs, outputs, kernel, stride, dilation=1):
    padding = dilation * (kernel // 2)
    return [nn.ReLU(), nn.Conv2d(inputs, inputs, kernel, stride, padding, dilation, groups=inputs, bias=False),
            nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]


class FactorizedReduce(nn.Module):
    """Half of the channels from the even pixels, half from the odd ones."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.even = nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False)
        self.odd = nn.Conv2d(inputs, outputs - outputs // 2, 1, 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        x = functional.relu(x)
        return self.norm(torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], dim=1))


def operation(name, channels, stride):
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels)
    if name == "max_pool_3x3":
        return nn.MaxPool2d(3, stride, 1)
    if name == "sep_conv_3x3":
        return nn.Sequential(*depthwise(channels, channels, 3, stride), *depthwise(channels, channels, 3, 1))
    if name == "dil_conv_3x3":
        return nn.Sequential(*depthwise(channels, channels, 3, stride, 2))
    raise ValueError(name)


class DartsCell(nn.Module):
    def __init__(self, before, previous, channels, reduces, reduced_before):
        super().__init__()
        self.first = FactorizedReduce(before, channels) if reduced_before else ReluConvNorm(before, channels, 1)
        self.second = ReluConvNorm(previous, channels, 1)
        edges = REDUCE if reduces else NORMAL
        self.reads = [state for _, state in edges]
        self.operations = nn.ModuleList(
            operation(name, channels, 2 if reduces and state < 2 else 1) for name, state in edges)

    def forward(self, before, previous):
        states = [self.first(before), self.second(previous)]
        for node in range(len(self.operations) // 2):
            one, two = 2 * node, 2 * node + 1
            states.append(self.operations[one](states[self.reads[one]]) + self.operations[two](states[self.reads[two]]))
        return torch.cat(states[2:], dim=1)


class Darts(nn.Module):
    def __init__(self, channels=16, layers=8, classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * channels, 3, padding=1, bias=False), nn.BatchNorm2d(3 * channels))
        before = previous = 3 * channels
        self.cells = nn.ModuleList()
        reduced_before = False
        for layer in range(layers):
            reduces = layer in (layers // 3, 2 * layers // 3)
            channels *= 2 if reduces else 1
            self.cells.append(DartsCell(before, previous, channels, reduces, reduced_before))
            before, previous, reduced_before = previous, 4 * channels, reduces
        self.classifier = nn.Linear(previous, classes)

    def forward(self, x):
        before = previous = self.stem(x)
        for cell in self.cells:
            before, previous = previous, cell(before, previous)
        return self.classifier(previous.mean(dim=(2, 3)))


class BenchCell(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.reads = [[node for _, node in edges] for edges in CELL]
        one = {"nor_conv_3x3": lambda: ReluConvNorm(channels, channels, 3), "skip_connect": nn.Identity}
        self.nodes = nn.ModuleList(nn.ModuleList(one[name]() for name, _ in edges) for edges in CELL)

    def forward(self, x):
        states = [x]
        for reads, operations in zip(self.reads, self.nodes):
            states.append(sum(operation(states[state]) for operation, state in zip(operations, reads)))
        return states[-1]


class ResidualReduction(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.body = nn.Sequential(ReluConvNorm(inputs, outputs, 3, 2), ReluConvNorm(outputs, outputs, 3))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class NasBench201(nn.Module):
    def __init__(self, channels=16, cells=5, classes=10):
        super().__init__()
        layers = [nn.Conv2d(3, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)]
        for stage in range(3):
            layers += [BenchCell(channels) for _ in range(cells)]
            if stage < 2:
                layers.append(ResidualReduction(channels, 2 * channels))
                channels *= 2
        self.body = nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x):
        return self.classifier(self.body(x).mean(dim=(2, 3)))


def code(count):
    """Numbers in [0, 1) that need no random generator."""
    k = torch.arange(count, dtype=torch.int64)
    return (((1103 * k * k) % 10007 + 7919 * k + 17) % 10007).double() / 10007


@torch.no_grad()
def fill(model):
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            weight = module.weight
            bound = math.sqrt(6 * weight.shape[0] / weight.numel())
            weight.copy_((bound * (2 * code(weight.numel()) - 1)).view_as(weight))
            if module.bias is not None:
                k = torch.arange(module.bias.numel(), dtype=torch.float64)
                module.bias.copy_(0.1 * torch.cos(0.9 * k))
        elif isinstance(module, nn.BatchNorm2d):
            k = torch.arange(module.num_features, dtype=torch.float64)
            module.weight.copy_(1 + 0.2 * torch.sin(1.1 * k + 0.5))
            module.bias.copy_(0.1 * torch.cos(1.3 * k + 0.2))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--net", choices=["darts", "nasbench201"], required=True)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    model = Darts() if options.net == "darts" else NasBench201()
    fill(model)
    model.to(options.device).train()
    images = (2 * (2 * code(options.batch * 3 * 32 * 32) - 1)).float().view(-1, 3, 32, 32).to(options.device)
    labels = (3 * torch.arange(options.batch) % 10).to(options.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=3e-4)
    seconds, losses = [], []
    for step in range(options.warm_up + options.steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        if options.device != "cpu":
            torch.cuda.synchronize()
        if step >= options.warm_up:
            seconds.append(time.perf_counter() - start)
        losses.append(loss.item())
    median = statistics.median(seconds)
    print(json.dumps({"net": options.net, "precision": "fp32", "losses": {"training": losses},
                      "seconds_per_step": median, "images_per_second": options.batch / median}))


if __name__ == "__main__":
    main()
