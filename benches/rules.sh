#!/usr/bin/env bash
# What the alert rules cost a Prometheus: evaluates them and a yardstick over an hour of backfilled history of a fleet.
set -euo pipefail
cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: bash benches/rules.sh [--links N] [--step SECONDS] [--interval SECONDS] [--sick N] [--file RULES]...
                             [--prometheus PROGRAM]...

Makes an hour of history of a fleet of links of 4 tasks each, lets a real Prometheus evaluate rule files over it, each in
a Prometheus of its own, and prints what the rules take of each evaluation interval: processor time, the less of two
windows of two minutes, since other programs of the machine only add to it; how many times that of the first file it is;
and the time that the last evaluation of each group took, together. A group with an interval of its own counts as often as
it is evaluated. By default it compares the shipped rules with benches/rules/naive.rules.yaml, twelve of the conditions
without any look-back.

  --links N        so many links, in 10 clusters; default 1000
  --step SECONDS   the time between two samples of a series; default 15
  --interval SECONDS
                   the time between two evaluations of a group, a divisor of 120; default 30
  --large          then 10,000 links as well, with a sample a minute; it needs 8 GB under target/ and some minutes for
                   each Prometheus
  --sick N         every N-th link has a task in error, a finding and mirror topics that are not known; default: none
  --file RULES     a rule file to measure instead of the two; may be given several times
  --prometheus PROGRAM
                   a Prometheus to measure with instead of the one on PATH; may be given several times, and each reads the
                   same history

The variables PROMETHEUS and PROMTOOL name programs as well. It needs awk, curl and as much space under target/ as the
history takes.
TEXT
}

fail() {
  printf 'rules.sh: %s\n' "$*" >&2
  exit 1
}

refuse() {
  printf 'rules.sh: %s\n\n' "$*" >&2
  usage >&2
  exit 2
}

links=1000 step=15 interval=30 sick=0 large= files=() programs=()
while (($# > 0)); do
  case $1 in
    --help)
      usage
      exit
      ;;
    --large)
      large=yes
      shift
      continue
      ;;
    --links | --step | --interval | --sick)
      [[ ${2-} =~ ^[0-9]+$ ]] || refuse "$1 wants a number; given: ${2-nothing}"
      declare "${1#--}=$2"
      ;;
    --file)
      [[ -r ${2-} ]] || refuse "--file wants a rule file that can be read; given: ${2-nothing}"
      files+=("$2")
      ;;
    --prometheus)
      command -v "${2-}" >/dev/null || refuse "--prometheus wants a program; given: ${2-nothing}"
      programs+=("$2")
      ;;
    *) refuse "unknown argument: $1" ;;
  esac
  shift 2
