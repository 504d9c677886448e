//! One poll of one cluster: list its links, describe each wanted one. 1 + N requests; what else is asked for is the
//! business of `details`, which adds one in most polls.
//!
//! A list that lacks a link does not say that it is gone, and neither does a 404: only both together do.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;

use super::{
    Settings,
    at_once::at_once,
    details::{DetailHistory, Details},
    requester::{Requester, SharedRetryBudget},
};
use crate::{
    api::{Client, LinkPage, RequestLog, Session},
    clock::Clock,
    model::{
        ByName, Cluster, ClusterId, Failure, Link, LinkName, LinkReport, Listing, Reason, Report,
    },
};

/// What the polls of one cluster need, again and again.
#[derive(Debug)]
pub struct Poller {
    client: Client,
    settings: Settings,
    clock: Clock,
    budget: SharedRetryBudget,
    history: DetailHistory,
}

impl Poller {
    /// Prepares to poll a cluster; nothing is sent.
    pub fn new(client: Client, settings: Settings, clock: Clock) -> Self {
        Self {
            client,
            settings,
            clock,
            budget: SharedRetryBudget::default(),
            history: DetailHistory::default(),
        }
    }

    /// Polls the cluster once. Always brings a report, at the deadline at the latest. `before` is what was known of it: a
    /// link or a mirror topic that is not listed any more is asked about by its name.
    pub async fn poll_once(&self, before: Option<&Cluster>) -> Report {
        let started = Instant::now();
        let log = RequestLog::default();
        let requester = Requester::new(&self.budget, started + self.settings.timeout);
        let session = self.client.session(&log, self.clock.now());
        let (outcome, credential_expiry) = match requester.within(session).await {
            Ok(session) => {
                let round = Round {
                    poller: self,
                    session: &session,
                    requester: &requester,
                    before,
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
            retry_after: Some(requester.retry_after())
                .filter(|retry_after| *retry_after > Duration::ZERO),
            requests: log.into_requests(),
            credential_expiry,
        }
    }
}

/// One list, its describes and their details.
struct Round<'a> {
    poller: &'a Poller,
    session: &'a Session<'a>,
    requester: &'a Requester<'a>,
    before: Option<&'a Cluster>,
}

/// What asking for a link by its name brought. Boxed: there is a list of as many as the cluster has links.
enum Described {
    /// An answer, or a failure.
    Report(Box<LinkReport>),
    /// There is no link of this name.
    NotFound(Box<Asked>),
}

/// A link to ask about.
enum Asked {
    /// The list has it.
    Listed(Link),
    /// A list before had it, and this one has not.
    Unlisted(Link),
}

impl Round<'_> {
    async fn run(&self) -> Result<Listing, Failure> {
        let settings = &self.poller.settings;
        // What sends nothing must not count as a request: it would earn retries.
        let cluster = match self.poller.client.cluster_id() {
            Some(known) => known,
            None => self.requester.ask(|| self.session.cluster_id()).await?,
        };
        let mut page = self.requester.ask(|| self.session.links(&cluster)).await?;
        let listed = page.links.len();
        page.links
            .retain(|link| settings.links.wants(&link.link_name));

        let unlisted: Vec<_> = self.unlisted(&page.links).collect();
        let asked = page.links.into_iter().map(Asked::Listed);
        let asked = asked.chain(unlisted.into_iter().map(Asked::Unlisted));
        let describe = |asked| self.describe(&cluster, asked);
        let described = at_once(settings.max_concurrent_requests, asked, describe).await;
        let (mut links, gone) = self.without_those_gone(&cluster, described).await;
        let (details, without_link) = self.details(&cluster).add_to(&mut links).await;
        Ok(Listing {
            listed: listed - gone,
            remnants: page.remnants,
            nameless: page.nameless,
            links,
            details,
            without_link,
        })
    }

    fn details<'a>(&'a self, cluster: &'a ClusterId) -> Details<'a> {
        let Poller {
            settings,
            clock,
            history,
            ..
        } = self.poller;
        Details {
            session: self.session,
            settings,
            requester: self.requester,
            clock,
            history,
            cluster,
            before: self.before,
        }
    }

    /// The wanted links that were known and are not in this list, which is sorted by name. Nothing is known of them but
    /// which ones they are.
    fn unlisted<'a>(&'a self, listed: &'a [Link]) -> impl Iterator<Item = Link> + 'a {
        let known = self.before.iter().flat_map(|cluster| &cluster.links);
        let mut listed = ByName::of(listed);
        known
            .filter(move |link| {
                let name = &link.link_name;
                listed.find(name).is_none() && self.poller.settings.links.wants(name)
            })
            .map(|link| link.bare())
    }

    async fn describe(&self, cluster: &ClusterId, asked: Asked) -> Described {
        let name = &asked.link().link_name;
        let request = || self.session.link(cluster, name);
        let report = match self.requester.ask(request).await {
            Ok(None) => return Described::NotFound(Box::new(asked)),
            Ok(Some(link)) => LinkReport::described(link.or(asked.link())),
            Err(error) => LinkReport::undescribed(asked.into_link(), error.into()),
        };
        Described::Report(Box::new(report))
    }

    /// The links of which there is something to report, and how many of the list are gone meanwhile. What was listed and
    /// is not found is gone if a list that is read again now has it no more; else it is there and cannot be described.
    async fn without_those_gone(
        &self,
        cluster: &ClusterId,
        described: Vec<Described>,
    ) -> (Vec<LinkReport>, usize) {
        let is_in_doubt = |it: &Described| match it {
            Described::NotFound(asked) => matches!(**asked, Asked::Listed(_)),
            Described::Report(_) => false,
        };
        let listed_again = if described.iter().any(is_in_doubt) {
            let again = self.requester.ask(|| self.session.links(cluster)).await;
            let names = |page: LinkPage| page.links.into_iter().map(|link| link.link_name);
            again.ok().map(|page| names(page).collect::<BTreeSet<_>>())
        } else {
            None
        };
        let is_gone = |name: &LinkName| {
            let listed = listed_again.as_ref();
            listed.is_some_and(|names| !names.contains(name))
        };
        let (mut reports, mut gone) = (Vec::with_capacity(described.len()), 0);
        for described in described {
            match described {
                Described::Report(report) => reports.push(*report),
                Described::NotFound(asked) => match *asked {
                    Asked::Unlisted(_) => {}
                    Asked::Listed(link) if is_gone(&link.link_name) => gone += 1,
                    Asked::Listed(link) => {
                        reports.push(LinkReport::undescribed(link, not_found()));
                    }
                },
            }
        }
        (reports, gone)
    }
}

impl Asked {
    fn link(&self) -> &Link {
        match self {
            Self::Listed(link) | Self::Unlisted(link) => link,
        }
    }

    fn into_link(self) -> Link {
        match self {
            Self::Listed(link) | Self::Unlisted(link) => link,
        }
    }
}

/// What is listed and answers 404 by its name.
pub(super) fn not_found() -> Failure {
    Failure {
        reason: Reason::NotFound,
        message: "the list has it, and asking for it by its name is answered with 404; look for a proxy that changes \
            the names in URLs, such as one that decodes `%2F`"
            .to_owned(),
    }
}
