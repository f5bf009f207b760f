"""Sums up the runs of bench/worker.sh: a line per network and precision, the medians over its rounds."""
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


disagreements = []
for (name, side), ours in runs.items():
    if side != "ours":
        continue
    reference = runs[reference_of(name), "reference"]
    losses = ours[0]["first_loss"], reference[0]["first_loss"]
    # bf16 keeps eight bits: after a whole network some hundredths.
    if abs(losses[0] - losses[1]) > (0.1 if "bf16" in name else 1e-3):
        disagreements.append(f"{name}: the first loss is {losses[0]}, the reference's {losses[1]}")
    rate = [statistics.median(run["images_per_second"] for run in side) for side in (ours, reference)]
    print(f"BENCH name={name} ours={rate[0]:.1f} reference={rate[1]:.1f} ratio={rate[0] / rate[1]:.2f}")
if disagreements:
    sys.exit("\n".join(disagreements))
