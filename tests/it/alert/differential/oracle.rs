//! Knows the law and nothing of the code: an alert that fired may end only where the played world said that it is over.
//!
//! It reads the marks of a history and not what the exporter made of them. It judges the alerts on facts; those on counters
//! and on our own polling end with time.

use std::time::Duration;

use cluster_link_exporter::alert::Active;

use super::history::History;

/// After so many minutes what is not known stands no longer.
const LAST_KNOWN: usize = 60;

/// Whether the history allows that this alert, which fired in the minute before, does not in this one.
pub(crate) fn may_end(history: &History, alert: &Active, minute: usize) -> bool {
    let Some(fact) = Fact::of(alert) else {
        return true;
    };
    let keep = minutes(alert.rule.keep_firing);
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
    fn of(alert: &Active) -> Option<Self> {
        let number = |label: &str, prefix: &str| {
            let name = alert.identity.label(label);
            name.strip_prefix(prefix)?.parse().ok()
        };
        let link = number("link_name", "link-")?;
        let task = || number("task_name", "Task").map(Track::Task);
        let (track, wrong, fine) = match alert.rule.name.trim_start_matches("ClusterLink") {
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

    fn is_wrong(&self, history: &History, minute: usize) -> bool {
        self.said(history, minute)
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
