//! Where people find this exporter and what its alerts link to, as a metric that alerts in Prometheus ask for.

use parking_lot::Mutex;
use prometheus::{
    Gauge, Opts, Registry,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use super::{VALID, register};
use crate::web_links::{BaseUrl, WebLinks};

/// The one series of the family. A scrape never sees none of it, or two, while it is replaced.
#[derive(Clone)]
pub(super) struct Info(std::sync::Arc<Mutex<Gauge>>);

impl Info {
    /// Registers the family; nothing is known of any place yet.
    pub(super) fn new(registry: &Registry) -> Self {
        let info = Self(Mutex::new(gauge(&WebLinks::default())).into());
        register(registry, info.clone());
        info
    }

    pub(super) fn show(&self, links: &WebLinks) {
        *self.0.lock() = gauge(links);
    }
}

fn gauge(links: &WebLinks) -> Gauge {
    let text = |url: Option<&BaseUrl>| url.map_or("", BaseUrl::as_str).to_owned();
    let options = Opts::new(
        "clusterlink_exporter_info",
        "1; where people find this exporter, Grafana and the runbooks of its alerts: absolute URLs, empty where the \
         configuration does not say.",
    )
    .const_label("external_url", text(links.external_url.as_ref()))
    .const_label("grafana_url", text(links.grafana_url.as_ref()))
    .const_label("runbook_url", text(links.runbooks().as_ref()));
    let gauge = Gauge::with_opts(options).expect(VALID);
    gauge.set(1.0);
    gauge
}

impl Collector for Info {
    /// None: the labels change, and the registry wants those that stay.
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.0.lock().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Telemetry;
    use crate::web_links::{BaseUrl, WebLinks};

    fn line(telemetry: &Telemetry) -> Vec<String> {
        let text = telemetry.text();
        let lines = text
            .lines()
            .filter(|line| line.starts_with("clusterlink_exporter_info"));
        lines.map(str::to_owned).collect()
    }

    #[test]
    fn there_is_one_series_whatever_is_known_and_whatever_changes() {
        let base = |url: &str| Some(BaseUrl::new(&url.parse().expect("it is a URL")));
        let telemetry = Telemetry::new();
        let nothing =
            r#"clusterlink_exporter_info{external_url="",grafana_url="",runbook_url=""} 1"#;
        assert_eq!(line(&telemetry), [nothing]);
        telemetry.links(&WebLinks {
            external_url: base("https://exporter.example.com/"),
            ..WebLinks::default()
        });
        let served = r#"clusterlink_exporter_info{external_url="https://exporter.example.com",grafana_url="",runbook_url="https://exporter.example.com/runbooks"} 1"#;
        assert_eq!(line(&telemetry), [served]);
        telemetry.links(&WebLinks {
            runbook_url: base("https://wiki.example.com/runbooks"),
            ..WebLinks::default()
        });
        let copies = r#"clusterlink_exporter_info{external_url="",grafana_url="",runbook_url="https://wiki.example.com/runbooks"} 1"#;
        assert_eq!(line(&telemetry), [copies]);
    }
}