done
((links > 0 && step > 0)) || refuse "--links and --step want more than 0"
# A window holds the same evaluations wherever it begins: the longest interval of a group, and all that divide it.
window=120 windows=2
((interval > 0 && window % interval == 0)) || refuse "--interval wants a divisor of $window; given: $interval"
((${#files[@]} > 0)) || files=(benches/rules/naive.rules.yaml alerts/cluster-link.rules.yaml)

((${#programs[@]} > 0)) || programs=("${PROMETHEUS:-prometheus}")
promtool=${PROMTOOL:-promtool}
for program in "${programs[@]}" "$promtool" awk curl; do
  command -v "$program" >/dev/null || fail "$program is not there: put it on PATH, or name it in PROMETHEUS or PROMTOOL"
done

work=$(mktemp -d -p target rules.XXXXXX)
running=
cleanup() {
  if [[ -n $running ]]; then kill "$running" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

# The sum of a metric of the running Prometheus, over its labels.
metric() {
  curl -sf "http://$address/metrics" |
    awk -v name="$1" 'index($1, name) == 1 && substr($1, length(name) + 1) ~ /^({|$)/ { sum += $NF } END { printf "%.3f\n", sum }'
}

# The processor seconds that the running Prometheus has used.
processor() {
  awk -v hertz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / hertz }' "/proc/$running/stat"
}

# Waits until so many rules were evaluated.
wait_for() {
  local tries count
  for ((tries = 0; tries < 1800; tries++)); do
    kill -0 "$running" 2>/dev/null || fail "Prometheus ended: $(tail -n 1 "$work/prometheus.log")"
    count=$(metric prometheus_rule_evaluations_total || echo 0)
    if ((${count%.*} >= $1)); then return; fi
    sleep 1
  done
  fail "Prometheus did not evaluate $1 rules within half an hour"
}

measure() {
  local file=$1 rules count before round least
  address=127.0.0.1:$((20000 + RANDOM % 20000))
  rm -rf "$work/data"
  cp -r "$work/blocks" "$work/data"
  printf 'global: { evaluation_interval: %ss }\nrule_files: ["%s"]\n' "$interval" "$(realpath "$file")" >"$work/prometheus.yaml"
  # The history is older than now by what it took to make it: its last samples must still count as present.
  "$prometheus" --config.file="$work/prometheus.yaml" --storage.tsdb.path="$work/data" --web.listen-address="$address" \
    --query.lookback-delta=1h --query.timeout=10m --storage.tsdb.retention.time=30d >"$work/prometheus.log" 2>&1 &
  running=$!
  # The first evaluation of each group reads what no other has read before.
  wait_for 1
  rules=$(metric prometheus_rule_group_rules)
  wait_for "${rules%.*}"
  before=$(processor)
  count=$(metric prometheus_rule_evaluations_total)
  # Nobody asks meanwhile: an answer costs processor time too.
  least=
  for ((round = 0; round < windows; round++)); do
    before=$(processor)
    sleep "$window"
    least=$(awk -v least="$least" -v used="$(processor)" -v before="$before" -v parts="$((window / interval))" \
      'BEGIN { used = (used - before) / parts; print least == "" || used < least ? used : least }')
  done
  # Evaluations that took longer than the interval were left out, and the figure would be of a part of one.
  count=$(metric prometheus_rule_group_iterations_missed_total)
  ((${count%.*} == 0)) || fail "$file: ${count%.*} evaluations took longer than the $interval s between two of them"
  first=${first:-$least}
  printf '%-30s %9.2f %9.2f %9.2f %9s\n' "$(basename "$file")" "$least" \
    "$(awk -v least="$least" -v first="$first" 'BEGIN { print least / first }')" \
    "$(metric prometheus_rule_group_last_duration_seconds)" "${rules%.*}"
  count=$(metric prometheus_rule_evaluation_failures_total)
  ((${count%.*} == 0)) || fail "$file: ${count%.*} evaluations failed: $(grep -m 1 'Evaluating rule failed' "$work/prometheus.log")"
  kill "$running"
  wait "$running" 2>/dev/null || true
  running=
}

# Writes the history of so many links with a sample every so many seconds.
backfill() {
  local now=$(($(date +%s) / $2 * $2))
  rm -rf "$work/blocks"
  printf 'history: ' >&2
  awk -v links="$1" -v step="$2" -v sick="$sick" -v clusters=10 -v minutes=60 -v now="$now" \
    -f benches/rules/fleet.awk >"$work/history.txt" 2>"$work/series"
  printf '%s series, %s\n' "$(<"$work/series")" "$(du -h "$work/history.txt" | cut -f1)" >&2
  "$promtool" tsdb create-blocks-from openmetrics "$work/history.txt" "$work/blocks" >"$work/promtool.log" 2>&1 ||
    fail "promtool did not take the history: $(tail -n 1 "$work/promtool.log")"
  rm "$work/history.txt"
}

# Measures all files with all programs.
compare() {
  backfill "$1" "$2"
  printf '\n%s links, a sample every %s s, an hour of it; seconds per interval of %s s\n' "$1" "$2" "$interval"
  for prometheus in "${programs[@]}"; do
    "$prometheus" --version 2>&1 |
      awk 'NR == 1 { printf "\n%-30s %9s %9s %9s %9s\n", "Prometheus " $3, "processor", "times", "clock", "rules" }'
    first=
    for file in "${files[@]}"; do
      measure "$file"
    done
  done
}

compare "$links" "$step"
if [[ -n $large ]]; then compare 10000 60; fi
