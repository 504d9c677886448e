//! The halves of a bidirectional link against each other. What each check means is in the table of
//! [`crate::model::Check`].

use super::{
    LinkContext,
    feature::FEATURES,
    remote::{Remote, RemoteLink},
};
use crate::model::{
    Check, ConnectionMode, ErrorCode, Fact, Filters, Judged, LinkConfigs, LinkMode, ObservedLink,
    Pair, Task, TaskState, Unknown,
};

#[cfg(test)]
mod tests;

/// A setting in which the halves should agree.
#[derive(Debug)]
pub struct PairSetting {
    /// The key.
    pub key: &'static str,
    value: fn(&LinkConfigs) -> Option<&'static str>,
}

/// The settings in which the halves should agree.
pub const PAIR_SETTINGS: [PairSetting; 3] = [
    PairSetting {
        key: "link.mode",
        value: |configs| configs.link_mode.map(LinkMode::label),
    },
    PairSetting {
        key: "consumer.offset.sync.enable",
        value: |configs| {
            configs
                .offset_sync
                .map(|is_on| if is_on { "true" } else { "false" })
        },
    },
    PairSetting {
        key: "consumer.offset.group.filters",
        value: |configs| {
            configs.offset_filters.map(|filters| match filters {
                Filters::Empty => "empty",
                Filters::Set => "set",
            })
        },
    },
];

/// The tasks that are switched on in both halves or in none.
pub const PAIR_TASKS: [&str; 1] = [Task::OFFSET_SYNC];

/// What a task of either half says when the other one is missing.
const REMOTE_LINK_NOT_FOUND: &str = "REMOTE_LINK_NOT_FOUND_ERROR";

/// How the link fits its other half; `None` where it is no half, or the other end is not polled.
pub(super) fn pair(context: &LinkContext) -> Option<Pair> {
    let remote_cluster_id = context.link.remote_cluster_id.clone();
    let all_unknown = |why| {
        let checks = Check::ALL.iter();
        checks.map(|check| (*check, Judged::Unknown(why))).collect()
    };
    let checks = match is_half(context) {
        Ok(false) | Err(Unknown::NotAsked) => return None,
        Err(why) => all_unknown(why),
        Ok(true) => match &context.remote {
            Remote::Unseen { why, .. } => all_unknown(*why),
            remote => checks(context.link, remote),
        },
    };
    Some(Pair {
        remote_cluster_id,
        checks,
    })
}

/// What did not hold between the halves when both were seen last, where they are not both seen now.
pub(super) fn last_broken(context: &LinkContext) -> Option<String> {
    let Remote::Unseen {
        last: Some(last), ..
    } = context.remote
    else {
        return None;
    };
    let checks = checks(context.link, &Remote::Link(last));
    let broken = checks.iter().filter_map(|(check, judged)| {
        let why = judged.bad()?;
        Some(format!("{}: {why}", check.label()))
    });
    joined(broken)
}

/// The checks that apply.
fn checks(local: &ObservedLink, remote: &Remote) -> Vec<(Check, Judged)> {
    let checks = Check::ALL.iter();
    checks
        .filter_map(|check| Some((*check, judge(*check, local, remote)?)))
        .collect()
}

/// Whether the link is half of a bidirectional one: either half says so, or both are silent and lead to each other.
fn is_half(context: &LinkContext) -> Fact<bool> {
    let local = mode(context.link);
    let is_bidirectional = |mode: &Fact<LinkMode>| *mode == Ok(LinkMode::Bidirectional);
    if matches!(context.remote, Remote::NotPolled) {
        return Ok(false);
    }
    if is_bidirectional(&local) {
        return Ok(true);
    }
    let remote = match &context.remote {
        Remote::Link(remote) => remote,
        Remote::Unseen { why, .. } => return local.and(Ok(false)).map_err(|_| *why),
        Remote::NotPolled | Remote::NoLink(_) => return local.map(|_| false),
    };
    let there = mode(remote.link);
    let is_possible = is_bidirectional(&there) || local.is_err() && there.is_err();
    match remote.leads_back {
        _ if !is_possible => Ok(false),
        Some(leads_back) => Ok(leads_back),
        None => Err(Unknown::NotSent),
    }
}

