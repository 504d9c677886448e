//! The connections to one server: kept from request to request while they answer, and no longer than five minutes.
//!
//! What was asked and not answered to the end may have been asked on a connection that swallows everything: whoever read
//! it last still reads, and nobody answers. So every connection that was open then is given up, and the next request opens
//! a new one. Requests under way on the old ones keep them.

mod body;
mod plan;
mod redirect;
mod reuse;
mod route;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use reqwest::{RequestBuilder, Response, StatusCode, header::HeaderMap};
use tokio::time::{Duration, Instant};
use url::Url;

pub(super) use plan::{Plan, Redirects};
pub(super) use route::Route;

use self::{redirect::with_redirects_noted, reuse::Answered};
use super::{
    Redactor, Redirect, Signature, Transport,
    error::{SetupError, TransportFailure, Unfollowed},
    tls::Material,
};
use crate::{file, secret::SecretString};

/// How old a connection becomes: a name that resolves to other addresses now is followed after so long.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// Connections to one server, kept from poll to poll.
pub(crate) struct Connections {
    plan: Plan,
    made: Mutex<Made>,
}

/// A client, which is what holds connections.
struct Made {
    http: reqwest::Client,
    of: Material,
    since: Instant,
    /// How many were made before it: says whether the one that failed is still the one in use.
    number: u64,
    /// A request was not answered to the end.
    is_doubtful: bool,
    answered: Arc<Answered>,
}

impl Connections {
    /// Prepares connections to ask `target`; nothing is sent. Fails where a file cannot be used, and blocks for as long as it
    /// may take.
    pub(crate) fn new(
        target: &Url,
        transport: &Transport,
        timeout: Duration,
    ) -> Result<Self, SetupError> {
        Self::planned(Plan::new(target, transport, timeout, Redirects::SameOrigin))
    }

    /// Prepares connections; nothing is sent. Fails where a file cannot be used, and blocks for as long as it may take.
    pub(super) fn planned(plan: Plan) -> Result<Self, SetupError> {
        let of = Material::read(plan.tls())?;
        let made = Mutex::new(Made {
            http: plan.client(&of)?,
            of,
            since: Instant::now(),
            number: 0,
            is_doubtful: false,
            answered: Arc::default(),
        });
        Ok(Self { plan, made })
    }

    /// Whether they lead where the URL does.
    pub(super) fn lead_to(&self, url: &Url) -> bool {
        self.plan.target().origin() == url.origin()
    }

    /// What a proxy on the way is sent and nobody may read.
    pub(crate) fn secrets(&self) -> &[SecretString] {
        self.plan.route().secrets()
    }

    /// What finds a signature, and what a proxy on the way is sent, in an answer.
    pub(crate) fn redactor(&self, signature: &Signature) -> Redactor {
        Redactor::new(signature, self.secrets().iter().cloned())
    }

    /// Reads the files of `tls_config` again; from now on connections are made by what they hold.
    pub(crate) async fn refresh(&self) -> Result<(), SetupError> {
        if !self.plan.tls().has_files() {
            return Ok(());
        }
        let tls = self.plan.tls().clone();
        let now = file::unblocked(move || Material::read(&tls)).await?;
        let mut made = self.made.lock();
        if made.of != now {
            *made = made.successor(self.plan.client(&now)?, now);
        }
        Ok(())
    }

