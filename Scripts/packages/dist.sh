#!/usr/bin/env bash
# Makes what a release consists of, in dist/:
#
#     slm_VERSION_ARCH.deb           for Debian 11 and later, and Ubuntu 20.04 and later
#     slm-VERSION-linux-ARCH.tar.gz  for any Linux with glibc 2.28 or later; needs nothing but libc
#     slm.rb                         a Homebrew formula for these addresses
#     install.sh                     fetches the tarball, verifies it, and puts it in place
#     SHA256SUMS, SHA256SUMS.sig     the second with SIGNING_KEY=private.pem, the key that signs the catalog
#
# RELEASE_URL=https://… is the folder that they will be published in; the formula and install.sh name it.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=Scripts/packages
work=.build/packages
url=${RELEASE_URL:-}

"$here/libraries.sh" "$work"
# Linked twice: with the libraries of Debian, and with none.
link() { # link OUTPUT FLAG…
    "$here/link.sh" "$1" "$work/older-libraries.o" -Xclang-linker --sysroot="$work/glibc" -Xclang-linker -static-libgcc \
        $(printf -- '-Xlinker --wrap=%s ' exp exp2 log log2 pow posix_spawn_file_actions_addchdir_np) "${@:2}" -ldl -lpthread
}
rm -rf dist
mkdir -p dist
link "$work/slm-debian" -lcurl -lsqlite3 -lqrencode -Xlinker --allow-shlib-undefined
link "$work/slm-portable" -L"$work/static/lib" -lcurl -lnghttp2 -lssl -lcrypto -lsqlite3 -lqrencode
cp "$work/slm-portable" dist/slm

newest=$(objdump -T dist/slm | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
[ "$(printf '%s\n' GLIBC_2.28 "$newest" | sort -V | tail -1)" = GLIBC_2.28 ] || { echo "dist/slm needs $newest" >&2; exit 1; }
if readelf -d dist/slm | grep NEEDED | grep -qvE 'lib(c|m|dl|pthread|rt|util)\.so|ld-linux'; then
    readelf -d dist/slm | grep NEEDED >&2
    echo "dist/slm needs more than libc" >&2
    exit 1
fi

version=$(dist/slm --version | sed 's/^slm //')
arch=$(uname -m)
name=slm-$version-linux-$arch

# The tarball.
mkdir -p "$work/tar"
rm -rf "$work/tar/$name"
"$here/layout.sh" dist/slm "$work/tar/$name"
cp LICENSE README.md README.es.md CHANGELOG.md "$work/tar/$name/"
stamp=$(git log -1 --format=%ct 2>/dev/null || date +%s)
tar -C "$work/tar" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$stamp" -cf - "$name" | gzip -9n >"dist/$name.tar.gz"

# The package.
debian=$(dpkg --print-architecture)
tree=$work/deb
rm -rf "$tree"
"$here/layout.sh" --debian "$work/slm-debian" "$tree/usr"
mkdir -p "$tree/usr/share/doc/slm" "$tree/DEBIAN"
cp LICENSE "$tree/usr/share/doc/slm/copyright"
gzip -9nc CHANGELOG.md >"$tree/usr/share/doc/slm/changelog.gz"
mkdir -p "$work/shlibs/debian"
printf 'Source: slm\n\nPackage: slm\nArchitecture: any\n' >"$work/shlibs/debian/control"
# This machine's libc says of every function since when it is in *its* libc: older ones had some of them elsewhere.
oldest=$(objdump -T "$tree/usr/bin/slm" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
depends=$(cd "$work/shlibs" && dpkg-shlibdeps -O --ignore-missing-info ../deb/usr/bin/slm 2>/dev/null |
    sed "s/^shlibs:Depends=//; s/libc6 (>= [0-9.]*)/libc6 (>= ${oldest#GLIBC_})/")
cat >"$tree/DEBIAN/control" <<END
Package: slm
Version: $version
Architecture: $debian
Maintainer: $(git log -1 --format='%an <%ae>' 2>/dev/null || echo 'Modelteca <slm@localhost>')
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Depends: $depends
Recommends: ca-certificates
Section: utils
Priority: optional
Description: small language models: which fit this device, and how to get them
 Reads the memory and the processor of a device, tells which small language
 models llama.cpp can run on it and what their licences allow, downloads them
 as GGUF files whose SHA-256 is verified, and keeps them as plain files.
END
{
    printf '#!/bin/sh\nset -e\n[ "$1" = remove ] || exit 0\n'
    cat "$here/remains.sh"
} >"$tree/DEBIAN/postrm"
chmod 755 "$tree/DEBIAN/postrm"
(cd "$tree" && find usr -type f -exec md5sum {} + >DEBIAN/md5sums)
SOURCE_DATE_EPOCH=$stamp dpkg-deb --root-owner-group -Zxz -b "$tree" "dist/slm_${version}_$debian.deb" >/dev/null

# The formula and the installer.
sum=$(sha256sum "dist/$name.tar.gz" | cut -d' ' -f1)
sed "s|@URL@|${url:-https://example.invalid}/$name.tar.gz|; s|@HOME@|${url:-https://example.invalid}/|; s|@SHA256@|$sum|; s|@VERSION@|$version|" "$here/slm.rb.in" >dist/slm.rb
key=
[ -z "${SIGNING_KEY:-}" ] || key=$(openssl pkey -in "$SIGNING_KEY" -pubout | grep -v -- '-----')
sed "s|@URL@|$url|; s|@VERSION@|$version|; s|@KEY@|$key|" "$here/install.sh.in" >dist/install.sh
chmod 755 dist/install.sh
(cd dist && sha256sum -- *.deb *.tar.gz slm.rb install.sh >SHA256SUMS)
if [ -n "${SIGNING_KEY:-}" ]; then
    openssl pkeyutl -sign -rawin -inkey "$SIGNING_KEY" -in dist/SHA256SUMS -out dist/SHA256SUMS.sig
else
    echo "SHA256SUMS is not signed: SIGNING_KEY names no key" >&2
fi
ls -l dist
