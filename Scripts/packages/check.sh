#!/usr/bin/env bash
# Tries what dist.sh made in bare Debians: installs the package, the tarball by install.sh, asks, downloads from the
# loopback hub, reads the manual, completes in three shells, and removes it all again. As root, because of chroot.
#
#     Scripts/packages/check.sh [bookworm] [bullseye]
#
# The file systems are kept in .build/packages; the loopback hub is built if it is not there.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$PWD/.build/packages
[ "$(id -u)" = 0 ] || { echo "chroot needs root" >&2; exit 77; }
deb=$(ls dist/slm_*.deb) tar=$(ls dist/slm-*.tar.gz)
[ $# -gt 0 ] || set -- bookworm bullseye
export LC_ALL=C.UTF-8 HOME=/root
unset SLM_STORE HF_ENDPOINT

fail() {
    echo "✗ $release: $*" >&2
    exit 1
}
ok() { echo "✓ $release: $*"; }

# The hub runs out here, on loopback, which a chroot shares.
hub=${LOOPBACK_HUB:-$(swift build --product loopback-hub --show-bin-path)/loopback-hub}
[ -x "$hub" ] || swift build --product loopback-hub
rm -f "$work/hub.ready"
"$hub" --max-seconds 1800 --ready-file "$work/hub.ready" >"$work/hub.log" 2>&1 &
server=$!
mounts=()
trap 'kill $server 2>/dev/null; for m in "${mounts[@]}"; do umount "$m" 2>/dev/null || true; done' EXIT
for _ in $(seq 100); do
    [ -s "$work/hub.ready" ] && break
    sleep 0.1
done
address=$(sed -n 's/.*"hub":"\([^"]*\)".*/\1/p' "$work/hub.ready")
model=hf:demo/tiny-llama-GGUF:Q4_K_M

for release in "$@"; do
    base=$work/bare-$release
    if [ ! -e "$base/.complete" ]; then
        rm -rf "$base"
        debootstrap --variant=minbase --include=man-db,bash-completion,zsh,fish,ca-certificates,openssl "$release" "$base" \
            http://deb.debian.org/debian >"$work/debootstrap-$release.log"
        # Minimal systems leave the manual out, see dpkg's path-exclude: these do not.
        touch "$base/.complete"
    fi
    box=$work/box-$release
    umount "$box/proc" 2>/dev/null || true
    rm -rf "$box"
    cp -a --reflink=auto "$base" "$box"
    mkdir -p "$box/dist"
    cp dist/* "$box/dist/"
    mount -t proc proc "$box/proc"
    mounts+=("$box/proc")
    inside() { chroot "$box" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root LC_ALL=C.UTF-8 \
        TERM=xterm MANPAGER=cat HF_ENDPOINT="$address" NO_PROXY=127.0.0.1 "$@"; }
    files() { (cd "$box" && find . -xdev \( -path ./proc -o -path ./dist -o -path ./var/cache -o -path ./var/log \
        -o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./tmp -o -path ./root -o -path ./dev \) -prune -o -print | sort); }

    try() { # try HOW: what works wherever it came from
        local how=$1 candidates
        inside slm --version | grep -q '^slm ' || fail "$how: --version"
        inside slm list --device laptop-16gb >"$work/out" || fail "$how: list"
        grep -q 'fits' "$work/out" || fail "$how: list shows nothing that fits"
        inside slm get "$model" --store /root/models >"$work/out" 2>&1 || { cat "$work/out"; fail "$how: get"; }
        inside slm verify --store /root/models >/dev/null || fail "$how: verify"
        inside slm rm --yes "$model" --store /root/models >/dev/null || fail "$how: rm"
        inside man slm 2>/dev/null | grep -q 'EXIT STATUS' || fail "$how: man slm"
        inside man slm-get 2>/dev/null | grep -q -- '--sha256' || fail "$how: man slm-get"
        inside env LC_ALL=C.UTF-8 man -L es slm 2>/dev/null | grep -q 'ESTADO DE SALIDA' || fail "$how: man -L es slm"
        ok "$how: list, get, verify, rm, man slm in two languages"
        candidates=$(inside bash -c '. /usr/share/bash-completion/bash_completion
            _completion_loader slm 2>/dev/null || true
            COMP_LINE="slm show qwen2:" COMP_POINT=15 COMP_WORDS=(slm show qwen2 :) COMP_CWORD=3; _slm slm
            printf "%s\n" "${COMPREPLY[@]}"')
        grep -qx '0.5b' <<<"$candidates" || fail "$how: bash completes $candidates"
        # As desktops set it; without it Debian's fish looks into /usr/share alone.
        candidates=$(inside XDG_DATA_DIRS=/usr/local/share:/usr/share fish -c 'complete -C "slm show qwen2:"')
        grep -q '^qwen2:0.5b' <<<"$candidates" || fail "$how: fish completes $candidates"
        candidates=$(inside zsh -c 'autoload -Uz compinit; compinit -u -D; print ${_comps[slm]}')
        [ "$candidates" = _slm ] || fail "$how: zsh has no completion"
        ok "$how: completion in bash, zsh and fish"
    }

    files >"$work/before"
    inside sh -c 'apt-get -qq update && apt-get -qq install -y --no-install-recommends /dist/'"${deb#dist/}" >"$work/apt.log" 2>&1 ||
        { tail -20 "$work/apt.log"; fail "the package does not install"; }
    ok "$(basename "$deb") installs"
    inside sh -c 'ldd /usr/bin/slm' | grep -q 'not found' && fail "a library is missing"
    try "package"
    inside apt-get -qq purge -y slm >"$work/out" 2>&1
    grep -q 'Downloads' "$work/out" || fail "purge does not say what remains"
    inside apt-get -qq autoremove --purge -y >/dev/null 2>&1
    files >"$work/after"
    diff "$work/before" "$work/after" | grep -i 'slm' && fail "the package leaves something behind"
    ok "purge leaves nothing behind"

    flag=--unsigned
    if [ -e dist/SHA256SUMS.sig ] && inside openssl pkeyutl -help 2>&1 | grep -q -- -rawin; then flag=; fi
    files >"$work/before"
    inside sh /dist/install.sh --from /dist $flag || fail "install.sh"
    inside sh -c 'ldd /usr/local/bin/slm' | grep -vE 'linux-vdso|ld-linux|/lib(c|m|dl|pthread|rt|util)\.so' && fail "the tarball needs more than libc"
    try "tarball"
    inside sh /dist/install.sh --uninstall || fail "install.sh --uninstall"
    files >"$work/after"
    diff "$work/before" "$work/after" | grep 'slm' && fail "install.sh leaves something behind"
    ok "install.sh --uninstall leaves nothing behind"

    # A damaged tarball, and sums that somebody else wrote, are refused.
    printf 'x' >>"$box/dist/$(basename "$tar")"
    inside sh /dist/install.sh --from /dist $flag 2>/dev/null && fail "install.sh takes a damaged tarball"
    (cd "$box/dist" && sha256sum -- *.tar.gz >SHA256SUMS)
    if [ -z "$flag" ]; then
        inside sh /dist/install.sh --from /dist 2>/dev/null && fail "install.sh takes sums that are not signed"
    fi
    [ -e "$box/usr/local/bin/slm" ] && fail "install.sh installed what it refused"
    ok "install.sh refuses what is not the release's"
    umount "$box/proc"
done
