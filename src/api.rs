//! Asks Confluent's Cluster Linking REST API (v3). Only GETs: the exporter never writes.
//!
//! `wire` is what Confluent sends and how it becomes [`crate::model`], `client` the few requests we make, `auth` how they
//! are signed, `redact` keeps our credentials out of what is quoted from a server, `error` what can go wrong and what a person should check then.

mod auth;
mod client;
mod error;
mod log;
mod redact;
mod settings;
mod url;
pub mod wire;

pub use client::{Client, Session};
pub use error::ApiError;
pub use log::RequestLog;
pub use settings::{Credential, Settings};
