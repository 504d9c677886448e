//! An HTTP client that keeps secrets: signs requests, makes connections, and says what went wrong without telling what
//! signed them.
//!
//! `settings` says how, `auth` signs, `transport` and `tls` make connections, `retry` says when to send again, `redact`
//! keeps our credentials out of what `snippet` quotes of an answer, `error` is what can go wrong before anybody answers
//! and what a person should check then, and `sender` posts documents.
//!
//! Of servers it knows only those that issue tokens. What is asked of any other, what its answer means and whether to ask
//! again is the business of whoever asks.

mod auth;
mod error;
mod loopback;
mod redact;
mod retry;
mod sender;
mod settings;
mod snippet;
mod tls;
mod transport;

pub(crate) use auth::{Signature, Signer};
pub use error::{ClientError, NoConnection, Redirect, Refusal, SendError, TokenError, TokenIssuer};
pub(crate) use error::{PROXY_ADVICE, SetupError, TLS_ADVICE, TransportFailure};
pub use loopback::is_loopback;
pub(crate) use redact::Redactor;
pub use retry::Backoff;
pub(crate) use retry::{LONGEST_PAUSE, LONGEST_PAUSE_OF_RECEIVERS, retry_after};
pub use sender::{Answer, Message, Sender};
pub use settings::{
    Credential, Identity, MetadataService, OAuth2, Proxy, ProxyUrl, Tls, TlsVersion, Transport,
};
pub use snippet::Snippet;
pub(crate) use snippet::quoted;
pub use tls::{TlsFileError, TlsFileProblem};
pub(crate) use transport::{Connections, ReadError};
