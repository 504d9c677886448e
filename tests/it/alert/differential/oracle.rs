//! Knows the law and nothing of the code: an alert that fired may end only where the played world said that it is over.
//!
//! It reads the marks of a history and not what the exporter made of them. It judges the alerts on facts; those on counters
//! and on our own polling end with time.

use std::{collections::BTreeSet, time::Duration};

use cluster_link_exporter::alert::{ActiveAlert, rules};

use super::history::History;

/// After so many minutes what is not known stands no longer.
const LAST_KNOWN: usize = 60;

/// An alert that fires: its name and the labels of its identity, as pairs.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Firing {
    pub(crate) rule: String,
    pub(crate) labels: Vec<(String, String)>,
}

impl From<&ActiveAlert> for Firing {
    fn from(active: &ActiveAlert) -> Self {
        let labels = active.identity.labels().iter();
        Self {
            rule: active.rule.name.to_owned(),
            labels: labels
                .map(|(label, value)| ((*label).to_owned(), value.to_owned()))
                .collect(),
        }
    }
}

impl Firing {
    fn label(&self, wanted: &str) -> &str {
        let found = self.labels.iter().find(|(label, _)| label == wanted);
        found.map_or("", |(_, value)| value)
    }
}

/// The alerts of these histories that ended from one minute to the next, this one, though nobody said that it is over.
pub(crate) fn lawless<'a>(
    histories: &'a [History],
    before: &'a BTreeSet<Firing>,
    now: &'a BTreeSet<Firing>,
    minute: usize,
) -> impl Iterator<Item = String> + 'a {
    before.difference(now).filter_map(move |ended| {
        let name = ended.label("cluster_name");
        let history = histories.iter().find(|history| history.name == name)?;
        let rule = &ended.rule;
        (!may_end(history, ended, minute))
            .then(|| format!("{rule} ends in minute {minute}: {history}"))
    })
}

/// Whether the history allows that this alert, which fired in the minute before, does not in this one.
fn may_end(history: &History, alert: &Firing, minute: usize) -> bool {
    let Some(fact) = Fact::of(alert) else {
        return true;
    };
    let rule = rules().find(|rule| rule.name == alert.rule);
    let keep = minutes(rule.expect("it is a rule of ours").keep_firing_for);
    // What is said now ends the condition; the alert goes on for `keep_firing_for`.
    let since = minute.saturating_sub(keep + 2);
    if (since..=minute).any(|minute| fact.is_over(history, minute)) {
        return true;
    }
    let first = minute.saturating_sub(LAST_KNOWN + keep);
    !(first..=minute).any(|minute| fact.is_wrong(history, minute))
}

fn minutes(duration: Duration) -> usize {
    usize::try_from(duration.as_secs() / 60).expect("rules wait for minutes")
}

/// What an alert is about: marks that say that it is wrong, and marks that say that it is not.
struct Fact {
    link: usize,
    track: Track,
    wrong: &'static str,
    fine: &'static str,
}

enum Track {
    Link,
    Task(usize),
    Mirrors,
}

impl Fact {
    fn of(alert: &Firing) -> Option<Self> {
        let number = |label: &str, prefix: &str| {
            let name = alert.label(label);
            name.strip_prefix(prefix)?.parse().ok()
        };
        let link = number("link_name", "link-")?;
        let task = || number("task_name", "Task").map(Track::Task);
        let (track, wrong, fine) = match alert.rule.trim_start_matches("ClusterLink") {
            "TaskInError" => (task()?, "E", "ANFUP"),
            "TaskDisabled" => (task()?, "N", "AEFUP"),
            "Failed" => (Track::Link, "F", "AUPnR"),
            "Unavailable" => (Track::Link, "U", "AFPnR"),
            "Paused" => (Track::Link, "P", "AFUnR"),
            "MirrorTopicsFailed" => (Track::Mirrors, "F", "ALlSPG-"),
            "MirrorTopicsSourceUnavailable" => (Track::Mirrors, "S", "ALlFPG-"),
            "MirrorTopicsStuckPending" => (Track::Mirrors, "P", "ALlFSG-"),
            _ => return None,
        };
        Some(Self {
            link,
            track,
            wrong,
            fine,
        })
    }

    /// Whether the poll of this minute, counted from 1, said that it is over.
    fn is_over(&self, history: &History, minute: usize) -> bool {
        self.said(history, minute)
            .is_some_and(|mark| mark == GONE || self.fine.contains(mark))
    }

    /// The same for the opposite, where somebody was there to see it: what nobody saw need not stand.
    fn is_wrong(&self, history: &History, minute: usize) -> bool {
        let was_seen = minute
            .checked_sub(1)
            .is_some_and(|minute| history.is_seen(minute));
        was_seen
            && self
                .said(history, minute)
                .is_some_and(|mark| self.wrong.contains(mark))
    }

    /// The mark of what a good poll said of it.
    fn said(&self, history: &History, minute: usize) -> Option<char> {
        let minute = minute.checked_sub(1)?;
        if !['.', 't'].contains(history.polls.get(minute)?) {
            return None;
        }
        let link = &history.links[self.link];
        let of_link = link.marks[minute];
        match (of_link, &self.track) {
            ('-', _) => {
                // A poll is a good one only where no other link fails.
                let fails = history.links.iter().any(|link| link.marks[minute] == '!');
                (!fails).then_some(GONE)
            }
            ('R', _) => Some(GONE),
            ('!', Track::Link | Track::Task(_)) | ('n', Track::Task(_)) => None,
            (_, Track::Link) => Some(of_link),
            (_, Track::Task(number)) => Some(link.tasks[*number][minute]),
            (_, Track::Mirrors) => Some(link.mirrors[minute]),
        }
    }
}

/// The link is really gone, or is another one.
const GONE: char = '*';
