//! How discoveries stand, as metrics: the series of one host each.

use parking_lot::Mutex;
use prometheus::{GaugeVec, IntGaugeVec, Opts, Registry};

use super::{VALID, register};
use crate::model::DiscoveryState;

/// The families; empty where nothing is discovered.
pub(super) struct DiscoveryFamilies {
    success: IntGaugeVec,
    last_success: GaugeVec,
    clusters: IntGaugeVec,
    /// What is shown: a host, and the values of `status`.
    shown: Mutex<Vec<(String, Vec<&'static str>)>>,
}

impl DiscoveryFamilies {
    pub(super) fn new(registry: &Registry) -> Self {
        let success = Opts::new(
            "clusterlink_discovery_success",
            "1 if the last refresh of the discovery read the whole list of clusters, 0 if not.",
        );
        let last_success = Opts::new(
            "clusterlink_discovery_last_success_timestamp_seconds",
            "When the last refresh that read the whole list ended, in Unix seconds; 0 until then.",
        );
        let clusters = Opts::new(
            "clusterlink_discovery_clusters",
            "Clusters of the list by what became of them, those of all shards. Values of status: polled excluded no_endpoint \
             not_provisioned overridden.",
        );
        let families = Self {
            success: IntGaugeVec::new(success, &["discovery"]).expect(VALID),
            last_success: GaugeVec::new(last_success, &["discovery"]).expect(VALID),
            clusters: IntGaugeVec::new(clusters, &["discovery", "status"]).expect(VALID),
            shown: Mutex::default(),
        };
        register(registry, families.success.clone());
        register(registry, families.last_success.clone());
        register(registry, families.clusters.clone());
        families
    }

    /// Shows these, and no others.
    pub(super) fn show(&self, discoveries: &[DiscoveryState]) {
        let mut shown = self.shown.lock();
        for (gone, statuses) in shown.drain(..) {
            if discoveries.iter().any(|it| *it.name == *gone) {
                continue;
            }
            // None of them fails where there is nothing to remove, and then there is nothing to do.
            let gone = gone.as_str();
            let _ = self.success.remove_label_values(&[gone]);
            let _ = self.last_success.remove_label_values(&[gone]);
            for status in statuses {
                let _ = self.clusters.remove_label_values(&[gone, status]);
            }
        }
        for state in discoveries {
            let name = &*state.name;
            let success = self.success.with_label_values(&[name]);
            success.set(i64::from(state.succeeded()));
            let last = state
                .last_success
                .map_or(0.0, |at| at.as_duration().as_secs_f64());
            self.last_success.with_label_values(&[name]).set(last);
            for (status, count) in &state.clusters {
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                self.clusters.with_label_values(&[name, status]).set(count);
            }
            let statuses = state.clusters.keys().copied().collect();
            shown.push((name.to_owned(), statuses));
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::telemetry::Telemetry;

    fn lines(telemetry: &Telemetry) -> Vec<String> {
        let text = telemetry.text();
        let own = |line: &&str| line.starts_with("clusterlink_discovery");
        text.lines().filter(own).map(str::to_owned).collect()
    }

    #[test]
    fn a_discovery_counts_as_failing_until_it_was_asked_and_leaves_nothing_behind() {
        let telemetry = Telemetry::new();
        let mut state = DiscoveryState {
            name: "api.example.com".into(),
            was_asked: false,
            failure: None,
            last_success: None,
            clusters: [("polled", 0)].into(),
        };
        telemetry.discoveries(std::slice::from_ref(&state));
        assert_eq!(
            lines(&telemetry),
            [
                r#"clusterlink_discovery_clusters{discovery="api.example.com",status="polled"} 0"#,
                r#"clusterlink_discovery_last_success_timestamp_seconds{discovery="api.example.com"} 0"#,
                r#"clusterlink_discovery_success{discovery="api.example.com"} 0"#,
            ]
        );
        state.was_asked = true;
        state.last_success = Some(Timestamp::constant(1_700_000_000, 0));
        telemetry.discoveries(std::slice::from_ref(&state));
        let success = r#"clusterlink_discovery_success{discovery="api.example.com"} 1"#;
        assert_eq!(lines(&telemetry)[2], success);
        telemetry.discoveries(&[]);
        assert_eq!(lines(&telemetry), Vec::<String>::new());
    }
}
