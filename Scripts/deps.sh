#!/usr/bin/env bash
# Installs the C libraries that the build needs, where they are missing. Does nothing when all are there.
#
#     Scripts/deps.sh            what the build needs
#     Scripts/deps.sh --packages and what makes and tries a release: static libraries, lld, debootstrap
#     Scripts/deps.sh --tests    and what some tests talk to: nginx, with the openssl program for certificates, and zbarimg,
#                                which reads QR codes
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo "Swift 6.2 or newer is needed: https://www.swift.org/install" >&2
    exit 1
fi
case "$(uname -s)" in
Darwin)
    # curl and SQLite come with the system.
    for formula in xxhash qrencode; do
        command -v brew >/dev/null && brew list "$formula" >/dev/null 2>&1 || brew install "$formula"
    done
    if [ "${1:-}" = --tests ]; then
        command -v nginx >/dev/null || brew install nginx
        command -v zbarimg >/dev/null || brew install zbar
    fi
    exit 0
    ;;
esac

missing=()
header() { # header PACKAGE
    local folder
    for folder in /usr/include /usr/include/*-linux-*; do [ -e "$folder/$1" ] && return; done
    missing+=("$2")
}
header curl/curl.h libcurl4-openssl-dev
header sqlite3.h libsqlite3-dev
header xxhash.h libxxhash-dev
header qrencode.h libqrencode-dev
command -v pkg-config >/dev/null || missing+=(pkg-config)
if [ "${1:-}" = --tests ]; then
    command -v openssl >/dev/null || missing+=(openssl)
    command -v zbarimg >/dev/null || missing+=(zbar-tools)
    if ! PATH="$PATH:/usr/sbin" command -v nginx >/dev/null; then
        # Debian's package also starts a web server on port 80 where systemd runs: that is for the owner to decide.
        if [ -d /run/systemd/system ] || ! command -v apt-get >/dev/null; then
            echo "nginx is not installed: the tests with TLS and HTTP/2 are skipped" >&2
        else
            missing+=(nginx-light)
        fi
    fi
fi
if [ "${1:-}" = --packages ]; then
    header nghttp2/nghttp2.h libnghttp2-dev
    header openssl/ssl.h libssl-dev
    command -v debootstrap >/dev/null || [ -x /usr/sbin/debootstrap ] || missing+=(debootstrap)
    command -v dpkg-shlibdeps >/dev/null || missing+=(dpkg-dev)
    command -v openssl >/dev/null || missing+=(openssl)
fi
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "Please install with your package manager: ${missing[*]}" >&2
    exit 1
fi
root=()
[ "$(id -u)" -eq 0 ] || root=(sudo)
echo "installing ${missing[*]}" >&2
"${root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
