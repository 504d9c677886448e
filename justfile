# `just` lists these; every one is a command that can be typed as well. https://just.systems

[private]
default:
    @just --list

# Everything that must pass
all:
    bash tests/run.sh

# The tests whose names contain the words, or all
test *words:
    cargo test --locked {{ words }}

# Write the golden files anew; read the difference before you commit it
update:
    UPDATE=1 cargo test --locked

format:
    cargo fmt

lint:
    cargo clippy --all-targets --locked -- -D warnings

# Licences, advisories and banned crates
deny:
    cargo deny --locked check

# The simulated clusters and the exporter that watches them
demo:
    cargo run --profile demo -- demo

# The dashboards beside the running demo, without Grafana
preview:
    node tools/preview/serve.mjs

bench:
    cargo bench
