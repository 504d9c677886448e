//! The tasks of a snapshot as a table for people.

use crate::{
    catalogue::{self, Scope},
    cli::table::{self, NOT_KNOWN, Row, printable},
    model::{Cluster, ObservedLink, ReportedError, Snapshot},
};

const HEADER: [&str; 6] = ["Cluster", "Link", "Task", "State", "Since", "Errors"];

/// The table; `None` where there is no link to show.
pub(super) fn render(snapshot: &Snapshot, width: Option<u16>) -> Option<String> {
    let clusters = snapshot.clusters.iter();
    let links = clusters.flat_map(|cluster| cluster.shown_links().map(move |link| (cluster, link)));
    let rows: Vec<_> = links
        .flat_map(|(cluster, link)| rows(cluster, link))
        .collect();
    table::render(&HEADER, &rows, width)
}

/// The link's own row, then one for each task.
fn rows(cluster: &Cluster, observed: &ObservedLink) -> Vec<Row> {
    let row = |task: &str, state: &str, notes: String| Row {
        cells: vec![
            printable(cluster.name.as_str()),
            printable(observed.link_name.as_str()),
            printable(task),
            printable(state),
            // A single poll cannot know since when a state stands.
            NOT_KNOWN.to_owned(),
        ],
        notes,
    };
    let state = observed.link_state.as_ref();
    let state = state.map_or(NOT_KNOWN, |state| state.raw());
    let mut rows = vec![row(
        "(link)",
        state,
        errors(observed.link_error.as_slice(), Scope::Link),
    )];
    if observed.tasks_unknown() {
        rows.push(row(
            "(tasks)",
            NOT_KNOWN,
            "the server sent no task list".to_owned(),
        ));
    }
    rows.extend(observed.named_tasks().iter().map(|task| {
        row(
            task.task_name.as_str(),
            task.state.raw(),
            errors(&task.errors, Scope::Task),
        )
    }));
    rows
}

/// One error a line, and below it what the catalogue says to do.
fn errors(errors: &[ReportedError], scope: Scope) -> String {
    let lines: Vec<_> = catalogue::with_hints(errors, scope)
        .flat_map(|(error, hint)| {
            let hint = hint.map(|hint| format!("hint: {hint}"));
            [Some(printable(&error.to_string())), hint]
        })
        .flatten()
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::{
        model::{Limits, Link, LinkReport, LinkState, Listing, Report, Task, TaskState},
        store::Store,
    };

    fn link(name: &str, task: &str, message: &str) -> Link {
        let error = ReportedError {
            error_code: "MISCONFIGURATION_ERROR".into(),
            error_message: message.to_owned(),
        };
        Link {
            link_state: Some(LinkState::parse("ACTIVE")),
            tasks: Some(vec![Task {
                task_name: task.into(),
                state: TaskState::parse("IN_ERROR"),
                errors: vec![error],
            }]),
            ..Link::named(name)
        }
    }

    fn snapshot(links: impl IntoIterator<Item = Link>) -> std::sync::Arc<Snapshot> {
        let limits = Limits {
            poll_interval: Duration::from_secs(30),
            stale_after: Duration::from_secs(120),
        };
        let store = Store::new([Cluster::unpolled("dr".into(), None, limits, &[])]);
        let links = links.into_iter().map(LinkReport::described).collect();
        let at = Timestamp::constant(1_750_000_000, 0);
        let report = Report::new(at, limits.poll_interval, Ok(Listing::of(links)));
        store.report(&"dr".into(), report);
        store.snapshot()
    }

    #[test]
    fn a_table_without_a_terminal_is_as_wide_as_it_needs_to_be() {
        let message = "ACL sync is enabled and acl.filters is empty.";
        let table = render(&snapshot([link("orders", "AclSync", message)]), None);
        insta::assert_snapshot!(table.unwrap(), @"
        Cluster   Link     Task      State      Since
        ───────────────────────────────────────────────
        dr        orders   (link)    ACTIVE     -
        dr        orders   AclSync   IN_ERROR   -
            MISCONFIGURATION_ERROR: ACL sync is enabled and acl.filters is empty.
            hint: Set the filters that belong to the feature (acl.filters, auto.create.mirror.topics.filters or consumer.offset.group.filters), or switch the feature
            off. Neither needs a restart.
        ");
    }

    #[test]
    fn errors_stand_below_their_rows_where_the_terminal_is_too_narrow() {
        let message = "ACL sync is enabled and acl.filters is empty.";
        let table = render(&snapshot([link("orders", "AclSync", message)]), Some(72)).unwrap();
        assert!(
            table.lines().all(|line| line.chars().count() <= 72),
            "{table}"
        );
        insta::assert_snapshot!(table, @"
        Cluster   Link     Task      State      Since
        ───────────────────────────────────────────────
        dr        orders   (link)    ACTIVE     -
        dr        orders   AclSync   IN_ERROR   -
            MISCONFIGURATION_ERROR: ACL sync is enabled and acl.filters is
            empty.
            hint: Set the filters that belong to the feature (acl.filters,
            auto.create.mirror.topics.filters or consumer.offset.group.filters),
            or switch the feature off. Neither needs a restart.
        ");
    }

    #[test]
    fn a_server_cannot_steer_the_terminal() {
        let hostile = link("a\u{1b}[2Jb", "c\u{202e}d", "e\nf\u{9b}31m");
        let table = render(&snapshot([hostile]), None).unwrap();
        insta::assert_snapshot!(table, @"
        Cluster   Link     Task     State      Since
        ──────────────────────────────────────────────
        dr        a�[2Jb   (link)   ACTIVE     -
        dr        a�[2Jb   c�d      IN_ERROR   -
            MISCONFIGURATION_ERROR: e�f�31m
            hint: Set the filters that belong to the feature (acl.filters, auto.create.mirror.topics.filters or consumer.offset.group.filters), or switch the feature
            off. Neither needs a restart.
        ");
    }

    #[test]
    fn without_a_link_there_is_no_table() {
        assert_eq!(render(&snapshot([]), None), None);
    }
}
