//! What becomes of a snapshot when a poll reports: a pure function.
//!
//! Good values replace what was known, failures leave it standing with its age, and every change of state is counted
//! and told. How long it may stand is `expire`'s business.

mod details;
mod failure;
mod mirrors;
mod unknown_values;

use std::sync::Arc;

use jiff::Timestamp;

use self::{failure::summary, unknown_values::UnknownValues};
use crate::model::{
    ByName, Cluster, ClusterName, Event, Failure, Link, LinkName, LinkReport, LinkState, Listing,
    ObservedLink, ObservedTask, Repeated, Report, ReportedError, Snapshot, State, Subject, Task,
    TaskName, Transition,
};

/// The snapshot after the report of one cluster, and what is worth telling. Reports of unknown clusters change nothing.
pub fn apply(snapshot: &Snapshot, cluster: &ClusterName, report: Report) -> (Snapshot, Vec<Event>) {
    let mut next = snapshot.clone();
    let Some(slot) = next
        .clusters
        .iter_mut()
        .find(|known| known.name == *cluster)
    else {
        return (next, Vec::new());
    };
    let mut unknown_values = UnknownValues::new(&snapshot.vocabulary, cluster);
    let mut reducer = Reducer {
        is_first_look: slot.listed_at.is_none() || slot.is_reselected,
        cluster: Cluster::clone(slot),
        at: report.at,
        last_tasks: Repeated::default(),
        events: Vec::new(),
    };
    reducer.apply(report, &mut unknown_values);

    let Reducer {
        cluster,
        at,
        mut events,
        ..
    } = reducer;
    // What a failed poll leaves standing may have become too old while the poll ran.
    let cluster = super::expire::expired(&cluster, at).unwrap_or(cluster);
    *slot = Arc::new(cluster);
    let (vocabulary, unheard_of) = unknown_values.finish();
    next.vocabulary = vocabulary;
    events.extend(unheard_of);
    (next, events)
}

struct Reducer {
    cluster: Cluster,
    at: Timestamp,
    /// No list was read before that could tell what is new.
    is_first_look: bool,
    /// Those of the link before.
    last_tasks: Repeated<[ObservedTask]>,
    events: Vec<Event>,
}

impl Reducer {
    fn apply(&mut self, report: Report, unknown_values: &mut UnknownValues) {
        if report.cluster_id.is_some() {
            self.cluster.id.clone_from(&report.cluster_id);
        }
        self.apply_poll(&report);
        if let Ok(listing) = report.outcome {
            self.apply_listing(listing, unknown_values);
        }
    }

    fn apply_poll(&mut self, report: &Report) {
        let failure = summary(report);
        let cluster_name = self.cluster.name.clone();
        if let Some(failure) = failure.clone() {
            self.events.push(Event::PollFailed {
                cluster_name,
                failure,
            });
        } else if self.cluster.polls.last_failure.is_some() {
            self.events.push(Event::PollRecovered { cluster_name });
        }

        self.cluster.limits.poll_interval = report.interval;
        let polls = &mut self.cluster.polls;
        polls.count += 1;
        polls.ended_at = Some(report.at);
        polls.last_duration = report.took;
        // Without a session nothing is known of the token; that it expires is then worth more than ever.
        if report.outcome.is_ok() || report.credential_expiry.is_some() {
            polls.credential_expiry = report.credential_expiry;
        }
        match &failure {
            Some(failure) => polls.failures[failure.reason as usize] += 1,
            None => polls.last_success = Some(report.at),
        }
        polls.last_failure = failure;
        for request in &report.requests {
            *polls
                .requests
                .entry((request.endpoint, request.status))
                .or_default() += 1;
            polls
                .latency
                .entry(request.endpoint)
                .or_default()
                .observe(request.took);
        }
    }

