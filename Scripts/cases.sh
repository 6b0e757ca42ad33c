#!/usr/bin/env bash
# Tries the built program in situations in which other people's users were harmed or misled: one script each, two at a
# time. A case that falls is tried once more alone, since some of them count seconds.
#
#   Scripts/cases.sh FOLDER-OF-CASES [SLM]
set -euo pipefail
cases=$(cd "$1" && pwd)
SLM=$(realpath "${2:-$(swift build --show-bin-path)/slm}")
export SLM cases

results=$(cd "$cases" && printf '%s\n' [0-9FS]*-*.sh | sed 's/\.sh$//' \
    | xargs -P 2 -I NAME bash -c '"$cases/run" NAME || true' | grep -E '^(holds|falls) ')
fallen=$(awk '$1 == "falls" { print $2 }' <<<"$results")
echo "$(grep -c '^holds' <<<"$results") cases hold"
[ -z "$fallen" ] || xargs "$cases/run" <<<"$fallen"
