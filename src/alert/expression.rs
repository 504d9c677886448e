//! PromQL with marks where the user's selector goes, and the pattern that keeps an alert from resolving while we are blind.
//!
//! In an expression `@}` ends a selector of the exporter's own families, and `{job@}` is the whole selector of what
//! Prometheus knows about the exporter's job.

use std::{fmt, str::FromStr, sync::LazyLock};

use regex::Regex;

/// The job of the exporter unless the user's selector names another.
pub const JOB: &str = r#"job="cluster-link-exporter""#;

/// A filter of Prometheus' instant vectors, as in `up{job="x"}`, without the braces; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(String);

/// What stands where a selector should is none.
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
    /// The expression with this selector at every mark.
    pub fn fill(&self, expression: &str) -> String {
        let Self(own) = self;
        let job = match own.as_str() {
            "" => JOB.to_owned(),
            own if NAMES_A_JOB.is_match(own) => own.to_owned(),
            own => format!("{JOB},{own}"),
        };
        let (alone, more) = if own.is_empty() {
            (String::new(), "}".to_owned())
        } else {
            (format!("{{{own}}}"), format!(",{own}}}"))
        };
        expression
            .replace("{job@}", &format!("{{{job}}}"))
            .replace("{@}", &alone)
            .replace("@}", &more)
    }
}

/// A series selector of one state, or several in a regular expression, as one series per link or task: whatever number
/// of exporters sees it, and without the state itself, which is no label of an alert.
pub(super) fn merged(selector: &str) -> String {
    format!("max without (instance, pod, job, state) ({selector})")
}

/// True while the gauge that `selector` selects is 1, and from then on for up to an hour of blindness.
///
/// The last known state stands until a good poll says otherwise, also when the exporter is gone or was replaced. The
/// merged series is looked back on, not each exporter's own: one that was replaced would else go on saying for an hour
/// what it saw last. While polls work only what they say counts: the look-back sees whole minutes, and would hold what
/// healed until the next. What was not there in the last good poll is gone and does not come back when polls fail.
pub(super) fn standing(selector: &str) -> String {
    let series = merged(selector);
    format!(
        "{series} == 1\n\
         or (\n  {}\n  \
         >= on (cluster_id) group_left () {LAST_WORKED}\n  unless on (cluster_id) {POLLING_WORKS}\n)",
        last_true_at(&series)
    )
}

/// True while `series` is 1, and from then on for up to an hour until somebody can say otherwise: for what not every good
/// poll brings.
///
/// `known` are the series, one per link, that are there whenever it can be told. A link that is gone takes all with it.
pub(super) fn standing_until(series: &str, known: &str) -> String {
    format!(
        "{series} == 1\n\
         or (\n  last_over_time({series}[1h:1m]) == 1\n  unless on ({LINK}) {known}\n  \
         unless on ({LINK}) (\n    {}\n  )\n)",
        link_gone("\n    ")
    )
}

/// The same of a check of a pair. A pair can be judged without this check: then the check is over, so that it is compared
/// when either was there last.
pub(super) fn standing_in_pair(series: &str) -> String {
    // This check is judged wherever a pair is.
    let judged =
        format!(r#"max by ({LINK}) (clusterlink_pair_consistent{{check="remote_link_exists"@}})"#);
    format!(
        "{series} == 1\n\
         or (\n  {}\n  >= on ({LINK}) group_left () last_over_time(timestamp({judged})[1h:1m])\n  \
         unless on ({LINK}) {judged}\n  unless on ({LINK}) (\n    {}\n  )\n)",
        last_true_at(series),
        link_gone("\n    ")
    )
}

/// When the series was 1 last within the hour; it is not there where it was 0 last.
fn last_true_at(series: &str) -> String {
    format!("(last_over_time(({series} * time())[1h:1m]) > 0)")
}

/// The links that a good poll no longer lists, within the hour.
fn link_gone(line: &str) -> String {
    gone("clusterlink_link_poll_success{@}").replace('\n', line)
}

/// The labels by which the series of a link find each other.
pub const LINK: &str = "cluster_name, cluster_id, link_name";

/// When each of the series was last there within the hour, if the cluster had a good poll since then.
pub(super) fn gone(selector: &str) -> String {
    let series = merged(selector);
    format!(
        "last_over_time(timestamp({series})[1h:1m])\n\
         < on (cluster_id) group_left () {LAST_WORKED}\n\
         unless {series}"
    )
}

/// How far a counter rose within the window, merged as all series are.
///
/// `increase` extrapolates to the edges of the window, so that six changes can count as more than six, and no other
/// program comes to the same number. The last value less the least is exact as long as the counter does not start anew;
/// where it does, this is smaller, which fires nothing.
pub(super) fn above_least(selector: &str, window: &str) -> String {
    merged(&format!(
        "last_over_time({selector}[{window}]) - min_over_time({selector}[{window}])"
    ))
}

/// True while the polls of a cluster fail, and from then on for up to an hour without an exporter.
pub(super) fn polls_failing() -> String {
    let series = merged("clusterlink_poll_success{@}");
    let last =
        format!("last_over_time({series}[1h:1m]) == 0\n  unless on (cluster_id) {POLLING_WORKS}");
    format!("{series} == 0\nor (\n  {}\n)", current(&last))
}

/// The expression without the clusters that have an id by now and had none when their series were looked back on.
///
/// A cluster whose id is not learnt yet has its series without one until then. They are replaced, not gone: they say
/// nothing any more.
pub(super) fn current(expression: &str) -> String {
    format!(
        "{expression}\nunless on (cluster_name, cluster_id) \
         max by (cluster_name) (clusterlink_poll_success{{cluster_id!=\"\"@}})"
    )
}

/// When the polls of each cluster last worked within the hour, or 0, whichever exporter made them.
const LAST_WORKED: &str =
    "max_over_time((max by (cluster_id) (clusterlink_poll_success{@}) * time())[1h:1m])";

/// One series per cluster whose last poll was good, whichever exporter made it.
const POLLING_WORKS: &str = "max by (cluster_id) (clusterlink_poll_success{@}) == 1";

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
