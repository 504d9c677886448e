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
    pub(super) fn without_filters(&self, configs: &LinkConfigs) -> Judged {
        let Self {
            switch, filters, ..
        } = self;
        both(
            (self.is_on)(configs),
            (self.filtered)(configs),
            |filtered| filtered == Filters::Empty,
            &format!("`{switch}` is true, `{filters}` is empty"),
        )
    }

    /// Whether its switch stands so while its task says the opposite. A task that says only what its link does
    /// (`LINK_PAUSED`) says nothing about its switch.
    fn is_unlike(&self, is_on: bool, configs: &LinkConfigs, context: &LinkContext) -> Judged {
        let Some(switched) = (self.is_on)(configs) else {
            return NOT_SENT;
        };
        if switched != is_on {
            return Judged::Good;
        }
        let state = match context.link.known_task(self.task) {
            Ok(state) => state,
            Err(why) => return Judged::Unknown(why),
        };
        let is_wrong = match state {
            TaskState::NotConfigured => is_on,
            TaskState::Active | TaskState::InError => !is_on,
            _ => return NOT_SENT,
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

#[cfg(test)]
mod tests {
    use crate::intent::testing::*;

    type Settings = &'static [(&'static str, &'static str)];

    /// What the audit finds in these settings of a link with these tasks, alone on its cluster.
    fn found(configs: &[(&str, &str)], tasks: &[(&str, &str)]) -> Vec<String> {
        let link = link("orders", "lkc-far", "ACTIVE")
            .configs(configs)
            .tasks(tasks);
        findings(&judged([cluster("lkc-dr", [link])]))
    }

    #[test]
    fn each_finding_has_settings_that_it_finds_and_settings_that_are_clean() {
        let acl = "`acl.sync.enable` is true, `acl.filters` is empty";
        let offset =
            "`consumer.offset.sync.enable` is true, `consumer.offset.group.filters` is empty";
        let create = "`auto.create.mirror.topics.enable` is true, \
            `auto.create.mirror.topics.filters` is empty";
        let enable = "consumer.group.prefix.enable";
        let cases: &[(Settings, &str, String)] = &[
            (
                &[("acl.sync.enable", "true"), ("acl.filters", "")],
                "acl_sync_without_filters",
                acl.into(),
            ),
            (
                &[
                    ("consumer.offset.sync.enable", "true"),
                    ("consumer.offset.group.filters", r#"{"groupFilters": []}"#),
                ],
                "offset_sync_without_filters",
                offset.into(),
            ),
            (
                &[
                    ("auto.create.mirror.topics.enable", "true"),
                    ("auto.create.mirror.topics.filters", ""),
                ],
                "auto_create_without_filters",
                create.into(),
            ),
            (
                &[
                    ("consumer.group.prefix.enable", "true"),
                    ("link.mode", "bidirectional"),
                ],
                "group_prefix_on_bidirectional",
                format!("`{enable}` is true, `link.mode` is BIDIRECTIONAL"),
            ),
            (
                &[
                    ("consumer.group.prefix.enable", "true"),
                    ("cluster.link.prefix", ""),
                ],
                "group_prefix_without_prefix",
                format!("`{enable}` is true, `cluster.link.prefix` is empty"),
            ),
            (
                &[("acl.sync.ms", "999")],
                "acl_sync_interval_too_short",
                "`acl.sync.ms` is 999".into(),
            ),
        ];
        for (configs, name, detail) in cases {
            assert_eq!(
                found(configs, &[]),
                [format!("lkc-dr orders {name}: {detail}")]
            );
        }
        let clean: &[Settings] = &[
            &[("acl.sync.enable", "false"), ("acl.filters", "")],
            &[
                ("acl.sync.enable", "true"),
                ("acl.filters", r#"{"aclFilters": [{}]}"#),
            ],
            // A value that the server does not tell is not known to be empty.
            &[("acl.sync.enable", "true")],
            &[
                ("consumer.group.prefix.enable", "true"),
                ("cluster.link.prefix", "east."),
            ],
            &[
                ("consumer.group.prefix.enable", "true"),
                ("link.mode", "DESTINATION"),
            ],
            &[
                ("consumer.group.prefix.enable", "false"),
                ("link.mode", "BIDIRECTIONAL"),
            ],
            &[("acl.sync.ms", "1000")],
        ];
        for configs in clean {
            assert!(found(configs, &[]).is_empty(), "{configs:?}");
        }
    }

    #[test]
    fn a_switch_and_its_task_that_contradict_each_other_are_found_together() {
        let configs = &[
            ("acl.sync.enable", "true"),
            ("auto.create.mirror.topics.enable", "true"),
            ("consumer.offset.sync.enable", "false"),
        ];
        let tasks = &[
            ("AclSync", "NOT_CONFIGURED"),
            ("AutoCreateMirror", "NOT_CONFIGURED"),
            ("ConsumerOffsetSync", "IN_ERROR"),
        ];
        assert_eq!(
            found(configs, tasks),
            [
                "lkc-dr orders task_enabled_not_running: `acl.sync.enable` is true, AclSync is \
                 NOT_CONFIGURED; `auto.create.mirror.topics.enable` is true, AutoCreateMirror is \
                 NOT_CONFIGURED",
                "lkc-dr orders task_running_not_enabled: `consumer.offset.sync.enable` is false, \
                 ConsumerOffsetSync is IN_ERROR",
            ]
        );
    }

    #[test]
    fn a_task_that_only_repeats_its_links_state_contradicts_no_switch() {
        for state in ["LINK_PAUSED", "LINK_UNAVAILABLE", "LINK_FAILED", "UNKNOWN"] {
            for switch in ["true", "false"] {
                let found = found(&[("acl.sync.enable", switch)], &[("AclSync", state)]);
                assert!(found.is_empty(), "{found:?}");
            }
        }
    }

    #[test]
    fn filters_that_switching_off_and_on_again_cleared_are_found() {
        let settings = |enabled: &'static str, filters: &'static str| {
            [("acl.sync.enable", enabled), ("acl.filters", filters)]
        };
        let filters = r#"{"aclFilters": [{"resourceFilter": {}}]}"#;
        let counts = [
            settings("true", filters),
            settings("false", ""),
            settings("true", ""),
        ]
        .map(|configs| found(&configs, &[]).len());
        assert_eq!(counts, [0, 0, 1]);
    }

    #[test]
    fn an_inbound_link_is_judged_only_where_the_other_end_is_polled() {
        let local = |mode: &str| {
            let link = link("orders", "lkc-src", "ACTIVE").configs(&[("connection.mode", mode)]);
            cluster("lkc-dr", [link])
        };
        let remote = |name: &str, leads_to: &str, mode: &str| {
            let link = link(name, leads_to, "ACTIVE").configs(&[("connection.mode", mode)]);
            cluster("lkc-src", [link])
        };
        let at_dr = |remote| {
            let found = findings(&judged([local("INBOUND"), remote]));
            let prefix = "lkc-dr orders inbound_without_outbound: ";
            let mut own = found.iter().filter_map(|line| line.strip_prefix(prefix));
            own.next().unwrap_or("clean").to_owned()
        };
        let silent = {
            let mut silent = remote("orders", "lkc-dr", "INBOUND");
            silent.polls.ended_at = Some(LATER);
            silent
        };
        let cases = [
            (remote("orders", "lkc-dr", "OUTBOUND"), "clean"),
            (
                remote("orders", "lkc-dr", "INBOUND"),
                "the link of this name on `lkc-src` is INBOUND too",
            ),
            (
                remote("orders", "lkc-else", "OUTBOUND"),
                "the link of this name on `lkc-src` leads elsewhere",
            ),
            (
                remote("sales", "lkc-dr", "OUTBOUND"),
                "`lkc-src` has no link of this name",
            ),
            (remote("orders", "lkc-dr", "SIDEWAYS"), "clean"),
            (cluster("lkc-else", []), "clean"),
            (silent, "clean"),
        ];
        for (remote, expected) in cases {
            assert_eq!(at_dr(remote), expected);
        }
        assert!(findings(&judged([local("OUTBOUND"), cluster("lkc-src", [])])).is_empty());
    }
}
