//! How often a cluster is asked, and about which links.

use std::time::Duration;

use regex::RegexSet;

use crate::model::{Endpoint, Limits, LinkName, MirrorDetail};

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

/// `links.include` and `links.exclude`, anchored regular expressions on the link name.
#[derive(Clone, Debug)]
pub struct LinkFilter {
    include: RegexSet,
    exclude: RegexSet,
}

/// A pattern that is not a regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// What the expression parser says, on one line.
    pub message: String,
}

impl LinkFilter {
    /// Wants every link that one of `include` matches and none of `exclude` does.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, PatternError> {
        Ok(Self {
            include: anchored(include)?,
            exclude: anchored(exclude)?,
        })
    }

    /// Wants every link.
    pub fn all() -> Self {
        Self::new(&[".*".to_owned()], &[]).expect("`.*` is a regular expression")
    }

    /// Whether the link is wanted.
    pub fn wants(&self, link: &LinkName) -> bool {
        self.include.is_match(link.as_str()) && !self.exclude.is_match(link.as_str())
    }
}

/// The same patterns in the same order.
impl PartialEq for LinkFilter {
    fn eq(&self, other: &Self) -> bool {
        self.include.patterns() == other.include.patterns()
            && self.exclude.patterns() == other.exclude.patterns()
    }
}

fn anchored(patterns: &[String]) -> Result<RegexSet, PatternError> {
    for pattern in patterns {
        // Compiled alone first, so that the message shows what the user wrote and `a)(b` cannot escape the anchors.
        regex::Regex::new(pattern).map_err(|error| reason(&error))?;
    }
    RegexSet::new(patterns.iter().map(|pattern| format!("^(?s:{pattern})$")))
        .map_err(|error| reason(&error))
}

/// The last line says why; those above it repeat the pattern.
fn reason(error: &regex::Error) -> PatternError {
    let message = error.to_string();
    let reason = message.lines().last().unwrap_or_default();
    PatternError {
        message: reason.trim_start_matches("error: ").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(include: &[&str], exclude: &[&str]) -> Result<LinkFilter, PatternError> {
        let owned =
            |patterns: &[&str]| patterns.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>();
        LinkFilter::new(&owned(include), &owned(exclude))
    }

    #[test]
    fn a_pattern_matches_the_whole_name_whatever_it_holds() {
        let filter = filter(&["dr-.*", "exact"], &[".*-old"]).unwrap();
        let wanted = [
            "dr-orders",
            "dr-\nline",
            "exact",
            "dr-orders-old",
            "my-dr-orders",
            "exactly",
        ]
        .map(|name| filter.wants(&name.into()));
        assert_eq!(wanted, [true, true, true, false, false, false]);
    }

    #[test]
    fn a_broken_pattern_says_why() {
        assert_eq!(
            filter(&["a("], &[]).unwrap_err().to_string(),
            "unclosed group"
        );
        assert_eq!(
            filter(&["a)(b"], &[]).unwrap_err().to_string(),
            "unopened group"
        );
        // The comment swallows the closing anchor: right alone, wrong among the anchors.
        assert_eq!(
            filter(&["(?x)a # b"], &[]).unwrap_err().to_string(),
            "unclosed group"
        );
    }

    #[test]
    fn values_outlive_three_polls_and_two_minutes_at_the_least() {
        let seconds = |s| Settings::default_stale_after(Duration::from_secs(s)).as_secs();
        assert_eq!([seconds(5), seconds(30), seconds(60)], [120, 120, 180]);
    }
}
