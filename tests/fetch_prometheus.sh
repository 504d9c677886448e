#!/usr/bin/env bash
# Fetches Debian's packages of Prometheus and Alertmanager of another release, and unpacks them without installing any.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: bash tests/fetch_prometheus.sh SUITE FOLDER

Unpacks Debian's packages of Prometheus, promtool, Alertmanager and amtool of a suite, such as `trixie` or `sid`, into
FOLDER: the programs are then in FOLDER/root/usr/bin. Nothing is installed, and the package lists of this machine stay
as they are. It asks for the newest versions each time, and downloads them only where other ones were unpacked before.

The mirror is the one that apt uses here, or that of the variable DEBIAN_MIRROR, such as
http://mirror.example.com/debian. Lists and packages are verified with the keys of the package debian-archive-keyring.
TEXT
}

programs=(prometheus promtool prometheus-alertmanager amtool)
# Up to Debian 12, promtool is in the package `prometheus`.
packages=(prometheus prometheus-alertmanager promtool)
instead="name programs that are there in PROMETHEUS, PROMTOOL, ALERTMANAGER and AMTOOL, or go without"

fail() {
  printf 'fetch_prometheus.sh: %s\n' "$*" >&2
  exit 1
}

apt() {
  apt-get -c "$folder/apt.conf" "$@"
}

is_complete() {
  local program
  for program in "${programs[@]}"; do
    [[ -x $folder/root/usr/bin/$program ]] || return 1
  done
}

# Where apt would look for Debian's packages. It reads both formats of its sources itself; no network is needed.
mirrors() {
  local own
  if [[ -n ${DEBIAN_MIRROR-} ]]; then
    printf '%s\n' "${DEBIAN_MIRROR%/}"
    return
  fi
  own=$(mktemp -d)
  mkdir -p "$own/lists/partial"
  apt-get update --print-uris -o Dir::State="$own" |
    sed -nE "s|^'([^']*/debian)/dists/[^']*/InRelease'.*|\1|p" | sort -u
  rm -r "$own"
}

keyring() {
  local file
  for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
    if [[ -r $file ]]; then
      printf '%s\n' "$file"
      return
    fi
  done
  fail "the keys of Debian's archive are missing; install the Debian package debian-archive-keyring"
}

# For an apt of its own, which shares with this machine's only how it reaches the network.
configure() {
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  cat >"$folder/apt.conf" <<TEXT
Dir::Etc::SourceList "$folder/debian.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$folder";
Dir::Cache "$folder/cache";
Acquire::Languages "none";
Acquire::Retries "2";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
TEXT
}

# Brings the list of packages up to date from the first mirror that has the suite.
update() {
  local mirror keys found
  keys=$(keyring)
  found=$(mirrors)
  [[ -n $found ]] || fail "apt has no mirror of Debian here; name one in DEBIAN_MIRROR, such as http://mirror.example.com/debian"
  while read -r mirror; do
    cat >"$folder/debian.sources" <<TEXT
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Targets: Packages
Signed-By: $keys
TEXT
    if apt -qq update; then return; fi
  done <<<"$found"
  return 1
}

# What apt would download: a line for each package, with its address and checksum.
newest() {
  local count
  for count in "${#packages[@]}" $((${#packages[@]} - 1)); do
    if apt download --print-uris "${packages[@]:0:count}" 2>/dev/null; then return; fi
  done
  return 1
}

# Whole or not at all: a download that breaks off leaves what was there before.
unpack() {
  local package
  local -a names
  mapfile -t names < <(sed -E "s|^'[^']*' ([a-z-]+)_.*|\1|" <<<"$1")
  rm -rf "$folder/packages" "$folder/new"
  mkdir "$folder/packages"
  (cd "$folder/packages" && apt -qq download "${names[@]}") || return 1
  for package in "$folder"/packages/*.deb; do
    dpkg-deb -x "$package" "$folder/new" || return 1
  done
  rm -rf "$folder/root" "$folder/packages"
  mv "$folder/new" "$folder/root"
  printf '%s\n' "$1" >"$folder/unpacked"
}

if [[ ${1-} == --help ]]; then
  usage
  exit
fi
if (($# != 2)) || [[ ! $1 =~ ^[a-z][a-z-]*$ || $2 == -* || -z $2 ]]; then
  printf 'fetch_prometheus.sh: a suite of Debian and a folder are wanted, and nothing else; given: %s\n\n' "${*-}" >&2
  usage >&2
  exit 2
fi
suite=$1
for program in apt-get dpkg-deb; do
  command -v "$program" >/dev/null || fail "there is no $program; $instead"
done
mkdir -p "$2"
folder=$(cd -P -- "$2" && pwd)

configure
if ! update || ! uris=$(newest); then
  is_complete || fail "the package list of \`$suite\` cannot be fetched, see above; try again with network, or $instead"
  printf 'fetch_prometheus.sh: the newest versions cannot be asked for, see above; those of %s stay\n' \
    "$(date -r "$folder/unpacked" +%F)" >&2
  exit
fi
if is_complete && [[ $uris == "$(cat "$folder/unpacked" 2>/dev/null)" ]]; then exit; fi
unpack "$uris" || fail "the packages of \`$suite\` cannot be fetched, see above; try again with network, or $instead"
is_complete || fail "the packages of \`$suite\` do not have all of ${programs[*]}; $instead"
