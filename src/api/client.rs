//! The requests we make of one cluster's API.

use std::sync::{OnceLock, RwLock};

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::StatusCode;
use url::Url;

use super::{
    ApiError, Proxy, RequestLog, Settings,
    auth::{Signature, Signer},
    error::Snippet,
    redact::{Redactor, password_of},
    retry,
    transport::{self, Connections, ReadError},
    url::Urls,
    wire::{self, LinkPage, WireError},
};
use crate::model::{
    ClusterId, Endpoint, Link, LinkConfigs, LinkName, MirrorTopic, ReportedError, TopicName,
};

/// No other answer of this API comes near: a list of ten thousand links is some 6 MiB.
const MAX_BODY: usize = 16 << 20;
/// The mirror topics of all links come in one answer: a hundred thousand partitions of ten thousand topics are 10 MiB.
const MAX_MIRRORS: usize = 32 << 20;
/// A server that always names a next page must not keep us for ever.
const MAX_PAGES: usize = 100;

/// Asks one cluster. Keeps its connections from poll to poll.
#[derive(Debug)]
pub struct Client {
    connections: Connections,
    signer: Signer,
    urls: Urls,
    settings: Settings,
    /// The id that the server told where none is configured.
    learnt: RwLock<Option<ClusterId>>,
}

/// What a session of requests shares: connections, one signature and one log for all requests of a poll.
pub struct Session<'a> {
    client: &'a Client,
    http: reqwest::Client,
    signature: Signature,
    log: &'a RequestLog,
    /// When the session began.
    now: Timestamp,
    /// Made with the first body that is quoted.
    redactor: OnceLock<Redactor>,
}

