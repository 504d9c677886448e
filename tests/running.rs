//! The whole exporter at work: scraped by a real Prometheus, with many clusters, through reloads.

#[path = "running/exporter.rs"]
mod exporter;
#[path = "support/installed.rs"]
mod installed;
#[path = "running/intent.rs"]
mod intent;
#[path = "running/many_clusters.rs"]
mod many_clusters;
#[path = "running/prometheus.rs"]
mod prometheus;
#[path = "running/reload.rs"]
mod reload;
#[path = "running/server.rs"]
mod server;
mod support;
