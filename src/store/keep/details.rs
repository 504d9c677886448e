//! What becomes of the details of links: settings and mirror topics. They age apart from the links.

use std::{collections::BTreeMap, sync::Arc};

use super::{Keeper, mirrors};
use crate::model::{
    Detail, Endpoint, Event, Failure, KeptLink, KeptMirrors, LinkConfigs, LinkName, MirrorReport,
};

/// The settings after a poll.
pub(super) fn configs(
    previous: Option<&KeptLink>,
    read: Detail<LinkConfigs>,
) -> Option<Arc<LinkConfigs>> {
    match read {
        Detail::Off | Detail::Forbidden => None,
        Detail::NotDue | Detail::Failed => previous?.configs.clone(),
        Detail::Read(configs) => Some(Arc::new(configs)),
    }
}

impl Keeper {
    /// The mirror topics after a poll.
    pub(super) fn keep_mirrors(
        &mut self,
        previous: Option<&KeptLink>,
        read: Detail<MirrorReport>,
        link_name: &LinkName,
    ) -> Option<KeptMirrors> {
        let previous = previous.and_then(|kept| kept.mirrors.as_ref());
        match read {
            Detail::Off | Detail::Forbidden => None,
            Detail::NotDue | Detail::Failed => previous.cloned(),
            Detail::Read(report) => {
                let (kept, hanging) = mirrors::keep(previous, report);
                let cluster_name = &self.cluster.name;
                let told = hanging.into_iter().map(|topic| Event::TransitionHangs {
                    cluster_name: cluster_name.clone(),
                    link_name: link_name.clone(),
                    topic,
                });
                self.events.extend(told);
                Some(kept)
            }
        }
    }

    /// Remembers what did not come, and tells when that begins and ends.
    pub(super) fn keep_outcomes(&mut self, outcomes: BTreeMap<Endpoint, Option<Failure>>) {
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
