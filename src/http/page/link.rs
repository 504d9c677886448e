//! A link on the page: one line that says how it is, and below it all that is known. Open where a person should look.

use std::cmp::Reverse;

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    badges::{ago, badge, name},
    mirrors,
    part::Part,
    verdict,
};
use crate::model::{
    Cluster, Health, LinkState, Mirrors, ObservedLink, Readiness, Unknown, Verdict, whole_seconds,
};

/// A link with its rows.
struct Block<'a> {
    link: &'a ObservedLink,
    verdict: &'a Verdict,
    parts: Vec<Part<'a>>,
    worst: Health,
}

/// The cluster's links, the worst first, one at a time.
pub(super) fn list(cluster: &Cluster, now: Timestamp, mut write: impl FnMut(Markup)) {
    let links = cluster.judged_links();
    // Each block is made twice: all at once, those of many links are as large as the page.
    let mut links: Vec<_> = links
        .map(|(link, verdict)| (Block::of(link, verdict).worst, link, verdict))
        .collect();
    links.sort_by_key(|(worst, ..)| Reverse(*worst));
    if !links.is_empty() {
        write(html! {
            div.line.head {
                span { "link" } span { "state" } span { "since" } span { "failover" } span { "lag" } span { "remote" }
            }
        });
    }
    for (_, link, verdict) in links {
        write(Block::of(link, verdict).show(now));
    }
}

impl<'a> Block<'a> {
    fn of(link: &'a ObservedLink, verdict: &'a Verdict) -> Self {
        let mirrors = link.shown_mirrors().ok().filter(|it| it.listed() > 0);
        let tasks = link.named_tasks().iter().map(Part::task);
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
            link,
            verdict,
            worst: healths.fold(state.max(readiness), Health::max),
            parts,
        }
    }

    fn show(&self, now: Timestamp) -> Markup {
        let link = self.link;
        let (health, word) = verdict::readiness(&self.verdict.failover);
        html! {
            details open[self.worst.needs_attention()] {
                summary.line {
                    b { (name(&link.link_name)) }
                    @match &link.link_state {
                        Some(state) => {
                            span { (badge(state.health(), state.raw())) }
                            span { (ago(link.state_since, now)) }
                        },
                        None => { span { (badge(Health::Unknown, "NOT REPORTED")) } span {} },
                    }
                    span { (badge(health, word)) }
                    span { (self.lag()) }
                    small {
                        @if let Some(remote) = &link.remote_cluster_id { code { (remote) } }
                        @if let Some(prefix) = prefix(link) { " prefix " code { (prefix) } }
                    }
                }
                table.parts { tbody { @for part in &self.parts { (part.show(now)) } } }
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

/// What the names of the link's mirror topics begin with, where that is known and anything.
fn prefix(observed: &ObservedLink) -> Option<&str> {
    let prefix = observed.known_configs().ok()?.prefix.as_deref();
    prefix.filter(|prefix| !prefix.is_empty())
}
