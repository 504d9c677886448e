//! The audit of a link's settings. What each finding rests on and what to do about it is in the table of
//! [`crate::model::Finding`].

use std::time::Duration;

use super::{
    LinkContext, pair,
    remote::{Remote, RemoteLink},
};
use crate::model::{
    ConnectionMode, Filters, Finding, Judged, LinkConfigs, LinkMode, Period, Task, TaskState,
    Unknown,
};

#[cfg(test)]
mod tests;

/// A feature of a link: a task, its switch and its filters.
#[derive(Debug)]
pub struct Feature {
    /// The task that does its work.
    pub task: &'static str,
    /// The setting that switches it on.
    pub switch: &'static str,
    /// The setting that says what it is about.
    pub filters: &'static str,
    is_on: fn(&LinkConfigs) -> Option<bool>,
    filtered: fn(&LinkConfigs) -> Option<Filters>,
}

/// The features that have a switch. TopicConfigsSync has none: it always runs.
pub const FEATURES: [&Feature; 3] = [&ACL_SYNC, &OFFSET_SYNC, &AUTO_CREATE];

const ACL_SYNC: Feature = Feature {
    task: Task::ACL_SYNC,
    switch: "acl.sync.enable",
    filters: "acl.filters",
    is_on: |configs| configs.acl_sync,
    filtered: |configs| configs.acl_filters,
};
pub(super) const OFFSET_SYNC: Feature = Feature {
    task: Task::OFFSET_SYNC,
    switch: "consumer.offset.sync.enable",
    filters: "consumer.offset.group.filters",
    is_on: |configs| configs.offset_sync,
    filtered: |configs| configs.offset_filters,
};
const AUTO_CREATE: Feature = Feature {
    task: Task::AUTO_CREATE,
    switch: "auto.create.mirror.topics.enable",
    filters: "auto.create.mirror.topics.filters",
    is_on: |configs| configs.auto_create,
    filtered: |configs| configs.auto_create_filters,
};

/// The least that Confluent allows for `acl.sync.ms`.
const LEAST_ACL_SYNC: Duration = Duration::from_secs(1);

/// Judges the link's settings by every finding; `None` where nobody wants them to be judged.
pub(super) fn audit(context: &LinkContext) -> Option<Vec<(Finding, Judged)>> {
    let configs = match context.link.known_configs() {
        Ok(configs) => configs,
        Err(Unknown::NotAsked) => return None,
        Err(why) => {
            let unknown = |kind: &Finding| (*kind, Judged::Unknown(why));
            return Some(Finding::ALL.iter().map(unknown).collect());
        }
    };
    let judged = |kind: &Finding| (*kind, judge(*kind, configs, context));
    Some(Finding::ALL.iter().map(judged).collect())
}

fn judge(finding: Finding, configs: &LinkConfigs, context: &LinkContext) -> Judged {
    match finding {
        Finding::AclSyncWithoutFilters => ACL_SYNC.without_filters(configs),
        Finding::OffsetSyncWithoutFilters => OFFSET_SYNC.without_filters(configs),
        Finding::AutoCreateWithoutFilters => AUTO_CREATE.without_filters(configs),
        Finding::TaskEnabledNotRunning => tasks_unlike(true, configs, context),
        Finding::TaskRunningNotEnabled => tasks_unlike(false, configs, context),
        Finding::GroupPrefixOnBidirectional => both(
            configs.group_prefix,
            configs.link_mode.filter(|mode| *mode != LinkMode::Unknown),
            |mode| mode == LinkMode::Bidirectional,
            "`consumer.group.prefix.enable` is true, `link.mode` is BIDIRECTIONAL",
        ),
        Finding::GroupPrefixWithoutPrefix => both(
            configs.group_prefix,
            configs.prefix.as_deref(),
            str::is_empty,
            "`consumer.group.prefix.enable` is true, `cluster.link.prefix` is empty",
        ),
        Finding::AclSyncIntervalTooShort => match configs.acl_sync_interval {
            None => NOT_SENT,
            Some(Period(interval)) => {
                let milliseconds = interval.as_millis();
                let is_wrong = interval < LEAST_ACL_SYNC;
                Judged::of(is_wrong.then(|| format!("`acl.sync.ms` is {milliseconds}")))
            }
        },
        Finding::InboundWithoutOutbound => nobody_connects(configs, &context.remote),
        Finding::PairSettingsDiffer => pair::differences(context),
    }
}

