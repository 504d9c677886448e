//! The example for Alertmanager: read by amtool, run by Debian's Alertmanager, alone and behind Debian's Prometheus.

#[path = "alertmanager/alertmanager.rs"]
mod alertmanager;
#[path = "alertmanager/chain.rs"]
mod chain;
#[path = "alertmanager/example.rs"]
mod example;
#[path = "running/exporter.rs"]
#[expect(dead_code, reason = "another test asks it for more")]
mod exporter;
#[path = "support/golden.rs"]
mod golden;
#[path = "alertmanager/inhibitions.rs"]
mod inhibitions;
#[path = "support/installed.rs"]
mod installed;
#[path = "alertmanager/receiver.rs"]
mod receiver;
#[path = "alertmanager/routes.rs"]
mod routes;
#[path = "running/server.rs"]
mod server;
#[path = "alertmanager/stories.rs"]
mod stories;
mod support;
#[path = "alertmanager/table.rs"]
mod table;
#[path = "alertmanager/words.rs"]
mod words;
