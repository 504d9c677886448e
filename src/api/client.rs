//! The requests we make of one cluster's API.

mod first_page;

use std::sync::OnceLock;

use bytes::Bytes;
use jiff::Timestamp;
use parking_lot::RwLock;
use reqwest::StatusCode;
use url::Url;

use super::{
    ApiError, RequestLog, Settings,
    url::Urls,
    wire::{self, LinkPage, MirrorPage, WireError},
};
use crate::{
    client::{
        Connections, LONGEST_PAUSE, ReadError, Redactor, Signature, Signer, Snippet, retry_after,
    },
    model::{
        ClusterId, Endpoint, Link, LinkConfigs, LinkName, MirrorTopic, ReportedError, TopicName,
    },
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
    discovered: RwLock<Option<ClusterId>>,
}

/// What a session of requests shares: connections, one signature and one log for all requests of a poll.
pub struct Session<'a> {
    client: &'a Client,
    signature: Signature,
    log: &'a RequestLog,
    /// When the session began.
    now: Timestamp,
    /// Made with the first body.
    redactor: OnceLock<Redactor>,
}

impl Client {
    /// Prepares a client; nothing is sent. Fails only where a file of a `tls_config` cannot be used, and blocks for as long
    /// as that may take.
    pub fn new(settings: Settings) -> Result<Self, ApiError> {
        let Settings {
            endpoint,
            transport,
            request_timeout,
            credential,
            ..
        } = &settings;
        let connections = Connections::new(endpoint, transport, *request_timeout)?;
        let signer = Signer::new(credential, *request_timeout, LONGEST_PAUSE)?;
        let urls = Urls::new(&settings.endpoint, &settings.base_path);
        Ok(Self {
            connections,
            signer,
            urls,
            settings,
            discovered: RwLock::default(),
        })
    }

    /// The cluster's id, where it is configured or was discovered.
    pub fn cluster_id(&self) -> Option<ClusterId> {
        let discovered = || self.discovered.read().clone();
        self.settings.cluster_id.clone().or_else(discovered)
    }

    /// Forgets a discovered id, to ask for it again: behind the same address there may now be another cluster.
    pub fn forget_cluster_id(&self) {
        *self.discovered.write() = None;
    }