    fn apply_listing(&mut self, listing: Listing, unknown_values: &mut UnknownValues) {
        unknown_values.observe(&listing, &mut self.cluster.polls.unrecognized);
        let Listing {
            listed,
            remnants,
            links,
            details,
            ..
        } = listing;
        self.apply_outcomes(details);
        let previous = std::mem::take(&mut self.cluster.links);
        let mut known = ByName::of(&previous);
        // Collected, they would stay in the place of the reports, which is fifty times as large.
        let mut observed = Vec::with_capacity(links.len());
        observed.extend(links.into_iter().map(|link| {
            let known = known.find(link.link_name()).map(Arc::as_ref);
            Arc::new(self.apply_link(known, link))
        }));
        observed.sort_by(|a, b| a.link_name.cmp(&b.link_name));

        let mut there = ByName::of(&observed);
        for known in &previous {
            if there.find(&known.link_name).is_none() {
                self.tell_gone(known, self.cluster.is_reselected);
            }
        }
        self.tell_understood(&previous, &observed);
        self.cluster.links = observed;
        self.cluster.listed = listed;
        self.cluster.remnants = remnants;
        self.cluster.listed_at = Some(self.at);
        self.cluster.is_stale = false;
        self.cluster.is_reselected = false;
    }

    fn tell_gone(&mut self, gone: &ObservedLink, may_be_unwanted: bool) {
        let last_state = gone.last_state.as_ref();
        self.events.push(Event::LinkGone {
            cluster_name: self.cluster.name.clone(),
            link_name: gone.link_name.clone(),
            last_state: last_state.map(|state| state.raw().to_owned()),
            at: self.at,
            may_be_unwanted,
        });
    }

    fn apply_link(&mut self, known: Option<&ObservedLink>, report: LinkReport) -> ObservedLink {
        let previous = known.filter(|observed| observed.is_same_as(&report.link));
        if let (Some(known), None) = (known, previous) {
            self.tell_gone(known, false);
        }
        let is_new = previous.is_none() && (known.is_some() || !self.is_first_look);
        let LinkReport {
            link,
            failure,
            configs,
            mirrors,
        } = report;
        let observed = match (failure, previous) {
            (Some(failure), Some(observed)) if observed.described_at.is_some() => ObservedLink {
                failure: Some(failure),
                // No answer to this process has named any task yet.
                task_names_since: if observed.is_restored {
                    self.at
                } else {
                    observed.task_names_since
                },
                ..observed.clone()
            },
            (failure, _) => self.renew(previous, is_new, link, failure),
        };
        let mut observed = ObservedLink {
            configs: details::configs(previous, configs, self.at),
            is_restored: false,
            ..observed
        };
        self.apply_mirrors(previous, mirrors, &mut observed);
        observed
    }

    fn renew(
        &mut self,
        previous: Option<&ObservedLink>,
        is_new: bool,
        mut link: Link,
        failure: Option<Failure>,
    ) -> ObservedLink {
        if let Some(observed) = previous.filter(|_| link.cluster_link_id.is_empty()) {
            link.cluster_link_id.clone_from(&observed.cluster_link_id);
        }
        if let Some(observed) = previous {
            share(&mut link, observed);
        }
        let (state_since, state_transitions) = self.track_link_state(previous, is_new, &link);
        let tasks = link.tasks.take().map(|tasks| {
            let tasks = tasks.into_iter();
            let observed =
                tasks.map(|task| self.apply_task(previous, is_new, &link.link_name, task));
            let observed: Vec<_> = observed.collect();
            let known = previous.and_then(|link| link.tasks.as_ref());
            let same = known.filter(|known| ***known == *observed);
            same.map_or_else(|| self.last_tasks.share(observed), Arc::clone)
        });
        let named = tasks.as_deref().unwrap_or_default();
        let names_before = previous.filter(|observed| names_the_same(observed, named));
        let last_state = link.link_state.clone();
        ObservedLink {
            last_state: last_state.or_else(|| previous?.last_state.clone()),
            state_since,
            state_transitions,
            unnamed_tasks: unnamed(previous, named),
            task_names_since: names_before.map_or(self.at, |observed| observed.task_names_since),
            tasks,
            described_at: failure.is_none().then_some(self.at),
            failure,
            // The link is judged again with the snapshot. Most verdicts stay the same, and then this one stays.
            verdict: previous.and_then(|observed| observed.verdict.clone()),
            ..ObservedLink::described(link, self.at)
        }
    }

