//! The whole exporter at work: scraped by a real Prometheus, with many clusters, through reloads.

mod intent;
mod many_clusters;
mod prometheus;
mod reload;
mod replicas;
