//! Labels of targets that a deployment routes by: they stay on alerts beside the identity.

use std::str::FromStr;

use super::{expression::SELECTOR, recording::WAS_ACTIVE};
use crate::metrics::{Family, families};

/// Labels that all alerts have, in Prometheus or on their way to receivers.
const OF_ALERTS: [&str; 5] = ["alertname", "alertstate", "severity", "component", "scope"];

/// Labels of the series that rules about the exporter's processes read.
const OF_PROCESSES: [&str; 4] = ["job", "receiver", "outcome", "discovery"];

/// Labels that only recorded series have.
const OF_RECORDINGS: [&str; 2] = [SELECTOR, WAS_ACTIVE];

/// Words that Prometheus does not read as a label in `by (…)`, in whatever case.
const OF_PROMQL: [&str; 3] = ["inf", "nan", "without"];

/// `alerting.keep_labels`: labels that each aggregation and each join of a rule keeps beside the identity. By default
/// none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptLabels(Vec<String>);

/// A label that rules can keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLabel(String);

/// Why rules cannot keep a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}; {}", self.found(), self.instead())]
pub enum KeptLabelError {
    /// Prometheus has no such labels, or keeps them for itself.
    NoName,
    /// PromQL has another meaning for the word.
    OfPromql,
    /// Alerts, or the series that they come from, have it.
    Ours,
    /// It differs between replicas.
    OfOneReplica,
}

impl KeptLabelError {
    /// What was found in place of a label.
    pub fn found(self) -> &'static str {
        match self {
            Self::NoName => "a text that is no name of a label",
            Self::OfPromql => "a word that PromQL does not read as a label",
            Self::Ours => "a label that alerts have already",
            Self::OfOneReplica => "a label that tells replicas apart",
        }
    }

    /// What to do about it.
    pub fn instead(self) -> &'static str {
        match self {
            Self::NoName => {
                "write letters, digits and `_`, beginning with a letter or a single `_`"
            }
            Self::OfPromql => {
                "attach the value under another name, by `relabel_configs` of Prometheus"
            }
            Self::Ours => "name one that only scraping attaches, such as `env`",
            Self::OfOneReplica => {
                "each would alert for itself: name one that all of them share, such as `env`"
            }
        }
    }
}

impl FromStr for KeptLabel {
    type Err = KeptLabelError;

    fn from_str(text: &str) -> Result<Self, KeptLabelError> {
        let name = text.trim();
        let is_word = |word: &str| word.eq_ignore_ascii_case(name);
        if !is_label_name(name) {
            Err(KeptLabelError::NoName)
        } else if name == "instance" {
            Err(KeptLabelError::OfOneReplica)
        } else if is_ours(name) || OF_PROCESSES.contains(&name) || OF_RECORDINGS.contains(&name) {
            Err(KeptLabelError::Ours)
        } else if OF_PROMQL.iter().any(|word| is_word(word)) {
            Err(KeptLabelError::OfPromql)
        } else {
            Ok(Self(name.to_owned()))
        }
    }
}

impl FromIterator<KeptLabel> for KeptLabels {
    /// A label that comes twice is kept once.
    fn from_iter<I: IntoIterator<Item = KeptLabel>>(labels: I) -> Self {
        let mut kept = Vec::new();
        for KeptLabel(name) in labels {
            if !kept.contains(&name) {
                kept.push(name);
            }
        }
        Self(kept)
    }
}

impl KeptLabels {
    /// The labels, in the order in which they were named.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The expression with these labels at every mark of an aggregation or a join.
    pub fn fill(&self, expression: &str) -> String {
        let labels = self.iter().flat_map(|label| [", ", label]);
        expression.replace("@&", &labels.collect::<String>())
    }
}

/// Whether it is a name of a label as Prometheus 2 has them; those that begin with `__` are its own.
pub fn is_label_name(name: &str) -> bool {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    starts_well && !name.starts_with("__") && name.chars().all(plain)
}

/// Whether alerts or the series that they come from have this label.
pub fn is_ours(name: &str) -> bool {
    let mut labels = families().flat_map(|family| family.labels);
    OF_ALERTS.contains(&name)
        || Family::IDENTITY.contains(&name)
        || labels.any(|label| label.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Recording, identity, recordings, rules};

    #[test]
    fn a_label_is_kept_where_it_is_a_name_of_the_users_own() {
        for good in ["env", " team", "_x", "e1", "Env", "cluster", "namespace"] {
            let kept = good.parse::<KeptLabel>();
            assert_eq!(kept, Ok(KeptLabel(good.trim().to_owned())), "{good}");
        }
        let cases = [
            ("", KeptLabelError::NoName),
            ("1env", KeptLabelError::NoName),
            ("a-b", KeptLabelError::NoName),
            ("a b", KeptLabelError::NoName),
            ("env) (up", KeptLabelError::NoName),
            ("é", KeptLabelError::NoName),
            ("a:b", KeptLabelError::NoName),
            ("__env", KeptLabelError::NoName),
            ("__name__", KeptLabelError::NoName),
            ("instance", KeptLabelError::OfOneReplica),
            ("job", KeptLabelError::Ours),
            ("receiver", KeptLabelError::Ours),
            ("outcome", KeptLabelError::Ours),
            ("selector", KeptLabelError::Ours),
            ("was_active", KeptLabelError::Ours),
            ("alertname", KeptLabelError::Ours),
            ("severity", KeptLabelError::Ours),
            ("component", KeptLabelError::Ours),
            ("scope", KeptLabelError::Ours),
            ("state", KeptLabelError::Ours),
            ("NaN", KeptLabelError::OfPromql),
            ("inf", KeptLabelError::OfPromql),
            ("without", KeptLabelError::OfPromql),
        ];
        for (bad, why) in cases {
            assert_eq!(bad.parse::<KeptLabel>(), Err(why), "{bad}");
        }
        for label in identity::LABELS {
            assert_eq!(label.parse::<KeptLabel>(), Err(KeptLabelError::Ours));
        }
    }

    #[test]
    fn no_rule_has_two_labels_of_one_name() {
        // What a rule groups by is no label that one may keep.
        let alerts = rules().map(|rule| (rule.expression)());
        let recorded = recordings().map(Recording::expression);
        let grouped = recorded.chain(alerts).flat_map(|expression| {
            let lists: Vec<_> = expression
                .split('(')
                .filter_map(|part| part.split_once("@&)").map(|(list, _)| list.to_owned()))
                .collect();
            lists
        });
        let labels: Vec<_> = grouped
            .flat_map(|list| list.split(", ").map(str::to_owned).collect::<Vec<_>>())
            .collect();
        assert!(labels.len() > 100, "{labels:?}");
        for label in labels {
            assert!(label.parse::<KeptLabel>().is_err(), "{label}");
        }
    }

    #[test]
    fn a_label_that_comes_twice_is_kept_once() {
        let kept: KeptLabels = ["env", "team", "env"]
            .into_iter()
            .map(|label| label.parse().unwrap())
            .collect();
        assert_eq!(
            kept.fill("max by (job@&) (up) unless on (job@&) up"),
            "max by (job, env, team) (up) unless on (job, env, team) up"
        );
        assert_eq!(KeptLabels::default().fill("by (job@&)"), "by (job)");
    }
}
