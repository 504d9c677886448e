//! The features of a link: each is the work of a task, has a switch, and says by filters what it is about.

use super::LinkContext;
use crate::model::{Filters, Judged, LinkConfigs, Task, TaskState, Unknown};

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

pub(super) const ACL_SYNC: Feature = Feature {
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
pub(super) const AUTO_CREATE: Feature = Feature {
    task: Task::AUTO_CREATE,
    switch: "auto.create.mirror.topics.enable",
    filters: "auto.create.mirror.topics.filters",
    is_on: |configs| configs.auto_create,
    filtered: |configs| configs.auto_create_filters,
};

/// A setting without which nothing can be said.
pub(super) const NOT_SENT: Judged = Judged::Unknown(Unknown::NotSent);

/// Bad where the switch is on and the other setting is wrong. Either of them alone can say that all is well.
pub(super) fn both<T>(
    is_on: Option<bool>,
    setting: Option<T>,
    is_wrong: impl FnOnce(T) -> bool,
    found: impl FnOnce() -> String,
) -> Judged {
    match (is_on, setting.map(is_wrong)) {
        (Some(false), _) | (_, Some(false)) => Judged::Good,
        (Some(true), Some(true)) => Judged::Bad(found()),
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
            || format!("`{switch}` is true, `{filters}` is empty"),
        )
    }

    /// Whether its switch stands so while its task says the opposite. A task that waits for its link (`LINK_PAUSED`)
    /// neither runs nor is NOT_CONFIGURED: it says the opposite of no switch. A task that the server does not know
    /// contradicts none that is off; for one that is on, nobody says whether anything does its work.
    pub(super) fn is_unlike(
        &self,
        is_on: bool,
        configs: &LinkConfigs,
        context: &LinkContext,
    ) -> Judged {
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
