#!/bin/sh
# Times the network, the whole job and a step of training beside their rivals in one run, in turns, and prints one table
# of milliseconds and ratios in Markdown. Three rounds take two to four minutes on an idle machine.
#
# usage: sh bench/compare.sh [BENCH_MODELS [PEERS_FOLDER]]
#   BENCH_MODELS   the built benchmark, default build/release/bench/bench_models; bench_training lies beside it
#   PEERS_FOLDER   holds torch_peer.py (and ort_peer.js), default ../shared/tools; any program that prints lines
#                  "forward_b1 SECONDS" under these names will do
# environment: ROUNDS (3), THREADS ("1 2"), PYTHON (/usr/bin/python3)
# PyTorch needs an OpenBLAS that runs its own kernels: leave OPENBLAS_* unset (they are cleared for the rivals here).
#
# A record of 12 beats costs the published loop 36 forwards (12 beats x 3 masks): detect is held against 36 forwards of
# the rival in the batch that suits it best.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
models=${1:-$here/build/release/bench/bench_models}
peers=${2:-$here/../shared/tools}
rounds=${ROUNDS:-3}
threads=${THREADS:-1 2}
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

# Lines of a Google Benchmark (NAME/arg:value/.../real_time, milliseconds in column 3) -> "NAME arguments SECONDS".
own() {
  "$1" --benchmark_filter="$2" --benchmark_format=csv 2>>"$results/context" |
    awk -F, '/real_time/ { gsub(/"/, "", $1); gsub(/[a-z]+:|\/real_time.*|\/iterations.*/, "", $1); print $1, $3 / 1000 }' >>"$results/systolic"
}
round=1
while [ "$round" -le "$rounds" ]; do
  for t in $threads; do
    own "$models" "^forward_f32/batch:(1|3|36)/threads:$t/" || true
    own "$models" "^detect_[a-z0-9]+/beats:[0-9]+/threads:$t/"
    own "$(dirname "$models")/bench_training" "^train_step_f32/batch:32/threads:$t/"
    if [ -n "$torch" ]; then clean_peer "$python" "$peers/torch_peer.py" bench "$t" | sed "s/ /\/$t /" >>"$results/torch"; fi
    if [ -n "$ort" ]; then clean_peer node "$peers/ort_peer.js" "$results" "$t" | sed "s/ /\/$t /" >>"$results/ort"; fi
  done
  round=$((round + 1))
done

grep -h fma_peak "$results/context" | sort | tail -n 1
echo "median of $rounds rounds, milliseconds; ratio: systolic's time divided by the rival's"
echo
printf '| what | threads | systolic |'
[ -z "$torch" ] || printf ' PyTorch | ratio |'
[ -z "$ort" ] || printf ' ONNX Runtime | ratio |'
printf '\n|---|---|---|'
[ -z "$torch" ] || printf -- '---|---|'
[ -z "$ort" ] || printf -- '---|---|'
echo

median() { awk -v key="$2" '$1 == key { print $2 }' "$1" | sort -g | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] * 1000 }'; }
# The rival's milliseconds for 36 forwards, in the best of its batches.
best36() {
  for batch in 1 3 36; do
    one=$(median "$1" "forward_b$batch/$2")
    [ -z "$one" ] || awk -v a="$one" -v b="$batch" 'BEGIN { print a * 36 / b }'
  done | sort -g | head -n 1
}
row() { # what it is called, threads, our key, the rival's key or "best36"
  mine=$(median "$results/systolic" "$3")
  [ -n "$mine" ] || return 0
  printf '| %s | %s | %.2f |' "$1" "$2" "$mine"
  for peer in torch ort; do
    [ -f "$results/$peer" ] || continue
    if [ "$4" = best36 ]; then other=$(best36 "$results/$peer" "$2"); else other=$(median "$results/$peer" "$4"); fi
    if [ -z "$other" ]; then printf ' | |'; else printf ' %.2f | %.2f |' "$other" "$(awk -v a="$mine" -v b="$other" 'BEGIN { print a / b }')"; fi
  done
  echo
}
for t in $threads; do
  for batch in 1 3 36; do row "forward, batch $batch" "$t" "forward_f32/$batch/$t" "forward_b$batch/$t"; done
  row "detect, 12 beats, against 36 forwards" "$t" "detect_f32/12/$t" best36
  row "the same, bf16" "$t" "detect_bf16/12/$t" best36
  row "the same, int8" "$t" "detect_int8/12/$t" best36
  row "the same, f32, 4 of the beats" "$t" "detect_f32/4/$t" best36
  row "training step, batch 32" "$t" "train_step_f32/32/$t" "train_step_b32/$t"
done
echo
for what in forward_f32/1 detect_f32/12 train_step_f32/32; do
  one=$(median "$results/systolic" "$what/1") two=$(median "$results/systolic" "$what/2")
  [ -z "$one" ] || [ -z "$two" ] || awk -v a="$one" -v b="$two" -v n="$what" 'BEGIN { printf "%s: two threads are %.2f times as fast as one\n", n, a / b }'
done
