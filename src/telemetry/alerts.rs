//! How many alerts there are, as metrics: a series for each rule that is evaluated and each state, zeros included.

use parking_lot::Mutex;
use prometheus::{IntGauge, IntGaugeVec, Opts, Registry};

use super::{VALID, register};

/// The values of label `alertstate`, as Prometheus' own `ALERTS` has them.
pub const ALERT_STATES: [&str; 2] = ["pending", "firing"];

/// The family, with the series of every rule.
pub(super) struct Alerts {
    by_state: IntGaugeVec,
    /// What it shows.
    shown: Mutex<Vec<RuleCount>>,
    muted: IntGauge,
}

/// The name of a rule, how many of its alerts are pending, and how many fire.
type RuleCount = (&'static str, usize, usize);

impl Alerts {
    /// Registers the family; it is empty until the first evaluation.
    pub(super) fn new(registry: &Registry) -> Self {
        let options = Opts::new(
            "clusterlink_alerts",
            format!(
                "Alerts that the exporter itself sees now, also where it sends none. Values of alertstate: {}.",
                ALERT_STATES.join(" ")
            ),
        );
        let family = IntGaugeVec::new(options, &["alertname", "alertstate"]).expect(VALID);
        register(registry, family.clone());
        let muted = IntGauge::new(
            "clusterlink_muted_alerts",
            "Alerts that fire now and of which alerting.mute keeps receivers other than Alertmanagers from hearing.",
        )
        .expect(VALID);
        register(registry, muted.clone());
        Self {
            by_state: family,
            shown: Mutex::default(),
            muted,
        }
    }

    /// Shows how many of those that fire are muted.
    pub(super) fn show_muted(&self, count: usize) {
        self.muted.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Shows exactly these rules. Most evaluations change nothing, and cost a comparison.
    pub(super) fn show(&self, rules: impl Iterator<Item = RuleCount>) {
        let rules: Vec<_> = rules.collect();
        let mut shown = self.shown.lock();
        if *shown == rules {
            return;
        }
        self.by_state.reset();
        for (name, pending, firing) in &rules {
            for (state, count) in ALERT_STATES.iter().zip([*pending, *firing]) {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                self.by_state.with_label_values(&[name, state]).set(count);
            }
        }
        *shown = rules;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Telemetry;

    #[test]
    fn rules_that_are_not_evaluated_any_more_have_no_series() {
        let telemetry = Telemetry::new();
        telemetry.alerts([("A", 1, 0), ("B", 0, 0)].into_iter());
        for _ in 0..2 {
            telemetry.alerts([("A", 0, 2)].into_iter());
        }
        let text = telemetry.text();
        let lines: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("clusterlink_alerts{"))
            .collect();
        assert_eq!(
            lines,
            [
                r#"clusterlink_alerts{alertname="A",alertstate="firing"} 2"#,
                r#"clusterlink_alerts{alertname="A",alertstate="pending"} 0"#,
            ]
        );
    }
}
