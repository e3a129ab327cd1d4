#!/bin/sh
# Analyses two synthetic recordings: a normal one, and one with two premature ventricular beats. Installs what is
# missing (Debian), builds the program, prints what it finds, and draws both on ECG paper. From any folder.
set -eu
cd "$(dirname "$0")/.."
build=build/demo
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

sh .cmake/install_packages.sh program
echo "Building the program (some minutes, once) ..."
mkdir -p "$build"
if ! { cmake --preset release -B "$build" -DSYSTOLIC_BUILD_TESTS=OFF -DSYSTOLIC_BUILD_BENCH=OFF &&
  cmake --build "$build" --target systolic_program --parallel "$jobs"; } >"$build/log.txt" 2>&1; then
  cat "$build/log.txt"
  exit 1
fi
program=$(find "$build" -type f -name systolic -perm -u+x | head -n 1)

for record in normal two_pvc; do
  echo
  "$program" detect "examples/data/$record" --report "$build/$record.svg"
  "$program" classify "examples/data/$record" --evidence
done
echo
echo "The recordings on ECG paper, with what is abnormal in colour (open them in a browser):"
for record in normal two_pvc; do
  echo "  $PWD/$build/$record.svg"
done
