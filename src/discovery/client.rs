//! Asks one organisation for its clusters.

use std::{sync::OnceLock, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::{StatusCode, header::HeaderMap};
use tokio::time::sleep;
use url::Url;

use super::{
    DiscoveryError, Environment, List, Settings,
    error::Asked,
    wire::{self, Page, PageError},
};
use crate::client::{
    Connections, LONGEST_PAUSE, ReadError, Redactor, Signature, Signer, Snippet, retry_after,
};

/// A page of a hundred clusters is some 200 KiB.
const MAX_BODY: usize = 16 << 20;
/// Pages of a hundred: ten thousand environments, and as many clusters of each.
const MAX_PAGES: usize = 100;
/// A server that always names one more must not keep us for ever, nor be hammered.
const MAX_REQUESTS: usize = 2000;
/// The most that the API gives at once.
const PAGE_SIZE: &str = "100";
/// What the API says of its limit between two pages is kept to for so long.
const LONGEST_BREATH: Duration = Duration::from_secs(60);

/// Asks one organisation. Keeps its connections from refresh to refresh.
#[derive(Debug)]
pub struct Client {
    connections: Connections,
    signer: Signer,
    settings: Settings,
}

impl Client {
    /// Prepares a client; nothing is sent. Fails only where a file of a `tls_config` cannot be used, and blocks for as long
    /// as that may take.
    pub fn new(settings: Settings) -> Result<Self, DiscoveryError> {
        let Settings {
            url,
            transport,
            request_timeout,
            credential,
            ..
        } = &settings;
        Ok(Self {
            connections: Connections::new(url, transport, *request_timeout)?,
            signer: Signer::new(credential, *request_timeout, LONGEST_PAUSE)?,
            settings,
        })
    }

    /// Reads the whole list, or says why there is none. `now` is what a token's lifetime is counted from.
    pub async fn list(&self, now: Timestamp) -> Result<List, DiscoveryError> {
        // No refresh goes on into the second one after it.
        let limit = self.settings.refresh_interval.max(LONGEST_BREATH * 5);
        let read = tokio::time::timeout(limit, self.read(now)).await;
        read.unwrap_or(Err(DiscoveryError::Deadline(limit)))
    }

    async fn read(&self, now: Timestamp) -> Result<List, DiscoveryError> {
        self.connections.refresh().await?;
        let mut session = Session {
            client: self,
            signature: self.signer.sign(now).await?,
            now,
            redactor: OnceLock::new(),
            requests: 0,
            breath: Duration::ZERO,
        };
        let mut list = List::default();
        for environment in session.environments(&mut list).await? {
            if !self.settings.wants_environment(&environment) {
                list.unwanted.push(environment);
                continue;
            }
            session.clusters(&environment, &mut list).await?;
        }
        Ok(list)
    }

    /// The URL of a list.
    fn url(&self, path: &str, environment: Option<&str>) -> Url {
        let mut url = self.settings.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        let mut query = url.query_pairs_mut();
        query.clear();
        query.extend_pairs(environment.map(|id| ("environment", id)));
        query.append_pair("page_size", PAGE_SIZE);
        drop(query);
        url
    }

    /// The page that `metadata.next` names, if it is of the configured origin: the request carries credentials.
    fn next_page(&self, next: &str) -> Option<Url> {
        let base = &self.settings.url;
        let url = base.join(next).ok()?;
        (url.origin() == base.origin()).then_some(url)
    }
}

/// The requests of one refresh: one signature for all.
struct Session<'a> {
    client: &'a Client,
    signature: Signature,
    now: Timestamp,
    /// Made with the first body.
    redactor: OnceLock<Redactor>,
    requests: usize,
    /// How long the API wants to be left alone before the next request.
    breath: Duration,
}

