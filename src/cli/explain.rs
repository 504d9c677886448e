//! `explain`: what the catalogue knows of an error code, for the person who found one in an alert, a log or a table.

use std::{iter, process::ExitCode};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{output, wrap::wrapped};
use crate::catalogue::{self, ENTRIES, Entry, Evidence, Scope};

/// The width where standard output is no terminal.
const WIDTH: usize = 80;

/// Below every explanation: its commands hold places to fill in.
const LEGEND: &str = "This cluster is the one that reports the code, the remote cluster is at the other end of its link. \
    Fill in what stands in `<…>`. `{base_path}` is `/kafka/v3` on Confluent Cloud and on the brokers of Confluent \
    Platform, `/v3` on a standalone REST Proxy.";

/// Below the list.
const OPEN: &str = "The sets of codes are open: a newer server may send one that is not here. `explain CODE` says what \
    to do about one of these.";

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The code, in capitals or not; without one, all of them are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// Shape of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// For people, wrapped to the terminal
    Text,
    /// For programs
    Json,
}

pub(super) fn run(options: &Options) -> ExitCode {
    let code = options
        .code
        .as_ref()
        .map(|code| code.trim().to_ascii_uppercase());
    let entries: Vec<_> = match &code {
        None => ENTRIES.iter().collect(),
        Some(code) => catalogue::lookup(code).collect(),
    };
    if let (Some(code), []) = (&code, entries.as_slice()) {
        super::complain(unknown(code));
        return ExitCode::from(2);
    }
    let width = super::terminal_width().map_or(WIDTH, usize::from);
    output::status(match (options.output, code) {
        (Output::Json, _) => super::say_json(&json(&entries)),
        (Output::Text, None) => super::say(list(width)),
        (Output::Text, Some(_)) => super::say(explanation(&entries, width)),
    })
}

/// What is said of a code that is in no row. It may be a typing error as well as a code of a newer server.
fn unknown(code: &str) -> String {
    let near: Vec<_> = catalogue::nearest(code)
        .into_iter()
        .map(|near| format!("`{near}`"))
        .collect();
    let near = if near.is_empty() {
        "`explain` lists those that are".to_owned()
    } else {
        format!("similar: {}", near.join(", "))
    };
    format!(
        "code `{}` is not known; {near}; the sets of codes are open, so if a server sent it, read the error message \
         beside it",
        code.escape_debug()
    )
}

/// Every code with its scopes and what it means in the first of them. Those that are known by name alone are marked.
fn list(width: usize) -> String {
    let mut lines = Vec::new();
    for code in catalogue::codes() {
        let scopes: Vec<_> = catalogue::lookup(code)
            .map(|entry| match entry.evidence {
                Evidence::NameOnly => format!("{}*", entry.scope.label()),
                Evidence::Documented | Evidence::Observed => entry.scope.label().to_owned(),
            })
            .collect();
        lines.push(format!("{code}  {}", scopes.join(", ")));
        let meaning = catalogue::lookup(code).next().map(|entry| &entry.meaning);
        lines.extend(meaning.map(|meaning| wrapped("    ", first_sentence(meaning), width)));
    }
    lines.push(String::new());
    let mark = format!("{}.", Evidence::NameOnly.in_words());
    lines.push(wrapped("* ", &mark, width));
    lines.push(wrapped("", OPEN, width));
    lines.join("\n")
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

/// Each scope's entry, and how to read the commands.
fn explanation(entries: &[&Entry], width: usize) -> String {
    let mut parts: Vec<_> = entries.iter().map(|entry| section(entry, width)).collect();
    parts.push(wrapped("", LEGEND, width));
    parts.join("\n\n")
}

fn section(entry: &Entry, width: usize) -> String {
    let Entry {
        code,
        scope,
        evidence,
        meaning,
        causes,
        remedy,
        commands,
        heals,
    } = entry;
    let text = |name: &str, text: &str| wrapped(&format!("  {name:<10}"), text, width);
    let names = |name| iter::once(name).chain(iter::repeat(""));
    let mut lines = vec![
        wrapped(
            "",
            &format!("{code}, reported by {}", reporters(code, *scope)),
            width,
        ),
        text("evidence", evidence.in_words()),
        text("meaning", meaning),
    ];
    lines.extend(
        names("causes")
            .zip(causes)
            .map(|(name, cause)| wrapped(&format!("  {name:<10}- "), cause, width)),
    );
    lines.push(text("remedy", remedy));
    // A wrapped command cannot be pasted.
    let command = |(name, command)| format!("  {name:<10}{command}");
    lines.extend(names("commands").zip(commands).map(command));
    lines.push(text("heals", heals.in_words()));
    lines.join("\n")
}

/// Who reports the code with this meaning: its scope, and transitions where they have no meaning of their own for it.
fn reporters(code: &str, scope: Scope) -> String {
    let in_transition = catalogue::find(code, Scope::Transition).map(|entry| entry.scope);
    if scope == Scope::Task && in_transition == Some(Scope::Task) {
        format!(
            "{}, or by {}",
            scope.reporter(),
            Scope::Transition.reporter()
        )
    } else {
        scope.reporter().to_owned()
    }
}

/// The rows as one JSON document, as the catalogue spells them, the evidence in words as well.
fn json(entries: &[&Entry]) -> Value {
    let rows = entries.iter().map(|entry| {
        let mut row = serde_json::to_value(entry).expect("a row is plain data");
        row["evidence_in_words"] = entry.evidence.in_words().into();
        row
    });
    json!({ "codes": rows.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "our reading of the name; Confluent publishes only the name";

    #[test]
    fn what_rests_on_a_name_is_said_to_in_every_text() {
        let list = list(usize::MAX);
        for entry in ENTRIES.iter() {
            let is_ours = entry.evidence == Evidence::NameOnly;
            let (code, scope) = (&entry.code, entry.scope.label());
            assert_eq!(section(entry, usize::MAX).contains(OURS), is_ours, "{code}");
            assert_eq!(
                json(&[entry])["codes"][0]["evidence_in_words"] == OURS,
                is_ours,
                "{code}"
            );
            let line = list
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{code}  ")));
            let mark = format!("{scope}*");
            let is_marked = line.unwrap().split(", ").any(|scope| scope == mark);
            assert_eq!(is_marked, is_ours, "{code}");
        }
        assert!(list.contains(&format!("\n* {OURS}.\n")), "{list}");
    }

    #[test]
    fn only_commands_pass_the_width() {
        for entry in ENTRIES.iter() {
            for line in section(entry, 60)
                .lines()
                .filter(|line| line.chars().count() > 60)
            {
                let text = line
                    .trim_start()
                    .trim_start_matches("commands")
                    .trim_start();
                assert!(
                    entry.commands.iter().any(|command| command == text),
                    "{line}"
                );
            }
        }
        assert!(list(60).lines().all(|line| line.chars().count() <= 60));
    }
}
