//! The audit of a link's settings. What each finding rests on and what to do about it is in the table of
//! [`crate::model::Finding`].

use std::time::Duration;

use super::{
    LinkContext,
    feature::{ACL_SYNC, AUTO_CREATE, FEATURES, NOT_SENT, OFFSET_SYNC, both},
    pair,
    remote::{Remote, RemoteLink},
};
use crate::model::{ConnectionMode, Finding, Judged, LinkConfigs, LinkMode, Period, Unknown};

#[cfg(test)]
mod tests;

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
            || "`consumer.group.prefix.enable` is true, `link.mode` is BIDIRECTIONAL".to_owned(),
        ),
        Finding::GroupPrefixWithoutPrefix => both(
            configs.group_prefix,
            configs.prefix.as_deref(),
            str::is_empty,
            || "`consumer.group.prefix.enable` is true, `cluster.link.prefix` is empty".to_owned(),
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
