//! What a poll asks for when the links are described: mirror topics and settings. None of it makes a poll a failed one.

mod configs;
mod hanging;
mod mirrors;
mod refusals;
mod vanished;

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use parking_lot::{Mutex, MutexGuard};

use self::{
    configs::{ConfigSchedule, Reading},
    refusals::Refusals,
};
use super::{Settings, at_once::at_once, requester::Requester};
use crate::{
    api::{ApiError, Session},
    clock::Clock,
    model::{
        Cluster, ClusterId, Detail, Endpoint, Failure, LinkConfigs, LinkName, LinkReport,
        MirrorDetail, Repeated,
    },
};

/// What the polls of one cluster remember of each other.
#[derive(Debug, Default)]
pub(super) struct DetailHistory(Mutex<DetailHistoryState>);

#[derive(Debug, Default)]
struct DetailHistoryState {
    /// How many polls have asked for details.
    polls: u64,
    configs: ConfigSchedule,
    /// The settings that were read last.
    last_configs: Repeated<LinkConfigs>,
    refusals: Refusals,
}

impl DetailHistory {
    fn lock(&self) -> MutexGuard<'_, DetailHistoryState> {
        self.0.lock()
    }

    /// The number of the poll that begins, from 0.
    fn begin(&self) -> u64 {
        let mut state = self.lock();
        state.polls += 1;
        state.polls - 1
    }
}

/// The requests for details of one poll.
pub(super) struct Details<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) settings: &'a Settings,
    pub(super) requester: &'a Requester<'a>,
    pub(super) clock: &'a Clock,
    pub(super) history: &'a DetailHistory,
    pub(super) cluster: &'a ClusterId,
    /// What was known of the cluster before this poll.
    pub(super) before: Option<&'a Cluster>,
}

/// How the requests went, by the first failure of each endpoint that was asked.
#[derive(Debug, Default)]
struct Outcomes(BTreeMap<Endpoint, Option<Failure>>);

impl Outcomes {
    fn note(&mut self, endpoint: Endpoint, failure: Option<ApiError>) {
        let first = self.0.entry(endpoint).or_default();
        if first.is_none() {
            *first = failure.map(Failure::from);
        }
    }
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DetailError {
    /// We may not see it.
    Forbidden,
    /// The server does not know the question, or its answer is too large.
    NotSupported,
    /// Anything else; the next time it may be answered.
    Failed,
}

impl DetailError {
    fn of(error: &ApiError) -> Self {
        match (error.status(), error) {
            (Some(403), _) => Self::Forbidden,
            (Some(400 | 404 | 405), _) | (None, ApiError::TooLarge(_)) => Self::NotSupported,
            _ => Self::Failed,
        }
    }

    /// Whether to expect the same the next time.
    fn is_refusal(self) -> bool {
        self != Self::Failed
    }

    fn detail<T>(self) -> Detail<T> {
        match self {
            Self::Forbidden => Detail::Forbidden,
            Self::NotSupported | Self::Failed => Detail::Failed,
        }
    }
}

impl Details<'_> {
    /// Adds to these links what is wanted and due. Says how it went, and how many mirror topics do not say of which link
    /// they are.
    pub(super) async fn add_to(
        &self,
        links: &mut [LinkReport],
    ) -> (BTreeMap<Endpoint, Option<Failure>>, usize) {
        let poll = self.history.begin();
        let mut outcomes = Outcomes::default();
        let mut without_link = 0;
        // Mirrors come first: every poll wants them, and settings only every tenth.
        if self.settings.collect.mirrors != MirrorDetail::Off && !links.is_empty() {
            without_link = self.add_mirrors(poll, links, &mut outcomes).await;
            self.add_vanished(poll, links, &mut outcomes).await;
            self.add_transition_errors(poll, links, &mut outcomes).await;
        }
        if self.settings.collect.configs {
            self.add_configs(poll, links, &mut outcomes).await;
        }
        (outcomes.0, without_link)
    }

    async fn add_configs(&self, poll: u64, links: &mut [LinkReport], outcomes: &mut Outcomes) {
        let due = self.due_configs(poll, links);
        let answers = self.at_once(due, |due| self.configs(due)).await;
        let mut state = self.history.lock();
        for (index, answer) in answers {
            let link = &mut links[index];
            let (reading, configs) = match answer {
                Ok(configs) => {
                    outcomes.note(Endpoint::Configs, None);
                    (Reading::Read, Detail::Read(configs))
                }
                Err(error) => {
                    let detail_error = DetailError::of(&error);
                    outcomes.note(Endpoint::Configs, Some(error));
                    let refused = detail_error.is_refusal();
                    let reading = if refused {
                        Reading::Refused
                    } else {
                        Reading::Failed
                    };
                    (reading, detail_error.detail())
                }
            };
            state.configs.note(poll, &link.link, reading);
            link.configs = configs;
        }
    }

    /// The links whose settings are due; those of the others stand. A link that could not be described is not asked more.
    fn due_configs(&self, poll: u64, links: &mut [LinkReport]) -> Vec<(usize, LinkName)> {
        let mut state = self.history.lock();
        let remembered = links.iter().map(LinkReport::link_name);
        let remembered = remembered.filter(|name| state.configs.remembers(name));
        if remembered.count() < state.configs.len() {
            let listed: HashSet<_> = links.iter().map(LinkReport::link_name).collect();
            state.configs.retain(|name| listed.contains(name));
        }
        let mut due = Vec::new();
        for (index, link) in links.iter_mut().enumerate() {
            link.configs = Detail::NotDue;
            if link.failure.is_none() && state.configs.is_due(poll, &link.link) {
                due.push((index, link.link_name().clone()));
            }
        }
        due
    }

    /// [`at_once()`], as many as the settings allow.
    async fn at_once<I, F: Future>(
        &self,
        items: impl IntoIterator<Item = I>,
        work: impl Fn(I) -> F,
    ) -> Vec<F::Output> {
        at_once(self.settings.max_concurrent_requests, items, work).await
    }

    async fn configs(
        &self,
        (index, link): (usize, LinkName),
    ) -> (usize, Result<Arc<LinkConfigs>, ApiError>) {
        let request = || self.session.configs(self.cluster, &link);
        let read = self.requester.ask(request).await;
        let share = |configs| self.history.lock().last_configs.share(configs);
        (index, read.map(share))
    }
}
