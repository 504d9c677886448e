//! Tries once what polls ask, to see what of it is allowed: a request for each question and no second try. A server that
//! does not answer, refuses the credentials or wants to be left alone is asked nothing more.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Settings,
    poller::not_found,
    requester::{Requester, SharedRetryBudget},
};
use crate::{
    api::{ApiError, Client, RequestLog, Session},
    client::LONGEST_PAUSE,
    clock::Clock,
    model::{ClusterId, Endpoint, Failure, LinkName, MirrorDetail, Reason},
};

/// What trying a cluster brought.
#[derive(Debug)]
pub struct Probe {
    /// The cluster's id, configured or found.
    pub cluster_id: Option<ClusterId>,
    /// The link that was tried.
    pub link: Option<LinkName>,
    /// An answer for each question that polls of this cluster ask, in the order of the questions.
    pub answers: Vec<(Endpoint, Answer)>,
}

/// Whether a question is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was answered.
    Allowed,
    /// A right is missing. What the server answered, in one line.
    Forbidden(String),
    /// It was tried, and whether it is allowed is not known.
    Failed(Failure),
    /// It was not tried, and why.
    NotTried(String),
}

/// Tries the questions that polls with these settings ask, until the deadline of a poll at the latest.
pub async fn probe(client: &Client, settings: &Settings, clock: &Clock) -> Probe {
    let (budget, log) = (SharedRetryBudget::default(), RequestLog::default());
    let requester = Requester::new(&budget, Instant::now() + settings.timeout);
    let mut probing = Probing {
        requester: &requester,
        signed_in: false,
        stopped: None,
        answers: Vec::new(),
    };
    let session = client.session(&log, clock.now());
    let mut link = None;
    match requester.within(session).await {
        Ok(session) => link = probing.run(client, &session, settings).await,
        Err(error) => {
            probing.stopped = Some(not_tried(&error));
            probing.settle(Endpoint::Links, Err(error));
        }
    }
    Probe {
        cluster_id: client.cluster_id(),
        link,
        answers: probing.complete(settings),
    }
}

impl Probe {
    /// A cluster that cannot be asked at all.
    pub fn failed(cluster_id: Option<ClusterId>, settings: &Settings, error: ApiError) -> Self {
        let why = not_tried(&error);
        let first = Answer::Failed(error.into());
        let mut answers = vec![(Endpoint::Links, first)];
        let others = wanted(settings).skip(1);
        answers.extend(others.map(|endpoint| (endpoint, Answer::NotTried(why.clone()))));
        Self {
            cluster_id,
            link: None,
            answers,
        }
    }
}

/// The questions so far.
struct Probing<'a> {
    requester: &'a Requester<'a>,
    /// Whether an answer showed that the credentials are taken.
    signed_in: bool,
    /// Why nothing more is asked.
    stopped: Option<String>,
    answers: Vec<(Endpoint, Answer)>,
}

