#!/bin/sh
# include_budget.sh FOLDER COMPILER EIGEN: fails if including a door of the library, and calling nothing, makes g++
# compile more of its functions (and of the standard library's for its types) than the budget. Unlike seconds their
# number depends on nothing but the code. Over the budget? Something is compiled that nobody calls:
# docs/architecture.md, "The include budget". Status 77 where the compiler is not g++.
set -eu
source=$1 compiler=$2 eigen=$3 status=0
case $("$compiler" --version) in
  *"Free Software Foundation"*) ;;
  *)
    echo "skipped: only g++ lists the functions that it compiles"
    exit 77
    ;;
esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# check HEADER BUDGET
check() {
  echo "#include \"systolic/$1\"" >"$folder/door.cpp"
  "$compiler" -std=c++20 -fopenmp -I"$source/include" -I"$eigen" -fsyntax-only \
    -fdump-tree-original="$folder/functions" "$folder/door.cpp"
  functions=$(grep -c '^;; Function .*systolic' "$folder/functions")
  echo "$1: $functions functions, budget $2"
  [ "$functions" -le "$2" ] || status=1
}

check infer.hpp 750
check systolic.hpp 5300
exit "$status"
