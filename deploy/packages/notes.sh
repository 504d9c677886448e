#!/usr/bin/env bash
# Prints what the CHANGELOG says of one version, and fails where the version is not that of Cargo.toml.
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

fail() {
  printf 'notes.sh: %s\n' "$*" >&2
  exit 1
}

version=${1-}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "say which version, such as 0.2.0; given: $version"
written=$(cargo pkgid --locked | sed 's/.*[#@]//')
[[ $written == "$version" ]] || fail "Cargo.toml has version $written, asked for is $version: change it there, or tag v$written"
notes=$(awk -v heading="## $version" '
  index($0, "## ") == 1 { inside = $0 == heading || index($0, heading " ") == 1; next }
  inside
' CHANGELOG.md)
[[ -n ${notes//[[:space:]]/} ]] || fail "CHANGELOG.md has no entries below \`## $version\`: rename \`## Unreleased\`"
printf '%s\n' "$notes" | sed '1{/^$/d}'
