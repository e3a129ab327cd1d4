#!/bin/sh
# Times the forward pass and a step of training beside their rivals in one run, in turns, and prints ratios.
#
# usage: sh bench/compare.sh [BENCH_MODELS [PEERS_FOLDER]]
#   BENCH_MODELS   the built benchmark, default build/release/bench/bench_models; bench_training lies beside it
#   PEERS_FOLDER   holds torch_peer.py (and ort_peer.js), default ../shared/tools; any program that prints lines
#                  "forward_b1 SECONDS" under these names will do
# environment: ROUNDS (3), THREADS (1), PYTHON (/usr/bin/python3)
# PyTorch needs an OpenBLAS that runs its own kernels: leave OPENBLAS_* unset (they are cleared for the rivals here).
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
models=${1:-$here/build/release/bench/bench_models}
peers=${2:-$here/../shared/tools}
rounds=${ROUNDS:-3}
threads=${THREADS:-1}
python=${PYTHON:-/usr/bin/python3}
[ -x "$models" ] || { echo "$models is not there: build it with cmake --preset release && cmake --build --preset release" >&2; exit 1; }

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
torch= ort=
[ -f "$peers/torch_peer.py" ] && "$python" -c 'import torch' 2>/dev/null && torch=yes
[ -f "$peers/ort_peer.js" ] && [ -n "${NODE_PATH:-}" ] && node -e 'require("onnxruntime-node")' 2>/dev/null && ort=yes
[ -n "$torch" ] || echo "no PyTorch peer: needs $peers/torch_peer.py and python3-torch" >&2
[ -n "$ort" ] || echo "no ONNX Runtime peer: needs $peers/ort_peer.js and NODE_PATH with onnxruntime-node" >&2

clean_peer() { env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE -u OPENBLAS_NUM_THREADS "$@"; }
if [ -n "$ort" ]; then clean_peer "$python" "$peers/torch_peer.py" onnx "$results" >/dev/null 2>&1 || ort=; fi

round=1
while [ "$round" -le "$rounds" ]; do
  "$models" --benchmark_filter="^forward_f32/batch:(1|3|36)/threads:$threads/" --benchmark_format=csv \
    2>>"$results/context" | awk -F, '/forward_f32/ { split($1, p, /[:\/]/); print "forward_b" p[3], $3 / 1000 }' \
    >>"$results/systolic"
  "$(dirname "$models")/bench_training" --benchmark_filter="^train_step_f32/batch:32/threads:$threads/" \
    --benchmark_format=csv 2>>"$results/context" |
    awk -F, '/train_step_f32/ { print "train_step_b32", $3 / 1000 }' >>"$results/systolic"
  if [ -n "$torch" ]; then clean_peer "$python" "$peers/torch_peer.py" bench "$threads" >>"$results/torch"; fi
  if [ -n "$ort" ]; then clean_peer node "$peers/ort_peer.js" "$results" "$threads" >>"$results/ort"; fi
  round=$((round + 1))
done

grep -h fma_peak "$results/context" | sort | tail -n 1
echo "median of $rounds rounds, $threads thread(s), milliseconds a call"
printf '%-12s %10s' what systolic
[ -z "$torch" ] || printf ' %10s %8s' pytorch ratio
[ -z "$ort" ] || printf ' %10s %8s' onnx ratio
echo
median() { awk -v key="$2" '$1 == key { print $2 }' "$1" | sort -g | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] * 1000 : "-" }'; }
for what in forward_b1 forward_b3 forward_b36 train_step_b32; do
  own=$(median "$results/systolic" "$what")
  [ "$own" != - ] || continue
  printf '%-12s %10.2f' "$what" "$own"
  for peer in torch ort; do
    [ -f "$results/$peer" ] || continue
    other=$(median "$results/$peer" "$what")
    if [ "$other" = - ]; then printf ' %10s %8s' - -; else printf ' %10.2f %8.2f' "$other" "$(awk -v a="$own" -v b="$other" 'BEGIN { print a / b }')"; fi
  done
  echo
done