    /// Sends what `request` makes of the client, and brings the head of the answer.
    pub(crate) async fn send(
        &self,
        request: impl FnOnce(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Exchange<'_>, TransportFailure> {
        self.send_noted(request).await.0
    }

    /// The same, and the status of the redirect that was followed: it answered a request of its own.
    pub(crate) async fn send_noted(
        &self,
        request: impl FnOnce(&reqwest::Client) -> RequestBuilder,
    ) -> (Result<Exchange<'_>, TransportFailure>, Option<StatusCode>) {
        let (http, number, answered) = self.current();
        let mut under_way = UnderWay {
            connections: self,
            number,
            is_answered: false,
        };
        let (sent, redirects) = with_redirects_noted(request(&http).send()).await;
        let exchange = match sent {
            Ok(response) => {
                answered.note(&response);
                Ok(Exchange {
                    response,
                    unfollowed: redirects.unfollowed,
                    under_way,
                })
            }
            Err(error) => {
                // Where no connection came about, none is to blame.
                under_way.is_answered = error.is_connect() && !error.is_timeout();
                let is_reused = answered.holds_that_of(&error);
                Err(self.failure(&error, false).on_reused(is_reused))
            }
        };
        (exchange, redirects.followed)
    }

    fn failure(&self, error: &reqwest::Error, headers_came: bool) -> TransportFailure {
        let Self { plan, .. } = self;
        TransportFailure::of(
            error,
            headers_came,
            plan.timeout(),
            plan.route().to_string(),
        )
    }

    /// The client in use, its number, and on which of its connections something was answered; another one where it is time.
    fn current(&self) -> (reqwest::Client, u64, Arc<Answered>) {
        let mut made = self.made.lock();
        if made.is_doubtful || made.since.elapsed() >= MAX_AGE {
            // By the same plan and the same files one was made before. Should that fail, the old one is better than none.
            if let Ok(http) = self.plan.client(&made.of) {
                let of = std::mem::take(&mut made.of);
                *made = made.successor(http, of);
            }
        }
        (made.http.clone(), made.number, made.answered.clone())
    }

    /// Gives up the connections of this client, if it is still the one in use: of several requests that failed together
    /// only the first costs anything.
    fn give_up(&self, number: u64) {
        let mut made = self.made.lock();
        made.is_doubtful |= made.number == number;
    }
}

impl Made {
    fn successor(&self, http: reqwest::Client, of: Material) -> Self {
        Self {
            http,
            of,
            since: Instant::now(),
            number: self.number + 1,
            is_doubtful: false,
            answered: Arc::default(),
        }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own `Debug` may show a proxy's password.
        f.debug_struct("Connections")
            .field("transport", self.plan.transport())
            .finish_non_exhaustive()
    }
}

/// A request that is not answered to the end. Dropped so, also by somebody's own deadline, it gives its connection up.
struct UnderWay<'a> {
    connections: &'a Connections,
    number: u64,
    is_answered: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.connections.give_up(self.number);
        }
    }
}

/// An answer of which the head came.
pub(crate) struct Exchange<'a> {
    response: Response,
    unfollowed: Option<Unfollowed>,
    under_way: UnderWay<'a>,
}

/// Why a body could not be read.
pub(crate) enum ReadError {
    Transport(TransportFailure),
    TooLarge,
}

impl Exchange<'_> {
    /// The status.
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The redirect that the answer is.
    pub(crate) fn redirect(&self) -> Option<Redirect> {
        let status = self.status();
        let why = self.unfollowed.unwrap_or(Unfollowed::Nowhere);
        status
            .is_redirection()
            .then(|| Redirect::new(status.as_u16(), why))
    }

    /// The headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Reads the decompressed body piece by piece, so that a hostile one costs no more memory than the limit.
    pub(crate) async fn read(mut self, limit: usize) -> Result<Bytes, ReadError> {
        let connections = self.under_way.connections;
        let mut body = body::Reader::new(
            self.response.headers(),
            self.response.content_length(),
            limit,
        );
        loop {
            match self.response.chunk().await {
                Ok(Some(piece)) => body.take(&piece).map_err(ReadError::from)?,
                Ok(None) => break,
                Err(error) => return Err(ReadError::Transport(connections.failure(&error, true))),
            }
        }
        self.under_way.is_answered = true;
        body.finish().map_err(ReadError::from)
    }
}

impl From<body::BodyError> for ReadError {
    fn from(error: body::BodyError) -> Self {
        match error {
            body::BodyError::TooLarge => Self::TooLarge,
            body::BodyError::NotGzip(cause) => Self::Transport(TransportFailure::Cut(cause)),
        }
    }
}
