//! The tasks of a snapshot as a table for people and as JSON for programs.

use comfy_table::{ContentArrangement, Table, presets::UTF8_HORIZONTAL_ONLY};
use serde_json::{Value, json};

use crate::model::{Cluster, Failure, KeptLink, ReportedError, Snapshot};

/// Stands for what the server does not tell. A single poll cannot know since when a state stands.
const NOT_KNOWN: &str = "-";

/// Prints the table, wrapped to the terminal where there is one.
pub(super) fn print(snapshot: &Snapshot) {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["Cluster", "Link", "Task", "State", "Since", "Errors"]);
    if let Some((terminal_size::Width(width), _)) = terminal_size::terminal_size() {
        table.set_width(width);
    }
    for cluster in &snapshot.clusters {
        for link in cluster.shown_links() {
            for row in rows(cluster, link) {
                table.add_row(row);
            }
        }
    }
    if table.is_empty() {
        println!("no links");
    } else {
        println!("{table}");
    }
}

/// The link's own row, then one for each task.
fn rows(cluster: &Cluster, kept: &KeptLink) -> Vec<[String; 6]> {
    let row = |task: &str, state: &str, errors: String| {
        let link = printable(kept.link.link_name.as_str());
        [
            cluster.name.to_string(),
            link,
            printable(task),
            printable(state),
            NOT_KNOWN.to_owned(),
            errors,
        ]
    };
    let state = kept
        .link
        .link_state
        .as_ref()
        .map_or(NOT_KNOWN, |state| state.raw());
    let mut rows = vec![row(
        "(link)",
        state,
        errors(kept.link.link_error.as_slice()),
    )];
    if kept.tasks_unknown() {
        rows.push(row(
            "(tasks)",
            NOT_KNOWN,
            "the server sent no task list".to_owned(),
        ));
    }
    rows.extend(kept.tasks.iter().map(|kept| {
        let task = &kept.task;
        row(
            task.task_name.as_str(),
            task.state.raw(),
            errors(&task.errors),
        )
    }));
    rows
}

fn errors(errors: &[ReportedError]) -> String {
    let lines: Vec<_> = errors
        .iter()
        .map(|error| printable(&error.to_string()))
        .collect();
    lines.join("\n")
}

/// Foreign text must not steer the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// The same as one JSON document, states and codes as the API spells them.
pub(super) fn json(snapshot: &Snapshot) -> Value {
    let clusters = snapshot.clusters.iter().map(|cluster| {
        json!({
            "cluster_name": cluster.name,
            "cluster_id": cluster.id,
            "failure": cluster.polls.last_failure.as_ref().map(failure),
            "links": cluster.shown_links().map(link).collect::<Vec<_>>(),
        })
    });
    json!({ "clusters": clusters.collect::<Vec<_>>() })
}

fn link(kept: &KeptLink) -> Value {
    let mut link = serde_json::to_value(&kept.link).expect("a link is plain data");
    link["failure"] = kept.failure.as_ref().map(failure).into();
    link
}

fn failure(failure: &Failure) -> Value {
    json!({ "reason": failure.reason.label(), "message": failure.message })
}
