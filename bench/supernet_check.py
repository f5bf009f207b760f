"""Compares the reference search networks and steps with golden values (float64)."""
import copy
import json

import torch

from reference_supernet import Search
from supernet_networks import Darts, NasBench201, alpha, fill, gumbel, images
from torch.nn import functional


class Comparison:
    def __init__(self):
        self.worst, self.wrong = 0.0, []

    def __call__(self, name, ours, golden, tolerance=1e-8):
        ours = torch.as_tensor(ours, dtype=torch.float64).detach()
        golden = torch.as_tensor(golden, dtype=torch.float64)
        error = ((ours - golden).abs() / (1 + golden.abs())).max().item()
        self.worst = max(self.worst, error)
        if not error <= tolerance:
            self.wrong.append(f"{name}: differs by {error:.3g}")


def check(path):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    compare = Comparison()
    sizes(golden, compare)
    darts(golden["supernet_numeric"], compare)
    bench = golden["nas_bench_201"]
    for case in [bench["darts_supernet_numeric"], *bench["gdas_numeric"]["cases"]]:
        nasbench201(case, bench["gdas_numeric"], compare)
    if compare.wrong:
        raise SystemExit("\n".join(compare.wrong))
    print(f"all golden values agree, the largest difference is {compare.worst:.2g}")


def sizes(golden, compare):
    count = lambda model: sum(parameter.numel() for parameter in model.parameters())
    for case in golden["supernet_params"]:
        if case["steps"] == 4:
            compare(f"DARTS {case['C']}", count(Darts(case["C"], case["layers"], case["classes"])), case["weight_params"])
    for case in golden["nas_bench_201"]["supernet_params"]:
        model = NasBench201(case["C"], case["N"], case["classes"], case["affine"])
        compare(f"NAS-Bench-201 {case['C']}", count(model), case["weight_params"])


def darts(golden, compare):
    def start():
        return fill(Darts(golden["C"], golden["layers"], golden["classes"]).double())

    def batch(kind, step=0):
        pixels = images(golden["batch"], golden["hw"], golden[f"{kind}_seed"] + 100 * step)
        return pixels, torch.tensor(golden[f"{kind}_targets"])

    train, valid = batch("train"), batch("val")
    first = Search(start())
    compare("train loss", first.loss(train).item(), golden["train_loss"])
    compare("validation logits", first.model(valid[0]), golden["val_logits"])
    compare("validation loss", first.plain_gradient(valid), golden["val_loss"])
    gradients(first, golden["first_order"], "d_alpha", compare)

    second = Search(start(), second_order=True)
    expected = golden["second_order_no_momentum_buffer"]
    unrolled(second, train, valid, expected, compare)
    # The finite difference magnifies rounding.
    after = golden["after_one_weight_step"]
    probe = Search(start(), second_order=True)
    probe.weight_step(train)
    compare("norm before clipping", probe.norm.item(), after["grad_norm_before_clip"])
    compare("loss after a weight step", probe.loss(train).item(), after["train_loss_after"])
    unrolled(probe, train, valid, after["second_order"], compare)

    loop = Search(start(), second_order=True)
    before = copy.deepcopy(loop.model.alphas[0].detach())
    for step, trace in enumerate(golden["search_loop_3_iterations"]["trace"]):
        loop.alpha_step(batch("train", step), batch("val", step))
        loss = loop.weight_step(batch("train", step))
        if step == 0:
            compare("alphas after a step", loop.model.alphas[0], golden["alpha_normal_after_adam_step_1"], 1e-6)
        compare(f"loss of iteration {step}", loss, trace["train_loss"], 1e-5)
        compare(f"row 0 of iteration {step}", loop.model.alphas[0][0], trace["alpha_normal_row0"], 1e-5)
        compare(f"row 13 of iteration {step}", loop.model.alphas[1][13], trace["alpha_reduce_row13"], 1e-5)
        change = (loop.model.alphas[0].detach() - before).abs().sum()
        compare(f"change of iteration {step}", change, trace["alpha_normal_sum_abs_change"], 1e-4)


def unrolled(search, train, valid, expected, compare):
    loss = search.unrolled_gradient(train, valid)
    compare("loss after an unrolled step", loss, expected["unrolled_val_loss"])
    compare("norm of the direction", search.vector_norm.item(), expected["vector_norm"])
    gradients(search, expected, "final", compare, 1e-6)


def gradients(search, expected, name, compare, tolerance=1e-8):
    for kind, ours in zip(["normal", "reduce"], search.model.alphas):
        compare(f"{name}_{kind}", ours.grad, expected[f"{name}_{kind}"], tolerance)


def nasbench201(case, gdas, compare):
    model = fill(NasBench201(gdas["C"], gdas["N"], affine=gdas["affine"]).double())
    model.alphas = [alpha(6, 5, gdas["alpha_phase"]).requires_grad_()]
    if "tau" in case:
        model.tau, model.gumbel = case["tau"], gumbel()
        compare("sampled operations", model.weights()[1], case["index"])
    logits = model(images(3, 16, 2))
    loss = functional.cross_entropy(logits, torch.tensor(gdas["targets"]))
    loss.backward()
    compare("logits of NAS-Bench-201", logits[0], case["logits_row0"])
    compare("loss of NAS-Bench-201", loss.item(), case["loss"])
    compare("gradient of NAS-Bench-201", model.alphas[0].grad, case["d_alpha"])
