//! What the pages name exists: commands and flags, metrics, alerts, and YAML that can be read. Runbooks have tests of
//! their own.

use std::collections::BTreeSet;

use cluster_link_exporter::alert::{RuleFile, rules};
use serde_json::Value;

use super::{assert_none, pages, root};
use crate::{
    alert::{
        commands::{COMMANDS, unknown_to_the_program},
        page::{Page, found},
    },
    support::promql::{self, KNOWN},
};

/// Fails with every complaint about every page that people read first: the README and `docs`.
#[track_caller]
fn nothing_wrong(complaints: impl Fn(&Page) -> Vec<String>) {
    let pages = pages().into_iter();
    let wrong = pages
        .filter(|name| name == "README.md" || name.starts_with("docs/"))
        .flat_map(|name| {
            let complaints = complaints(&Page::read(root().join(&name))).into_iter();
            let said = complaints.map(|what| format!("{name}: {what}"));
            said.collect::<Vec<_>>()
        });
    assert_none(&wrong.collect::<Vec<_>>());
}

#[test]
fn the_readme_has_a_row_for_every_command() {
    let readme = Page::read(root().join("README.md"));
    let (_, section) = readme
        .text
        .split_once("\n## Commands\n")
        .expect("it has commands");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows: BTreeSet<_> = found("(?m)^\\| `([a-z-]+)", section).into_iter().collect();
    let commands = COMMANDS.iter().map(|(name, _)| name.as_str());
    let commands: BTreeSet<_> = commands.filter(|name| *name != "help").collect();
    assert_eq!(
        rows, commands,
        "rows of README.md and commands of the program"
    );
}

#[test]
fn every_command_of_the_program_in_a_page_exists() {
    nothing_wrong(|page| {
        let lines = page.code().into_iter();
        let commands = lines.flat_map(|line| {
            let parts = line.split("&&").map(|part| {
                let part = part.trim().trim_start_matches("$ ");
                part.split(['>', '|']).next().unwrap_or_default().to_owned()
            });
            parts.collect::<Vec<_>>()
        });
        commands
            .filter_map(|command| {
                let arguments = command.strip_prefix("cluster-link-exporter ")?;
                unknown_to_the_program(arguments)
            })
            .collect()
    });
}

#[test]
fn every_metric_and_every_query_of_a_page_exists() {
    nothing_wrong(|page| {
        let names = found(
            r"(?:^|[^a-z0-9_:])(clusterlink_[a-z0-9_]+)(?:[^a-z0-9_*]|$)",
            &page.text,
        );
        let unknown = names.iter().filter(|name| !KNOWN.contains_key(**name));
        let unknown = unknown.map(|name| format!("there is no metric `{name}`; see src/metrics"));
        let blocks = page.blocks.iter();
        let queries = blocks.filter(|(language, _)| language == "promql");
        let queries = queries.flat_map(|(_, block)| block.lines());
        let broken = queries.flat_map(promql::unknown);
        unknown.chain(broken).collect()
    });
}

#[test]
fn every_series_that_a_page_says_is_recorded_is() {
    let objective = "99.9".parse().expect("it is a percentage below 100");
    let file = RuleFile {
        slo: Some(objective),
        ..RuleFile::default()
    };
    let file = file.yaml();
    nothing_wrong(|page| {
        let names = found(r"\b([a-z]*:?clusterlink[a-z_]*:[a-z0-9_]*)", &page.text);
        let unknown = names
            .iter()
            .filter(|name| !file.contains(&format!("record: {name}")));
        unknown
            .map(|name| format!("nothing records `{name}`; see src/alert/recordings"))
            .collect()
    });
}

#[test]
fn every_alert_that_a_page_names_exists() {
    nothing_wrong(|page| {
        let names = found(r"\b(ClusterLink[A-Z][A-Za-z]*)", &page.text).into_iter();
        names
            .filter(|name| rules().all(|rule| rule.name != *name))
            .map(|name| format!("there is no alert `{name}`; see src/alert/rules"))
            .collect()
    });
}

#[test]
fn every_block_of_yaml_can_be_read() {
    nothing_wrong(|page| {
        let blocks = page.blocks.iter();
        let blocks = blocks.filter(|(language, _)| language == "yaml");
        blocks
            .filter_map(|(_, block)| serde_saphyr::from_str::<Value>(block).err())
            .map(|error| error.to_string())
            .collect()
    });
}
