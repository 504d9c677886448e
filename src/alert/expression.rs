//! PromQL with marks where the user's selector goes, and the pattern that keeps an alert from resolving while we are blind.
//!
//! In an expression `@}` ends a selector of the exporter's own families, and `{job@}` is the whole selector of what
//! Prometheus knows about the exporter's job; `@&` ends the labels of an aggregation or a join, where those go that a
//! deployment keeps.

use std::{fmt, str::FromStr, sync::LazyLock, time::Duration};

use regex::Regex;

use super::lookback::{HOUR, NOW, QUARTER};

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
        let (alone, more) = if own.is_empty() {
            (String::new(), "}".to_owned())
        } else {
            (format!("{{{own}}}"), format!(",{own}}}"))
        };
        expression
            .replace("@&", "")
            .replace("{job@}", &format!("{{{job}}}"))
            .replace("{@}", &alone)
            .replace("@}", &more)
    }
}

/// What Prometheus makes of our label `endpoint` where the target has one.
pub const EXPORTED_ENDPOINT: &str = "exported_endpoint";

/// The labels that identify a cluster, a link and a task. Everything is aggregated and joined by labels like these and by
/// no others: two subjects never differ only in what scraping attaches to the series of an exporter. `@&` is where the
/// labels go that a deployment keeps beside them.
pub(super) const CLUSTER: &str = "cluster_name, cluster_id@&";
/// Those of a link.
pub(super) const LINK: &str = "cluster_name, cluster_id, link_name@&";
/// Those of a task.
pub(super) const TASK: &str = "cluster_name, cluster_id, link_name, task_name@&";

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
fn hour() -> String {
    window(HOUR)
}

/// The value that an expression had last within the hour.
fn last(expression: &str) -> String {
    format!("last_over_time({expression}[{}:1m])", hour())
}

/// When an expression had a value last within the hour.
fn last_seen(expression: &str) -> String {
    format!("last_over_time(timestamp({expression})[{}:1m])", hour())
}

/// True while `bad` is 1, and from then on for up to an hour until `decided` says something: a series that is there
/// whenever it is known whether it is bad or not. A link that is gone takes all with it.
///
/// The look-back is over what all exporters together show, not over the series of each: an exporter that was replaced would
/// else go on showing its last value for an hour. What is shown now counts without the look-back, which sees whole minutes.
pub(super) fn last_known(bad: &str, decided: &str) -> String {
    format!(
        "{bad} == 1\n\
         or (\n  {} == 1\n  unless {decided}\n  unless on ({LINK}) (\n    {}\n  )\n)",
        last(&format!("({bad} and {decided})")),
        link_gone("\n    ")
    )
}

