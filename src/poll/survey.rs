//! One poll of one cluster: list its links, describe each wanted one. 1 + N requests, no more.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::{
    Clock, Settings,
    asking::{Asking, Pace},
};
use crate::{
    api::{Client, RequestLog, Session},
    model::{ClusterId, Failure, Link, LinkReport, Listing, Reason, Report},
};

/// What the polls of one cluster need, again and again.
#[derive(Debug)]
pub struct Surveyor {
    client: Client,
    settings: Settings,
    clock: Clock,
    pace: Pace,
}

impl Surveyor {
    /// Prepares to poll a cluster; nothing is sent.
    pub fn new(client: Client, settings: Settings, clock: Clock) -> Self {
        Self {
            client,
            settings,
            clock,
            pace: Pace::default(),
        }
    }

    /// Polls the cluster once. Always brings a report, at the deadline at the latest.
    pub async fn survey(&self) -> Report {
        let started = Instant::now();
        let log = RequestLog::default();
        let asking = Asking::new(&self.pace, started + self.settings.timeout);
        let session = self.client.session(&log, self.clock.now());
        let (outcome, credential_expiry) = match asking.within(session).await {
            Ok(session) => {
                let settings = &self.settings;
                let round = Round {
                    known: self.client.cluster_id(),
                    session: &session,
                    settings,
                    asking: &asking,
                };
                (round.run().await, session.credential_expiry())
            }
            Err(error) => (Err(error.into()), None),
        };
        let is_unknown = |failure: &Failure| failure.reason == Reason::NotFound;
        if outcome.as_ref().is_err_and(is_unknown) {
            self.client.forget_cluster_id();
        }
        Report {
            at: self.clock.now(),
            took: started.elapsed(),
            cluster_id: self.client.cluster_id(),
            outcome,
            interval: self.settings.interval,
            hold: Some(asking.hold_left()).filter(|hold| *hold > Duration::ZERO),
            requests: log.into_requests(),
            credential_expiry,
        }
    }
}

/// One list and its describes.
struct Round<'a> {
    /// The cluster's id, where it does not have to be asked for.
    known: Option<ClusterId>,
    session: &'a Session<'a>,
    settings: &'a Settings,
    asking: &'a Asking<'a>,
}

impl Round<'_> {
    async fn run(&self) -> Result<Listing, Failure> {
        // What sends nothing must not count as a request: it would earn retries.
        let cluster = match &self.known {
            Some(known) => known.clone(),
            None => self.asking.ask(|| self.session.cluster_id()).await?,
        };
        let mut page = self.asking.ask(|| self.session.links(&cluster)).await?;
        let listed = page.links.len();

        page.links
            .retain(|link| self.settings.links.wants(&link.link_name));
        // A name listed twice must not become two series.
        page.links.sort_by(|a, b| a.link_name.cmp(&b.link_name));
        page.links.dedup_by(|a, b| a.link_name == b.link_name);

        let described = stream::iter(page.links)
            .map(|listed| self.describe(&cluster, listed))
            .buffered(self.settings.max_concurrent_requests);
        let links = described.filter_map(|link| async { link }).collect().await;
        Ok(Listing {
            listed,
            remnants: page.remnants,
            links,
            ..Listing::default()
        })
    }

    /// `None` for a link that was deleted since the list.
    async fn describe(&self, cluster: &ClusterId, listed: Link) -> Option<LinkReport> {
        let request = || self.session.link(cluster, &listed.link_name);
        let described = match self.asking.ask(request).await {
            Ok(link) => Ok(link?.or(&listed)),
            Err(error) => Err(Failure::from(error)),
        };
        Some(LinkReport::new(listed, described))
    }
}
