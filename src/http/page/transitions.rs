//! The page's last transitions: what changed, and when.

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    badges::{ago, badge, name},
    view::View,
};
use crate::{
    anchor,
    model::{Health, LinkState, TaskState},
};

/// How many the page shows.
const MOST: usize = 20;

/// A link or a task that came, went or changed its state.
#[derive(Clone, Debug)]
pub(in crate::http) struct TransitionRow {
    pub(in crate::http) at: Timestamp,
    pub(in crate::http) cluster_name: String,
    pub(in crate::http) link_name: String,
    /// `None` for the link itself.
    pub(in crate::http) task_name: Option<String>,
    /// The state before, as the API spells it; `None` where there was none.
    pub(in crate::http) from: Option<String>,
    /// The state from then on; `None` where it is gone.
    pub(in crate::http) to: Option<String>,
}

/// The newest of these that the view shows. They come newest first.
pub(super) fn section(rows: &[TransitionRow], view: &View, now: Timestamp) -> Markup {
    let is_shown = |row: &&TransitionRow| {
        let is =
            |wanted: &Option<String>, name: &String| wanted.as_ref().is_none_or(|it| it == name);
        is(&view.cluster, &row.cluster_name) && is(&view.link, &row.link_name)
    };
    let shown: Vec<_> = rows.iter().filter(is_shown).take(MOST).collect();
    html! {
        @if !shown.is_empty() {
            section {
                h2 { "Last transitions" }
                table.alerts {
                    thead { tr { th { "when" } th { "from" } th { "to" } th { "of" } } }
                    tbody { @for row in shown { (transition(row, view, now)) } }
                }
            }
        }
    }
}

fn transition(row: &TransitionRow, view: &View, now: Timestamp) -> Markup {
    let TransitionRow {
        at,
        cluster_name,
        link_name,
        task_name,
        from,
        to,
    } = row;
    let anchor = match task_name {
        Some(task_name) => anchor::of_task(cluster_name, link_name, task_name),
        None => anchor::of_link(cluster_name, link_name),
    };
    let names = [Some(cluster_name), Some(link_name), task_name.as_ref()];
    let subject: Vec<_> = names.into_iter().flatten().map(String::as_str).collect();
    html! {
        tr {
            td { (ago(*at, now)) }
            td { (state(from.as_deref(), "NEW", row)) }
            td { (state(to.as_deref(), "GONE", row)) }
            td { a href={ (view.of_link(cluster_name, link_name).href()) "#" (anchor) } { (name(subject.join(" / "))) } }
        }
    }
}

/// The state's badge, or a word for there being none.
fn state(text: Option<&str>, none: &str, row: &TransitionRow) -> Markup {
    let health = match (text, &row.task_name) {
        (None, _) => Health::Off,
        (Some(text), Some(_)) => TaskState::parse(text).health(),
        (Some(text), None) => LinkState::parse(text).health(),
    };
    badge(health, text.unwrap_or(none))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn row(link: &str, task: Option<&str>, states: [Option<&str>; 2]) -> TransitionRow {
        let [from, to] = states.map(|state| state.map(str::to_owned));
        TransitionRow {
            at: Timestamp::UNIX_EPOCH,
            cluster_name: "dr".to_owned(),
            link_name: link.to_owned(),
            task_name: task.map(str::to_owned),
            from,
            to,
        }
    }

    fn shown(rows: &[TransitionRow], view: &View) -> String {
        section(rows, view, Timestamp::UNIX_EPOCH + Duration::from_secs(60)).0
    }

    #[test]
    fn each_names_its_subject_and_leads_to_it() {
        let rows = [
            row("a/b", Some("AclSync"), [Some("ACTIVE"), Some("IN_ERROR")]),
            row("orders", None, [None, Some("ACTIVE")]),
            row("old", None, [Some("FAILED"), None]),
        ];
        let page = shown(&rows, &View::default());
        for text in [
            r#"<span class="badge healthy">ACTIVE</span></td><td><span class="badge broken">IN_ERROR</span></td>"#,
            r#"<a href="/?cluster=dr&amp;link=a%2Fb#dr/a%2Fb/AclSync"><bdi>dr / a/b / AclSync</bdi></a>"#,
            r#"<span class="badge off">NEW</span></td><td><span class="badge healthy">ACTIVE</span></td>"#,
            r#"<span class="badge broken">FAILED</span></td><td><span class="badge off">GONE</span></td>"#,
            r#"<a href="/?cluster=dr&amp;link=old#dr/old"><bdi>dr / old</bdi></a>"#,
            ">1m ago</time>",
        ] {
            assert!(page.contains(text), "{text} is not in {page}");
        }
    }

    #[test]
    fn the_twenty_newest_of_what_the_view_shows_are_listed() {
        let rows: Vec<_> = (0..50)
            .map(|n| {
                row(
                    ["orders", "sales"][n % 2],
                    None,
                    [Some("ACTIVE"), Some("PAUSED")],
                )
            })
            .collect();
        let count = |view: &View| shown(&rows, view).matches("<tr><td>").count();
        assert_eq!(count(&View::default()), 20);
        assert_eq!(count(&View::default().of_link("dr", "sales")), 20);
        assert_eq!(count(&View::default().of_link("dr", "stock")), 0);
        assert!(!shown(&rows, &View::default().of_link("dr", "sales")).contains("orders"));
        assert_eq!(shown(&[], &View::default()), "");
    }
}
