//! PromQL with marks where the user's selector goes, and what expressions have in common.
//!
//! In an expression `@}` ends a selector of the exporter's own families, `@:}` one of a [`super::Recording`], and `{job@}` is
//! the whole selector of what Prometheus knows about the exporter's job; `@&` ends the labels of an aggregation or a join, where those go that a
//! deployment keeps.

use std::{fmt, str::FromStr, sync::LazyLock, time::Duration};

use regex::Regex;

use super::lookback::{HOUR, NOW, QUARTER};
use crate::metrics::identity;

/// The job of the exporter unless the user's selector names another.
pub const JOB: &str = r#"job="cluster-link-exporter""#;

/// A filter of Prometheus' instant vectors, as in `up{job="x"}`, without the braces; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(String);

/// The text is no selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write label matchers as in PromQL, without braces and backquotes, such as `job=\"cluster-link-exporter\"`"
)]
pub struct SelectorError;

static MATCHERS: LazyLock<Regex> = LazyLock::new(|| {
    let matcher = r#"[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n`]|\\[^\n`])*""#;
    Regex::new(&format!(r"^\s*{matcher}(?:\s*,\s*{matcher})*\s*$"))
        .expect("a literal pattern is valid")
});
static NAMES_A_JOB: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|")\s*,?\s*job\s*[=!]"#).expect("a literal pattern is valid")
});

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        if MATCHERS.is_match(text) {
            Ok(Self(text.trim().to_owned()))
        } else {
            Err(SelectorError)
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Selector {
    /// The expression with this selector at every mark; without labels that [`super::KeptLabels`] has not filled in.
    pub fn fill(&self, expression: &str) -> String {
        let Self(own) = self;
        let job = match own.as_str() {
            "" => JOB.to_owned(),
            own if NAMES_A_JOB.is_match(own) => own.to_owned(),
            own => format!("{JOB},{own}"),
        };
        let (alone, more) = in_braces(own);
        let recorded = match own.as_str() {
            "" => String::new(),
            own => format!("{SELECTOR}=`{own}`"),
        };
        let (recorded, more_recorded) = in_braces(&recorded);
        expression
            .replace("@&", "")
            .replace("{job@}", &format!("{{{job}}}"))
            .replace("{@}", &alone)
            .replace("@}", &more)
            .replace("{@:}", &recorded)
            .replace("@:}", &more_recorded)
    }

    /// The matchers as they were given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Matchers as a selector's only ones, and as those that end it.
fn in_braces(matchers: &str) -> (String, String) {
    if matchers.is_empty() {
        (String::new(), "}".to_owned())
    } else {
        (format!("{{{matchers}}}"), format!(",{matchers}}}"))
    }
}

/// The label of recorded series that says for which exporters they were recorded, where the rules are for certain ones.
pub(super) const SELECTOR: &str = "selector";

/// What Prometheus makes of our label `endpoint` where the target has one.
pub const EXPORTED_ENDPOINT: &str = "exported_endpoint";

/// The labels that identify a cluster, a link and a task. Everything is aggregated and joined by labels like these and by
/// no others: two subjects never differ only in what scraping attaches to the series of an exporter. `@&` is where the
/// labels go that a deployment keeps beside them.
pub(super) const CLUSTER: &str = concat!(identity!(cluster), "@&");
/// Those of what is read of a cluster's links.
pub(super) const DETAILS: &str = concat!(identity!(details), "@&");
/// Those of a link.
pub(super) const LINK: &str = concat!(identity!(link), "@&");
/// Those of a task.
pub(super) const TASK: &str = concat!(identity!(task), "@&");
/// Those of what is expected of a link or of one of its tasks.
pub(super) const EXPECTATIONS: &str = concat!(identity!(task), ", expectation@&");
/// Those of a check of a pair.
pub(super) const CHECKS: &str = concat!(identity!(link), ", remote_cluster_id, check@&");
/// Those of what the audit of a link's settings found.
pub(super) const FINDINGS: &str = concat!(identity!(link), ", finding@&");

/// The clusters whose list of links is shown.
pub(super) const LISTED: &str = "clusterlink_links{@}";

/// The series as one for each subject, whatever number of exporters sees it.
pub(super) fn by(labels: &str, series: &str) -> String {
    format!("max by ({labels}) ({series})")
}

/// A window or a look-back in PromQL.
pub(super) fn window(length: Duration) -> String {
    let text = humantime::format_duration(length).to_string();
    // It spells days with a word.
    text.replace("day", "d").replace(' ', "")
}

/// The look-back of what is last known.
pub(super) fn hour() -> String {
    window(HOUR)
}

/// The value that an expression had last within the hour.
fn last(expression: &str) -> String {
    format!("last_over_time({expression}[{}:1m])", hour())
}

/// The subjects that are in one of these states, or were when that was last known within the hour: until another state is
/// decided, of which `UNKNOWN` is none, or the link is gone.
pub(super) fn in_state(labels: &str, recording: &str, states: &[&str]) -> String {
    let operator = if states.len() == 1 { "=" } else { "=~" };
    let names = states.join("|");
    holds(
        labels,
        &format!(r#"{recording}{{state{operator}"{names}"@:}}"#),
    )
}

/// The subjects of which a latched recording holds.
pub(super) fn holds(labels: &str, recording: &str) -> String {
    by(labels, &format!("{recording} > 0"))
}

/// The subjects of which something holds since less than so many seconds, by a recording that says since when.
pub(super) fn holds_since(labels: &str, recording: &str, seconds: u64) -> String {
    format!("{} > time() - {seconds}", holds(labels, recording))
}

/// True while a pattern of `expect` matches no link, and from then on for up to an hour until a list of links says otherwise.
pub(super) fn exists(labels: &str) -> String {
    let met = r#"clusterlink_expectation_met{expectation="exists"@}"#;
    let bad = by(labels, &format!("1 - {met}"));
    let before = by(labels, &format!("last_over_time({met}[{}])", hour()));
    let listed = by(CLUSTER, LISTED);
    let known = format!("(0 * {before} and on ({CLUSTER}) {listed})");
    format!(
        "{bad} == 1\nor (\n  {} == 1\n  unless {known}\n)",
        last(&format!("({bad} == 1 or {known})"))
    )
}

/// Where a counter rose by more than so many within the window, as one for each of these labels.
///
/// `increase` extrapolates to the edges of the window, so that six changes can count as more than six, and no other
/// program comes to the same number. The last value less the least is exact as long as the counter does not start anew;
/// where it does, this is smaller, which fires nothing.
pub(super) fn rose_by_more(than: u64, labels: &str, selector: &str, length: Duration) -> String {
    // Few did, and to aggregate those costs less than to aggregate all.
    by(labels, &format!("{} > {than}", rise(selector, length)))
}

/// How far each series of a counter rose within the window.
pub(super) fn rise(selector: &str, length: Duration) -> String {
    let window = window(length);
    format!("last_over_time({selector}[{window}]) - min_over_time({selector}[{window}])")
}

/// Series with label `endpoint` as the exporter has it. The Prometheus Operator attaches one of that name to all that it
/// scrapes, and Prometheus renames ours unless `honor_labels` is set.
pub fn own_endpoint(series: &str) -> String {
    format!(r#"label_replace({series}, "endpoint", "$1", "{EXPORTED_ENDPOINT}", "(.+)")"#)
}

/// How fast a counter rises now.
///
/// Where [`NOW`] does not hold two scrapes, between the last two of them: a longer window alone would make one failed
/// request look like many minutes of them.
pub(super) fn rising(selector: &str) -> String {
    let (now, longer) = (window(NOW), window(QUARTER));
    format!("(rate({selector}[{now}]) or irate({selector}[{longer}]))")
}

/// True while the polls of a cluster fail, and from then on for up to an hour without an exporter.
pub(super) fn polls_failing() -> String {
    let series = by(CLUSTER, "clusterlink_poll_success{@}");
    let without = format!("{} == 0\n  unless {series} == 1", last(&series));
    format!("{series} == 0\nor (\n  {}\n)", current(&without))
}

/// The expression without the clusters that have an id by now and had none when their series were looked back on.
///
/// A cluster whose id is not learnt yet has its series without one until then. They are replaced, not gone: they say
/// nothing any more.
pub(super) fn current(expression: &str) -> String {
    format!(
        "{expression}\nunless on ({CLUSTER}) \
         max by (cluster_name@&) (clusterlink_poll_success{{cluster_id!=\"\"@}})"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_goes_to_every_mark_and_keeps_the_job_where_it_names_none() {
        let expression = r#"a{@} + b{c="d"@} + up{job@}"#;
        let cases = [
            ("", r#"a + b{c="d"} + up{job="cluster-link-exporter"}"#),
            (
                r#"job="x""#,
                r#"a{job="x"} + b{c="d",job="x"} + up{job="x"}"#,
            ),
            (
                r#"env="p""#,
                r#"a{env="p"} + b{c="d",env="p"} + up{job="cluster-link-exporter",env="p"}"#,
            ),
        ];
        for (selector, filled) in cases {
            assert_eq!(Selector(selector.to_owned()).fill(expression), filled);
        }
    }

    #[test]
    fn only_label_matchers_are_a_selector() {
        for good in [r#"job="x""#, r#" env=~"a|b" , job != "x\"y" "#] {
            assert!(good.parse::<Selector>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "job",
            r#"{job="x"}"#,
            "job='x'",
            r#"job="x"}"#,
            "job=\"`\"",
        ] {
            assert_eq!(bad.parse::<Selector>(), Err(SelectorError), "{bad}");
        }
    }
}
