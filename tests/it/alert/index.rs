//! What in the runbooks is written from tables: the index, the remedies of error codes, and the words of judgement.

use std::fmt::Write as _;

use cluster_link_exporter::{
    alert::{Rule, rules},
    catalogue::{ENTRIES, Entry, Evidence, Heals},
    model::{Check, Expectation, Finding, TableWord},
};

use super::page;
use crate::support::golden::golden_part;

#[test]
fn the_index_lists_every_alert() {
    let mut table = "\n| alert | severity | scope | what it says |\n|---|---|---|---|\n".to_owned();
    for Rule {
        name,
        severity,
        subject,
        meaning,
        ..
    } in rules()
    {
        let (severity, scope) = (severity.label(), subject.scopes().join(" or "));
        let _ = writeln!(
            table,
            "| [`{name}`]({name}.md) | {severity} | {scope} | {meaning} |"
        );
    }
    golden_part(&page::readme().file, "runbooks", &(table + "\n"));
}

#[test]
fn the_remedies_are_those_of_the_catalogue() {
    let scopes = ["link", "task", "mirror", "transition"];
    for page in page::runbooks() {
        for scope in scopes {
            let part = format!("codes-{scope}");
            if page.text.contains(&format!("<!-- {part}:begin -->")) {
                golden_part(&page.file, &part, &remedies(scope));
            }
        }
    }
}

#[test]
fn the_words_are_those_of_the_tables() {
    let tables = [
        ("expectations", Expectation::TABLE),
        ("findings", Finding::TABLE),
        ("checks", Check::TABLE),
    ];
    for page in page::runbooks() {
        for (part, table) in tables {
            if page.text.contains(&format!("<!-- {part}:begin -->")) {
                golden_part(&page.file, part, &words(table));
            }
        }
    }
}

fn words(table: &[TableWord]) -> String {
    let mut text = "\n| | meaning | what to do |\n|---|---|---|\n".to_owned();
    for TableWord {
        name,
        meaning,
        remedy,
        ..
    } in table
    {
        let _ = writeln!(text, "| `{name}` | {meaning} | {remedy} |");
    }
    text + "\n"
}

/// Every code of the scope that stands for something wrong.
fn remedies(scope: &str) -> String {
    let mut table = "\n| code | what to do | heals by itself |\n|---|---|---|\n".to_owned();
    let is_wrong = |entry: &&Entry| !["NO_ERROR", "NOT_SET"].contains(&entry.code.as_str());
    let entries = ENTRIES.iter().filter(is_wrong);
    for entry in entries.filter(|entry| entry.scope.label() == scope) {
        let Entry {
            code,
            remedy,
            heals,
            evidence,
            ..
        } = entry;
        let heals = match heals {
            Heals::Yes => "yes",
            Heals::No => "no",
            Heals::Maybe => "maybe",
        };
        let reading = match evidence {
            Evidence::NameOnly => format!(" {}", Evidence::OUR_READING),
            Evidence::Documented | Evidence::Observed => String::new(),
        };
        let _ = writeln!(table, "| `{code}` | {remedy}{reading} | {heals} |");
    }
    table + "\n"
}