const NOT_SENT: Judged = Judged::Unknown(Unknown::NotSent);

/// Bad where the switch is on and the other setting is wrong. Either of them alone can say that all is well.
fn both<T>(
    is_on: Option<bool>,
    setting: Option<T>,
    is_wrong: impl FnOnce(T) -> bool,
    found: &str,
) -> Judged {
    match (is_on, setting.map(is_wrong)) {
        (Some(false), _) | (_, Some(false)) => Judged::Good,
        (Some(true), Some(true)) => Judged::Bad(found.to_owned()),
        (None, _) | (_, None) => NOT_SENT,
    }
}

impl Feature {
    /// Whether its switch is on.
    pub(super) fn switched(&self, configs: &LinkConfigs) -> Option<bool> {
        (self.is_on)(configs)
    }

    pub(super) fn without_filters(&self, configs: &LinkConfigs) -> Judged {
        let Self {
            switch, filters, ..
        } = self;
        both(
            self.switched(configs),
            (self.filtered)(configs),
            |filtered| filtered == Filters::Empty,
            &format!("`{switch}` is true, `{filters}` is empty"),
        )
    }

    /// Whether its switch stands so while its task says the opposite. A task that waits for its link (`LINK_PAUSED`)
    /// neither runs nor is NOT_CONFIGURED: it says the opposite of no switch. A task that the server does not know
    /// contradicts none that is off; for one that is on, nobody says whether anything does its work.
    fn is_unlike(&self, is_on: bool, configs: &LinkConfigs, context: &LinkContext) -> Judged {
        let Some(switched) = self.switched(configs) else {
            return NOT_SENT;
        };
        if switched != is_on {
            return Judged::Good;
        }
        let state = match context.link.known_task(self.task) {
            Ok(state) => state,
            Err(_) if !is_on && context.link.has_no_task(self.task) => return Judged::Good,
            Err(why) => return Judged::Unknown(why),
        };
        let is_wrong = match state {
            TaskState::NotConfigured => is_on,
            TaskState::Active | TaskState::InError => !is_on,
            TaskState::LinkFailed | TaskState::LinkUnavailable | TaskState::LinkPaused => false,
            TaskState::Unknown | TaskState::Unrecognized(_) => return NOT_SENT,
        };
        let Self { task, switch, .. } = self;
        let found = || format!("`{switch}` is {is_on}, {task} is {}", state.label());
        Judged::of(is_wrong.then(found))
    }
}

/// The features whose switch stands so while their task says the opposite.
fn tasks_unlike(is_on: bool, configs: &LinkConfigs, context: &LinkContext) -> Judged {
    let features = FEATURES.iter();
    let judged = features.map(|feature| feature.is_unlike(is_on, configs, context));
    judged.reduce(Judged::and).unwrap_or(Judged::Good)
}

fn nobody_connects(configs: &LinkConfigs, remote: &Remote) -> Judged {
    match configs.connection_mode {
        Some(ConnectionMode::Inbound) => {}
        Some(ConnectionMode::Outbound) => return Judged::Good,
        Some(ConnectionMode::Unknown) => return Judged::Unknown(Unknown::NotUnderstood),
        None => return NOT_SENT,
    }
    match remote {
        Remote::NotPolled => Judged::Good,
        Remote::Unseen { why, .. } => Judged::Unknown(*why),
        Remote::NoLink(cluster) => Judged::Bad(format!("`{cluster}` has no link of this name")),
        Remote::Link(RemoteLink {
            cluster_id,
            leads_back: Some(false),
            ..
        }) => Judged::Bad(format!(
            "the link of this name on `{cluster_id}` leads elsewhere"
        )),
        Remote::Link(RemoteLink {
            cluster_id,
            link,
            leads_back,
        }) => match pair::connection_mode(link) {
            Ok(ConnectionMode::Inbound) => Judged::Bad(format!(
                "the link of this name on `{cluster_id}` is INBOUND too"
            )),
            Ok(_) if leads_back.is_none() => NOT_SENT,
            Ok(_) => Judged::Good,
            Err(why) => Judged::Unknown(why),
        },
    }
}

/// All of them in one line; `None` where there is none.
pub(super) fn joined(details: impl Iterator<Item = String>) -> Option<String> {
    details.reduce(|all, next| all + "; " + &next)
}
