//! Asks Confluent's Cluster Linking REST API (v3). Only GETs: the exporter never writes.

mod settings;

pub use settings::{Credential, Settings};