    /// Reads what changed, fetches a token where one is due, and starts a session of requests that are entered in `log`;
    /// the request for a token is not. `now` is what a token's lifetime is counted from.
    pub async fn session<'a>(
        &'a self,
        log: &'a RequestLog,
        now: Timestamp,
    ) -> Result<Session<'a>, ApiError> {
        self.connections.refresh().await?;
        Ok(Session {
            client: self,
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
        let clusters = self.clusters().await?;
        let id = wire::only_cluster(clusters).map_err(ApiError::Clusters)?;
        *self.client.discovered.write() = Some(id.clone());
        Ok(id)
    }

    /// `GET {base_path}/clusters`, every page of it: the ids; `None` for a cluster that has none.
    pub async fn clusters(&self) -> Result<Vec<Option<ClusterId>>, ApiError> {
        let mut all = Vec::new();
        let take = |body: &[u8]| {
            let page = wire::cluster_page(body)?;
            all.extend(page.items);
            Ok(page.next)
        };
        let url = self.client.urls.clusters();
        self.pages(Endpoint::Clusters, url, take).await?;
        Ok(all)
    }

    /// `GET …/links`, every page of it: the links, sorted by name.
    pub async fn links(&self, cluster: &ClusterId) -> Result<LinkPage, ApiError> {
        let mut all = LinkPage {
            links: Vec::new(),
            remnants: 0,
            nameless: 0,
            next: None,
        };
        let url = self.client.urls.links(cluster);
        let take = |body: &[u8]| {
            let page = wire::link_page(body)?;
            all.links.extend(page.links);
            all.remnants += page.remnants;
            all.nameless += page.nameless;
            Ok(page.next)
        };
        self.pages(Endpoint::Links, url, take).await?;
        all.links = wire::unique_links(all.links);
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
    pub async fn all_mirrors(&self, cluster: &ClusterId) -> Result<MirrorPage, ApiError> {
        self.mirror_pages(self.client.urls.all_mirrors(cluster), None)
            .await
    }

    /// `GET …/links/{link_name}/mirrors`, every page of it: the mirror topics of one link, sorted by name. A link that is
    /// itself called `-` is answered with the topics of all.
    pub async fn mirrors(
        &self,
        cluster: &ClusterId,
        link: &LinkName,
    ) -> Result<MirrorPage, ApiError> {
        let url = named(self.client.urls.mirrors(cluster, link), link)?;
        self.mirror_pages(url, Some(link)).await
    }

    async fn mirror_pages(
        &self,
        url: Url,
        asked: Option<&LinkName>,
    ) -> Result<MirrorPage, ApiError> {
        let mut all = MirrorPage::default();
        let take = |body: &[u8]| {
            let page = wire::mirror_page(body, asked)?;
            all.topics.extend(page.topics);
            all.nameless.extend(page.nameless);
            all.without_link += page.without_link;
            Ok(page.next)
        };
        self.pages(Endpoint::Mirrors, url, take).await?;
        all.topics = wire::unique_topics(all.topics);
        Ok(all)
    }

    /// `GET …/mirrors/{mirror_topic_name}`: the topic by its name; `None` where it does not exist.
    pub async fn mirror(
        &self,
        cluster: &ClusterId,
        link: &LinkName,
        topic: &TopicName,
    ) -> Result<Option<MirrorTopic>, ApiError> {
        let url = self.client.urls.mirror(cluster, link, topic);
        let body = match self.get(Endpoint::Mirror, named(url, link)?).await {
            Err(error) if error.status() == Some(404) => return Ok(None),
            body => body?,
        };
        wire::mirror(&body, topic)
            .map(Some)
            .map_err(|problem| self.unreadable(Endpoint::Mirror, problem, &body))
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

    /// `GET …/links/{link_name}?include_tasks=true`; `None` where the answer is that it does not exist.
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
            _ => body,
        };
        ApiError::Unreadable {
            problem,
            body: self.quote(body),
        }
    }

    /// The start of the body, unless it repeats a credential that was sent, the proxy's included.
    fn quote(&self, body: &[u8]) -> Snippet {
        Snippet::of(self.redactor().redact(body))
    }

    fn redactor(&self) -> &Redactor {
        let connections = &self.client.connections;
        self.redactor
            .get_or_init(|| connections.redactor(&self.signature))
    }

    /// A good body, unless names, states or messages in it could be a credential that was sent.
    fn clean(&self, body: Bytes) -> Result<Bytes, ApiError> {
        if self.redactor().is_repeated_in(&body) {
            return Err(ApiError::RepeatsCredentials);
        }
        Ok(body)
    }

    /// Sends one request.
    async fn get(&self, endpoint: Endpoint, url: Url) -> Result<Bytes, ApiError> {
        let limit = max_body(endpoint);
        let mut request = self.log.start(endpoint);
        let headers = self.signature.headers.clone();
        let connections = &self.client.connections;
        let (exchange, followed) = connections
            .send_noted(|http| http.get(url).headers(headers))
            .await;
        if let Some(status) = followed {
            request.redirected(status.as_u16());
        }
        let exchange = exchange?;
        let status = exchange.status();
        let retry_after = retry_after(exchange.headers(), self.now);
        request.status = Some(status.as_u16());
        if status == StatusCode::UNAUTHORIZED {
            self.client.signer.refused(&self.signature).await;
        }
        let redirect = exchange.redirect();
        let body = exchange.read(limit).await.map_err(|error| match error {
            ReadError::Transport(failure) => failure.into(),
            ReadError::TooLarge => ApiError::TooLarge(limit),
        });
        // The status says more than a body that could not be read.
        if let Some(redirect) = redirect {
            return Err(ApiError::Redirect(redirect));
        }
        match status {
            StatusCode::OK => self.clean(body?),
            status => Err(ApiError::Status {
                endpoint,
                status: status.as_u16(),
                body: self.quote(&body.unwrap_or_default()),
                retry_after,
            }),
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
