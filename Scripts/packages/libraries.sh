#!/usr/bin/env bash
# Gathers what a program for many Linuxes is linked with, all of it from Debian's archive:
#
#     Scripts/packages/libraries.sh DIR
#
#     DIR/glibc    the C library of Debian 11 (glibc 2.31), its C++ and GCC libraries, and its libcurl, SQLite and
#                  libqrencode: what is linked with these runs on every later one
#     DIR/static   libcurl, OpenSSL, nghttp2, SQLite and libqrencode as static libraries
#
# Debian's own libcurl.a wants Kerberos, which Debian does not have as a static library, and libqrencode.a is not in
# Debian at all: these two are built from Debian's sources, libcurl for http and https alone.
set -euo pipefail
[ $# = 1 ] || { sed -n '2,/^set/p' "$0" | sed 's/^# \{0,1\}//; /^set/d' >&2; exit 64; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
gnu=$(uname -m)-linux-gnu

# apt for another release, beside the one of this machine.
apt_for() { # apt_for FOLDER COMMAND…
    local folder=$1
    shift
    apt-get -qq -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$folder/lists" -o Dir::State::status="$folder/status" -o Dir::Cache="$folder/cache" \
        -o APT::Sandbox::User= -o Debug::NoLocking=1 "$@"
}
prepare() { # prepare FOLDER LINE…
    local folder=$1
    shift
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
    : >"$folder/status"
    printf '%s\n' "$@" >"$folder/sources.list"
    apt_for "$folder" update
}

keys="[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
if [ ! -e "$dir/glibc/.complete" ]; then
    echo "the libraries of Debian 11" >&2
    rm -rf "$dir/glibc" "$dir/apt-old"
    mkdir -p "$dir/glibc"
    prepare "$dir/apt-old" "deb $keys http://deb.debian.org/debian bullseye main"
    (
        cd "$dir/apt-old"
        apt_for "$dir/apt-old" download libc6 libc6-dev libgcc-10-dev libgcc-s1 libstdc++-10-dev \
            libcurl4 libcurl4-openssl-dev libsqlite3-0 libsqlite3-dev libqrencode4 libqrencode-dev
        for package in *.deb; do dpkg-deb -x "$package" "$dir/glibc"; done
    )
    # Links to absolute paths would lead to this machine's own libraries.
    find "$dir/glibc" -type l -lname '/*' | while read -r link; do
        target=$(realpath -sm --relative-to="$(dirname "$link")" "$dir/glibc$(readlink "$link")")
        ln -sfn "$target" "$link"
    done
    if [ "$(uname -m)" = x86_64 ]; then
        ln -sfn ../lib/$gnu/ld-linux-x86-64.so.2 "$dir/glibc/lib64/ld-linux-x86-64.so.2"
    fi
    # Only their static forms are wanted.
    rm -f "$dir"/glibc/usr/lib/gcc/*/10/*.so
    touch "$dir/glibc/.complete"
fi

if [ ! -e "$dir/static/.complete" ]; then
    rm -rf "$dir/static" "$dir/sources"
    mkdir -p "$dir/static/lib" "$dir/sources"
    for library in ssl crypto nghttp2 sqlite3; do
        file=/usr/lib/$gnu/lib$library.a
        [ -e "$file" ] || { echo "missing: $file (apt-get install libssl-dev libnghttp2-dev libsqlite3-dev)" >&2; exit 1; }
        ln -s "$file" "$dir/static/lib/"
    done
    . /etc/os-release
    prepare "$dir/apt-source" \
        "deb-src $keys http://deb.debian.org/debian $VERSION_CODENAME main" \
        "deb-src $keys http://deb.debian.org/debian-security $VERSION_CODENAME-security main"
    cd "$dir/sources"
    echo "libcurl" >&2
    apt_for "$dir/apt-source" source curl >"$dir/source.log" 2>&1 || { tail -5 "$dir/source.log" >&2; exit 1; }
    (
        cd curl-*/
        ./configure --quiet --prefix="$dir/static" --disable-shared --enable-static --with-openssl --with-nghttp2 \
            --without-ca-bundle --without-ca-path --without-zlib --without-brotli --without-zstd --without-libpsl \
            --without-libidn2 --without-librtmp --without-libssh2 --without-gssapi --disable-ftp --disable-file \
            --disable-ldap --disable-ldaps --disable-rtsp --disable-dict --disable-telnet --disable-tftp --disable-pop3 \
            --disable-imap --disable-smb --disable-smtp --disable-gopher --disable-mqtt --disable-manual --disable-ntlm \
            --disable-tls-srp --disable-unix-sockets --disable-alt-svc --disable-hsts --disable-libcurl-option \
            CFLAGS="-Os -ffunction-sections -fdata-sections"
        make -s -C lib -j"$(nproc)"
        make -s -C lib install
    ) >"$dir/curl.log" 2>&1 || { tail -20 "$dir/curl.log" >&2; exit 1; }
    echo "libqrencode" >&2
    apt_for "$dir/apt-source" source --tar-only qrencode >>"$dir/source.log" 2>&1 || { tail -5 "$dir/source.log" >&2; exit 1; }
    tar xf qrencode_*.orig.tar.*
    (
        cd qrencode-*/
        ./configure --quiet --prefix="$dir/static" --disable-shared --enable-static --without-tools --disable-thread-safety \
            CFLAGS="-Os -ffunction-sections -fdata-sections"
        make -s -j"$(nproc)" libqrencode.la
        cp .libs/libqrencode.a "$dir/static/lib/"
    ) >"$dir/qrencode.log" 2>&1 || { tail -20 "$dir/qrencode.log" >&2; exit 1; }
    touch "$dir/static/.complete"
fi

# What newer compilers expect of the libraries.
clang -Os -c "$here/older-libraries.c" -o "$dir/older-libraries.o"
