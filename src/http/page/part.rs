//! A row of the page about a part of a link.

use std::collections::BTreeSet;

use jiff::Timestamp;
use maud::{Markup, html};

use super::badges::{Line, ago, badge, errors, lines, name};
use crate::{
    catalogue::Scope,
    model::{Health, ObservedLink, ObservedTask},
};

/// Something about a link that has a state: one row.
pub(super) struct Part<'a> {
    name: &'a str,
    /// Whether the name comes from elsewhere.
    is_foreign: bool,
    badges: Vec<(Health, String)>,
    since: Option<Timestamp>,
    details: Vec<Line>,
    /// The anchor of what has one.
    id: Option<String>,
}

impl<'a> Part<'a> {
    /// Of no age.
    pub(super) fn new(name: &'a str, badges: Vec<(Health, String)>, details: Vec<Line>) -> Self {
        Self {
            name,
            is_foreign: false,
            badges,
            since: None,
            details,
            id: None,
        }
    }

    pub(super) fn task(task: &'a ObservedTask, id: String) -> Self {
        let badge = (task.state.health(), task.state.raw().to_owned());
        Self {
            is_foreign: true,
            since: Some(task.state_since),
            id: Some(id),
            ..Self::new(
                task.task_name.as_str(),
                vec![badge],
                errors(&task.errors, Scope::Task),
            )
        }
    }

    /// What is wrong with the link itself.
    pub(super) fn link(link: &ObservedLink) -> Option<Self> {
        let unread = match &link.failure {
            Some(failure) => Some(format!("describe failed: {}", failure.message)),
            None if link.tasks_unknown() => {
                Some("the server names no task of this link".to_owned())
            }
            None => None,
        };
        let badge = |health, word: &str| (health, word.to_owned());
        let error = link.link_error.as_ref();
        let error = error.map(|_| badge(Health::Unavailable, "error"));
        let not_read = unread.as_ref().map(|_| badge(Health::Unknown, "not read"));
        let badges: Vec<_> = error.into_iter().chain(not_read).collect();
        let why = unread.map(|why| Line::Text(html! { p { (why) } }));
        let details = errors(link.link_error.as_slice(), Scope::Link);
        let details = details.into_iter().chain(why).collect();
        (!badges.is_empty()).then(|| Self::new("link", badges, details))
    }

    pub(super) fn worst(&self) -> Health {
        let healths = self.badges.iter().map(|(health, _)| *health);
        healths.max().unwrap_or(Health::Healthy)
    }

    /// The row, without the advice that is `given` already.
    pub(super) fn show(&self, now: Timestamp, given: &mut BTreeSet<String>) -> Markup {
        html! {
            tr id=[self.id.as_ref()] {
                th scope="row" { @if self.is_foreign { (name(self.name)) } @else { (self.name) } }
                td { @for (health, word) in &self.badges { (badge(*health, word)) " " } }
                td { @if let Some(since) = self.since { (ago(since, now)) } }
                td { (lines(&self.details, given)) }
            }
        }
    }
}
