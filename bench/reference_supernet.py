#!/usr/bin/env python3
"""A search step of a supernet in plain eager PyTorch, to measure the worker against.

    python3 bench/reference_supernet.py --case darts-first --batch 16 --threads 1 --steps 3 --warmup 1
    python3 bench/reference_supernet.py --check GOLDEN.json

A step is one update of the architecture (Adam, on a validation batch) and one of the weights (SGD with the gradient
clipped, on a training batch). Weights, images and noise follow formulas, so that the losses of every step can be
compared with another implementation's. The last line is a report in JSON.
"""
import argparse
import copy
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

from supernet_networks import Darts, NasBench201, fill, gumbel, images

CASES = ["darts-first", "darts-second", "gdas", "nasbench201"]
CLIP = 5.0


class Search:
    """A supernet with its two optimisers."""

    def __init__(self, model, second_order=False, lr=0.025, nesterov=False, decay=3e-4):
        self.model, self.second_order = model, second_order
        self.lr, self.momentum, self.decay = lr, 0.9, decay
        self.weights = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, weight_decay=decay, nesterov=nesterov)
        self.alphas = torch.optim.Adam(model.alphas, lr=3e-4, betas=(0.5, 0.999), weight_decay=1e-3)

    def loss(self, batch):
        return functional.cross_entropy(self.model(batch[0]), batch[1])

    def alpha_step(self, train, valid):
        self.alphas.zero_grad()
        loss = self.unrolled_gradient(train, valid) if self.second_order else self.plain_gradient(valid)
        self.alphas.step()
        return loss

    def plain_gradient(self, valid):
        loss = self.loss(valid)
        loss.backward()
        return loss.item()

    def weight_step(self, train):
        self.weights.zero_grad()
        loss = self.loss(train)
        loss.backward()
        self.norm = nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.weights.step()
        return loss.item()

    def unrolled_gradient(self, train, valid):
        """Second order: the gradient after a step of the weights, corrected by a finite difference."""
        unrolled = self.unrolled_model(train)
        loss = functional.cross_entropy(unrolled(valid[0]), valid[1])
        loss.backward()
        direct = [alpha.grad for alpha in unrolled.alphas]
        vector = [parameter.grad for parameter in unrolled.parameters()]
        implicit = self.hessian_vector_product(vector, train)
        for alpha, first, second in zip(self.model.alphas, direct, implicit):
            alpha.grad = first - self.lr * second
        return loss.item()

    def unrolled_model(self, train):
        parameters = list(self.model.parameters())
        gradients = torch.autograd.grad(self.loss(train), parameters)
        unrolled = copy.deepcopy(self.model)
        with torch.no_grad():
            for parameter, gradient, target in zip(parameters, gradients, unrolled.parameters()):
                buffer = self.weights.state[parameter].get("momentum_buffer")
                moment = 0 if buffer is None else self.momentum * buffer
                target.copy_(parameter - self.lr * (moment + gradient + self.decay * parameter))
        for target in [*unrolled.parameters(), *unrolled.alphas]:
            target.grad = None
        return unrolled

    def hessian_vector_product(self, vector, train):
        self.vector_norm = torch.cat([v.flatten() for v in vector]).norm()
        step = 0.01 / self.vector_norm
        parameters = list(self.model.parameters())
        saved = [parameter.detach().clone() for parameter in parameters]
        sides = []
        for sign in (1, -1):
            with torch.no_grad():
                for parameter, start, v in zip(parameters, saved, vector):
                    parameter.copy_(start + sign * step * v)
            sides.append(torch.autograd.grad(self.loss(train), self.model.alphas))
        with torch.no_grad():
            for parameter, start in zip(parameters, saved):
                parameter.copy_(start)
        return [(plus - minus) / (2 * step) for plus, minus in zip(*sides)]


def search(case):
    """The search that `--case` names, in 32 bit."""
    darts = case.startswith("darts")
    model = fill(Darts() if darts else NasBench201())
    model.alphas = [alpha.detach().float().requires_grad_() for alpha in model.alphas]
    return Search(model, case == "darts-second") if darts else Search(model, nesterov=True, decay=5e-4)


def batches(batch, step):
    """The training and the validation batch of a step."""
    labels = torch.arange(batch)
    return ((images(batch, 32, 2 + 100 * step).float(), 3 * labels % 10),
            (images(batch, 32, 13 + 100 * step).float(), (7 * labels + 1) % 10))


def as_noise(values):
    return torch.as_tensor(values).float().view(-1, 5)


def steps(case, count, batch, noise=None):
    """Per step: the losses of its two updates and its seconds. `noise`: by step that of GDAS for the weights and for the
    architecture."""
    searcher = search(case)
    for step in range(count):
        train, valid = batches(batch, step)
        start = time.perf_counter()
        if case.startswith("darts"):
            alpha_loss = searcher.alpha_step(train, valid)
            weight_loss = searcher.weight_step(train)
        else:
            # The benchmark's own search updates the weights first.
            if case == "gdas":
                of_weights, of_alphas = noise[step] if noise else (gumbel(0.2 + 2 * step), gumbel(1.2 + 2 * step))
                searcher.model.tau, searcher.model.gumbel = 10.0, as_noise(of_weights)
            weight_loss = searcher.weight_step(train)
            if case == "gdas":
                searcher.model.gumbel = as_noise(of_alphas)
            alpha_loss = searcher.alpha_step(train, valid)
        yield alpha_loss, weight_loss, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--check", metavar="GOLDEN", help="compare with golden values and stop")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--noise", metavar="FILE", help="a report of `nascent-worker bench` whose noise GDAS uses")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--warmup", type=int, default=1)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.check:
        import supernet_check
        return supernet_check.check(options.check)
    if not options.case:
        parser.error("one of --case and --check is needed")
    noise = None
    if options.noise:
        with open(options.noise, encoding="utf-8") as file:
            noise = json.load(file).get("noise")
    taken = list(steps(options.case, options.warmup + options.steps, options.batch, noise))
    seconds = [step[2] for step in taken[options.warmup:]]
    median = statistics.median(seconds)
    losses = {"validation": [step[0] for step in taken], "training": [step[1] for step in taken]}
    print(json.dumps({"case": options.case, "batch": options.batch, "seconds_per_step": median,
                      "images_per_second": options.batch / median, "losses": losses}))


if __name__ == "__main__":
    main()
