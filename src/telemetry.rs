//! The exporter's own state as metrics: which build this is, how the last reload went, what became of notifications,
//! what the process uses.

mod alerts;
mod discovery;
mod info;
mod line;
pub mod logging;
mod notifications;
#[cfg(target_os = "linux")]
mod process;
mod shard;
pub mod systemd;

use jiff::Timestamp;
use prometheus::{Gauge, IntGauge, Opts, Registry, TextEncoder, proto::MetricFamily};

pub use self::alerts::ALERT_STATES;
pub use self::notifications::{NotificationSeries, Outcome};
use self::{
    alerts::Alerts, discovery::DiscoveryFamilies, info::Info, notifications::NotificationFamilies,
    shard::ShardInfo,
};
use crate::{
    model::{DiscoveryState, Shard},
    web_links::WebLinks,
};

/// The metrics of the process itself. Created once, up front, and gathered anew for every scrape.
pub struct Telemetry {
    registry: Registry,
    reload_successful: IntGauge,
    reload_success_time: Gauge,
    notifications: NotificationFamilies,
    alerts: Alerts,
    info: Info,
    shard: ShardInfo,
    discovery: DiscoveryFamilies,
}

impl Telemetry {
    /// Registers everything. The configuration counts as not loaded until [`Telemetry::reloaded`] says otherwise.
    pub fn new() -> Self {
        let registry = Registry::new();
        #[cfg(target_os = "linux")]
        register(&registry, process::ProcessFamilies::new());
        register(&registry, build_info());
        let reload_successful = IntGauge::new(
            "clusterlink_exporter_config_last_reload_successful",
            "1 if the last attempt to load the configuration worked, 0 if the one before it is still in use.",
        )
        .expect(VALID);
        let reload_success_time = Gauge::new(
            "clusterlink_exporter_config_last_reload_success_timestamp_seconds",
            "When the configuration in use was loaded, in Unix seconds.",
        )
        .expect(VALID);
        register(&registry, reload_successful.clone());
        register(&registry, reload_success_time.clone());
        let notifications = NotificationFamilies::new(&registry);
        let alerts = Alerts::new(&registry);
        let info = Info::new(&registry);
        let shard = ShardInfo::new(&registry);
        let discovery = DiscoveryFamilies::new(&registry);
        Self {
            registry,
            reload_successful,
            reload_success_time,
            notifications,
            alerts,
            info,
            shard,
            discovery,
        }
    }

    /// Notes that the configuration was loaded at this time.
    pub fn reloaded(&self, at: Timestamp) {
        self.reload_successful.set(1);
        self.reload_success_time.set(at.as_duration().as_secs_f64());
    }

    /// Notes that loading the configuration failed; the one before it stays in use.
    pub fn reload_failed(&self) {
        self.reload_successful.set(0);
    }

    /// The series of a receiver of notifications, at zero where they are new.
    pub fn notifications(&self, receiver: &str) -> NotificationSeries {
        self.notifications.series(receiver)
    }

    /// Ends the series of a receiver that is no longer configured.
    pub fn forget_notifications(&self, receiver: &str) {
        self.notifications.forget(receiver);
    }

    /// Shows how many alerts of each rule are pending and firing; rules that are not among them have no series.
    pub fn alerts(&self, rules: impl Iterator<Item = (&'static str, usize, usize)>) {
        self.alerts.show(rules);
    }

    /// Shows where people find this exporter and what its alerts link to.
    pub fn links(&self, links: &WebLinks) {
        self.info.show(links);
    }

    /// Shows how many of the alerts that fire are muted.
    pub fn muted_alerts(&self, count: usize) {
        self.alerts.show_muted(count);
    }

    /// Shows which shard this process is.
    pub fn sharded(&self, shard: Shard) {
        self.shard.show(shard);
    }

    /// Shows how these discoveries stand, and no others.
    pub fn discoveries(&self, discoveries: &[DiscoveryState]) {
        self.discovery.show(discoveries);
    }

    /// The families as they are now, sorted by name, none of them empty.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }

    /// The same in Prometheus' text format, headers included.
    pub fn text(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.gather())
            .expect("the encoder refuses only empty families, and the registry leaves those out")
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

const VALID: &str = "the literal name and labels are valid";

fn register(registry: &Registry, collector: impl prometheus::core::Collector + 'static) {
    registry
        .register(Box::new(collector))
        .expect("each name is registered once");
}

fn build_info() -> IntGauge {
    let options = Opts::new(
        "clusterlink_exporter_build_info",
        "1; the exporter's version, the commit it was built from and the Rust compiler that built it.",
    )
    .const_label("version", env!("CARGO_PKG_VERSION"))
    .const_label("revision", env!("BUILD_REVISION"))
    .const_label("rustversion", env!("BUILD_RUSTVERSION"));
    let gauge = IntGauge::with_opts(options).expect(VALID);
    gauge.set(1);
    gauge
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_lines(telemetry: &Telemetry) -> Vec<String> {
        telemetry
            .text()
            .lines()
            .filter(|line| line.starts_with("clusterlink_exporter_config"))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_failed_reload_keeps_the_time_of_the_one_that_worked() {
        let telemetry = Telemetry::new();
        telemetry.reloaded(Timestamp::constant(1_700_000_000, 0));
        telemetry.reload_failed();
        assert_eq!(
            own_lines(&telemetry),
            [
                "clusterlink_exporter_config_last_reload_success_timestamp_seconds 1700000000",
                "clusterlink_exporter_config_last_reload_successful 0",
            ]
        );
    }

    #[test]
    fn the_build_says_which_version_it_is() {
        let text = Telemetry::new().text();
        let version = concat!("version=\"", env!("CARGO_PKG_VERSION"), "\"");
        let line = text
            .lines()
            .find(|line| line.starts_with("clusterlink_exporter_build_info{"))
            .expect("build_info is always there");
        assert!(line.contains(version) && line.ends_with(" 1"), "{line}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_tells_what_it_uses() {
        assert!(
            Telemetry::new()
                .text()
                .contains("\nprocess_resident_memory_bytes ")
        );
    }
}