/// The link's mode, where it is known and a word we know.
fn mode(link: &ObservedLink) -> Fact<LinkMode> {
    match link.known_configs()?.link_mode {
        Some(LinkMode::Unknown) => Err(Unknown::NotUnderstood),
        Some(mode) => Ok(mode),
        None => Err(Unknown::NotSent),
    }
}

/// Which end opens the connections, where it is known and a word we know.
pub(super) fn connection_mode(link: &ObservedLink) -> Fact<ConnectionMode> {
    match link.known_configs()?.connection_mode {
        Some(ConnectionMode::Unknown) => Err(Unknown::NotUnderstood),
        Some(mode) => Ok(mode),
        None => Err(Unknown::NotSent),
    }
}

/// The other half, where there is one.
fn other_half<'a>(remote: &'a Remote) -> Option<&'a RemoteLink<'a>> {
    match remote {
        Remote::Link(remote) if remote.leads_back != Some(false) => Some(remote),
        _ => None,
    }
}

/// Whether the check holds; `None` where it does not apply.
fn judge(check: Check, local: &ObservedLink, remote: &Remote) -> Option<Judged> {
    let there = other_half(remote).map(|remote| remote.link);
    match check {
        Check::RemoteLinkExists => Some(exists(local, remote)),
        Check::StatesAgree => Some(states_agree(local, there?).into()),
        Check::ConnectionModes => connection_modes(local, there?),
        Check::TasksAgree => tasks_agree(local, there?),
    }
}

fn states_agree(local: &ObservedLink, remote: &ObservedLink) -> Fact<Judged> {
    let (here, there) = (local.known_state()?, remote.known_state()?);
    Ok(agree(here.label(), there.label()))
}

fn connection_modes(local: &ObservedLink, remote: &ObservedLink) -> Option<Judged> {
    use ConnectionMode::{Inbound, Outbound};
    Some(match (connection_mode(local), connection_mode(remote)) {
        (Ok(Inbound), Ok(Inbound)) => Judged::Bad("INBOUND here and there".to_owned()),
        // Either of them alone says that all is well.
        (Ok(Outbound), _) | (_, Ok(Outbound)) => Judged::Good,
        (Err(Unknown::NotAsked), _) | (_, Err(Unknown::NotAsked)) => return None,
        (Err(why), _) | (_, Err(why)) => Judged::Unknown(why),
        (Ok(_), Ok(_)) => Judged::Unknown(Unknown::NotUnderstood),
    })
}

fn tasks_agree(local: &ObservedLink, remote: &ObservedLink) -> Option<Judged> {
    // Without a mode it may be a source-initiated link, whose source end runs no tasks.
    match mode(local).or(mode(remote)) {
        Err(Unknown::NotAsked) => return None,
        Err(why) => return Some(Judged::Unknown(why)),
        Ok(_) => {}
    }
    let tasks = PAIR_TASKS.iter();
    let judged = tasks.map(|name| Judged::from(task_agrees(name, local, remote)));
    judged.reduce(Judged::and)
}

fn task_agrees(name: &str, local: &ObservedLink, remote: &ObservedLink) -> Fact<Judged> {
    let word = |is_on| if is_on { "on" } else { "off" };
    let judged = agree(word(is_on(local, name)?), word(is_on(remote, name)?));
    Ok(match judged {
        Judged::Bad(why) => Judged::Bad(format!("{name} is {why}")),
        other => other,
    })
}

