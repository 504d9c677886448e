//! Families about the tasks of links.

use std::collections::BTreeMap;

use super::{Family, Kind, Label, Shows, link::LINK_NAME, samples::unix_seconds};
use crate::model::{Cluster, ObservedTask, TaskState};

pub(super) const TASK_NAME: Label = Label::open("task_name");
const STATE: Label = Label::one_of("state", || {
    TaskState::TABLE.iter().map(|row| row.name).collect()
});

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "clusterlink_task_state",
        meaning: "1 for the state the task is in, 0 for every other one",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, TASK_NAME, STATE],
        collect: |cluster, samples| {
            for (names, task) in tasks(cluster) {
                samples.push_states(&names, TaskState::TABLE, task.state.label());
            }
        },
    },
    Family {
        name: "clusterlink_task_errors",
        meaning: "How many errors with this code the task reports now; absent while it reports none",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, TASK_NAME, Label::open("error_code")],
        collect: |cluster, samples| {
            for ([link_name, task_name], task) in tasks(cluster) {
                // Several codes may end up in the same label value, which must be one series.
                let mut counts = BTreeMap::new();
                for error in &task.errors {
                    if let Some(code) = samples.code_label(&error.error_code) {
                        *counts.entry(code).or_insert(0.0) += 1.0;
                    }
                }
                for (code, count) in counts {
                    samples.push(&[link_name, task_name, code], count);
                }
            }
        },
    },
    Family {
        name: "clusterlink_task_state_since_timestamp_seconds",
        meaning: "When the task was first observed in its current state, in Unix seconds",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, TASK_NAME],
        collect: |cluster, samples| {
            for (names, task) in tasks(cluster) {
                samples.push(&names, unix_seconds(task.state_since));
            }
        },
    },
    Family {
        name: "clusterlink_task_state_transitions_total",
        meaning: "Observed changes of the task's state; what changed back between two polls is not observed",
        kind: Kind::Counter,
        shows: Shows::Answers,
        labels: &[LINK_NAME, TASK_NAME],
        collect: |cluster, samples| {
            for (names, task) in tasks(cluster) {
                samples.push(&names, task.state_transitions as f64);
            }
        },
    },
    Family {
        name: "clusterlink_task_interval_seconds",
        meaning: "How often the task runs by the link's settings, in seconds; absent where they name no period or are not known",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, TASK_NAME],
        collect: |cluster, samples| {
            for link in cluster.shown_links() {
                for task in link.named_tasks() {
                    let configs = link.known_configs().ok();
                    let task_name = task.task_name.as_str();
                    let interval = configs.and_then(|configs| configs.task_interval(task_name));
                    if let Some(interval) = interval {
                        let names = [link.link_name.as_str(), task_name];
                        samples.push(&names, interval.as_secs_f64());
                    }
                }
            }
        },
    },
];

