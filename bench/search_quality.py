"""Do searches with shared weights find better networks than chance? Real studies on a real service.

usage: search_quality.py --fashion FOLDER --cifar FILE [--table nasbench201.csv.gz] [--seeds 5] [--workers 2]
                         [--only s2,s4,nasbench201] [--json FILE]

s2 and s4 are cells of two operators per edge where the choice matters: skip or separable convolution, and noise or
separable convolution. Every method searches on a part of the training images; its network is then trained like every
random network of the same space, and judged on the same validation images. nasbench201 searches cells on a small part of
CIFAR-10 and looks up what the benchmark's 200-epoch training made of them.
"""

import argparse
import csv
import gzip
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import small_data
from service import Service

# Epochs and recipe of the supernets: small images, small networks. The published rate of the logits belongs to some
# ten thousand steps; here there are hundreds.
EPOCHS = 12
RECIPE = {"batch_size": 64, "lr": 0.05}
LOGITS = {"architecture_lr": 0.006}

METHODS = {
    "darts": ("darts", LOGITS),
    "darts, second order": ("darts", {**LOGITS, "order": "second"}),
    "darts, drop-path, more decay": ("darts", {**LOGITS, "drop_path": 0.3, "recipe": {"weight_decay": 0.003}}),
    "darts, beta-decay": ("darts", {**LOGITS, "beta_decay": 5.0}),
    "darts, skip cap": ("darts", {**LOGITS, "skip_cap": 1}),
    "pc-darts": ("darts", {**LOGITS, "partial_channels": 4, "edge_normalisation": True, "warmup_epochs": 4}),
    "sharpdarts": ("sharpdarts", LOGITS),
    "gdas": ("gdas", LOGITS),
    "setn": ("setn", LOGITS),
    "rsps": ("rsps", {}),
    "enas": ("enas", {}),
    "spos": ("spos", {"population": 20, "generations": 5}),
}
# Random networks that the methods are compared with.
RANDOM = 20


def space(name: str) -> tuple[dict, str]:
    """A space source and its data set."""
    if name == "nasbench201":
        options = {"channels": 8, "cells": 1, "classes": 10, "input": [3, 16, 16]}
        return {"builtin": {"name": "nasbench201", "options": options}}, "cifar-small"
    options = {"operators": name, "channels": 8, "layers": 3, "nodes": 2, "input": [1, 16, 16], "auxiliary": False}
    return {"builtin": {"name": "darts", "options": options}}, "fashion-small"


def supernet(options: dict) -> dict:
    """Options of a method with this benchmark's epochs and recipe."""
    return {"epochs": EPOCHS, **options, "recipe": {**RECIPE, **options.get("recipe", {})}}


def study(name: str, method: str, options: dict, strategy: str, seed: int, trials: int) -> dict:
    source, dataset = space(name)
    return {
        "name": f"{name}: {method}, seed {seed}",
        "space": source,
        "dataset": dataset,
        "objectives": [{"metric": "top1", "direction": "maximize"}],
        "strategy": {"name": strategy, "options": options},
        "budget": {"max_trials": trials, "parallel_trials": 1},
        "training": {"epochs": 8, "recipe": {"batch_size": 64, "lr": 0.05, "drop_path": 0.0}},
        "seed": seed,
    }


def wait(service: Service, studies: dict) -> dict:
    """Waits for all studies; the completed trials, or the reason of a failure, by key."""
    results, begun = {}, time.time()
    while len(results) < len(studies):
        for key, number in studies.items():
            if key in results:
                continue
            view = service.study(number)
            if view["state"] in ("completed", "failed", "stopped"):
                trials = [t for t in service.trials(number) if t["state"] == "completed" and not t["final"]]
                results[key] = trials or view["reason"]
                print(f"{time.time() - begun:6.0f} s  {len(results)}/{len(studies)}  {key}: {summary(results[key])}", flush=True)
        time.sleep(2)
    return results


def summary(result) -> str:
    return result if isinstance(result, str) or result is None else f"top1 {best(result)['metrics']['top1']:.4f}"


def best(trials: list) -> dict:
    return max(trials, key=lambda trial: trial["metrics"]["top1"])


def spread(values: list) -> str:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):6.2f} ± {deviation:4.2f}"