fn exists(local: &ObservedLink, remote: &Remote) -> Judged {
    let there = match remote {
        Remote::NoLink(cluster) => {
            return Judged::Bad(format!("`{cluster}` has no link of this name"));
        }
        Remote::NotPolled => return Judged::Unknown(Unknown::NotAsked),
        Remote::Unseen { why, .. } => return Judged::Unknown(*why),
        Remote::Link(there) => there,
    };
    if there.leads_back == Some(false) {
        return Judged::Bad(format!(
            "the link of this name on `{}` leads elsewhere",
            there.cluster_id
        ));
    }
    if misses_the_other(there.link) {
        return Judged::Bad(format!(
            "`{}` reports {REMOTE_LINK_NOT_FOUND}",
            there.cluster_id
        ));
    }
    if misses_the_other(local) {
        return Judged::Bad(format!("this half reports {REMOTE_LINK_NOT_FOUND}"));
    }
    // Each half says it as an error of a task, and the other one where it leads.
    let mut halves = [local, there.link].into_iter();
    let is_open = halves.any(|half| half.may_still_report(is_missing));
    if !is_open && there.leads_back.is_some() {
        Judged::Good
    } else {
        Judged::Unknown(Unknown::NotSent)
    }
}

fn misses_the_other(half: &ObservedLink) -> bool {
    half.error_codes().any(is_missing)
}

fn is_missing(code: &ErrorCode) -> bool {
    code.as_str() == REMOTE_LINK_NOT_FOUND
}

fn agree(here: &str, there: &str) -> Judged {
    if here == there {
        Judged::Good
    } else {
        Judged::Bad(format!("{here} here, {there} there"))
    }
}

/// Whether the task's feature is switched on, where the task tells. Where it only waits for its link, or the link has no
/// such task, its switch tells.
fn is_on(half: &ObservedLink, name: &str) -> Fact<bool> {
    match half.known_task(name) {
        Ok(TaskState::NotConfigured) => Ok(false),
        Ok(TaskState::Active | TaskState::InError) => Ok(true),
        Ok(TaskState::LinkFailed | TaskState::LinkUnavailable | TaskState::LinkPaused) => {
            switch(half, name)
        }
        Ok(TaskState::Unknown | TaskState::Unrecognized(_)) => Err(Unknown::NotSent),
        Err(_) if half.has_no_task(name) => switch(half, name),
        Err(why) => Err(why),
    }
}

fn switch(half: &ObservedLink, task: &str) -> Fact<bool> {
    let mut features = FEATURES.iter();
    let feature = features.find(|feature| feature.task == task);
    let configs = half.known_configs()?;
    feature
        .and_then(|feature| feature.switched(configs))
        .ok_or(Unknown::NotSent)
}

/// The settings of a pair in which its halves should agree and do not.
pub(super) fn differences(context: &LinkContext) -> Judged {
    match is_half(context) {
        Ok(false) => return Judged::Good,
        Err(why) => return Judged::Unknown(why),
        Ok(true) => {}
    }
    if let Remote::Unseen { why, .. } = context.remote {
        return Judged::Unknown(why);
    }
    let Some(remote) = other_half(&context.remote) else {
        return Judged::Good;
    };
    let (local, remote) = match (context.link.known_configs(), remote.link.known_configs()) {
        (Ok(local), Ok(remote)) => (local, remote),
        // The other end's settings are not wanted, so neither is this.
        (Err(Unknown::NotAsked), _) | (_, Err(Unknown::NotAsked)) => return Judged::Good,
        (Err(why), _) | (_, Err(why)) => return Judged::Unknown(why),
    };
    let settings = PAIR_SETTINGS.iter();
    let judged = settings.map(
        |PairSetting { key, value }| match (value(local), value(remote)) {
            (Some(here), Some(there)) => match agree(here, there) {
                Judged::Bad(why) => Judged::Bad(format!("`{key}` is {why}")),
                other => other,
            },
            _ => Judged::Unknown(Unknown::NotSent),
        },
    );
    judged.reduce(Judged::and).unwrap_or(Judged::Good)
}

/// All of them in one line; `None` where there is none.
pub(super) fn joined(details: impl Iterator<Item = String>) -> Option<String> {
    details.reduce(|all, next| all + "; " + &next)
}
