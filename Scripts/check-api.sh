#!/usr/bin/env bash
# Says what of the public API would break who uses it, since the last release or a commit that is named:
#
#     Scripts/check-api.sh [COMMIT]
#
# Exit status 1 where something does. Before a first release nothing is promised, and there is nothing to compare with.
# It builds the older version too, beside this one, and keeps what it learned of it in .build/api.
set -euo pipefail
cd "$(dirname "$0")/.."
base=${1:-$(git describe --tags --abbrev=0 --match '[0-9]*.[0-9]*.[0-9]*' 2>/dev/null || true)}
if [ -z "$base" ]; then
    echo "no release has been made yet, so no API is promised; Scripts/check-api.sh COMMIT compares with a commit"
    exit 0
fi
git rev-parse --verify --quiet "$base^{commit}" >/dev/null || { echo "there is no commit $base" >&2; exit 64; }
# 0.x promises nothing from one minor version to the next (semver.org, 4): what breaks is told all the same.
exec "${SWIFT:-swift}" package diagnose-api-breaking-changes "$base" --baseline-dir .build/api \
    --products Modelteca --products LlamaMemory --products GGUF
