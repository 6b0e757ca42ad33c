#!/usr/bin/env bash
# What a store takes on Btrfs, XFS and ext4 when a model is imported, updated with `--keep` and rolled back: images of
# 700 MiB are mounted, and `df` is read after each step. Three of 64 tensors change, and the header keeps its length. `prune`
# then has to free what it says, of the old version and of two copies that share their blocks with the stored file.
#
#     Scripts/reflinks.sh [SLM [LOOPBACK_HUB]]
#
# Needs root, mkfs.btrfs (btrfs-progs) and mkfs.xfs (xfsprogs). Where a disk cannot be mounted, that is said, and it is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
slm=$(realpath "${1:-$(swift build --show-bin-path)/slm}")
loopback_hub=$(realpath "${2:-$(dirname "$slm")/loopback-hub}")
work=$(mktemp -d)
hub_pid=
finish() {
    [ -z "$hub_pid" ] || kill "$hub_pid" 2>/dev/null || true
    mountpoint -q "$work/disk" && umount "$work/disk"
    rm -rf "$work"
}
trap finish EXIT
failed=0
check() { # check WHAT COMMAND…
    if "${@:2}"; then echo "ok    $1"; else
        echo "FAIL  $1" >&2
        failed=1
    fi
}

mkdir -p "$work/root/hf/disk/model-GGUF" "$work/root/files" "$work/home"
python3 - "$work/root/hf/disk/model-GGUF/model-Q8_0.gguf" "$work/root/files/new.gguf" <<'PYTHON'
import random, struct, sys
def text(value):
    return struct.pack("<Q", len(value)) + value.encode()
for path, template, changed in [(sys.argv[1], "old", ()), (sys.argv[2], "new", (9, 30, 60))]:
    pairs = [("general.architecture", "llama"), ("tokenizer.chat_template", template)]
    head = b"GGUF" + struct.pack("<IQQ", 3, 64, len(pairs))
    head += b"".join(text(key) + struct.pack("<I", 8) + text(value) for key, value in pairs)
    for index in range(64):
        head += text(f"blk.{index}.weight") + struct.pack("<IQQIQ", 2, 4096, 128, 0, index << 21)
    head += bytes(-len(head) % 32)
    with open(path, "wb") as file:
        file.write(head)
        for index in range(64):
            file.write(random.Random(f"{index}/{index in changed}").randbytes(2 << 20))
PYTHON
cp "$work/root/hf/disk/model-GGUF/model-Q8_0.gguf" "$work/root/files/old.gguf"
size=$(stat -c %s "$work/root/files/new.gguf")
"$loopback_hub" --root "$work/root" --max-seconds 600 --ready-file "$work/ready" >/dev/null &
hub_pid=$!
until [ -s "$work/ready" ]; do sleep 0.1; done
hub=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["hub"])' "$work/ready")
control() { python3 -c 'import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1] + "/__control", data=sys.argv[2].encode())).read()' "$hub" "$1"; }
used() { sync -f "$work/disk" && df --output=used -B1 "$work/disk" | tail -1; }

export HOME=$work/home HF_ENDPOINT=$hub LC_ALL=C.UTF-8
old_sum=$(sha256sum "$work/root/hf/disk/model-GGUF/model-Q8_0.gguf" | cut -d' ' -f1)
new_sum=$(sha256sum "$work/root/files/new.gguf" | cut -d' ' -f1)
for kind in btrfs xfs ext4; do
    mkdir -p "$work/disk"
    truncate -s 700M "$work/image"
    if ! "mkfs.$kind" -q "$work/image" >/dev/null 2>&1 || ! mount -o loop "$work/image" "$work/disk" 2>/dev/null; then
        echo "skip  $kind: it cannot be made or mounted here"
        rm -f "$work/image"
        continue
    fi
    # Another name each time: an empty folder where a store was is taken for a disk that is not there.
    export SLM_STORE=$work/disk/store-$kind
    mkdir "$SLM_STORE"
    empty=$(used)
    "$slm" get hf:disk/model-GGUF:Q8_0 -q >/dev/null
    got=$(used)
    control '{"op": "commit", "repo": "disk/model-GGUF", "files": {"model-Q8_0.gguf": {"copy": "files/new.gguf"}}}'
    "$slm" update --keep -q >/dev/null
    updated=$(used)
    stored=$("$slm" path hf:disk/model-GGUF:Q8_0)
    check "$kind: updated to the new bytes" [ "$(sha256sum "$stored" | cut -d' ' -f1)" = "$new_sum" ]
    "$slm" rollback hf:disk/model-GGUF:Q8_0 -q >/dev/null
    rolled=$(used)
    check "$kind: rolled back to the old bytes" [ "$(sha256sum "$stored" | cut -d' ' -f1)" = "$old_sum" ]
    echo "      $kind: $((got - empty)) bytes for a model of $size; the update with --keep took $((updated - got)) more, the way back $((rolled - updated))"
    if [ "$kind" = ext4 ]; then
        check "ext4: the way back is a second name" [ $((rolled - updated)) -lt $((4 << 20)) ]
    else
        check "$kind: the update shares what did not change" [ $((updated - got)) -lt $((size / 4)) ]
        check "$kind: the way back shares all" [ $((rolled - updated)) -lt $((4 << 20)) ]
    fi
    for copy in 1 2; do cp --reflink=auto "$stored" "$SLM_STORE/.slm/partial/dead-$copy.part"; done
    full=$(used)
    said=$("$slm" prune --dry-run --json |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["freedBytes"])')
    "$slm" prune --yes -q >/dev/null
    freed=$((full - $(used)))
    echo "      $kind: prune says that it frees $said bytes, and frees $freed"
    check "$kind: prune frees what it says" [ $((said > freed ? said - freed : freed - said)) -lt $((2 << 20)) ]
    cp "$work/root/files/new.gguf" "$work/disk/from-elsewhere.gguf"
    before=$(used)
    "$slm" import -q "$work/disk/from-elsewhere.gguf" >/dev/null
    taken=$(($(used) - before))
    echo "      $kind: a file of $size that is imported takes $taken"
    check "$kind: an imported file takes no space again" [ $taken -lt $((4 << 20)) ]
    umount "$work/disk"
    rm -f "$work/image"
    # For the next disk the origin is as it was.
    control '{"op": "commit", "repo": "disk/model-GGUF", "files": {"model-Q8_0.gguf": {"copy": "files/old.gguf"}}}'
done
exit $failed
