//! How many alerts there are, as metrics: a series for each rule that is evaluated and each state, zeros included.

use prometheus::{IntGaugeVec, Opts, Registry};

use super::{VALID, register};

/// The values of label `alertstate`, as Prometheus' own `ALERTS` has them.
pub const ALERT_STATES: [&str; 2] = ["pending", "firing"];

/// The family, with the series of every rule.
pub(super) struct Alerts(IntGaugeVec);

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
        Self(family)
    }

    /// Shows exactly these rules: name, how many alerts are pending, how many fire.
    pub(super) fn show(&self, rules: impl Iterator<Item = (&'static str, usize, usize)>) {
        self.0.reset();
        for (name, pending, firing) in rules {
            for (state, count) in ALERT_STATES.iter().zip([pending, firing]) {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                self.0.with_label_values(&[name, state]).set(count);
            }
        }
    }
}
