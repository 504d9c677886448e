#!/usr/bin/env bash
# The one test command: installs what the tests need and is missing, then checks formatting, lints and runs all tests.
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: bash tests/run.sh [--prometheus newest|SUITE]

Installs what the tests need and is missing (Debian, Ubuntu), then checks formatting, lints and runs all tests.

  --prometheus SUITE    then runs the tests of rules, boards and alerts a second time, with Prometheus and Alertmanager
                        of that suite of Debian, such as `trixie`; `newest` is `sid`. They are fetched into a folder
                        under target/ and not installed.

The variables PROMETHEUS, PROMTOOL, ALERTMANAGER and AMTOOL name programs to test with instead of those on PATH.
TEXT
}

refuse() {
  printf 'run.sh: %s\n\n' "$*" >&2
  usage >&2
  exit 2
}

suite=
while (($# > 0)); do
  case $1 in
    --help)
      usage
      exit
      ;;
    --prometheus)
      suite=${2-}
      [[ $suite =~ ^[a-z][a-z-]*$ ]] || refuse "--prometheus wants \`newest\` or the name of a suite of Debian; given: $suite"
      shift 2
      ;;
    *) refuse "unknown argument: $1" ;;
  esac
done
if [[ $suite == newest ]]; then suite=sid; fi

# The tests that start Prometheus, Alertmanager or their tools: what their names begin with or hold. Those of replicas are
# not among them: they take four minutes, and ask with the same expressions as those that are.
with_prometheus=(
  alert::alertmanager
  alert::differential
  alert::play
  alert::restart
  app::daemon::alertmanager
  app::running::prometheus
  dashboard::blind
  dashboard::demo
  dashboard::history
  dashboard::month
  dashboard::unknown
  deploy::compose
  notify::alertmanager
  promtool
)

# Programs the tests call, each with the Debian packages that bring it; of names with `|` between them one is enough.
needed=(
  "cc gcc libc6-dev"
  "git git"
  "prometheus prometheus"
  "promtool prometheus"
  "prometheus-alertmanager prometheus-alertmanager"
  "amtool prometheus-alertmanager"
  "node nodejs"
  "npm npm"
  "python3 python3 python3-venv"
  "kubectl kubernetes-client"
  "docker-compose docker-compose"
  "chromium|chromium-browser|google-chrome chromium"
)
# Packages whose service Debian starts when it installs them.
services=(prometheus prometheus-alertmanager)

step() {
  current=$*
  printf '\n== %s\n' "$current"
}

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null
}

running() {
  service "$1" status >/dev/null 2>&1
}

# The same convention as `tests/it/support.rs`.
skip() {
  printf 'SKIPPED: %s: %s\n' "$1" "$2" | tee -a "$SKIPPED_LOG" >&2
}

# Runs a linter over files if it is there.
lint() {
  step "$*"
  if has "$1"; then "$@"; else skip "$1" "not installed; put \`$1\` on PATH"; fi
}

# Whether one of these names, with `|` between them, is there.
has_one() {
  local -a names
  local name
  IFS='|' read -ra names <<<"$1"
  for name in "${names[@]}"; do
    if has "$name"; then return; fi
  done
  return 1
}

# Sets `packages` to the Debian packages of the programs that are not there, each once.
find_missing() {
  local -a names
  local row package
  packages=()
  for row in "${needed[@]}"; do
    read -ra names <<<"$row"
    if has_one "${names[0]}"; then continue; fi
    for package in "${names[@]:1}"; do
      if [[ " ${packages[*]} " != *" $package "* ]]; then packages+=("$package"); fi
    done
  done
}

