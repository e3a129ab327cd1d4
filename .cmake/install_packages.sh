#!/bin/sh
# install_packages.sh program|tests: makes sure that everything is there to build the program, or to build and run the
# tests as well. What is missing is installed with apt-get; on a system without apt-get it is named and the status is 1.
# When nothing is missing nothing is called, so that no network and no rights are needed.
set -eu
PATH=$PATH:/usr/sbin:/sbin # dpkg needs them, and a shell of `su` lacks them

compiler=${CXX:-c++}
missing=''  # for a person
packages='' # for apt-get

lacks() { # lacks NAME PACKAGE...
  missing="$missing
  $1"
  shift
  packages="$packages $*"
}

need_tool() { # need_tool COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || lacks "$1" "$2"
}

# Where headers may lie besides the compiler's own folders.
header_flags() { # header_flags PKG_CONFIG_NAME
  pkg-config --cflags-only-I "$1" 2>/dev/null || true
  old_ifs=$IFS
  IFS=:
  for prefix in /usr ${CMAKE_PREFIX_PATH:-}; do
    [ -d "$prefix/include" ] && [ "$prefix" != /usr ] && printf ' -I%s/include' "$prefix"
    [ -d "$prefix/include/eigen3" ] && printf ' -I%s/include/eigen3' "$prefix"
  done
  IFS=$old_ifs
}

need_header() { # need_header HEADER PKG_CONFIG_NAME PACKAGE...
  header=$1
  # shellcheck disable=SC2046 # several flags
  if ! echo "#include <$header>" | "$compiler" -x c++ -std=c++20 -E $(header_flags "$2") - >/dev/null 2>&1; then
    shift 2
    lacks "<$header>" "$@"
  fi
}

case "${1:-}" in
program | tests) ;;
*)
  echo "usage: install_packages.sh program|tests" >&2
  exit 2
  ;;
esac

# 1. Tools and libraries
case "$compiler" in
*clang*) need_tool "$compiler" "clang libomp-dev" ;;
*) need_tool "$compiler" g++ ;;
esac
need_tool cmake cmake
need_tool ninja ninja-build
need_tool pkg-config pkg-config
need_header Eigen/Core eigen3 libeigen3-dev
need_header xsimd/xsimd.hpp xsimd libxsimd-dev
need_header zip.h libzip libzip-dev
need_header zlib.h zlib zlib1g-dev
need_header nlohmann/json.hpp nlohmann_json nlohmann-json3-dev
need_header pugixml.hpp pugixml libpugixml-dev
need_header dcmtk/dcmdata/dcfilefo.h dcmtk libdcmtk-dev
need_header hpdf.h libharu libhpdf-dev
need_header png.h libpng libpng-dev
need_header CLI/CLI.hpp CLI11 libcli11-dev
if [ "$1" = tests ]; then
  need_header doctest/doctest.h doctest doctest-dev
  need_header benchmark/benchmark.h benchmark libbenchmark-dev
  need_header libavformat/avformat.h libavformat libavformat-dev libavcodec-dev libswscale-dev
  need_header mpi.h ompi-cxx libopenmpi-dev openmpi-bin
fi
[ -n "$packages" ] || exit 0

# 2. What is missing
echo "missing:$missing"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "This system has no apt-get. Please install them yourself (Debian calls them:$packages) and start again." >&2
  exit 1
fi
as_root=''
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "Please run as root, then start again: apt-get install$packages" >&2
    exit 1
  fi
  as_root=sudo
fi
echo "installing:$packages"
$as_root apt-get update -q
# shellcheck disable=SC2086 # several packages
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages
