//! A Prometheus exporter and alerting daemon for the tasks of Confluent Cluster Linking.
//!
//! *Ask, keep, show, decide, tell*: [`api`] asks Confluent's REST API through [`client`], [`poll`] says when and turns the
//! answers into a report, [`store`] keeps an immutable snapshot in which [`intent`] judges every link by what should be
//! true of it, [`journal`] logs what changed and keeps it in the [`state_file`], [`metrics`] and [`http`] show what is
//! known, [`alert`] decides what of it a person must hear, [`notify`] tells somebody, again through [`client`],
//! [`runbook`] says what to do about it, [`dashboard`] draws it all for Grafana, and [`status`] is what programs are told. [`model`] is
//! what they talk about, [`text`] is how foreign text is shown, [`rights`] says what the questions to the API need,
//! [`anchor`] names the places of the page, [`web_links`] lead there from elsewhere, and [`document`] is how files are read that people write. A module uses only those listed above it;
//! `tests/it/architecture.rs` says so.

pub mod text;

pub mod anchor;
pub mod web_links;

pub mod model;

pub mod catalogue;
pub mod clock;
pub mod document;
pub mod file;
pub mod secret;
pub mod state_file;
pub mod telemetry;

pub mod rights;

pub mod client;

pub mod api;
pub mod discovery;
pub mod poll;

pub mod intent;
pub mod store;

pub mod journal;
pub mod metrics;

pub mod alert;
pub mod notify;
pub mod runbook;

pub mod dashboard;

pub mod status;

pub mod http;
pub mod simulator;

pub mod config;

pub mod app;
pub mod cli;
