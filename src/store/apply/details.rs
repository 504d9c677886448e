//! What becomes of the details of links: settings and mirror topics. They age apart from the links.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{Reducer, mirrors};
use crate::model::{
    Detail, Endpoint, Event, Fact, Failure, LinkConfigs, MirrorReport, ObservedConfigs,
    ObservedLink, ObservedMirrors, Unknown,
};

/// The settings after a poll that ended at this time.
pub(super) fn configs(
    previous: Option<&ObservedLink>,
    read: Detail<Arc<LinkConfigs>>,
    at: Timestamp,
) -> Fact<ObservedConfigs> {
    let known = || known(previous.map(|observed| &observed.configs));
    match read {
        Detail::Off => Err(Unknown::NotAsked),
        Detail::Forbidden => Err(Unknown::Refused),
        Detail::NotDue => known(),
        Detail::Failed => known().map(|observed| ObservedConfigs {
            failing_since: observed.failing_since.or(Some(at)),
            ..observed
        }),
        Detail::Read(configs) => Ok(ObservedConfigs {
            // What is the same stays in memory where it is.
            configs: match known() {
                Ok(observed) if observed.configs == configs => observed.configs,
                _ => configs,
            },
            failing_since: None,
            is_stale: false,
        }),
    }
}

/// What was known before. What is wanted now and was not asked for then has not come yet.
fn known<T: Clone>(previous: Option<&Fact<T>>) -> Fact<T> {
    match previous {
        None | Some(Err(Unknown::NotAsked)) => Err(Unknown::Failed),
        Some(known) => known.clone(),
    }
}

/// The first link of which the answer was not understood whole.
fn odd(links: &[Arc<ObservedLink>], endpoint: Endpoint) -> Option<&ObservedLink> {
    let mut links = links.iter().map(Arc::as_ref);
    links.find(|link| link.is_understood(endpoint) == Some(false))
}

impl Reducer {
    /// Gives the link its mirror topics after a poll. What is remembered of them outlives answers that say nothing; only a
    /// link made anew makes us forget it.
    pub(super) fn apply_mirrors(
        &mut self,
        previous: Option<&ObservedLink>,
        read: Detail<MirrorReport>,
        link: &mut ObservedLink,
    ) {
        if let Some(previous) = previous {
            link.lag_history = previous.lag_history.clone();
            link.troubled_topics = previous.troubled_topics.clone();
        }
        let before = previous.map(|observed| &observed.mirrors);
        link.mirrors = match read {
            Detail::Off => Err(Unknown::NotAsked),
            Detail::Forbidden => Err(Unknown::Refused),
            Detail::NotDue => known(before),
            Detail::Failed => known(before).map(|observed| ObservedMirrors {
                is_failing: true,
                ..observed
            }),
            Detail::Read(report) => {
                let before = before.and_then(|observed| observed.as_ref().ok());
                let after = mirrors::keep(before, &link.lag_history, report);
                link.lag_history = after.history;
                link.troubled_topics = after.troubled.into();
                let told = after.told.into_iter().map(|topic| Event::TransitionHangs {
                    cluster_name: self.cluster.name.clone(),
                    link_name: link.link_name.clone(),
                    topic,
                });
                self.events.extend(told);
                Ok(after.mirrors)
            }
        };
    }

    /// Tells when answers begin not to be understood whole, and when they are again. What did not come says neither.
    pub(super) fn tell_understood(
        &mut self,
        before: &[Arc<ObservedLink>],
        after: &[Arc<ObservedLink>],
    ) {
        for endpoint in Endpoint::DETAILS {
            let cluster_name = self.cluster.name.clone();
            let was_odd = odd(before, endpoint).is_some();
            if let Some(odd) = odd(after, endpoint) {
                if !was_odd {
                    self.events.push(Event::NotUnderstood {
                        cluster_name,
                        endpoint,
                        link_name: odd.link_name.clone(),
                    });
                }
            } else if was_odd {
                self.events.push(Event::Understood {
                    cluster_name,
                    endpoint,
                });
            }
        }
    }

    /// Remembers what did not come, and tells when that begins and ends.
    pub(super) fn apply_outcomes(&mut self, outcomes: BTreeMap<Endpoint, Option<Failure>>) {
        let left_out = &mut self.cluster.polls.left_out;
        for (endpoint, failure) in outcomes {
            let cluster_name = self.cluster.name.clone();
            let Some(failure) = failure else {
                if left_out.remove(&endpoint).is_some() {
                    self.events.push(Event::DetailRecovered {
                        cluster_name,
                        endpoint,
                    });
                }
                continue;
            };
            let before = left_out.insert(endpoint, failure.clone());
            if before.is_none_or(|before| before.reason != failure.reason) {
                self.events.push(Event::DetailFailed {
                    cluster_name,
                    endpoint,
                    failure,
                });
            }
        }
    }
}
