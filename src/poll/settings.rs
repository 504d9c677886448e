//! How often a cluster is asked, and about which links.

use std::time::Duration;

use crate::model::{Endpoint, Limits, LinkFilter, MirrorDetail};

/// The schedule of one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `poll_interval`: from the start of one poll to the start of the next.
    pub interval: Duration,
    /// `poll_timeout`: the deadline of a whole poll; shorter than the interval.
    pub timeout: Duration,
    /// `max_concurrent_requests`: how many requests of one poll are under way at once.
    pub max_concurrent_requests: usize,
    /// `stale_after`: how long values outlive the last good poll.
    pub stale_after: Duration,
    /// `links`: which links are wanted.
    pub links: LinkFilter,
    /// `collect`: what is asked for besides links and their tasks.
    pub collect: Collect,
}

/// What is asked for besides links and their tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collect {
    /// `configs`: the settings of each link.
    pub configs: bool,
    /// `mirrors`: its mirror topics.
    pub mirrors: MirrorDetail,
}

impl Collect {
    /// Links and tasks alone.
    pub const NOTHING: Self = Self {
        configs: false,
        mirrors: MirrorDetail::Off,
    };
}

impl Default for Collect {
    fn default() -> Self {
        Self {
            configs: true,
            mirrors: MirrorDetail::default(),
        }
    }
}

impl Settings {
    /// The default of `poll_interval`.
    pub const INTERVAL: Duration = Duration::from_secs(30);
    /// The default of `poll_timeout`.
    pub const TIMEOUT: Duration = Duration::from_secs(25);
    /// The default of `max_concurrent_requests`.
    pub const MAX_CONCURRENT_REQUESTS: usize = 8;

    /// The default of `stale_after`: three polls may fail, and two minutes at the least.
    pub fn default_stale_after(interval: Duration) -> Duration {
        (interval * 3).max(Duration::from_secs(120))
    }

    /// The endpoints that polls of a cluster with a known id will use.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let Collect { configs, mirrors } = self.collect;
        let configs = configs.then_some(Endpoint::Configs);
        let mirrors = match mirrors {
            MirrorDetail::Off => &[][..],
            _ => &[Endpoint::Mirrors, Endpoint::Mirror],
        };
        let links = [Endpoint::Links, Endpoint::Link].into_iter();
        links
            .chain(configs)
            .chain(mirrors.iter().copied())
            .collect()
    }

    /// The part that readers of a snapshot need.
    pub fn limits(&self) -> Limits {
        Limits {
            poll_interval: self.interval,
            stale_after: self.stale_after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_outlive_three_polls_and_two_minutes_at_the_least() {
        let seconds = |s| Settings::default_stale_after(Duration::from_secs(s)).as_secs();
        assert_eq!([seconds(5), seconds(30), seconds(60)], [120, 120, 180]);
    }
}
