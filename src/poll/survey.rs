//! One poll of one cluster: list its links, describe each wanted one. 1 + N requests; what else is asked for is the
//! business of `details`, which adds one in most polls.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::{
    Clock, Settings,
    asking::{Asking, Pace},
    details::{Details, Memory},
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
    memory: Memory,
}

impl Surveyor {
    /// Prepares to poll a cluster; nothing is sent.
    pub fn new(client: Client, settings: Settings, clock: Clock) -> Self {
        Self {
            client,
            settings,
            clock,
            pace: Pace::default(),
            memory: Memory::default(),
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
                let round = Round {
                    surveyor: self,
                    session: &session,
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

/// One list, its describes and their details.
struct Round<'a> {
    surveyor: &'a Surveyor,
    session: &'a Session<'a>,
    asking: &'a Asking<'a>,
}

impl Round<'_> {
    async fn run(&self) -> Result<Listing, Failure> {
        let settings = &self.surveyor.settings;
        // What sends nothing must not count as a request: it would earn retries.
        let cluster = match self.surveyor.client.cluster_id() {
            Some(known) => known,
            None => self.asking.ask(|| self.session.cluster_id()).await?,
        };
        let mut page = self.asking.ask(|| self.session.links(&cluster)).await?;
        let listed = page.links.len();

        page.links
            .retain(|link| settings.links.wants(&link.link_name));
        // A name listed twice must not become two series.
        page.links.sort_by(|a, b| a.link_name.cmp(&b.link_name));
        page.links.dedup_by(|a, b| a.link_name == b.link_name);

        let described = stream::iter(page.links)
            .map(|listed| self.describe(&cluster, listed))
            .buffered(settings.max_concurrent_requests);
        let described = described.filter_map(|link| async { link });
        let mut links: Vec<_> = described.collect().await;
        let details = self.details(&cluster).add_to(&mut links).await;
        Ok(Listing {
            listed,
            remnants: page.remnants,
            links,
            details,
        })
    }

    fn details<'a>(&'a self, cluster: &'a ClusterId) -> Details<'a> {
        let Surveyor {
            settings,
            clock,
            memory,
            ..
        } = self.surveyor;
        Details {
            session: self.session,
            settings,
            asking: self.asking,
            clock,
            memory,
            cluster,
        }
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