impl Session<'_> {
    async fn environments(&mut self, list: &mut List) -> Result<Vec<Environment>, DiscoveryError> {
        let first = self.client.url("/org/v2/environments", None);
        let mut environments: Vec<Environment> = Vec::new();
        let pages = self.pages(Asked::Environments, first, wire::environments);
        for page in pages.await? {
            list.unreadable += page.unreadable;
            for environment in page.items {
                if !environments.iter().any(|known| known.id == environment.id) {
                    environments.push(environment);
                }
            }
        }
        if environments.is_empty() && list.is_complete() {
            return Err(DiscoveryError::NoEnvironments);
        }
        Ok(environments)
    }

    async fn clusters(&mut self, of: &Environment, list: &mut List) -> Result<(), DiscoveryError> {
        let first = self.client.url("/cmk/v2/clusters", Some(&of.id));
        let read = |body: &[u8]| wire::clusters(body, of);
        let pages = self.pages(Asked::Clusters(of.id.clone()), first, read);
        for page in pages.await? {
            list.unreadable += page.unreadable;
            list.extend(page.items);
        }
        Ok(())
    }

    /// Every page of a list, or nothing of it.
    async fn pages<T>(
        &mut self,
        of: Asked,
        first: Url,
        read: impl Fn(&[u8]) -> Result<Page<T>, PageError>,
    ) -> Result<Vec<Page<T>>, DiscoveryError> {
        let (mut url, mut asked, mut pages) = (first, Vec::new(), Vec::new());
        let mut read_items = 0;
        for _ in 0..MAX_PAGES {
            let body = self.get(&of, &url).await?;
            let page = read(&body).map_err(|problem| DiscoveryError::Unreadable {
                of: of.clone(),
                problem,
                body: self.quote(&body),
            })?;
            read_items += (page.items.len() + page.unreadable) as u64;
            let (next, total) = (page.next.clone(), page.total);
            pages.push(page);
            let Some(next) = next else {
                if total.is_some_and(|total| total > read_items) {
                    let fewer = "`metadata.next` is missing, and `metadata.total_size` counts more than came";
                    return Err(DiscoveryError::Pages(of, fewer));
                }
                return Ok(pages);
            };
            asked.push(url);
            let elsewhere = "`metadata.next` names another origin, which is not followed because the request carries \
                             credentials";
            let next = self.client.next_page(&next);
            url = next.ok_or_else(|| DiscoveryError::Pages(of.clone(), elsewhere))?;
            if asked.contains(&url) {
                let circle = "`metadata.next` names a page that was already read";
                return Err(DiscoveryError::Pages(of, circle));
            }
        }
        Err(DiscoveryError::Pages(of, "there are more than 100 pages"))
    }

    /// Sends one request, and once more where it met a connection that had died since the refresh before.
    async fn get(&mut self, of: &Asked, url: &Url) -> Result<Bytes, DiscoveryError> {
        match self.once(of, url).await {
            Err(error) if error.is_stale() => self.once(of, url).await,
            outcome => outcome,
        }
    }

    async fn once(&mut self, of: &Asked, url: &Url) -> Result<Bytes, DiscoveryError> {
        if self.requests >= MAX_REQUESTS {
            return Err(DiscoveryError::Requests(MAX_REQUESTS));
        }
        self.requests += 1;
        sleep(std::mem::take(&mut self.breath)).await;
        let headers = self.signature.headers.clone();
        let connections = &self.client.connections;
        let sent = connections.send(|http| http.get(url.clone()).headers(headers));
        let exchange = sent
            .await
            .map_err(|failure| DiscoveryError::of(failure, of.clone()))?;
        let status = exchange.status();
        let pause = retry_after(exchange.headers(), self.now);
        let reset = reset(exchange.headers(), self.now);
        if is_used_up(exchange.headers()) {
            self.breath = reset.unwrap_or_default().min(LONGEST_BREATH);
        }
        if status == StatusCode::UNAUTHORIZED {
            self.client.signer.refused(&self.signature).await;
        }
        let redirect = exchange.redirect();
        let body = exchange.read(MAX_BODY).await.map_err(|error| match error {
            ReadError::Transport(failure) => DiscoveryError::of(failure, of.clone()),
            ReadError::TooLarge => DiscoveryError::TooLarge(of.clone(), MAX_BODY),
        });
        // The status says more than a body that could not be read.
        if let Some(redirect) = redirect {
            return Err(DiscoveryError::Redirect(redirect));
        }
        if status == StatusCode::OK {
            let body = body?;
            let repeats = self.redactor().is_repeated_in(&body);
            return if repeats {
                Err(DiscoveryError::RepeatsCredentials)
            } else {
                Ok(body)
            };
        }
        let throttles = status == StatusCode::TOO_MANY_REQUESTS;
        Err(DiscoveryError::Status {
            of: of.clone(),
            status: status.as_u16(),
            body: self.quote(&body.unwrap_or_default()),
            retry_after: pause
                .filter(|_| throttles || status.is_server_error())
                .or(reset.filter(|_| throttles)),
        })
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
}

/// Whether the API says that this was the last request for now.
fn is_used_up(headers: &HeaderMap) -> bool {
    number(headers, "x-ratelimit-remaining") == Some(0)
}

/// When the limit of the API begins anew: after so many seconds, or at a time in Unix seconds, which is what other APIs send.
fn reset(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    /// A number beyond it is a time: 2001.
    const TIMES: u64 = 1_000_000_000;
    let reset = number(headers, "x-ratelimit-reset")?;
    let now = u64::try_from(now.as_second()).unwrap_or_default();
    let seconds = if reset >= TIMES {
        reset.saturating_sub(now)
    } else {
        reset
    };
    Some(Duration::from_secs(seconds))
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}
