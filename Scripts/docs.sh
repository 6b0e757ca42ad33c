#!/usr/bin/env bash
# Makes the documentation of the library as a site, in .build/docs or where it is told:
#
#     Scripts/docs.sh [FOLDER]
#
# From what a debug build has left, by the tools of the toolchain. swift-docc-plugin would build everything once more, and
# every package that uses this one would fetch it. A warning is an error: a link leads nowhere, a parameter is not told.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
"$swift" build >&2
build=$("$swift" build --show-bin-path)
target=$("${swift}c" -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p' | head -1)
site=${1:-.build/docs}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# C modules are known by their maps: written by hand, by the build, or in a package that is used.
flags=()
for map in Sources/*/module.modulemap "$build"/*.build/module.modulemap .build/checkouts/*/Sources/*/include/module.modulemap; do
    [ ! -f "$map" ] || flags+=(-Xcc "-fmodule-map-file=$PWD/${map#"$PWD"/}")
done
# What the library exports again belongs to it.
exported=$(sed -n 's/^@_exported public import //p' Sources/Modelteca/Exports.swift | paste -sd,)

rm -rf "$site"
mkdir -p "$site"
for module in Modelteca GGUF; do
    mkdir "$work/$module"
    "$swift" symbolgraph-extract -module-name "$module" -target "$target" -I "$build/Modules" "${flags[@]}" \
        -minimum-access-level public -skip-synthesized-members -experimental-allowed-reexported-modules="$exported" \
        -output-dir "$work/$module"
    docc convert "Sources/$module/$module.docc" --fallback-bundle-identifier "$module" --warnings-as-errors \
        --additional-symbol-graph-dir "$work/$module" --output-path "$work/$module.doccarchive" \
        --transform-for-static-hosting
done
docc merge "$work"/*.doccarchive --output-path "$site/site" >&2
mv "$site/site"/* "$site" && rmdir "$site/site"
echo "the documentation is in $site: python3 -m http.server -d $site, then /documentation"