impl Probing<'_> {
    /// Asks, and says which link it asked about.
    async fn run(
        &mut self,
        client: &Client,
        session: &Session<'_>,
        settings: &Settings,
    ) -> Option<LinkName> {
        let cluster = match client.cluster_id() {
            Some(known) => Some(known),
            None => self.find_cluster(session).await,
        }?;
        let link = self.links(session, &cluster, settings).await;
        if let Some(link) = &link
            && settings.collect.configs
            && self.stopped.is_none()
        {
            let answer = session.try_configs(&cluster, link);
            let answer = self.requester.within(answer).await;
            self.settle(Endpoint::Configs, answer);
        }
        if settings.collect.mirrors != MirrorDetail::Off && self.stopped.is_none() {
            self.mirrors(session, &cluster, link.as_ref()).await;
        }
        link
    }

    /// Asks for the id of the cluster.
    async fn find_cluster(&mut self, session: &Session<'_>) -> Option<ClusterId> {
        let found = self.requester.within(session.cluster_id()).await;
        let cluster = found.as_ref().ok().cloned();
        self.settle(Endpoint::Clusters, found.map(drop));
        if cluster.is_none() && self.stopped.is_none() {
            self.stopped = Some("the cluster's id is not known".to_owned());
        }
        cluster
    }

    /// Lists the links and describes one of them: a wanted one, where there is any.
    async fn links(
        &mut self,
        session: &Session<'_>,
        cluster: &ClusterId,
        settings: &Settings,
    ) -> Option<LinkName> {
        let page = self.requester.within(session.first_links(cluster)).await;
        let names: Vec<_> = page.iter().flat_map(|page| &page.links).collect();
        let names = names.into_iter().map(|link| link.link_name.clone());
        let (mut names, others): (Vec<_>, Vec<_>) =
            names.partition(|name| settings.links.wants(name));
        names.extend(others);
        let is_listed = page.is_ok();
        self.settle(Endpoint::Links, page.map(drop));
        if !is_listed {
            let is_forbidden = matches!(self.answers.last(), Some((_, Answer::Forbidden(_))));
            if !is_forbidden && self.stopped.is_none() {
                self.stopped = Some("there is no list of links".to_owned());
            }
            return None;
        }
        for name in names {
            let link = self.requester.within(session.link(cluster, &name)).await;
            let answer = match link {
                // Nothing was sent: no URL can name it.
                Err(ApiError::NoUrl(_)) => continue,
                Ok(None) => {
                    let answer = Answer::Failed(not_found());
                    self.answers.push((Endpoint::Link, answer));
                    return Some(name);
                }
                answer => answer.map(drop),
            };
            self.settle(Endpoint::Link, answer);
            return Some(name);
        }
        None
    }

    /// Of all links together; where the server does not know how, of one.
    async fn mirrors(
        &mut self,
        session: &Session<'_>,
        cluster: &ClusterId,
        link: Option<&LinkName>,
    ) {
        let together = session.try_mirrors(cluster, None);
        let together = self.requester.within(together).await;
        let is_unknown = |error: &ApiError| matches!(error.status(), Some(400 | 404 | 405));
        let answer = match (&together, link) {
            (Err(error), Some(_)) if is_unknown(error) => {
                let answer = session.try_mirrors(cluster, link);
                self.requester.within(answer).await
            }
            // The server answers link by link, and there is none to ask about.
            (Err(error), None) if is_unknown(error) => return,
            _ => together,
        };
        self.settle(Endpoint::Mirrors, answer);
    }

    fn settle(&mut self, endpoint: Endpoint, answer: Result<(), ApiError>) {
        let answer = match answer {
            Ok(()) => Answer::Allowed,
            Err(error) if error.is_missing_right(self.signed_in) => {
                Answer::Forbidden(error.answer().unwrap_or_default())
            }
            Err(error) => {
                if ends_asking(&error) {
                    self.stopped = Some(not_tried(&error));
                }
                Answer::Failed(error.into())
            }
        };
        self.signed_in |= matches!(answer, Answer::Allowed | Answer::Forbidden(_));
        self.answers.push((endpoint, answer));
    }

    /// Adds why the others were not tried.
    fn complete(self, settings: &Settings) -> Vec<(Endpoint, Answer)> {
        let mut answers = self.answers;
        let is_forbidden =
            |(_, answer): &(Endpoint, Answer)| matches!(answer, Answer::Forbidden(_));
        let why = match self.stopped {
            Some(why) => why,
            None if answers
                .iter()
                .any(|it| it.0 == Endpoint::Links && is_forbidden(it)) =>
            {
                "no link is known by its name while the list is refused".to_owned()
            }
            None => {
                "the list is empty: the cluster has no link, or shows none to these credentials"
                    .to_owned()
            }
        };
        for endpoint in wanted(settings) {
            if answers.iter().all(|(asked, _)| *asked != endpoint) {
                answers.push((endpoint, Answer::NotTried(why.clone())));
            }
        }
        answers.sort_by_key(|(endpoint, _)| *endpoint);
        answers
    }
}

/// The questions that polls ask of a cluster whose id is known, and that can be asked of any.
fn wanted(settings: &Settings) -> impl Iterator<Item = Endpoint> + use<> {
    let endpoints = settings.endpoints().into_iter();
    endpoints.filter(|endpoint| *endpoint != Endpoint::Mirror)
}

/// Whether the next question would meet the same, or is not wanted.
fn ends_asking(error: &ApiError) -> bool {
    let same = [
        Reason::Timeout,
        Reason::Connect,
        Reason::Tls,
        Reason::Auth,
        Reason::Throttled,
    ];
    error.wants_pause() || same.contains(&error.reason())
}

/// Why nothing was asked after this error.
fn not_tried(error: &ApiError) -> String {
    let pause = error
        .retry_after()
        .filter(|pause| *pause > Duration::ZERO)
        .map(|pause| Duration::from_secs(pause.min(LONGEST_PAUSE).as_secs()))
        .map(humantime::format_duration);
    match (pause, error.reason()) {
        (Some(pause), _) if error.wants_pause() => {
            format!("the API wants to be left alone for {pause}")
        }
        (_, Reason::Throttled) => "the API throttles".to_owned(),
        (_, Reason::Auth) => "the credentials were refused".to_owned(),
        _ => "the question before brought no answer".to_owned(),
    }
}