def against_random(service: Service, name: str, seeds: int) -> list:
    studies = {("random", 0): service.submit(study(name, "random", {}, "random", 1000, RANDOM))}
    for method, (strategy, options) in METHODS.items():
        for seed in range(seeds):
            studies[(method, seed)] = service.submit(study(name, method, supernet(options), strategy, seed, 1))
    results = wait(service, studies)
    chance = [100 * trial["metrics"]["top1"] for trial in results[("random", 0)]]
    print(f"\n{name}: validation top-1 after equal training\n{'random networks':36} {spread(chance)}")
    rows = []
    for method in METHODS:
        found = [results[(method, seed)] for seed in range(seeds)]
        values = [100 * best(trials)["metrics"]["top1"] for trials in found if isinstance(trials, list)]
        failed = [trials for trials in found if not isinstance(trials, list)]
        gain = statistics.mean(values) - statistics.mean(chance) if values else float("nan")
        rows.append({"space": name, "method": method, "top1": values, "random": chance, "failed": failed})
        print(f"{method:36} {spread(values) if values else 'failed':>14}  {gain:+5.2f} over random" + (f"  {failed}" if failed else ""))
    return rows


def in_table(service: Service, table: Path, seeds: int) -> list:
    """NAS-Bench-201: what the found cells reach in the benchmark's own training."""
    with gzip.open(table, "rt") as lines:
        truth = {row["arch"]: float(row["c10_test_200"]) for row in csv.DictReader(lines)}
    studies = {}
    for method, (strategy, options) in METHODS.items():
        for seed in range(seeds):
            document = study("nasbench201", method, supernet(options), strategy, seed, 1)
            studies[(method, seed)] = service.submit(document)
    results = wait(service, studies)
    all_values = sorted(truth.values())
    print(f"\nnasbench201: CIFAR-10 test top-1 of the found cell after the benchmark's 200 epochs")
    print(f"{'random cells (mean of the table)':36} {spread(all_values)}   best {all_values[-1]:.2f}")
    rows = []
    for method in METHODS:
        found = [results[(method, seed)] for seed in range(seeds)]
        cells = [arch(best(trials)["genotype"]) for trials in found if isinstance(trials, list)]
        values = [truth[cell] for cell in cells]
        rows.append({"space": "nasbench201", "method": method, "cells": cells, "top1": values})
        print(f"{method:36} {spread(values) if values else 'failed':>14}   {[round(value, 2) for value in values]}")
    return rows


def arch(genotype: list) -> str:
    names = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
    o = [names[index] for index in genotype]
    return f"|{o[0]}~0|+|{o[1]}~0|{o[2]}~1|+|{o[3]}~0|{o[4]}~1|{o[5]}~2|"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fashion", type=Path, required=True, help="folder with Fashion-MNIST's four idx.gz files")
    parser.add_argument("--cifar", type=Path, required=True, help="4,000 images or more in CIFAR-10's binary layout")
    parser.add_argument("--table", type=Path, help="NAS-Bench-201 as CSV with columns arch and c10_test_200")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="s2,s4,nasbench201")
    parser.add_argument("--methods", help="only these, separated by `;`")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.methods:
        wanted = arguments.methods.split(";")
        for method in [method for method in METHODS if method not in wanted]:
            del METHODS[method]
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)  # the embedded Postgres runs under a user of its own
        data = Path(scratch) / "data"
        train = small_data.fashion(arguments.fashion, "train", 4000)
        test = small_data.fashion(arguments.fashion, "t10k", 1000)
        small_data.write(data, "fashion-small", 1, train, test, 0.5)
        train, test = small_data.cifar(arguments.cifar, 0, 3500), small_data.cifar(arguments.cifar, 3500, 500)
        small_data.write(data, "cifar-small", 3, train, test, 0.3)
        service = Service(Path(scratch), data, arguments.workers)
        try:
            rows = []
            for name in arguments.only.split(","):
                if name != "nasbench201":
                    rows += against_random(service, name, arguments.seeds)
                elif arguments.table:
                    rows += in_table(service, arguments.table, arguments.seeds)
            if arguments.json:
                arguments.json.write_text(json.dumps(rows, indent=1))
        finally:
            service.stop()


if __name__ == "__main__":
    main()
