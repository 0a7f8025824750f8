#!/bin/sh
# RustSec's own engine (crate rustsec 0.33.0) and ours over the same advisories and the same real lock files: what
# one finds and the other does not. Ends with 0 only if there is no difference.
#
#   bench/peers/rustsec/run.sh ADVISORIES [Cargo.lock ...]
#
# ADVISORIES is a folder of RustSec's OSV files (branch `osv` of rustsec/advisory-db). Without lock files it takes
# Homeostat's own, every one that a published crate in the registry folder of cargo carries, and those of old releases
# of a few programs, which have many findings. Needs access to crates.io.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
advisories=${1:?a folder of OSV files}
shift
if [ $# -eq 0 ]; then
    work=${PEERS_DIR:-$root/target/peers}/rustsec
    for program in ripgrep=12.1.1 bat=0.15.4 fd-find=7.4.0 deno=1.0.0 nu=0.20.0 starship=0.40.0 \
        tokei=11.1.1 mdbook=0.4.4; do
        name=${program%=*}
        folder=$work/$name
        [ -d "$folder" ] && continue
        mkdir -p "$folder/src"
        echo 'fn main() {}' >"$folder/src/main.rs"
        printf '[package]\nname = "carrier"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n[dependencies]\n%s = "=%s"\n' \
            "$name" "${program#*=}" >"$folder/Cargo.toml"
        cargo fetch --quiet --manifest-path "$folder/Cargo.toml" 2>/dev/null || true
    done
    registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
    set -- "$root/Cargo.lock" "$registry"/*/*/Cargo.lock
fi
cargo build --release --quiet --manifest-path "$here/Cargo.toml"
exec "${CARGO_TARGET_DIR:-$here/target}/release/peer-rustsec" "$advisories" "$@"
