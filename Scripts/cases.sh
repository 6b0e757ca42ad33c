#!/usr/bin/env bash
# Tries the built program in situations in which other people's users were harmed or misled: one script each, two at a
# time. A case that falls is tried twice more alone, since some of them count seconds. One that says that its situation
# did not come about (a process was stopped a moment too early) says nothing of the program: it is named, and fails
# nothing.
#
#   Scripts/cases.sh FOLDER-OF-CASES [SLM]
set -euo pipefail
cases=$(cd "$1" && pwd)
SLM=$(realpath "${2:-$(swift build --show-bin-path)/slm}")
export SLM cases

results=$(cd "$cases" && printf '%s\n' [0-9FS]*-*.sh | sed 's/\.sh$//' \
    | xargs -P 2 -I NAME bash -c '"$cases/run" NAME || true' | grep -E '^(holds|falls) ')
echo "$(grep -c '^holds' <<<"$results") cases hold"

status=0
for name in $(awk '$1 == "falls" { print $2 }' <<<"$results"); do
    for _ in 1 2; do
        result=$("$cases/run" "$name" | grep -E '^(holds|falls) ' || true)
        [[ $result != holds* ]] || break
    done
    echo "$result"
    [[ $result == holds* || $result =~ ^falls\ +[^\ ]+\ +skip: ]] || status=1
done
exit $status
