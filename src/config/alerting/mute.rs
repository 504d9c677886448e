//! `alerting.mute`: when nobody is to be told that alerts fire.

use jiff::Timestamp;

use crate::{
    alert::{Mute, Mutes, rules},
    clock::{Clock, rfc_3339},
    config::pattern,
    document::{Parsed, Section},
    model::LinkPatterns,
};

const TIME: &str = "a time such as `2026-12-01T20:00:00Z`";
const INSTEAD: &str = "write a time with its offset to UTC, such as `2026-12-01T20:00:00Z` or `2026-12-01T21:00:00+01:00`";

/// Reads every window and reports all that is wrong with them. One that is over is no problem: it must not keep the
/// exporter from starting again.
pub(super) fn read(alerting: &Section) -> Mutes {
    let sections = alerting.sections("mute").into_iter().flatten();
    let windows = sections
        .flatten()
        .filter_map(|section| window(&section).ok());
    Mutes(windows.collect())
}

fn window(section: &Section) -> Parsed<Mute> {
    let (clusters, links) = (patterns(section, "clusters"), patterns(section, "links"));
    let alerts = patterns(section, "alerts").and_then(|alerts| known(section, alerts));
    let from = section
        .text("from", TIME)
        .and_then(|from| from.map(|text| time(section, "from", &text)).transpose());
    let until = section
        .required_text("until", TIME)
        .and_then(|text| time(section, "until", &text));
    let comment = section.required_text("comment", "why it is muted, in a few words");
    let (from, until) = (from?, until?);
    if from.is_some_and(|from| from >= until) {
        let found = "a time that is not after `from`";
        return Err(section.report("until", found, "write a later one, or an earlier `from`"));
    }
    if until <= Clock::system().now() {
        section.warn(
            "until",
            "is over: this window mutes nothing any more; remove it",
        );
    }
    Ok(Mute {
        clusters: clusters?,
        links: links?,
        alerts: alerts?,
        from,
        until,
        comment: comment?,
    })
}

fn time(section: &Section, key: &'static str, text: &str) -> Parsed<Timestamp> {
    let found = "a text that is no time";
    rfc_3339(text).ok_or_else(|| section.report(key, found, INSTEAD))
}

fn patterns(section: &Section, key: &'static str) -> Parsed<LinkPatterns> {
    let patterns = pattern::list(section, key)?;
    let patterns = patterns.unwrap_or_else(|| vec![".*".to_owned()]);
    if patterns.is_empty() {
        let instead = "write at least one pattern, or remove the key to mute whatever its name";
        return Err(section.report(key, "an empty list", instead));
    }
    LinkPatterns::new(&patterns).map_err(|error| {
        section.report(key, &pattern::found(&error), "write fewer or shorter ones")
    })
}

/// The patterns, unless one matches no alert that there is: nothing would be muted by it.
fn known(section: &Section, patterns: LinkPatterns) -> Parsed<LinkPatterns> {
    let names: Vec<_> = rules().map(|rule| rule.name.into()).collect();
    let unmatched: Vec<_> = patterns.unmatched(names.iter()).collect();
    if unmatched.is_empty() {
        return Ok(patterns);
    }
    let found = "a pattern that matches no alert";
    let instead = "write names of docs/reference/alerts.md, such as `ClusterLinkTaskInError` or `ClusterLink.*`";
    Err(section.report("alerts", found, instead))
}
