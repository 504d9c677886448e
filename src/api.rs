//! Asks Confluent's Cluster Linking REST API (v3). Only GETs: the exporter never writes there.
//!
//! `wire` is what Confluent sends and how it becomes [`crate::model`], `client` the few requests we make, `auth` how they
//! are signed, `transport` and `tls` how connections are made, `error` what can go wrong and what a person should check
//! then, `redact` what keeps our credentials out of it. `sender` lends all of this but the client to those who post
//! elsewhere.

mod auth;
mod client;
mod error;
mod log;
mod redact;
mod retry;
mod sender;
mod settings;
mod tls;
mod transport;
mod url;
pub mod wire;

pub use client::{Client, Session};
pub use error::{ApiError, NoConnection, Refusal, SendError, Snippet, TokenError, TokenIssuer};
pub use log::RequestLog;
pub use sender::{Answer, Message, Sender};
pub use settings::{
    Credential, Identity, MetadataService, OAuth2, Proxy, ProxyUrl, Settings, Tls, TlsVersion,
    Transport,
};
pub use tls::{TlsFileError, TlsFileProblem};
pub use url::is_loopback;
pub use wire::{LinkPage, MirrorPage};
