//! All integration tests, in one program: a module for each room of `src`, and what is of no single room.
//!
//! `tests/README.md` is the map.

mod alert;
mod app;
mod architecture;
mod cli;
mod client;
mod config;
mod corpora;
mod dashboard;
mod deploy;
mod discovery;
mod docs;
mod http;
mod journal;
mod metrics;
mod mutations;
mod notify;
mod poll;
mod secret;
mod simulator;
mod slow;
mod status;
mod support;
pub mod targets;
