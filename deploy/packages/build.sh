#!/usr/bin/env bash
# Makes what a release gives for one target: a static binary with all that belongs to it as .tar.gz, a .deb, a .rpm, and the
# symbols for reading a crash. The release workflow and the tests call it.
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<'TEXT'
usage: bash deploy/packages/build.sh [TARGET [FOLDER]]

Builds cluster-link-exporter for TARGET (default: x86_64-unknown-linux-musl or aarch64-unknown-linux-musl, as this machine
is) and writes into FOLDER (default: target/packages):

  cluster-link-exporter-VERSION-TARGET.tar.gz         the binary, its documents, rules, dashboards, runbooks and unit
  cluster-link-exporter-VERSION-TARGET.debug.gz       its symbols: docs/releasing.md says how to read a crash with them
  cluster-link-exporter_VERSION-1_ARCHITECTURE.deb
  cluster-link-exporter-VERSION-1.ARCHITECTURE.rpm

It needs the target's standard library (`rustup target add TARGET`), musl-tools, binutils, cargo-deb and
cargo-generate-rpm, and says which of them is missing.
TEXT
}

fail() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

need() {
  command -v "$1" >/dev/null || fail "there is no \`$1\`; $2"
}

case ${1-} in
  --help)
    usage
    exit
    ;;
  -*)
    usage >&2
    exit 2
    ;;
esac
target=${1:-$(uname -m)-unknown-linux-musl}
folder=${2:-target/packages}
name=cluster-link-exporter
version=$(cargo pkgid --locked | sed 's/.*[#@]//')
need musl-gcc "install the Debian package \`musl-tools\`"
need objcopy "install the Debian package \`binutils\`"
need cargo-deb "run \`cargo install --locked cargo-deb\`"
need cargo-generate-rpm "run \`cargo install --locked cargo-generate-rpm\`"

cargo build --profile dist --locked --bin "$name" --target "$target"
built=target/$target/dist/$name

# The symbols go their own way. The link's name stands in the binary, so that a debugger finds them beside it.
mkdir -p "$folder"
symbols=$folder/$name-$version-$target.debug
objcopy --only-keep-debug "$built" "$symbols"
# Everything that a package holds and nobody wrote by hand lies here; Cargo.toml names it.
share=target/packages/share
rm -rf "$share"
mkdir -p "$share/completions" "$share/dashboards" "$share/runbooks"
objcopy --strip-all --add-gnu-debuglink="$symbols" "$built" "$share/$name"
gzip --force --best --no-name "$symbols"
program=$share/$name
"$program" man | gzip --best --no-name >"$share/$name.1.gz"
"$program" completions bash >"$share/completions/$name"
"$program" completions zsh >"$share/completions/_$name"
"$program" completions fish >"$share/completions/$name.fish"
"$program" rules >"$share/cluster-link.rules.yaml"
"$program" dashboards "$share/dashboards" >/dev/null
"$program" runbooks --to "$share/runbooks" >/dev/null
"$program" check-config --schema >"$share/$name.schema.json"
# Its first line tells editors where the schema is, which is elsewhere once it is installed.
sed "1s|=$name|=/usr/share/$name/$name|" "$name.example.yaml" >"$share/exporter.yaml"
gzip --best --no-name --stdout CHANGELOG.md >"$share/CHANGELOG.md.gz"
# The same input makes the same packages: times are the commit's.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH=$epoch
maintainer=$(sed -n 's/^maintainer = "\(.*\)"$/\1/p' Cargo.toml)
gzip --best --no-name >"$share/changelog.Debian.gz" <<TEXT
$name ($version-1) unstable; urgency=medium

  * What changed is in CHANGELOG.md.gz.

 -- $maintainer  $(LC_ALL=C date --utc --date="@$epoch" --rfc-email)
TEXT

cargo deb --locked --no-build --no-strip --target "$target" --output "$folder"
cargo generate-rpm --target "$target" --output "$folder"

archive=$name-$version-$target
root=target/packages/$archive
rm -rf "$root"
cp -r "$share" "$root"
rm "$root/changelog.Debian.gz" "$root/exporter.yaml"
cp LICENSE README.md cluster-link-exporter.example.yaml alerts/alertmanager.example.yaml \
  deploy/systemd/cluster-link-exporter.service "$root"
tar --create --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --directory target/packages "$archive" \
  | gzip --best --no-name >"$folder/$archive.tar.gz"
rm -rf "$root"
ls -l "$folder"/"$name"[-_]"$version"*
