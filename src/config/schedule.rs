//! The settings that `global` and each cluster have in common: how often, how long, how many at once.

use std::time::Duration;

use crate::{
    document::{AlreadyReported, Parsed, Section},
    poll::{self, Collect, LinkFilter},
};

/// What one section says, nothing filled in.
#[derive(Clone, Copy)]
pub(super) struct Schedule {
    poll_interval: Parsed<Option<Duration>>,
    poll_timeout: Parsed<Option<Duration>>,
    request_timeout: Parsed<Option<Duration>>,
    max_concurrent_requests: Parsed<Option<usize>>,
    stale_after: Parsed<Option<Duration>>,
}

/// Everything filled in.
pub(super) struct Timing {
    interval: Duration,
    timeout: Duration,
    pub(super) request_timeout: Duration,
    max_concurrent_requests: usize,
    stale_after: Duration,
}

impl Schedule {
    /// Reads the keys from `global`, the layer of the defaults being under it.
    pub(super) fn global(section: &Section) -> Self {
        let schedule = Self::read(section);
        schedule.check(section, &schedule);
        schedule
    }

    /// Reads the keys from a cluster; what it does not say is taken from `global`.
    pub(super) fn cluster(section: &Section, global: &Self) -> Self {
        let own = Self::read(section);
        let schedule = own.or(global);
        schedule.check(section, &own);
        schedule
    }

    fn read(section: &Section) -> Self {
        Self {
            poll_interval: section.duration("poll_interval"),
            poll_timeout: section.duration("poll_timeout"),
            request_timeout: section.duration("request_timeout"),
            max_concurrent_requests: section.count("max_concurrent_requests"),
            stale_after: section.duration("stale_after"),
        }
    }

    fn or(&self, global: &Self) -> Self {
        fn or<T: Copy>(own: Parsed<Option<T>>, global: Parsed<Option<T>>) -> Parsed<Option<T>> {
            match own {
                Ok(None) => global,
                own => own,
            }
        }
        Self {
            poll_interval: or(self.poll_interval, global.poll_interval),
            poll_timeout: or(self.poll_timeout, global.poll_timeout),
            request_timeout: or(self.request_timeout, global.request_timeout),
            max_concurrent_requests: or(
                self.max_concurrent_requests,
                global.max_concurrent_requests,
            ),
            stale_after: or(self.stale_after, global.stale_after),
        }
    }

    /// Reports settings that contradict each other, in the section that brought the two together.
    fn check(&self, section: &Section, own: &Self) {
        self.check_timeout(section, own);
        self.check_stale_after(section, own);
    }

    /// What is withdrawn before the next poll can bring it again would come and go for ever.
    fn check_stale_after(&self, section: &Section, own: &Self) {
        let (Ok(Some(interval)), Ok(Some(stale))) = (self.poll_interval, self.stale_after) else {
            return;
        };
        if stale >= interval {
            return;
        }
        let interval = format!("`{}`", humantime::format_duration(interval));
        let stale = format!("`{}`", humantime::format_duration(stale));
        if matches!(own.stale_after, Ok(Some(_))) {
            let instead = format!(
                "write a duration no shorter than the `poll_interval` of {interval}, better a multiple of it"
            );
            section.report("stale_after", &stale, instead);
        } else if matches!(own.poll_interval, Ok(Some(_))) {
            let instead = format!(
                "write a duration no longer than the `stale_after` of {stale}, or a `stale_after` beside it"
            );
            section.report("poll_interval", &interval, instead);
        }
    }

    /// Each poll ends before the next is due.
    fn check_timeout(&self, section: &Section, own: &Self) {
        let (Ok(Some(interval)), Ok(Some(timeout))) = (self.poll_interval, self.poll_timeout)
        else {
            return;
        };
        if timeout < interval {
            return;
        }
        let interval = format!("`{}`", humantime::format_duration(interval));
        let timeout = format!("`{}`", humantime::format_duration(timeout));
        if matches!(own.poll_timeout, Ok(Some(_))) {
            let instead =
                format!("write a duration shorter than the `poll_interval` of {interval}");
            section.report("poll_timeout", &timeout, instead);
        } else if matches!(own.poll_interval, Ok(Some(_))) {
            let instead = format!(
                "write a duration longer than the `poll_timeout` of {timeout}, or a `poll_timeout` beside it"
            );
            section.report("poll_interval", &interval, instead);
        }
    }

    /// Fills in what nobody said.
    pub(super) fn timing(&self) -> Parsed<Timing> {
        let interval = self.poll_interval?.ok_or(AlreadyReported)?;
        Ok(Timing {
            interval,
            timeout: self.poll_timeout?.unwrap_or(default_timeout(interval)),
            request_timeout: self.request_timeout?.ok_or(AlreadyReported)?,
            max_concurrent_requests: self.max_concurrent_requests?.ok_or(AlreadyReported)?,
            stale_after: self
                .stale_after?
                .unwrap_or(poll::Settings::default_stale_after(interval)),
        })
    }
}

impl Timing {
    /// The settings of polls of these links.
    pub(super) fn poll(&self, links: LinkFilter, collect: Collect) -> poll::Settings {
        poll::Settings {
            interval: self.interval,
            timeout: self.timeout,
            max_concurrent_requests: self.max_concurrent_requests,
            stale_after: self.stale_after,
            links,
            collect,
        }
    }
}

/// The default of `poll_timeout` leaves a sixth of the interval free, so that a short interval alone is a whole setting.
fn default_timeout(interval: Duration) -> Duration {
    poll::Settings::TIMEOUT.min(interval * 5 / 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_timeout_is_always_shorter_than_the_interval() {
        let millis = |interval| default_timeout(Duration::from_millis(interval)).as_millis();
        assert_eq!(
            [millis(1), millis(6_000), millis(30_000), millis(600_000)],
            [0, 5_000, 25_000, 25_000]
        );
        assert!(default_timeout(Duration::from_millis(1)) > Duration::ZERO);
    }
}
