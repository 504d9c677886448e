//! Asks Confluent's Cluster Linking REST API (v3). Only GETs: the exporter never writes there.
//!
//! `wire` is what Confluent sends and how it becomes [`crate::model`], `url` where it stands, `client` the few requests we
//! make, `log` which of them were sent, and `error` what can go wrong and what a person should check then. How requests
//! are signed and connections made is [`crate::client`]'s business.

mod client;
mod error;
mod log;
mod settings;
mod url;
pub mod wire;

pub use client::{Client, Session};
pub use error::ApiError;
pub use log::RequestLog;
pub use settings::Settings;
pub use wire::{LinkPage, MirrorPage};