install_missing() {
  local -a as_root=() fresh=()
  local by_hand name
  find_missing
  if ((${#packages[@]} == 0)); then return; fi

  by_hand="install these Debian packages, or their programs on PATH, and run this again: ${packages[*]}"
  has apt-get || fail "there is no apt-get; $by_hand"
  if ((EUID != 0)); then
    has sudo || fail "neither root nor sudo; $by_hand"
    as_root=(sudo)
  fi
  for name in "${services[@]}"; do
    if [[ " ${packages[*]} " != *" $name "* ]]; then continue; fi
    if running "$name"; then fail "a service \`$name\` runs already and stays as it is; $by_hand"; fi
    fresh+=("$name")
  done

  step "installing ${packages[*]}"
  "${as_root[@]}" apt-get update -qq || fail "\`apt-get update\` failed; $by_hand"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${packages[@]}" || fail "\`apt-get install\` failed; $by_hand"

  # The tests start their own on free ports; nothing is to keep running that did not run before, nor start at boot.
  for name in "${fresh[@]}"; do
    if running "$name"; then "${as_root[@]}" service "$name" stop; fi
    "${as_root[@]}" update-rc.d "$name" disable
  done
  find_missing
  ((${#packages[@]} == 0)) || fail "installed, and still some programs are missing; $by_hand"
}

# The libraries of the dashboards' preview, anew where the lock file is not the one they are of.
install_libraries() {
  local preview=tools/preview
  local kept=$preview/node_modules/.installed-lock.json
  if cmp -s "$preview/package-lock.json" "$kept"; then return; fi
  step "npm ci --prefix $preview"
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix "$preview" --no-audit --no-fund
  cp "$preview/package-lock.json" "$kept"
}

component() {
  if cargo "$1" --version >/dev/null 2>&1; then return; fi
  has rustup || fail "\`cargo $1\` is missing and there is no rustup; install \`$2\` of your Rust and run this again"
  step "rustup component add $2"
  rustup component add "$2"
}

# Runs the tests that start Prometheus and Alertmanager with those of another suite of Debian.
again() {
  local folder=$PWD/target/debian/$suite
  local programs=$folder/root/usr/bin
  local row expression
  step "bash tests/fetch_prometheus.sh $suite target/debian/$suite"
  bash tests/fetch_prometheus.sh "$suite" "$folder"
  export PROMETHEUS=$programs/prometheus PROMTOOL=$programs/promtool
  export ALERTMANAGER=$programs/prometheus-alertmanager AMTOOL=$programs/amtool
  for row in "$PROMETHEUS" "$ALERTMANAGER"; do "$row" --version 2>&1 | sed -n 1p; done

  if has cargo-nextest; then
    expression=$(printf '| test(~%s) ' "${with_prometheus[@]}")
    step "cargo nextest run --locked with $suite"
    cargo nextest run --locked --no-fail-fast -E "binary(=it) & (${expression#| })"
  else
    step "cargo test --locked with $suite"
    cargo test --locked --no-fail-fast --test=it -- "${with_prometheus[@]}"
  fi
}

finish() {
  local status=$?
  if [[ -s $SKIPPED_LOG ]]; then
    printf '\n== did not run\n'
    sort -u "$SKIPPED_LOG"
  fi
  rm -f "$SKIPPED_LOG"
  if ((status == 0)); then
    printf '\n== passed\n'
  else
    printf '\n== FAILED: %s\n' "$current" >&2
  fi
}

current="starting"
SKIPPED_LOG=$(mktemp)
export SKIPPED_LOG
trap finish EXIT

step "looking for what the tests need"
has cargo || fail "there is no cargo; install Rust with rustup and run this again"
install_missing
install_libraries
component fmt rustfmt
component clippy clippy

step "cargo fmt --check"
cargo fmt --check

lint shellcheck tests/run.sh tests/fetch_prometheus.sh .ci/run
lint hadolint Dockerfile

step "npm run lint --prefix tools/preview"
npm run --silent lint --prefix tools/preview

step "npm test --prefix tools/preview"
npm test --silent --prefix tools/preview

# Clippy and the tests share a profile, so build scripts and procedural macros are built once.
step "cargo clippy --all-targets --locked -- -D warnings"
cargo clippy --all-targets --locked -- -D warnings

if has cargo-nextest; then
  step "cargo nextest run --locked"
  cargo nextest run --locked --no-fail-fast
  step "cargo test --doc --locked"
  cargo test --doc --locked
else
  step "cargo test --locked"
  cargo test --locked --no-fail-fast
fi

if [[ -n $suite ]]; then again; fi
