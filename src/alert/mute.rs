//! Mute windows: times in which the receivers that reach people hear of no new alert.
//!
//! Muting says who is told, and ends no alert: the engine knows nothing of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    ActiveAlert, Alert, Severity, Status,
    identity::{CLUSTER_NAME, LINK_NAME},
    notification_builder::ALERTNAME,
};
use crate::model::LinkPatterns;

/// The annotation by which an Alertmanager is told that an alert is muted.
pub const MUTED: &str = "muted";

/// One item of `alerting.mute`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mute {
    /// `clusters`: on the label `cluster_name`, which is empty where an alert is about none.
    pub clusters: LinkPatterns,
    /// `links`: on the label `link_name`, which is empty where an alert is about none.
    pub links: LinkPatterns,
    /// `alerts`: on the name of the rule.
    pub alerts: LinkPatterns,
    /// `from`; `None` for always.
    pub from: Option<Timestamp>,
    /// `until`, the first moment that is not muted.
    pub until: Timestamp,
    /// `comment`: why, for people.
    pub comment: String,
}

/// `alerting.mute`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mutes(pub Vec<Mute>);

impl Mute {
    /// Whether its time is now.
    fn is_in_force(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && now < self.until
    }

    /// Until when and why, in words.
    pub fn in_words(&self) -> String {
        format!("until {}: {}", self.until, self.comment)
    }
}

impl Mutes {
    /// The window that mutes an alert of the engine now; of several the one that ends last.
    pub fn of(&self, active: &ActiveAlert, now: Timestamp) -> Option<&Mute> {
        let label = |name| active.identity.label(name);
        let names = [label(CLUSTER_NAME), label(LINK_NAME), active.rule.name];
        self.covering(names, active.rule.severity.label(), now)
    }

    /// The same of an alert with these labels.
    pub fn of_labels(&self, labels: &BTreeMap<String, String>, now: Timestamp) -> Option<&Mute> {
        let label = |name| labels.get(name).map_or("", String::as_str);
        let names = [label(CLUSTER_NAME), label(LINK_NAME), label(ALERTNAME)];
        self.covering(names, label("severity"), now)
    }

    fn covering(&self, names: [&str; 3], severity: &str, now: Timestamp) -> Option<&Mute> {
        // It reaches no person: there is nothing to mute, and nobody should take the Watchdog for muted.
        if severity == Severity::None.label() {
            return None;
        }
        let [cluster, link, alert] = names;
        let covers = |mute: &&Mute| {
            mute.clusters.matches(cluster) && mute.links.matches(link) && mute.alerts.matches(alert)
        };
        self.in_force(now)
            .filter(covers)
            .max_by_key(|mute| mute.until)
    }

    /// The windows whose time is now, in the order of the configuration.
    pub fn in_force(&self, now: Timestamp) -> impl Iterator<Item = &Mute> {
        self.0.iter().filter(move |mute| mute.is_in_force(now))
    }

    /// When the next window begins or ends.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let times = self
            .0
            .iter()
            .flat_map(|mute| mute.from.into_iter().chain([mute.until]));
        times.filter(|at| *at > now).min()
    }

    /// Says on an alert that fires that it is muted, for those who are told nevertheless.
    pub fn annotate(&self, alert: &mut Alert, now: Timestamp) {
        if alert.status == Status::Firing
            && let Some(mute) = self.of_labels(&alert.labels, now)
        {
            alert.annotations.insert(MUTED.to_owned(), mute.in_words());
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const START: Timestamp = Timestamp::constant(1_750_000_000, 0);

    fn at(minutes: i64) -> Timestamp {
        START + SignedDuration::from_mins(minutes)
    }

    fn mute(names: [&str; 3], from: Option<i64>, until: i64) -> Mute {
        let [clusters, links, alerts] =
            names.map(|name| LinkPatterns::new(&[name.to_owned()]).unwrap());
        Mute {
            clusters,
            links,
            alerts,
            from: from.map(at),
            until: at(until),
            comment: format!("until minute {until}"),
        }
    }

    /// A minute a character: whether an alert with these labels is muted.
    fn played(mutes: &Mutes, cluster: &str, link: &str, severity: &str) -> String {
        let labels = [
            ("alertname", "ClusterLinkFailed"),
            ("cluster_name", cluster),
            ("link_name", link),
            ("severity", severity),
        ];
        let labels = labels
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let letter = |minute| match mutes.of_labels(&labels, at(minute)) {
            Some(mute) => mute.comment.chars().last().unwrap(),
            None => '.',
        };
        (0..8).map(letter).collect()
    }

    #[test]
    fn a_window_mutes_what_all_its_patterns_match_until_its_end() {
        let mutes = Mutes(vec![
            mute(["prod-.*", ".*", ".*"], Some(1), 4),
            mute(["prod-1", "orders", "ClusterLink.*"], Some(2), 6),
            mute(["dr", ".*", "ClusterLinkPaused"], None, 9),
            mute(["lab", ".*", ".*"], None, 2),
        ]);
        for (cluster, link, severity, expected) in [
            ("prod-1", "orders", "critical", ".46666..".to_owned()),
            ("prod-2", "orders", "critical", ".444....".to_owned()),
            ("my-prod-1", "orders", "critical", "........".to_owned()),
            ("dr", "orders", "critical", "........".to_owned()),
            ("lab", "", "warning", "22......".to_owned()),
            ("prod-1", "orders", "none", "........".to_owned()),
        ] {
            assert_eq!(
                played(&mutes, cluster, link, severity),
                expected,
                "{cluster} {link}"
            );
        }
        let changes: Vec<_> = [0, 1, 2, 5, 9].map(|now| mutes.next_change(at(now))).into();
        assert_eq!(
            changes,
            [Some(at(1)), Some(at(2)), Some(at(4)), Some(at(6)), None]
        );
    }
}
