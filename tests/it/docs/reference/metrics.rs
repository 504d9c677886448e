//! The metric families.

use std::collections::BTreeSet;

use cluster_link_exporter::{
    metrics::{Family, Label, families},
    telemetry::Telemetry,
};

use super::{code, page, table};
use crate::support::promql::KNOWN;

const INTRODUCTION: &str = "\
Every series that is about a cluster begins with `cluster_name`, the name in the configuration, and `cluster_id`, which is
empty while it is neither configured nor learnt from the server. After `∈` stand all values that a label can have.";

const LABELS: &str = "\
All labels of the exporter's own series. Where a target has one of them too, Prometheus renames the exporter's: what to do
about that is in [Alerting](../alerting.md#labels-of-targets).";

#[test]
fn the_page_has_every_metric_family() {
    let mut rows: Vec<_> = families().map(of_a_cluster).collect();
    rows.extend(of_the_exporter());
    rows.push([
        code("process_*"),
        String::new(),
        String::new(),
        "What the process uses: CPU seconds, memory, file descriptors, threads, start time"
            .to_owned(),
    ]);
    let table = table(["family", "type", "labels", "meaning"], rows);
    let text = format!(
        "{INTRODUCTION}\n\n## Families\n\n{table}\n## Labels\n\n{LABELS}\n\n{}\n",
        all_labels()
    );
    page("metrics.md", "Metrics", &text);
}

/// Every label of the exporter's own series but those of histograms.
fn all_labels() -> String {
    let labels = KNOWN
        .iter()
        .filter(|(name, _)| !name.starts_with("ALERTS") && !name.contains(':'));
    let labels: BTreeSet<_> = labels.flat_map(|(_, labels)| labels.keys()).collect();
    let labels = labels.into_iter().filter(|label| *label != "le");
    let items = labels.map(|label| format!("* {}", code(label)));
    items.collect::<Vec<_>>().join("\n")
}

fn of_a_cluster(family: &Family) -> [String; 4] {
    [
        code(family.name),
        family.kind.as_str().to_owned(),
        labels(family),
        family.meaning.to_owned(),
    ]
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

/// What the exporter counts of itself.
fn of_the_exporter() -> Vec<[String; 4]> {
    let telemetry = Telemetry::new();
    // A family without a receiver, a shard or a discovery is empty, and nobody gathers it.
    telemetry.notifications("any");
    telemetry.sharded("0/2".parse().expect("it is a shard"));
    telemetry.discoveries(&[crate::support::promql::discovery()]);
    let families = telemetry.gather().into_iter();
    let own = families.filter(|family| !family.name().starts_with("process_"));
    own.map(|family| {
        let kind = format!("{:?}", family.get_field_type()).to_lowercase();
        let first = family.get_metric().first();
        let labels = first.expect("no gathered family is empty").get_label();
        let labels: Vec<_> = labels.iter().map(|label| code(label.name())).collect();
        let meaning = family.help().trim_end_matches('.').to_owned();
        [code(family.name()), kind, labels.join(", "), meaning]
    })
    .collect()
}
