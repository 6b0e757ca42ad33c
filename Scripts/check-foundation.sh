#!/usr/bin/env bash
# Names what in the debug build only Foundation has, and not FoundationEssentials: one such call brings ICU's 34 MB of
# tables into the program. Silent where there is none.
#
# The compiler does not tell: a member is found through whichever module another file imports, swift-argument-parser among
# them. The objects do.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(uname -s)" = Linux ] || exit 0
objects=$(${SWIFT:-swift} build --show-bin-path)
found=$(
    find Sources -name '*.swift' | while read -r source; do
        module=${source#Sources/}
        object=$objects/${module%%/*}.build/${source##*/}.o
        [ -f "$object" ] || continue
        # The module is called Foundation, ten letters, and FoundationEssentials is another.
        nm -u "$object" | sed -n "s|^ *U \(.*10Foundation[0-9A-Z].*\)|$source \1|p"
    done
)
[ -z "$found" ] && exit 0
swift demangle --simplified <<<"$found" >&2
echo "Only Foundation has these. \`trimmed\`, \`holds\` and \`percentDecoded\` do the same." >&2
exit 1