impl Client {
    /// Prepares a client; nothing is sent. Fails only where a file of a `tls_config` cannot be used.
    pub fn new(settings: Settings) -> Result<Self, ApiError> {
        let Settings {
            endpoint,
            transport,
            request_timeout,
            credential,
            ..
        } = &settings;
        let connections = Connections::new(endpoint, transport, *request_timeout)?;
        let signer = Signer::new(credential, *request_timeout)?;
        let urls = Urls::new(&settings.endpoint, &settings.base_path);
        Ok(Self {
            connections,
            signer,
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

    /// Reads what changed, fetches a token where one is due, and starts a session of requests that are entered in `log`;
    /// the request for a token is not. `now` is what a token's lifetime is counted from.
    pub async fn session<'a>(
        &'a self,
        log: &'a RequestLog,
        now: Timestamp,
    ) -> Result<Session<'a>, ApiError> {
        Ok(Session {
            client: self,
            http: self.connections.client()?,
            signature: self.signer.sign(now).await?,
            log,
            now,
            redactor: OnceLock::new(),
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
        let id = wire::cluster_id(&body)
            .map_err(|problem| self.unreadable(Endpoint::Clusters, problem, &body))?;
        *self
            .client
            .learnt
            .write()
            .expect("nothing panics while it holds the lock") = Some(id.clone());
        Ok(id)
    }

    /// `GET …/links`, every page of it.
    pub async fn links(&self, cluster: &ClusterId) -> Result<LinkPage, ApiError> {
        let mut all = LinkPage {
            links: Vec::new(),
            remnants: 0,
            next: None,
        };
        let url = self.client.urls.links(cluster);
        let take = |body: &[u8]| {
            let page = wire::link_page(body)?;
            all.links.extend(page.links);
            all.remnants += page.remnants;
            Ok(page.next)
        };
        self.pages(Endpoint::Links, url, take).await?;
        Ok(all)
    }

    /// `GET …/links/{link_name}/configs`, every page of it.
    pub async fn configs(
        &self,
        cluster: &ClusterId,
        link: &LinkName,
    ) -> Result<LinkConfigs, ApiError> {
        let mut all = Vec::new();
        let url = self.client.urls.configs(cluster, link);
        let take = |body: &[u8]| {
            let page = wire::config_page(body)?;
            all.extend(page.items);
            Ok(page.next)
        };
        self.pages(Endpoint::Configs, named(url, link)?, take)
            .await?;
        Ok(all.into_iter().collect())
    }

    /// `GET …/links/-/mirrors`, every page of it: the mirror topics of all links, sorted by link and name.
    pub async fn all_mirrors(
        &self,
        cluster: &ClusterId,
    ) -> Result<Vec<(LinkName, MirrorTopic)>, ApiError> {
        self.mirror_pages(self.client.urls.all_mirrors(cluster))
            .await
    }

    /// `GET …/links/{link_name}/mirrors`, every page of it: the mirror topics of one link, sorted by name.
    pub async fn mirrors(
        &self,
        cluster: &ClusterId,
        link: &LinkName,
    ) -> Result<Vec<MirrorTopic>, ApiError> {
        let url = named(self.client.urls.mirrors(cluster, link), link)?;
        let topics = self.mirror_pages(url).await?.into_iter();
        // A link that is itself called `-` is answered with the topics of all.
        let own = topics.filter(|(of, _)| of == link);
        Ok(own.map(|(_, topic)| topic).collect())
    }

    async fn mirror_pages(&self, url: Url) -> Result<Vec<(LinkName, MirrorTopic)>, ApiError> {
        let mut all = Vec::new();
        let take = |body: &[u8]| {
            let page = wire::mirror_page(body)?;
            all.extend(page.items);
            Ok(page.next)
        };
        self.pages(Endpoint::Mirrors, url, take).await?;
        Ok(wire::unique(all))
    }

    /// `GET …/mirrors/{mirror_topic_name}?include_state_transition_errors=true`: why the topic's change of status does
    /// not finish; empty where the server names no reason.
    pub async fn transition_errors(
        &self,
        cluster: &ClusterId,
        link: &LinkName,
        topic: &TopicName,
    ) -> Result<Vec<ReportedError>, ApiError> {
        let url = self.client.urls.mirror(cluster, link, topic);
        let body = self.get(Endpoint::Mirror, named(url, link)?).await?;
        wire::transition_errors(&body, topic)
            .map_err(|problem| self.unreadable(Endpoint::Mirror, problem, &body))
    }

    /// Asks for page after page, which `take` reads, returning the next one. Together they may be as large as one body.
    async fn pages(
        &self,
        endpoint: Endpoint,
        first: Url,
        mut take: impl FnMut(&[u8]) -> Result<Option<String>, WireError>,
    ) -> Result<(), ApiError> {
        let mut url = first;
        let mut asked = Vec::new();
        let mut size = 0;
        for _ in 0..MAX_PAGES {
            let body = self.get(endpoint, url.clone()).await?;
            size += body.len();
            if size > max_body(endpoint) {
                return Err(ApiError::TooLarge(max_body(endpoint)));
            }
            let next = take(&body).map_err(|problem| self.unreadable(endpoint, problem, &body))?;
            let Some(next) = next else {
                return Ok(());
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
        let url = named(self.client.urls.link(cluster, name), name)?;
        match self.get(Endpoint::Link, url).await {
            Ok(body) => wire::link(&body, name)
                .map(Some)
                .map_err(|problem| self.unreadable(Endpoint::Link, problem, &body)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn unreadable(&self, endpoint: Endpoint, problem: WireError, body: &[u8]) -> ApiError {
        let body = match endpoint {
            // It may hold what the server should have masked.
            Endpoint::Configs => b"(not quoted: settings may hold secrets)",
            _ => self.redact(body),
        };
        ApiError::Unreadable {
            problem,
            body: Snippet::of(body),
        }
    }

    /// The body, unless it repeats what the request was signed with, or what its proxy was.
    fn redact<'b>(&self, body: &'b [u8]) -> &'b [u8] {
        let redactor = || {
            let proxy = match &self.client.settings.transport.proxy {
                Proxy::Url { url, .. } => password_of(&url.0),
                Proxy::None | Proxy::Environment => None,
            };
            Redactor::new(&self.signature, proxy)
        };
        self.redactor.get_or_init(redactor).redact(body)
    }

    /// Sends one request.
    async fn get(&self, endpoint: Endpoint, url: Url) -> Result<Bytes, ApiError> {
        let deadline = self.client.settings.request_timeout;
        let limit = max_body(endpoint);
        let mut request = self.log.start(endpoint);
        let response = self
            .http
            .get(url)
            .headers(self.signature.headers.clone())
            .send()
            .await
            .map_err(|error| ApiError::from_transport(&error, deadline, false))?;
        let status = response.status();
        let retry_after = retry::after(response.headers(), self.now);
        request.status = Some(status.as_u16());
        if status == StatusCode::UNAUTHORIZED {
            self.client.signer.refused(&self.signature).await;
        }
        let body = transport::read(response, limit)
            .await
            .map_err(|error| match error {
                ReadError::Transport(error) => ApiError::from_transport(&error, deadline, true),
                ReadError::TooLarge => ApiError::TooLarge(limit),
            });
        match status {
            StatusCode::OK => body,
            // The status says more than a body that could not be read.
            status if status.is_redirection() => Err(ApiError::Redirect {
                status: status.as_u16(),
            }),
            status => {
                let body = Snippet::of(self.redact(&body.unwrap_or_default()));
                Err(ApiError::Status {
                    endpoint,
                    status: status.as_u16(),
                    body,
                    retry_after,
                })
            }
        }
    }
}

fn max_body(endpoint: Endpoint) -> usize {
    match endpoint {
        Endpoint::Mirrors => MAX_MIRRORS,
        _ => MAX_BODY,
    }
}

/// The URL, where the link's name leaves one.
fn named(url: Option<Url>, link: &LinkName) -> Result<Url, ApiError> {
    url.ok_or_else(|| ApiError::NoUrl(link.clone()))
}
