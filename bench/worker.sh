#!/usr/bin/env bash
# Images per second of a whole training step (forward, loss, backward, SGD) beside the same step in plain eager PyTorch:
# same network, weights, images and threads, in alternating runs. Then search steps of supernets, likewise. The losses of
# the first steps must agree.
# ROUNDS (default 3), STEPS (6 timed steps a run) and THREADS (all cores) change the effort; CASES picks rows by a
# pattern, e.g. CASES='supernet-*'. Supernets: SEARCH_STEPS (2 timed steps a run), SEARCH_BATCHES (16 64).
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/torch-python.sh >&2
python=${NASCENT_PYTHON:-.venv/bin/python}
worker=${NASCENT_WORKER_BIN:-target/release/nascent-worker}
rounds=${ROUNDS:-3} steps=${STEPS:-6} threads=${THREADS:-$(nproc)} cases=${CASES:-*}
search_steps=${SEARCH_STEPS:-2} search_batches=${SEARCH_BATCHES:-16 64}
results=$(mktemp)
noise=$(mktemp)
trap 'rm -f "$results" "$noise"' EXIT

wanted() { case "$1" in $cases) return 0 ;; *) return 1 ;; esac }

record() { # record NAME SIDE COMMAND...
  local name=$1 side=$2
  shift 2
  printf '%s %s %s\n' "$name" "$side" "$("$@" | tail -1)" | tee -a "$results" >&2
}
compare() { # compare DEVICE SUFFIX PRECISIONS...
  local device=$1 suffix=$2 net precision
  shift 2
  for net in darts nasbench201; do
    wanted "child-$net" || continue
    for _ in $(seq "$rounds"); do
      for precision in "$@"; do
        record "child-$net-$precision$suffix" ours "$worker" bench --net "$net" --precision "$precision" \
          --steps "$steps" --threads "$threads" --device "$device"
      done
      record "child-$net$suffix" reference "$python" bench/reference_step.py --net "$net" --steps "$steps" \
        --threads "$threads" --device "$device"
    done
  done
}
search() { # search BATCH SUFFIX
  local batch=$1 suffix=$2 case
  for case in darts-first darts-second gdas nasbench201; do
    wanted "supernet-$case$suffix" || continue
    for _ in $(seq "$rounds"); do
      record "supernet-$case-fp32$suffix" ours "$worker" bench --net "supernet-$case" --batch "$batch" \
        --steps "$search_steps" --warm-up 1 --threads "$threads"
      # GDAS draws; the reference draws the same.
      tail -1 "$results" | cut -d' ' -f3- >"$noise"
      record "supernet-$case$suffix" reference "$python" bench/reference_supernet.py --case "$case" \
        --batch "$batch" --steps "$search_steps" --warmup 1 --threads "$threads" --noise "$noise"
    done
  done
}

devices=$("$worker" devices --json)
has_bf16() { python3 -c 'import json, sys; sys.exit(not any(d["device"] == sys.argv[1] and d["bf16_speedup"] for d in json.loads(sys.argv[2])))' "$1" "$devices"; }
"$worker" devices
precisions=(fp32)
if has_bf16 cpu; then precisions+=(bf16); else echo "bf16: this CPU has no instructions for it; its rows are left out"; fi
compare cpu "" "${precisions[@]}"
if has_bf16 cuda:0; then
  if "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
    compare cuda -cuda fp32 bf16
  else
    echo "CUDA: the worker sees a GPU, the reference's torch does not (set NASCENT_PYTHON); its rows are left out"
  fi
else
  echo "CUDA: no GPU here; its rows are left out"
fi
for batch in $search_batches; do search "$batch" "$([ "$batch" = 16 ] || echo "-b$batch")"; done
python3 bench/worker_table.py "$results"
