#!/usr/bin/env bash
# Puts the program, its manual pages and its completions where a system looks for them:
#
#     Scripts/packages/layout.sh PROGRAM PREFIX          all files, below PREFIX
#     Scripts/packages/layout.sh --debian PROGRAM PREFIX the same with the folders that Debian gives to packages
#     Scripts/packages/layout.sh --remove PREFIX         takes away what stands there
set -euo pipefail
zsh=share/zsh/site-functions
case ${1:-} in
--debian)
    zsh=share/zsh/vendor-completions
    shift
    ;;
--remove)
    prefix=$2
    rm -f "$prefix/bin/slm" "$prefix"/share/man/man1/{slm,slm-*}.1* "$prefix"/share/man/es/man1/{slm,slm-*}.1* \
        "$prefix/share/bash-completion/completions/slm" "$prefix/$zsh/_slm" \
        "$prefix/share/fish/vendor_completions.d/slm.fish"
    # Folders of ours that are empty now; never PREFIX itself.
    for folder in share/man/es/man1 share/man/es share/man/man1 share/man share/bash-completion/completions \
        share/bash-completion "$zsh" share/zsh share/fish/vendor_completions.d share/fish share bin; do
        rmdir "$prefix/$folder" 2>/dev/null || true
    done
    exit 0
    ;;
esac
program=$1 prefix=$2
date=${DATE:-$(git -C "$(dirname "$0")" log -1 --format=%cs 2>/dev/null || date +%F)}
install -d "$prefix"/bin "$prefix"/share/man/{,es/}man1 "$prefix/share/bash-completion/completions" "$prefix/$zsh" \
    "$prefix/share/fish/vendor_completions.d"
install -m 755 "$program" "$prefix/bin/slm"
"$program" __manual "$prefix/share/man/man1" --date "$date" --lang en
"$program" __manual "$prefix/share/man/es/man1" --date "$date" --lang es
gzip -9nf "$prefix"/share/man/man1/{slm,slm-*}.1 "$prefix"/share/man/es/man1/{slm,slm-*}.1
"$program" completion bash >"$prefix/share/bash-completion/completions/slm"
"$program" completion zsh >"$prefix/$zsh/_slm"
"$program" completion fish >"$prefix/share/fish/vendor_completions.d/slm.fish"