/// True while a state set is in one of these states, and from then on until another state is decided: `UNKNOWN` decides
/// nothing, unless it is asked for itself.
pub(super) fn in_state(labels: &str, family: &str, states: &[&str]) -> String {
    let names = states.join("|");
    let operator = if states.len() == 1 { "=" } else { "=~" };
    let bad = by(labels, &format!(r#"{family}{{state{operator}"{names}"@}}"#));
    let decided = if states.contains(&"UNKNOWN") {
        format!("{family}{{@}}")
    } else {
        format!(r#"{family}{{state!="UNKNOWN"@}}"#)
    };
    let decided = by(labels, &decided);
    last_known(&bad, &format!("{decided} == 1"))
}

/// What is judged by the exporter: bad where a series says so, not known where another one does.
pub(super) struct Judged<'a> {
    /// The labels of the alert.
    pub(super) labels: &'a str,
    /// 1 where it is known to be bad.
    pub(super) bad: String,
    /// A series that is there for all that may have been bad within the hour, whatever its value.
    pub(super) candidates: String,
    /// The values of label `judgement` by which the exporter says that it does not know, empty for all, and the label of
    /// the alert that has the same values, if any.
    pub(super) judgement: (&'a str, Option<&'a str>),
}

impl Judged<'_> {
    /// True while it is bad, and from then on for up to an hour until it is known to be good or nobody wants to know: the
    /// link is shown, and nothing says that it is not known.
    pub(super) fn last_known(&self) -> String {
        self.last_known_unless("")
    }

    /// All that may have been bad within the hour, whatever it is now.
    pub(super) fn before(&self) -> String {
        let looked_back = format!("last_over_time({}[{}])", self.candidates, hour());
        by(self.labels, &looked_back)
    }

    /// The same; `good` is one more way in which it can be known to be good.
    pub(super) fn last_known_unless(&self, good: &str) -> String {
        let Self {
            bad,
            judgement: (words, of_alert),
            ..
        } = self;
        let selected = match *words {
            "" => "clusterlink_judgement_unknown{@}".to_owned(),
            words => format!(r#"clusterlink_judgement_unknown{{judgement=~"{words}"@}}"#),
        };
        let unknown = match of_alert {
            None => format!("on ({LINK}) {}", by(LINK, &selected)),
            Some(label) => {
                let labels = LINK.replace("@&", &format!(", task_name, {label}@&"));
                let named =
                    format!(r#"label_replace({selected}, "{label}", "$1", "judgement", "(.+)")"#);
                format!("on ({labels}) {}", by(&labels, &named))
            }
        };
        let shown = by(LINK, "clusterlink_link_poll_success{@}");
        let candidates = self.before();
        let known = format!("(0 * {candidates} unless {unknown} and on ({LINK}) {shown}{good})");
        format!(
            "{bad} == 1\n\
             or (\n  {} == 1\n  unless {known}\n  unless on ({LINK}) (\n    {}\n  )\n)",
            last(&format!("({bad} == 1 or {known})")),
            link_gone("\n    ")
        )
    }
}

/// True while a series of a cluster and an endpoint is 0, and from then on for up to an hour until it is not, or is not
/// there although the cluster's list of links is.
pub(super) fn failing_detail(labels: &str, series: &str) -> String {
    let now = by(labels, &own_endpoint(series));
    let before = format!("last_over_time({series}[{}])", hour());
    let before = by(labels, &own_endpoint(&before));
    let listed = by(CLUSTER, "clusterlink_links{@}");
    let known = format!("({now} > 0 or 0 * {before} + 1 unless {now} and on ({CLUSTER}) {listed})");
    format!(
        "{now} == 0\nor (\n  {} == 0\n  unless {known}\n)",
        last(&format!("({now} or {known})"))
    )
}

/// True while a pattern of `expect` matches no link, and from then on for up to an hour until a list of links says otherwise.
pub(super) fn exists(labels: &str) -> String {
    let met = r#"clusterlink_expectation_met{expectation="exists"@}"#;
    let bad = by(labels, &format!("1 - {met}"));
    let before = by(labels, &format!("last_over_time({met}[{}])", hour()));
    let listed = by(CLUSTER, "clusterlink_links{@}");
    let known = format!("(0 * {before} and on ({CLUSTER}) {listed})");
    format!(
        "{bad} == 1\nor (\n  {} == 1\n  unless {known}\n)",
        last(&format!("({bad} == 1 or {known})"))
    )
}

/// The links that a good poll no longer lists, within the hour.
fn link_gone(line: &str) -> String {
    gone().replace('\n', line)
}

/// When each of the links was last there within the hour, if the cluster had a good poll since then.
pub(super) fn gone() -> String {
    let links = by(LINK, "clusterlink_link_poll_success{@}");
    // While the API wants to be left alone the last poll stays a good one, and its list is withdrawn when it is too old.
    let worked = format!(
        "({} and {})",
        by(CLUSTER, "clusterlink_poll_success{@}"),
        by(CLUSTER, "clusterlink_links{@}")
    );
    format!(
        "{}\n\
         < on ({CLUSTER}) group_left () max_over_time(({worked} * time())[{}:1m])\n\
         unless {links}",
        last_seen(&links),
        hour()
    )
}

/// When each of the tasks was last there within the hour, if others of its link were named since then.
pub(super) fn unnamed() -> String {
    let tasks = by(TASK, "clusterlink_task_state{@}");
    let reported = by(LINK, "clusterlink_link_tasks_reported{@}");
    format!(
        "{}\n\
         < on ({LINK}) group_left () max_over_time((({reported} == 1) * time())[{}:1m])\n\
         unless {tasks}\n\
         unless on ({LINK}) (\n  {}\n)",
        last_seen(&tasks),
        hour(),
        link_gone("\n  ")
    )
}

/// How far a counter rose within the window, as one for each of these labels.
///
/// `increase` extrapolates to the edges of the window, so that six changes can count as more than six, and no other
/// program comes to the same number. The last value less the least is exact as long as the counter does not start anew;
/// where it does, this is smaller, which fires nothing.
pub(super) fn above_least(labels: &str, selector: &str, length: Duration) -> String {
    by(labels, &rise(selector, length))
}

/// The same for each series.
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
