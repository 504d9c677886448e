//! One poll of one cluster: list its links, describe each wanted one. 1 + N requests, no more.

use futures_util::{StreamExt, stream};
use tokio::time::{Duration, Instant, timeout_at};

use super::{Clock, Settings};
use crate::{
    api::{ApiError, Client, RequestLog, Session},
    model::{ClusterId, Failure, Link, LinkReport, Listing, Reason, Report},
};

/// Polls the cluster once. Always brings a report, at the deadline at the latest.
pub async fn survey(client: &Client, settings: &Settings, clock: &Clock) -> Report {
    let started = Instant::now();
    let log = RequestLog::default();
    let deadline = Deadline(started + settings.timeout);
    let session = deadline.cut(client.session(&log, clock.now())).await;
    let (outcome, credential_expiry) = match session {
        Ok(session) => {
            let outcome = Round {
                session: &session,
                settings,
                deadline,
            }
            .run()
            .await;
            (outcome, session.credential_expiry())
        }
        Err(error) => (Err(Failure::from(error)), None),
    };
    if outcome
        .as_ref()
        .is_err_and(|failure| failure.reason == Reason::NotFound)
    {
        client.forget_cluster_id();
    }
    Report {
        at: clock.now(),
        took: started.elapsed(),
        cluster_id: client.cluster_id(),
        outcome,
        requests: log.into_requests(),
        credential_expiry,
    }
}

struct Round<'a> {
    session: &'a Session<'a>,
    settings: &'a Settings,
    deadline: Deadline,
}

impl Round<'_> {
    async fn run(&self) -> Result<Listing, Failure> {
        let cluster = self.deadline.cut(self.session.cluster_id()).await?;
        let mut page = self.deadline.cut(self.session.links(&cluster)).await?;
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
        })
    }

    /// `None` for a link that was deleted since the list.
    async fn describe(&self, cluster: &ClusterId, listed: Link) -> Option<LinkReport> {
        let described = match self
            .deadline
            .cut(self.session.link(cluster, &listed.link_name))
            .await
        {
            Ok(link) => Ok(link?.or(&listed)),
            Err(error) => Err(Failure::from(error)),
        };
        Some(LinkReport { listed, described })
    }
}

/// When the whole poll has to be over.
#[derive(Clone, Copy)]
struct Deadline(Instant);

impl Deadline {
    /// Past the deadline nothing is even started: an API that is too slow is not asked more.
    async fn cut<T>(
        self,
        asking: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        if self.0.saturating_duration_since(Instant::now()) == Duration::ZERO {
            return Err(ApiError::Deadline);
        }
        timeout_at(self.0, asking)
            .await
            .unwrap_or(Err(ApiError::Deadline))
    }
}
