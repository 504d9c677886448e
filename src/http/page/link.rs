//! A link on the page: one line that says how it is. Below it stands all that is known of it, where a person should look and
//! where somebody asked for this link; else the line leads there.

use std::{cmp::Reverse, collections::BTreeSet};

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    badges::{ago_alone, badge, name},
    mirrors,
    part::Part,
    verdict,
    view::View,
};
use crate::{
    alert::dashboard_of_link,
    anchor,
    model::{
        Cluster, Health, LinkState, Mirrors, ObservedLink, Readiness, Unknown, Verdict,
        whole_seconds,
    },
    web_links::WebLinks,
};

/// What of a cluster's links is shown, and how.
pub(super) struct List<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) view: &'a View,
    /// Where each link's board is.
    pub(super) links: &'a WebLinks,
    pub(super) now: Timestamp,
}

/// A link with its rows.
struct Block<'a> {
    anchor: String,
    link: &'a ObservedLink,
    verdict: &'a Verdict,
    parts: Vec<Part<'a>>,
    worst: Health,
}

impl List<'_> {
    /// The cluster's links, the worst first, one at a time.
    pub(super) fn show(&self, mut write: impl FnMut(Markup)) {
        let links = self.cluster.judged_links();
        // Each block is made twice: all at once, those of many links are as large as the page.
        let mut links: Vec<_> = links
            .filter(|(link, _)| self.view.filter.wants(self.cluster, link))
            .map(|(link, verdict)| (self.block(link, verdict).worst, link, verdict))
            .collect();
        links.sort_by_key(|(worst, ..)| Reverse(*worst));
        if links.is_empty() {
            return;
        }
        write(html! {
            div.line.head {
                span { "link" } span { "state" } span { "since" } span { "failover" } span { "lag" } span { "remote" }
            }
        });
        for (worst, link, verdict) in links {
            let block = self.block(link, verdict);
            if worst.needs_attention() || self.view.filter.link.is_some() {
                write(self.unfolded(&block));
            } else {
                write(self.line(&block));
            }
        }
    }

    fn block<'b>(&self, link: &'b ObservedLink, verdict: &'b Verdict) -> Block<'b> {
        Block::of(self.cluster.name.as_str(), link, verdict)
    }

    /// All that is known of it.
    fn unfolded(&self, block: &Block) -> Markup {
        let mut given = BTreeSet::new();
        let link_name = block.link.link_name.as_str();
        let board = dashboard_of_link(self.cluster.name.as_str(), link_name);
        let board = self.links.dashboard(&board);
        html! {
            details id=(block.anchor) open {
                summary.line { (block.columns(self.now)) }
                @if let Some(board) = board { p.more { a href=(board) { "dashboard" } } }
                table.parts { tbody { @for part in &block.parts { (part.show(self.now, &mut given)) } } }
            }
        }
    }

    /// How it is, and a link to all that is known of it.
    fn line(&self, block: &Block) -> Markup {
        let link_name = block.link.link_name.as_str();
        let unfolded = self.view.of_link(self.cluster.name.as_str(), link_name);
        html! {
            a.line id=(block.anchor) href=(unfolded.href()) { (block.columns(self.now)) }
        }
    }
}

impl<'a> Block<'a> {
    fn of(cluster_name: &str, link: &'a ObservedLink, verdict: &'a Verdict) -> Self {
        let link_name = link.link_name.as_str();
        let mirrors = link.shown_mirrors().ok().filter(|it| it.listed() > 0);
        let tasks = link.named_tasks().iter().map(|task| {
            let anchor = anchor::of_task(cluster_name, link_name, task.task_name.as_str());
            Part::task(task, anchor)
        });
        let mut parts: Vec<_> = tasks
            .chain(mirrors.map(mirrors::part))
            .chain(verdict::parts(verdict))
            .collect();
        parts.sort_by_key(|part| Reverse(part.worst()));
        // Why all of it matters, and what the rest may follow from.
        let headlines = verdict::against_failover(&verdict.failover)
            .into_iter()
            .chain(Part::link(link));
        parts.splice(0..0, headlines);

        let state = link.link_state.as_ref();
        let state = state.map_or(Health::Unknown, LinkState::health);
        let readiness = match verdict.failover.readiness() {
            // That something is not known is said, but calls nobody.
            Readiness::NotJudged => Health::Healthy,
            _ => verdict::readiness(&verdict.failover).0,
        };
        let healths = parts.iter().map(Part::worst);
        Self {
            anchor: anchor::of_link(cluster_name, link_name),
            link,
            verdict,
            worst: healths.fold(state.max(readiness), Health::max),
            parts,
        }
    }

    /// How it is. Short: of a page of many links this is nearly all.
    fn columns(&self, now: Timestamp) -> Markup {
        let link = self.link;
        let (health, word) = verdict::readiness(&self.verdict.failover);
        html! {
            b { (name(&link.link_name)) }
            @match &link.link_state {
                Some(state) => { (word_of(state.health(), state.raw())) (ago_alone(link.state_since, now)) },
                None => { (word_of(Health::Unknown, "NOT REPORTED")) span {} },
            }
            (word_of(health, word))
            span { (self.lag()) }
            span {
                @if let Some(remote) = &link.remote_cluster_id { code { (remote) } }
                @if let Some(prefix) = prefix(link) { " prefix " code { (prefix) } }
            }
        }
    }

    fn lag(&self) -> Markup {
        let lag = self.link.shown_mirrors().and_then(Mirrors::known_lag);
        html! {
            @match lag {
                Ok(lag) => (lag.in_words()),
                Err(Unknown::NotAsked) => {},
                Err(why) => span title=(why) { "not known" },
            }
            @if let Some(rpo) = self.verdict.rpo { small { " of " (whole_seconds(rpo)) } }
        }
    }
}

/// A badge, or the word alone where all is well: what is wrong stands out, and a page of many links stays small.
fn word_of(health: Health, word: &str) -> Markup {
    if health == Health::Healthy {
        html! { span.good { (word) } }
    } else {
        html! { span { (badge(health, word)) } }
    }
}

/// What the names of the link's mirror topics begin with, where that is known and anything.
fn prefix(observed: &ObservedLink) -> Option<&str> {
    let prefix = observed.known_configs().ok()?.prefix.as_deref();
    prefix.filter(|prefix| !prefix.is_empty())
}
