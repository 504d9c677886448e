//! The halves of a bidirectional link against each other. What each check means is in the table of
//! [`crate::model::Check`].

use super::{
    Case,
    audit::joined,
    far::{Far, FarLink},
};
use crate::model::{
    Check, ConnectionMode, Filters, KeptLink, LinkConfigs, LinkMode, Pair, Task, TaskState,
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

/// How the link fits its other half; `None` where it is no half, or the other end is not seen.
pub(super) fn pair(case: &Case) -> Option<Pair> {
    let remote_cluster_id = match &case.far {
        Far::Unseen => return None,
        Far::NoLink(cluster) => *cluster,
        Far::Link(far) => far.cluster_id,
    };
    if !is_half(case) {
        return None;
    }
    let checks = Check::ALL.iter();
    Some(Pair {
        remote_cluster_id: remote_cluster_id.clone(),
        checks: checks
            .filter_map(|check| Some((*check, outcome(*check, case)?)))
            .collect(),
    })
}

/// Whether the link is half of a bidirectional one: either half says so, or both are silent and lead to each other.
fn is_half(case: &Case) -> bool {
    let near = mode(case.link);
    let Far::Link(far) = &case.far else {
        return near == Some(LinkMode::Bidirectional);
    };
    match (near, mode(far.link)) {
        (Some(LinkMode::Bidirectional), _) => true,
        (_, Some(LinkMode::Bidirectional)) | (None, None) => far.leads_back == Some(true),
        _ => false,
    }
}

/// The link's mode, where it is known and a word we know.
fn mode(link: &KeptLink) -> Option<LinkMode> {
    let mode = link.configs.as_ref()?.link_mode?;
    (mode != LinkMode::Unknown).then_some(mode)
}

/// The other half, where there is one.
fn other_half<'a>(case: &'a Case) -> Option<&'a FarLink<'a>> {
    match &case.far {
        Far::Link(far) if far.leads_back != Some(false) => Some(far),
        _ => None,
    }
}

/// Whether the check holds; `None` where it cannot be judged.
fn outcome(check: Check, case: &Case) -> Option<Result<(), String>> {
    let near = case.link;
    let far = other_half(case).map(|far| far.link);
    match check {
        Check::RemoteLinkExists => Some(exists(case)),
        Check::StatesAgree => {
            let (here, there) = (&near.link.link_state, &far?.link.link_state);
            Some(agree(here.as_ref()?.label(), there.as_ref()?.label()))
        }
        Check::ConnectionModes => connection_modes(near, far?),
        Check::TasksAgree => tasks_agree(near, far?),
    }
}

fn connection_modes(near: &KeptLink, far: &KeptLink) -> Option<Result<(), String>> {
    let mode = |link: &KeptLink| link.configs.as_ref()?.connection_mode;
    match (mode(near)?, mode(far)?) {
        (ConnectionMode::Unknown, _) | (_, ConnectionMode::Unknown) => None,
        (ConnectionMode::Inbound, ConnectionMode::Inbound) => {
            Some(Err("INBOUND here and there".to_owned()))
        }
        _ => Some(Ok(())),
    }
}

fn tasks_agree(near: &KeptLink, far: &KeptLink) -> Option<Result<(), String>> {
    // Without a mode it may be a source-initiated link, whose source end runs no tasks.
    mode(near).or(mode(far))?;
    let word = |is_on| if is_on { "on" } else { "off" };
    let outcomes = PAIR_TASKS.iter().filter_map(|name| {
        let outcome = agree(word(is_on(near, name)?), word(is_on(far, name)?));
        Some(outcome.map_err(|why| format!("{name} is {why}")))
    });
    outcomes.reduce(Result::and)
}

fn exists(case: &Case) -> Result<(), String> {
    match &case.far {
        Far::NoLink(cluster) => return Err(format!("`{cluster}` has no link of this name")),
        Far::Link(FarLink {
            cluster_id,
            leads_back: Some(false),
            ..
        }) => {
            return Err(format!(
                "the link of this name on `{cluster_id}` leads elsewhere"
            ));
        }
        Far::Link(far) if misses_the_other(far.link) => {
            return Err(format!(
                "`{}` reports {REMOTE_LINK_NOT_FOUND}",
                far.cluster_id
            ));
        }
        Far::Link(_) | Far::Unseen => {}
    }
    if misses_the_other(case.link) {
        return Err(format!("this half reports {REMOTE_LINK_NOT_FOUND}"));
    }
    Ok(())
}

fn misses_the_other(half: &KeptLink) -> bool {
    let mut codes = half.link.error_codes();
    codes.any(|code| code.as_str() == REMOTE_LINK_NOT_FOUND)
}

fn agree(here: &str, there: &str) -> Result<(), String> {
    if here == there {
        Ok(())
    } else {
        Err(format!("{here} here, {there} there"))
    }
}

/// Whether the task's feature is switched on; `None` where the task does not tell.
fn is_on(half: &KeptLink, name: &str) -> Option<bool> {
    if half.tasks_unknown() {
        return None;
    }
    let mut tasks = half.tasks.iter().map(|kept| &kept.task);
    match tasks.find(|task| task.task_name.as_str() == name) {
        None => Some(false),
        Some(task) => match task.state {
            TaskState::NotConfigured => Some(false),
            TaskState::Active | TaskState::InError => Some(true),
            _ => None,
        },
    }
}

/// The settings of a pair in which its halves should agree and do not.
pub(super) fn differences(case: &Case) -> Option<String> {
    let far = other_half(case).filter(|_| is_half(case))?;
    let (near, far) = (case.link.configs.as_ref()?, far.link.configs.as_ref()?);
    joined(
        PAIR_SETTINGS
            .iter()
            .filter_map(|PairSetting { key, value }| {
                let why = agree(value(near)?, value(far)?).err()?;
                Some(format!("`{key}` is {why}"))
            }),
    )
}
