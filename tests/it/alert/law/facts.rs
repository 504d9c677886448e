//! The facts: what makes a rule fire, and which ways there are of not saying it.

use serde_json::json;

use super::{
    scene::HERE,
    ways::{LAG, LINK, LINK_STATE, MIRRORS, SETTINGS, STATUS, TASK, TASKS, Way},
    world::Side,
};

/// Something that can be wrong.
pub(crate) struct Fact {
    pub(crate) rule: &'static str,
    pub(crate) what: &'static str,
    /// Makes it wrong; the cluster there comes second.
    pub(crate) wrong: fn(&mut Side, &mut Side),
    /// How many minutes pass until the rule fires.
    pub(crate) minutes: u64,
    /// The ways in which the cluster here, and the one there, may not say it.
    pub(crate) here: &'static [&'static [Way]],
    pub(crate) there: &'static [&'static [Way]],
}

const NONE: &[&[Way]] = &[];
const OF_LINK: &[&[Way]] = &[LINK, LINK_STATE];
const OF_TASK: &[&[Way]] = &[LINK, TASKS, TASK];
const OF_STATUS: &[&[Way]] = &[MIRRORS, STATUS];
const OF_LAG: &[&[Way]] = &[MIRRORS, LAG];
const OF_SETTINGS: &[&[Way]] = &[LINK, SETTINGS];

macro_rules! fact {
    ($rule:literal $what:literal $minutes:literal $here:expr, $there:expr, $wrong:expr) => {
        Fact {
            rule: concat!("ClusterLink", $rule),
            what: $what,
            minutes: $minutes,
            here: $here,
            there: $there,
            wrong: $wrong,
        }
    };
}

pub(crate) const FACTS: &[Fact] = &[
    fact!("TaskInError" "a task fails" 0 OF_TASK, NONE, |here, _| {
        let task = here.task("AclSync");
        task["state"] = json!("IN_ERROR");
        task["errors"] = json!([{"error_code": "AUTHORIZATION_ERROR", "error_message": "no"}]);
    }),
    fact!("TaskDisabled" "a task is switched off" 0 OF_TASK, NONE, |here, _| {
        here.task("AclSync")["state"] = json!("NOT_CONFIGURED");
    }),
    fact!("TaskBlocked" "a task says that its link is down" 0 OF_TASK, NONE, |here, _| {
        here.task("AclSync")["state"] = json!("LINK_FAILED");
    }),
    fact!("TaskUnknown" "a task is UNKNOWN" 0 &[LINK, TASKS], NONE, |here, _| {
        here.task("AclSync")["state"] = json!("UNKNOWN");
    }),
    fact!("Failed" "the link has failed" 0 OF_LINK, NONE, |here, _| {
        here.link.1["link_state"] = json!("FAILED");
    }),
    fact!("Unavailable" "the link is unavailable" 0 OF_LINK, NONE, |here, _| {
        here.link.1["link_state"] = json!("UNAVAILABLE");
    }),
    fact!("Paused" "the link is paused" 0 OF_LINK, NONE, |here, _| {
        here.link.1["link_state"] = json!("PAUSED");
    }),
    fact!("StateUnknown" "the link is UNKNOWN" 0 &[LINK], NONE, |here, _| {
        here.link.1["link_state"] = json!("UNKNOWN");
    }),
    fact!("ExpectationViolated" "the link is not as expected" 0 &[LINK], NONE, |here, _| {
        here.link.1["link_state"] = json!("PAUSED");
    }),
    fact!("ExpectationViolated" "a task is not as expected" 0 &[LINK, TASKS], NONE, |here, _| {
        here.task("ConsumerOffsetSync")["state"] = json!("NOT_CONFIGURED");
    }),
    fact!("MirrorTopicsFailed" "a topic has failed" 0 OF_STATUS, NONE, |here, _| {
        here.topic()["mirror_status"] = json!("FAILED");
    }),
    fact!("MirrorTopicsSourceUnavailable" "a source is unavailable" 0 OF_STATUS, NONE, |here, _| {
        here.topic()["mirror_status"] = json!("SOURCE_UNAVAILABLE");
    }),
    fact!("MirrorTopicsStuckPending" "a topic is pending" 0 OF_STATUS, NONE, |here, _| {
        here.topic()["mirror_status"] = json!("PENDING_STOPPED");
    }),
    fact!("MirrorTopicsUnknown" "a status is not known" 0 &[MIRRORS], NONE, |here, _| {
        here.topic()["mirror_status"] = json!("UNKNOWN");
    }),
    fact!("MirrorLagAboveRpo" "a topic lags" 2 OF_LAG, NONE, |here, _| {
        here.topic()["mirror_lags"][0]["lag"] = json!(7);
    }),
    fact!("MirrorTopicsStalled" "a topic stands still" 16 OF_LAG, NONE, |here, _| {
        here.topic()["mirror_lags"][0]["lag"] = json!(7);
    }),
    fact!("ConfigFinding" "filters were cleared" 0 OF_SETTINGS, NONE, |here, _| {
        here.setting("acl.filters")["value"] = json!("");
    }),
    fact!("ConfigFinding" "a switch and its task disagree" 0 &[LINK, SETTINGS, TASKS, TASK], NONE, |here, _| {
        here.setting("acl.sync.enable")["value"] = json!("false");
    }),
    fact!("ConfigFinding" "nobody connects" 0 OF_SETTINGS, &[LINK, SETTINGS], |here, there| {
        for side in [here, there] {
            side.setting("connection.mode")["value"] = json!("INBOUND");
        }
    }),
    fact!("ConfigFinding" "the halves' settings differ" 0 OF_SETTINGS, &[LINK, SETTINGS], |here, _| {
        here.setting("consumer.offset.group.filters")["value"] = json!("");
    }),
    fact!("PairInconsistent" "the states differ" 0 OF_LINK, OF_LINK, |_, there| {
        there.link.1["link_state"] = json!("PAUSED");
    }),
    fact!("PairInconsistent" "the tasks differ" 0 OF_TASK, OF_TASK, |_, there| {
        there.task("ConsumerOffsetSync")["state"] = json!("NOT_CONFIGURED");
    }),
    fact!("PairInconsistent" "both wait for the other" 0 &[LINK, SETTINGS], &[LINK, SETTINGS], |here, there| {
        for side in [here, there] {
            side.setting("connection.mode")["value"] = json!("INBOUND");
        }
    }),
    fact!("PairInconsistent" "the other half does not find this one" 0 OF_TASK, OF_TASK, |_, there| {
        let task = there.task("ConsumerOffsetSync");
        task["errors"] = json!([{"error_code": "REMOTE_LINK_NOT_FOUND_ERROR", "error_message": HERE}]);
    }),
];
