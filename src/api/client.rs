//! The requests we make of one cluster's API.

use std::sync::RwLock;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::{Response, StatusCode, redirect};
use url::Url;

use super::{
    ApiError, RequestLog, Settings,
    auth::{self, Signature},
    error::Snippet,
    redact::redact,
    url::Urls,
    wire::{self, LinkPage, WireError},
};
use crate::model::{ClusterId, Endpoint, Link, LinkName};

/// No answer of this API comes near: a list of ten thousand links is some 6 MiB.
const MAX_BODY: usize = 16 << 20;
/// A server that always names a next page must not keep us for ever.
const MAX_PAGES: usize = 100;
const MAX_REDIRECTS: usize = 5;

/// Asks one cluster. Keeps its connections from poll to poll.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    urls: Urls,
    settings: Settings,
    /// The id that the server told where none is configured.
    learnt: RwLock<Option<ClusterId>>,
}

/// What a session of requests shares: one signature and one log for all requests of a poll.
pub struct Session<'a> {
    client: &'a Client,
    signature: Signature,
    log: &'a RequestLog,
}

impl Client {
    /// Prepares a client; nothing is sent. Fails only where the system's TLS set-up is unusable.
    pub fn new(settings: Settings) -> Result<Self, ApiError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ))
            .timeout(settings.request_timeout)
            .connect_timeout(settings.request_timeout)
            .redirect(same_origin_only())
            .build()
            .map_err(|error| ApiError::from_transport(&error, settings.request_timeout, false))?;
        let urls = Urls::new(&settings.endpoint, &settings.base_path);
        Ok(Self {
            http,
            urls,
            settings,
            learnt: RwLock::default(),
        })
    }

    /// The cluster's id, where it is configured or was learnt.
    pub fn cluster_id(&self) -> Option<ClusterId> {
        let learnt = || {
            self.learnt
                .read()
                .expect("nothing panics while it holds the lock")
                .clone()
        };
        self.settings.cluster_id.clone().or_else(learnt)
    }

    /// Forgets a learnt id, to ask for it again: behind the same address there may now be another cluster.
    pub fn forget_cluster_id(&self) {
        *self
            .learnt
            .write()
            .expect("nothing panics while it holds the lock") = None;
    }

    /// Reads the credential and starts a session of requests that are entered in `log`.
    pub fn session<'a>(&'a self, log: &'a RequestLog) -> Result<Session<'a>, ApiError> {
        Ok(Session {
            client: self,
            signature: auth::sign(&self.settings.credential)?,
            log,
        })
    }
}

impl Session<'_> {
    /// When the token in use expires, where it says so.
    pub fn credential_expiry(&self) -> Option<Timestamp> {
        self.signature.expiry
    }

    /// The cluster's id; asks `GET {base_path}/clusters` once where it is not configured.
    pub async fn cluster_id(&self) -> Result<ClusterId, ApiError> {
        if let Some(id) = self.client.cluster_id() {
            return Ok(id);
        }
        let body = self
            .get(Endpoint::Clusters, self.client.urls.clusters())
            .await?;
        let id = wire::cluster_id(&body).map_err(|problem| self.unreadable(problem, &body))?;
        *self
            .client
            .learnt
            .write()
            .expect("nothing panics while it holds the lock") = Some(id.clone());
        Ok(id)
    }

    /// `GET …/links`, every page of it.
    pub async fn links(&self, cluster: &ClusterId) -> Result<LinkPage, ApiError> {
        let mut url = self.client.urls.links(cluster);
        let mut all = LinkPage {
            links: Vec::new(),
            remnants: 0,
            next: None,
        };
        let mut asked = Vec::new();
        for _ in 0..MAX_PAGES {
            let body = self.get(Endpoint::Links, url.clone()).await?;
            let page = wire::link_page(&body).map_err(|problem| self.unreadable(problem, &body))?;
            all.links.extend(page.links);
            all.remnants += page.remnants;
            let Some(next) = page.next else {
                return Ok(all);
            };
            asked.push(url);
            url = self.client.urls.next_page(&next).ok_or(ApiError::Pages(
                "`metadata.next` names another origin, which is not followed because the request carries credentials",
            ))?;
            if asked.contains(&url) {
                return Err(ApiError::Pages(
                    "`metadata.next` names a page that was already read",
                ));
            }
        }
        Err(ApiError::Pages("there are more than 100 pages"))
    }

    /// `GET …/links/{link_name}?include_tasks=true`; `None` where it does not exist: it was deleted since the list.
    pub async fn link(
        &self,
        cluster: &ClusterId,
        name: &LinkName,
    ) -> Result<Option<Link>, ApiError> {
        match self
            .get(Endpoint::Link, self.client.urls.link(cluster, name))
            .await
        {
            Ok(body) => wire::link(&body, name)
                .map(Some)
                .map_err(|problem| self.unreadable(problem, &body)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn unreadable(&self, problem: WireError, body: &[u8]) -> ApiError {
        ApiError::Unreadable {
            problem,
            body: Snippet::of(redact(body, &self.signature)),
        }
    }

    async fn get(&self, endpoint: Endpoint, url: Url) -> Result<Bytes, ApiError> {
        let deadline = self.client.settings.request_timeout;
        let mut request = self.log.start(endpoint);
        let response = self
            .client
            .http
            .get(url)
            .headers(self.signature.headers.clone())
            .send()
            .await
            .map_err(|error| ApiError::from_transport(&error, deadline, false))?;
        let status = response.status();
        request.status = Some(status.as_u16());
        let body = read(response).await.map_err(|error| match error {
            ReadError::Transport(error) => ApiError::from_transport(&error, deadline, true),
            ReadError::TooLarge => ApiError::TooLarge(MAX_BODY),
        });
        match status {
            StatusCode::OK => body,
            // The status says more than a body that could not be read.
            status if status.is_redirection() => Err(ApiError::Redirect {
                status: status.as_u16(),
            }),
            status => {
                let body = Snippet::of(redact(&body.unwrap_or_default(), &self.signature));
                Err(ApiError::Status {
                    endpoint,
                    status: status.as_u16(),
                    body,
                })
            }
        }
    }
}

enum ReadError {
    Transport(reqwest::Error),
    TooLarge,
}

/// Reads a decompressed body piece by piece, so that a hostile one costs no more memory than the limit.
async fn read(mut response: Response) -> Result<Bytes, ReadError> {
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(ReadError::Transport)? {
        if body.len() + piece.len() > MAX_BODY {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// Credentials never leave the origin; any other redirect is answered as it came.
fn same_origin_only() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let same_origin = attempt
            .previous()
            .last()
            .is_some_and(|from| from.origin() == attempt.url().origin());
        if same_origin && attempt.previous().len() <= MAX_REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}
