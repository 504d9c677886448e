//! What a deployment wants otherwise than the table: `alerting.rules` of the configuration.

use std::{collections::BTreeMap, time::Duration};

use super::{Rule, Severity, rules};

/// The overrides by the names of their rules; a rule that is not named stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(pub BTreeMap<&'static str, Override>);

/// What one rule has otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// `for`.
    pub hold_duration: Option<Duration>,
    /// `keep_firing_for`.
    pub keep_firing_for: Option<Duration>,
    /// Label `severity`.
    pub severity: Option<Severity>,
    /// The rule is left out.
    pub disabled: bool,
}

impl Overrides {
    /// The rules of this deployment, in the order of the table.
    pub fn applied(&self) -> Vec<Rule> {
        let Self(overrides) = self;
        rules()
            .filter_map(|rule| match overrides.get(rule.name) {
                None => Some(*rule),
                Some(own) => own.applied(*rule),
            })
            .collect()
    }
}

impl Override {
    fn applied(self, rule: Rule) -> Option<Rule> {
        let Self {
            hold_duration,
            keep_firing_for,
            severity,
            disabled,
        } = self;
        (!disabled).then(|| Rule {
            hold_duration: hold_duration.unwrap_or(rule.hold_duration),
            keep_firing_for: keep_firing_for.unwrap_or(rule.keep_firing_for),
            severity: severity.unwrap_or(rule.severity),
            ..rule
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_left_out_changed_or_as_it_was() {
        let own = Override {
            hold_duration: Some(Duration::ZERO),
            severity: Some(Severity::Info),
            ..Override::default()
        };
        let disabled = Override {
            disabled: true,
            ..Override::default()
        };
        let overrides = Overrides(BTreeMap::from([
            ("ClusterLinkFailed", own),
            ("ClusterLinkPaused", disabled),
        ]));
        let applied = overrides.applied();
        assert_eq!(applied.len(), rules().count() - 1);
        assert!(applied.iter().all(|rule| rule.name != "ClusterLinkPaused"));
        let failed = applied.iter().find(|rule| rule.name == "ClusterLinkFailed");
        let failed = failed.map(|rule| (rule.hold_duration, rule.keep_firing_for, rule.severity));
        let kept = Duration::from_secs(300);
        assert_eq!(failed, Some((Duration::ZERO, kept, Severity::Info)));
    }
}
