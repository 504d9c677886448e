//! What in the runbooks is written from tables: the index, and the remedies of error codes.

use std::fmt::Write as _;

use cluster_link_exporter::{
    alert::{Rule, rules},
    catalogue::{ENTRIES, Entry, Evidence, Heals},
};

use crate::{page, readme::written};

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
        let (severity, scope) = (severity.label(), subject.scope());
        let _ = writeln!(
            table,
            "| [`{name}`]({name}.md) | {severity} | {scope} | {meaning} |"
        );
    }
    written(&page::readme().file, "runbooks", &(table + "\n"));
}

#[test]
fn the_remedies_are_those_of_the_catalogue() {
    let scopes = ["link", "task", "mirror", "transition"];
    for page in page::runbooks() {
        for scope in scopes {
            let part = format!("codes-{scope}");
            if page.text.contains(&format!("<!-- {part}:begin -->")) {
                written(&page.file, &part, &remedies(scope));
            }
        }
    }
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
