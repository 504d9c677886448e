//! Posts documents to one server: connected, signed, and its answer quoted without what is secret.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use parking_lot::Mutex;
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use url::Url;

use super::{
    ClientError, Credential, SendError, Snippet, Transport,
    auth::Signer,
    error::SetupError,
    redact::{Redactor, secrets_of_url},
    retry::{LONGEST_PAUSE_OF_RECEIVERS, retry_after},
    snippet::quoted,
    transport::{Connections, Plan, Redirects},
};
use crate::{file, secret::SecretString};

/// Of what a receiver says only the start is ever quoted, and of a longer answer nothing.
const MAX_BODY: usize = 64 << 10;

/// Posts to one server at a time, which may become another one when a secret URL changes.
#[derive(Debug)]
pub struct Sender {
    signer: Signer,
    transport: Transport,
    timeout: Duration,
    /// Made with the first message.
    connections: Mutex<Option<Arc<Connections>>>,
}

/// A JSON document and where it goes. Not printed: both may hold secrets.
pub struct Message {
    /// Where to.
    pub url: Url,
    /// The document.
    pub body: Vec<u8>,
    /// What of both is not to be quoted when the server says it back.
    pub secrets: Vec<SecretString>,
}

/// What the server said. Displayed as the status and the start of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The start of the body; empty where it could not be read.
    pub body: Snippet,
    /// How long the server wants to be left alone, where it says so.
    pub retry_after: Option<Duration>,
}

impl Sender {
    /// Prepares to post; nothing is sent. Fails only where a file of a `tls_config` cannot be used, and blocks for as long as
    /// that may take.
    pub fn new(
        credential: &Credential,
        transport: &Transport,
        timeout: Duration,
    ) -> Result<Self, ClientError> {
        transport.tls.check()?;
        Ok(Self {
            signer: Signer::new(credential, timeout, LONGEST_PAUSE_OF_RECEIVERS)?,
            transport: transport.clone(),
            timeout,
            connections: Mutex::default(),
        })
    }

    /// Posts one message. `now` is what a token's lifetime and a date in `Retry-After` are counted from.
    pub async fn post(&self, message: Message, now: Timestamp) -> Result<Answer, SendError> {
        let Message { url, body, secrets } = message;
        let secrets = secrets.into_iter().chain(secrets_of_url(&url));
        let connections = self.connections(&url).await?;
        connections.refresh().await?;
        let signature = self.signer.sign(now).await?;
        let exchange = connections
            .send(|http| {
                http.post(url)
                    .headers(signature.headers.clone())
                    .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                    .body(body)
            })
            .await?;
        let status = exchange.status();
        if status == StatusCode::UNAUTHORIZED {
            self.signer.refused(&signature).await;
        }
        let retry_after = retry_after(exchange.headers(), now);
        // The status is the answer: a body that is cut or too long takes nothing away from it.
        let body: Bytes = exchange.read(MAX_BODY).await.unwrap_or_default();
        let secrets = secrets.chain(connections.secrets().iter().cloned());
        let redactor = Redactor::new(&signature, secrets);
        Ok(Answer {
            status: status.as_u16(),
            body: Snippet::of(redactor.redact(&body)),
            retry_after,
        })
    }

    async fn connections(&self, url: &Url) -> Result<Arc<Connections>, SetupError> {
        let kept = self.connections.lock().clone();
        if let Some(connections) = kept.filter(|kept| kept.lead_to(url)) {
            return Ok(connections);
        }
        let plan = Plan::new(url, &self.transport, self.timeout, Redirects::Never);
        let new = file::unblocked(move || Connections::planned(plan)).await?;
        Ok(self.connections.lock().insert(Arc::new(new)).clone())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}{}", self.status, quoted(&self.body))
    }
}