/// The tasks of the shown links, with the values of `link_name` and `task_name`.
fn tasks(cluster: &Cluster) -> impl Iterator<Item = ([&str; 2], &ObservedTask)> {
    cluster.shown_links().flat_map(|link| {
        let link_name = link.link_name.as_str();
        let tasks = link.named_tasks().iter();
        tasks.map(move |task| ([link_name, task.task_name.as_str()], task))
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::{
        metrics::testing::{
            cluster, documented, link, only, samples_of, task, with_links, with_tasks,
        },
        model::LinkConfigs,
    };

    #[test]
    fn a_half_of_a_bidirectional_link_without_the_other_says_what_is_missing() {
        assert_snapshot!(samples_of(FAMILIES, &documented()), @r#"
        clusterlink_task_state{link_name="bidirectional-link",task_name="AclSync",state="ACTIVE"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="AclSync",state="IN_ERROR"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="AclSync",state="NOT_CONFIGURED"} 1
        clusterlink_task_state{link_name="bidirectional-link",task_name="AclSync",state="LINK_FAILED"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="AclSync",state="LINK_UNAVAILABLE"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="AclSync",state="LINK_PAUSED"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="AclSync",state="UNKNOWN"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="ConsumerOffsetSync",state="ACTIVE"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="ConsumerOffsetSync",state="IN_ERROR"} 1
        clusterlink_task_state{link_name="bidirectional-link",task_name="ConsumerOffsetSync",state="NOT_CONFIGURED"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="ConsumerOffsetSync",state="LINK_FAILED"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="ConsumerOffsetSync",state="LINK_UNAVAILABLE"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="ConsumerOffsetSync",state="LINK_PAUSED"} 0
        clusterlink_task_state{link_name="bidirectional-link",task_name="ConsumerOffsetSync",state="UNKNOWN"} 0

        clusterlink_task_errors{link_name="bidirectional-link",task_name="ConsumerOffsetSync",error_code="REMOTE_LINK_NOT_FOUND_ERROR"} 1

        clusterlink_task_state_since_timestamp_seconds{link_name="bidirectional-link",task_name="AclSync"} 1700000000
        clusterlink_task_state_since_timestamp_seconds{link_name="bidirectional-link",task_name="ConsumerOffsetSync"} 1700000000

        clusterlink_task_state_transitions_total{link_name="bidirectional-link",task_name="AclSync"} 1
        clusterlink_task_state_transitions_total{link_name="bidirectional-link",task_name="ConsumerOffsetSync"} 1
        "#);
    }

    #[test]
    fn errors_with_the_same_label_value_are_one_series() {
        let codes = [
            "TIMEOUT_ERROR",
            "NEVER_SEEN_ERROR",
            "AUTHORIZATION_ERROR",
            "",
            "no code at all",
            "AUTHORIZATION_ERROR",
        ];
        let link = with_tasks(
            link("busy", "ACTIVE"),
            [task("AclSync", "IN_ERROR", &codes)],
        );
        let cluster = with_links(cluster("prod"), [link]);
        assert_snapshot!(samples_of(only("clusterlink_task_errors"), &cluster), @r#"
        clusterlink_task_errors{link_name="busy",task_name="AclSync",error_code="AUTHORIZATION_ERROR"} 2
        clusterlink_task_errors{link_name="busy",task_name="AclSync",error_code="OTHER"} 2
        clusterlink_task_errors{link_name="busy",task_name="AclSync",error_code="TIMEOUT_ERROR"} 1
        "#);
    }

    #[test]
    fn a_state_nobody_has_heard_of_is_unknown_and_the_misspelt_one_is_understood() {
        let tasks = [
            task("AclSync", "DREAMING", &[]),
            task("ConsumerOffsetSync", "LINK_UNAVAILBLE", &[]),
        ];
        let link = with_tasks(link("odd", "ACTIVE"), tasks);
        let cluster = with_links(cluster("prod"), [link]);
        assert_snapshot!(samples_of(only("clusterlink_task_state"), &cluster), @r#"
        clusterlink_task_state{link_name="odd",task_name="AclSync",state="ACTIVE"} 0
        clusterlink_task_state{link_name="odd",task_name="AclSync",state="IN_ERROR"} 0
        clusterlink_task_state{link_name="odd",task_name="AclSync",state="NOT_CONFIGURED"} 0
        clusterlink_task_state{link_name="odd",task_name="AclSync",state="LINK_FAILED"} 0
        clusterlink_task_state{link_name="odd",task_name="AclSync",state="LINK_UNAVAILABLE"} 0
        clusterlink_task_state{link_name="odd",task_name="AclSync",state="LINK_PAUSED"} 0
        clusterlink_task_state{link_name="odd",task_name="AclSync",state="UNKNOWN"} 1
        clusterlink_task_state{link_name="odd",task_name="ConsumerOffsetSync",state="ACTIVE"} 0
        clusterlink_task_state{link_name="odd",task_name="ConsumerOffsetSync",state="IN_ERROR"} 0
        clusterlink_task_state{link_name="odd",task_name="ConsumerOffsetSync",state="NOT_CONFIGURED"} 0
        clusterlink_task_state{link_name="odd",task_name="ConsumerOffsetSync",state="LINK_FAILED"} 0
        clusterlink_task_state{link_name="odd",task_name="ConsumerOffsetSync",state="LINK_UNAVAILABLE"} 1
        clusterlink_task_state{link_name="odd",task_name="ConsumerOffsetSync",state="LINK_PAUSED"} 0
        clusterlink_task_state{link_name="odd",task_name="ConsumerOffsetSync",state="UNKNOWN"} 0
        "#);
    }

    #[test]
    fn only_tasks_whose_settings_name_a_period_have_an_interval() {
        let tasks = ["AclSync", "AutoCreateMirror", "ConsumerOffsetSync"];
        let tasks = tasks.map(|name| task(name, "ACTIVE", &[]));
        let mut known = with_tasks(link("known", "ACTIVE"), tasks.clone());
        let mut configs = LinkConfigs::default();
        configs.set("acl.sync.ms", Some("1500"));
        configs.set("topic.config.sync.ms", Some("5000"));
        known.configs = Ok(configs.into());
        let unknown = with_tasks(link("unknown", "ACTIVE"), tasks);
        let cluster = with_links(cluster("prod"), [known, unknown]);
        assert_snapshot!(samples_of(only("clusterlink_task_interval_seconds"), &cluster), @r#"
        clusterlink_task_interval_seconds{link_name="known",task_name="AclSync"} 1.5
        "#);
    }

    #[test]
    fn without_a_list_of_tasks_or_a_good_description_there_are_no_series() {
        let silent = with_links(cluster("prod"), [link("silent", "ACTIVE")]);
        assert_eq!(samples_of(FAMILIES, &silent), "");
        let withdrawn = Cluster {
            is_stale: true,
            ..documented()
        };
        assert_eq!(samples_of(FAMILIES, &withdrawn), "");
    }
}
