//! The README's table of metric families is written from the families themselves.

use std::{env, fs, path::Path};

use cluster_link_exporter::{
    metrics::{Family, Label, families},
    telemetry::Telemetry,
};

const BEGIN: &str = "<!-- metrics:begin -->\n";
const END: &str = "<!-- metrics:end -->";

#[test]
fn the_readme_lists_every_metric_family() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("README.md can be read");
    let (before, rest) = readme
        .split_once(BEGIN)
        .expect("README.md has the marker `metrics:begin`");
    let (_, after) = rest
        .split_once(END)
        .expect("README.md has the marker `metrics:end`");
    let expected = format!("{before}{BEGIN}{}{END}{after}", table());
    if readme == expected {
        return;
    }
    assert!(
        env::var_os("UPDATE").is_some(),
        "the table of metrics in README.md is not what the code exports; \
         run `UPDATE=1 cargo test --test metrics_reference` and commit the result"
    );
    fs::write(&path, expected).expect("README.md can be written");
}

fn table() -> String {
    let mut table = "\n| family | type | labels | meaning |\n|---|---|---|---|\n".to_owned();
    for family in families() {
        table += &row(
            family.name,
            family.kind.as_str(),
            &labels(family),
            family.meaning,
        );
    }
    let telemetry = Telemetry::new();
    // A family without a receiver is empty, and nobody gathers it.
    telemetry.notifications("any");
    for family in telemetry.gather() {
        let name = family.name();
        if !name.starts_with("process_") {
            let kind = format!("{:?}", family.get_field_type()).to_lowercase();
            let first = family
                .get_metric()
                .first()
                .expect("no gathered family is empty");
            let labels: Vec<String> = first.get_label().iter().map(|l| code(l.name())).collect();
            table += &row(
                name,
                &kind,
                &labels.join(", "),
                family.help().trim_end_matches('.'),
            );
        }
    }
    table += &row(
        "process_*",
        "",
        "",
        "What the process uses: CPU seconds, memory, file descriptors, threads, start time",
    );
    table + "\n"
}

/// All the labels of a family, with their values where these can be listed.
fn labels(family: &Family) -> String {
    let identity = Family::IDENTITY.map(code);
    let own = family
        .labels
        .iter()
        .map(|Label { name, values }| match values {
            Some(values) => format!("{} ∈ {}", code(name), values().join(" ")),
            None => code(name),
        });
    identity
        .into_iter()
        .chain(own)
        .collect::<Vec<_>>()
        .join(", ")
}

fn row(name: &str, kind: &str, labels: &str, meaning: &str) -> String {
    format!("| {} | {kind} | {labels} | {meaning} |\n", code(name))
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
