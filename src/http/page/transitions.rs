//! The page's last transitions: what changed, and when.

use std::sync::Arc;

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    badges::{ago, badge, name},
    view::View,
};
use crate::{
    journal::Entry,
    model::{Health, LinkState, Snapshot, TaskState},
    status::Wanted,
};

/// How many the page shows.
pub(in crate::http) const MOST: usize = 20;

/// Which of the history the view shows.
pub(in crate::http) fn wanted(view: &View) -> Wanted {
    let wanted = Wanted {
        of: view.filter.clone(),
        ..Wanted::default()
    };
    wanted.as_kept()
}

/// These, which come newest first.
pub(super) fn section(
    entries: &[Arc<Entry>],
    view: &View,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Markup {
    html! {
        @if !entries.is_empty() {
            section {
                h2 { "Last transitions" }
                table.alerts {
                    thead { tr { th { "when" } th { "from" } th { "to" } th { "of" } } }
                    tbody { @for entry in entries { (transition(entry, view, snapshot, now)) } }
                }
            }
        }
    }
}

fn transition(entry: &Entry, view: &View, snapshot: &Snapshot, now: Timestamp) -> Markup {
    let Entry {
        at,
        cluster_name,
        link_name,
        task_name,
        from,
        to,
        ..
    } = entry;
    let href = view.href_of(
        snapshot,
        cluster_name,
        Some(link_name),
        task_name.as_deref(),
    );
    let names = [Some(cluster_name), Some(link_name), task_name.as_ref()];
    let subject: Vec<_> = names.into_iter().flatten().map(AsRef::as_ref).collect();
    let is_task = task_name.is_some();
    html! {
        tr {
            td { (ago(*at, now)) }
            td { (state(from.as_deref(), "NEW", is_task)) }
            td { (state(to.as_deref(), "GONE", is_task)) }
            td { a href=(href) { (name(subject.join(" / "))) } }
        }
    }
}

/// The state's badge, or a word for there being none.
fn state(text: Option<&str>, none: &str, is_task: bool) -> Markup {
    let health = match text {
        None => Health::Off,
        Some(text) if is_task => TaskState::parse(text).health(),
        Some(text) => LinkState::parse(text).health(),
    };
    badge(health, text.unwrap_or(none))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn entry(link: &str, task: Option<&str>, states: [Option<&str>; 2]) -> Arc<Entry> {
        let [from, to] = states.map(|state| state.map(Arc::from));
        Arc::new(Entry {
            at: Timestamp::UNIX_EPOCH,
            cluster_name: "dr".into(),
            cluster_id: None,
            link_name: link.into(),
            task_name: task.map(Arc::from),
            from,
            to,
            errors: Box::default(),
        })
    }

    #[test]
    fn each_names_its_subject_and_leads_to_the_whole_page_where_that_is_gone() {
        let entries = [
            entry("a/b", Some("AclSync"), [Some("ACTIVE"), Some("IN_ERROR")]),
            entry("orders", None, [None, Some("ACTIVE")]),
            entry("old", None, [Some("FAILED"), None]),
        ];
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(60);
        let page = section(&entries, &View::default(), &Snapshot::default(), now).0;
        for text in [
            r#"<span class="badge healthy">ACTIVE</span></td><td><span class="badge broken">IN_ERROR</span></td>"#,
            r#"<a href="./"><bdi>dr / a/b / AclSync</bdi></a>"#,
            r#"<span class="badge off">NEW</span></td><td><span class="badge healthy">ACTIVE</span></td>"#,
            r#"<span class="badge broken">FAILED</span></td><td><span class="badge off">GONE</span></td>"#,
            r#"<a href="./"><bdi>dr / old</bdi></a>"#,
            ">1m ago</time>",
        ] {
            assert!(page.contains(text), "{text} is not in {page}");
        }
        assert_eq!(
            section(&[], &View::default(), &Snapshot::default(), now).0,
            ""
        );
    }

    #[test]
    fn a_view_wants_those_of_what_it_shows() {
        let all = View::default();
        for (view, orders, sales) in [
            (all.clone(), true, true),
            (all.of_link("dr", "sales"), false, true),
            (all.of_cluster("dr"), true, true),
            (all.of_cluster("prod"), false, false),
        ] {
            let wanted = wanted(&view);
            let states = [Some("ACTIVE"), Some("PAUSED")];
            let wants = |link| wanted.includes(&entry(link, None, states));
            assert_eq!(
                (wants("orders"), wants("sales")),
                (orders, sales),
                "{view:?}"
            );
        }
    }
}
