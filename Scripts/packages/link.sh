#!/usr/bin/env bash
# Builds the program for this system and links it, small and stripped, with the Swift runtime inside:
#
#     Scripts/packages/link.sh OUTPUT [FLAG…]     FLAG: more for the linker, as swiftc takes it
#
# What SwiftPM links is twice as large: it exports every symbol, so nothing can be left out, and takes libFoundation.a for
# a function that libFoundationEssentials.a has as well; all of ICU comes with that.
set -euo pipefail
cd "$(dirname "$0")/../.."
output=$1
shift
swift=${SWIFT:-swift}
flags=(-c release --product slm --static-swift-stdlib)
"$swift" build "${flags[@]}" >&2
objects=$("$swift" build "${flags[@]}" --show-bin-path)/slm.product/Objects.LinkFileList
[ -s "$objects" ] || { echo "there is no $objects: SwiftPM has changed" >&2; exit 70; }
resources=$("${swift}c" -print-target-info -static-stdlib | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
essentials=$resources/linux/libFoundationEssentials.a
if [ $# = 0 ]; then set -- -lcurl -lsqlite3 -lqrencode; fi
# Tables for C++ exceptions, of which nothing here throws one: 5.2 MB. Swift's errors are values, its stops are traps, and
# what is stripped is followed by frame pointers.
tables=$(mktemp)
trap 'rm -f "$tables"' EXIT
echo 'SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame.*) } } INSERT AFTER .text;' >"$tables"
"${swift}c" -static-stdlib -emit-executable -use-ld=lld "@$objects" "$essentials" -o "$output" \
    -Xlinker --defsym=main=slm_main -Xlinker --gc-sections -Xlinker --icf=safe -Xlinker --no-export-dynamic -Xlinker -s \
    -Xlinker --no-eh-frame-hdr -Xlinker -T -Xlinker "$tables" "$@"

if grep -qa 'icudt[0-9]' "$output"; then
    echo "ICU is linked in, 40 MB: something refers to what only Foundation has, not FoundationEssentials:" >&2
    tr -d "'" <"$objects" | xargs nm -Au 2>/dev/null | grep -E '10Foundation[0-9A-Z]' |
        sed 's|.*/\([^/]*\)\.build/.*|    \1|' | sort | uniq -c | sort -rn >&2
fi
