//! What became of notifications, as metrics: one set of series for each receiver, there from before the first one.

use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry,
};
use strum::{IntoStaticStr, VariantArray};

use super::{VALID, register};
use crate::model::LATENCY_BUCKETS;

/// What became of a notification, or of one attempt to send it; label `outcome`.
///
/// An attempt counts every alert that it carried, so a receiver that is down shows while its notifications still wait:
/// whatever is not [`Outcome::Delivered`] is trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// The receiver took it.
    Delivered,
    /// An attempt to send it failed; there will be another.
    Failed,
    /// The receiver refused it for good.
    Refused,
    /// It was given up unsent: there was no room for it, or it was too old to be true.
    Dropped,
}

impl Outcome {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The label value.
    pub fn label(self) -> &'static str {
        self.into()
    }
}

/// The families, with the series of every receiver.
pub(super) struct NotificationFamilies {
    total: IntCounterVec,
    queue_length: IntGaugeVec,
    duration: HistogramVec,
}

/// The series of one receiver.
#[derive(Clone, Debug)]
pub struct NotificationSeries {
    total: [IntCounter; Outcome::ALL.len()],
    queue_length: IntGauge,
    duration: Histogram,
}

impl NotificationFamilies {
    /// Registers the families; they are empty until somebody asks for a receiver's series.
    pub(super) fn new(registry: &Registry) -> Self {
        let outcomes: Vec<_> = Outcome::ALL.iter().map(|it| it.label()).collect();
        let outcomes = outcomes.join(" ");
        let total = Opts::new(
            "clusterlink_notifications_total",
            format!(
                "Notifications by what became of them; an attempt counts every alert it carried. \
                 Values of outcome: {outcomes}."
            ),
        );
        let queue_length = Opts::new(
            "clusterlink_notifications_queue_length",
            "Notifications that wait for the receiver, those under way included.",
        );
        let duration = HistogramOpts::new(
            "clusterlink_notification_duration_seconds",
            "How long attempts to send took, failed ones included.",
        )
        .buckets(LATENCY_BUCKETS.to_vec());
        let families = Self {
            total: IntCounterVec::new(total, &["receiver", "outcome"]).expect(VALID),
            queue_length: IntGaugeVec::new(queue_length, &["receiver"]).expect(VALID),
            duration: HistogramVec::new(duration, &["receiver"]).expect(VALID),
        };
        register(registry, families.total.clone());
        register(registry, families.queue_length.clone());
        register(registry, families.duration.clone());
        families
    }

    /// The series of a receiver, at zero where they are new.
    pub(super) fn series(&self, receiver: &str) -> NotificationSeries {
        let total = |outcome: Outcome| self.total.with_label_values(&[receiver, outcome.label()]);
        NotificationSeries {
            total: std::array::from_fn(|index| total(Outcome::ALL[index])),
            queue_length: self.queue_length.with_label_values(&[receiver]),
            duration: self.duration.with_label_values(&[receiver]),
        }
    }

    /// Ends the series of a receiver that is no longer configured.
    pub(super) fn forget(&self, receiver: &str) {
        // None of them fails where there is nothing to remove, and then there is nothing to do.
        for outcome in Outcome::ALL {
            let _ = self.total.remove_label_values(&[receiver, outcome.label()]);
        }
        let _ = self.queue_length.remove_label_values(&[receiver]);
        let _ = self.duration.remove_label_values(&[receiver]);
    }
}

impl NotificationSeries {
    /// Counts so many notifications.
    pub fn count(&self, outcome: Outcome, notifications: usize) {
        self.total[outcome as usize].inc_by(notifications as u64);
    }

    /// Notes how many wait now.
    pub fn queued(&self, notifications: usize) {
        self.queue_length
            .set(i64::try_from(notifications).unwrap_or(i64::MAX));
    }

    /// Notes how long an attempt took.
    pub fn took(&self, duration: Duration) {
        self.duration.observe(duration.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Telemetry;

    /// The lines of the families, without those of the buckets.
    fn lines(telemetry: &Telemetry) -> Vec<String> {
        let text = telemetry.text();
        let own = |line: &&str| {
            line.starts_with("clusterlink_notification") && !line.contains("_bucket{")
        };
        text.lines().filter(own).map(str::to_owned).collect()
    }

    #[test]
    fn a_receiver_has_all_its_series_from_the_start_and_none_when_it_is_gone() {
        let telemetry = Telemetry::new();
        let series = telemetry.notifications("ops");
        series.count(Outcome::Failed, 3);
        series.count(Outcome::Dropped, 1);
        series.queued(2);
        series.took(Duration::from_millis(1500));
        assert_eq!(
            lines(&telemetry),
            [
                r#"clusterlink_notification_duration_seconds_sum{receiver="ops"} 1.5"#,
                r#"clusterlink_notification_duration_seconds_count{receiver="ops"} 1"#,
                r#"clusterlink_notifications_queue_length{receiver="ops"} 2"#,
                r#"clusterlink_notifications_total{outcome="delivered",receiver="ops"} 0"#,
                r#"clusterlink_notifications_total{outcome="dropped",receiver="ops"} 1"#,
                r#"clusterlink_notifications_total{outcome="failed",receiver="ops"} 3"#,
                r#"clusterlink_notifications_total{outcome="refused",receiver="ops"} 0"#,
            ]
        );
        telemetry.forget_notifications("ops");
        assert!(lines(&telemetry).is_empty());
    }
}
