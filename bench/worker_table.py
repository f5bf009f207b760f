"""Sums up the runs of bench/worker.sh: a line per case, the medians over its rounds and the spread of the ratio."""
import json
import re
import statistics
import sys

runs = {}
for line in open(sys.argv[1], encoding="utf-8"):
    name, side, report = line.split(" ", 2)
    runs.setdefault((name, side), []).append(json.loads(report))


def reference_of(name):
    return re.sub(r"-(fp32|bf16)", "", name)


def tolerance(name, step):
    """How far the losses of a step may lie apart. bf16 keeps eight bits; rounding grows from step to step."""
    return (0.1 if "bf16" in name else 1e-3) * 20**step


disagreements = []
for (name, side), ours in runs.items():
    if side != "ours":
        continue
    reference = runs[reference_of(name), "reference"]
    for kind, losses in ours[0]["losses"].items():
        pairs = zip(losses, reference[0]["losses"][kind])
        for step, (one, other) in enumerate(list(pairs)[:2]):
            if not abs(one - other) <= tolerance(name, step):
                disagreements.append(f"{name}: the {kind} loss of step {step} is {one}, the reference's {other}")
    rate = [statistics.median(run["images_per_second"] for run in side) for side in (ours, reference)]
    seconds = [statistics.median(run["seconds_per_step"] for run in side) for side in (ours, reference)]
    ratios = [other["seconds_per_step"] / one["seconds_per_step"] for one, other in zip(ours, reference)]
    print(f"BENCH name={name} ours={rate[0]:.1f} reference={rate[1]:.1f} ratio={rate[0] / rate[1]:.2f} "
          f"spread={min(ratios):.2f}..{max(ratios):.2f} seconds={seconds[0]:.3f} reference_seconds={seconds[1]:.3f}")
if disagreements:
    sys.exit("\n".join(disagreements))