    /// Since when the link's state stands and how often it changed.
    fn track_link_state(
        &mut self,
        previous: Option<&ObservedLink>,
        is_new: bool,
        link: &Link,
    ) -> (Timestamp, u64) {
        let state = match (&link.link_state, previous) {
            (Some(state), _) => state,
            // What is not sent has not changed.
            (None, Some(observed)) => return (observed.state_since, observed.state_transitions),
            // That a new link is there is told, whatever its state.
            (None, None) if is_new => &LinkState::Unknown,
            (None, None) => return (self.at, 0),
        };
        let before = previous.and_then(|observed| {
            Some(Before {
                state: observed.last_state.as_ref()?,
                since: observed.state_since,
                transitions: observed.state_transitions,
            })
        });
        let about = About {
            link_name: &link.link_name,
            task_name: None,
            is_new,
            errors: link.link_error.as_slice(),
        };
        self.track_state(before, state, &about)
    }

    fn apply_task(
        &mut self,
        link: Option<&ObservedLink>,
        is_of_new_link: bool,
        link_name: &LinkName,
        task: Task,
    ) -> ObservedTask {
        // Where no task was named before, those that are named now may have been there all the time.
        let had_others = link.is_some_and(|link| !link.tasks_unknown());
        let observed = link.and_then(|link| {
            let mut known = link.known_tasks();
            known.find(|observed| observed.task_name == task.task_name)
        });
        let before = observed.map(|observed| Before {
            state: &observed.state,
            since: observed.state_since,
            transitions: observed.state_transitions,
        });
        let about = About {
            link_name,
            task_name: Some(&task.task_name),
            is_new: is_of_new_link || had_others && !self.is_first_look,
            errors: &task.errors,
        };
        let (state_since, state_transitions) = self.track_state(before, &task.state, &about);
        ObservedTask::new(task, state_since, state_transitions)
    }

    /// Since when the state stands and how often it changed. Reports a change, a first state that needs attention, and
    /// the first state of a new link.
    fn track_state<S: State>(
        &mut self,
        before: Option<Before<S>>,
        now: &S,
        about: &About,
    ) -> (Timestamp, u64) {
        let (since, transitions) = match &before {
            Some(before) if before.state.row().name == now.row().name => {
                return (before.since, before.transitions);
            }
            Some(before) => (self.at, before.transitions + 1),
            None => (self.at, 0),
        };
        let is_new_link = about.is_new && about.task_name.is_none();
        if before.is_some() || is_new_link || now.row().health.needs_attention() {
            self.events.push(Event::Transition(Transition {
                subject: Subject {
                    cluster_name: self.cluster.name.clone(),
                    link_name: about.link_name.clone(),
                    task_name: about.task_name.cloned(),
                },
                from: before.as_ref().map(|before| before.state.raw().to_owned()),
                is_news: before.is_some() || about.is_new,
                to: now.raw().to_owned(),
                health: now.row().health,
                errors: about.errors.to_vec(),
                from_since: before.map(|before| before.since),
                since,
            }));
        }
        (since, transitions)
    }
}

/// Takes the names that are the same from what was known: a fleet's names are in memory once, however often it is polled,
/// and in the same place.
fn share(link: &mut Link, known: &ObservedLink) {
    link.link_name.clone_from(&known.link_name);
    if link.remote_cluster_id == known.remote_cluster_id {
        link.remote_cluster_id.clone_from(&known.remote_cluster_id);
    }
}

/// The tasks that were known and are not named now.
fn unnamed(previous: Option<&ObservedLink>, named: &[ObservedTask]) -> Vec<ObservedTask> {
    let Some(previous) = previous else {
        return Vec::new();
    };
    let is_named = |known: &ObservedTask| {
        let mut named = named.iter();
        named.any(|task| task.task_name == known.task_name)
    };
    let unnamed = previous.known_tasks().filter(|task| !is_named(task));
    unnamed.take(ObservedLink::MOST_UNNAMED).cloned().collect()
}

/// Whether these are the tasks that an answer to this process named before.
fn names_the_same(previous: &ObservedLink, named: &[ObservedTask]) -> bool {
    fn names(tasks: &[ObservedTask]) -> impl Iterator<Item = &TaskName> {
        tasks.iter().map(|observed| &observed.task_name)
    }
    !previous.is_restored && names(previous.named_tasks()).eq(names(named))
}

/// The state that was known, since when, and how often it had changed.
struct Before<'a, S> {
    state: &'a S,
    since: Timestamp,
    transitions: u64,
}

/// Whose state it is, and what it reports.
struct About<'a> {
    link_name: &'a LinkName,
    task_name: Option<&'a TaskName>,
    /// Whether it came to be while we looked.
    is_new: bool,
    errors: &'a [ReportedError],
}
