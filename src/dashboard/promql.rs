//! PromQL as the boards write it: short, with marks that are filled in here.
//!
//! * `{job}`, `{process}`, `{poll}`, `{cluster}`, `{link}` and `{task}`, alone or with matchers of one's own as in
//!   `{link,state="FAILED"}`, select what the board's variables say, each including the one before as far as it is about
//!   the same thing. `{recorded_cluster}` and `{recorded_link}` do so for what rules record, which has no job.
//! * `once(x)` is one series per thing, whatever number of replicas sees it and whatever labels scraping attaches to each:
//!   the largest by the labels of the family that is asked for, which are those of its row in the table of metrics. Of
//!   `least(x)` it is the smallest: of replicas that differ, the one that says 0 where 1 is good news.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::numbers::{NOT_ASKED, NOT_KNOWN, numbered};
pub(super) use crate::metrics::{CLUSTER, LINK, TASK};
use crate::{
    metrics::{Family, families},
    model::{Health, StateRow},
};

/// How many rows a timeline has at most of what was broken, and of what was in other troubles.
const ROWS: usize = 20;

/// How many things there are at most where a timeline also shows what was well.
const FEW: usize = 40;

/// How many lines a graph has at most for one query.
const LINES: usize = 20;

/// Clusters of which nothing but the failing polls is known; one series each, with any value.
///
/// A cluster whose id one replica has not learnt yet is there without one beside the same with its id, which counts.
const BLIND: &str = "(\n    once(clusterlink_poll_success{cluster,cluster_id!=\"\"}) unless on (cluster_name, cluster_id) once(clusterlink_links{cluster})\n    \
     or once(clusterlink_poll_success{cluster,cluster_id=\"\"}) unless on (cluster_name) once(clusterlink_poll_success{cluster,cluster_id!=\"\"})\n  )";

/// What the marks stand for.
const SCOPES: [(&str, &str); 8] = [
    ("job", r#"job=~"$job""#),
    ("process", r#"job=~"$job",instance=~"$instance""#),
    (
        "poll",
        r#"job=~"$job",instance=~"$instance",cluster_name=~"$cluster_name""#,
    ),
    ("cluster", r#"job=~"$job",cluster_name=~"$cluster_name""#),
    (
        "link",
        r#"job=~"$job",cluster_name=~"$cluster_name",link_name=~"$link_name""#,
    ),
    (
        "task",
        r#"job=~"$job",cluster_name=~"$cluster_name",link_name=~"$link_name",task_name=~"$task_name""#,
    ),
    ("recorded_cluster", r#"cluster_name=~"$cluster_name""#),
    (
        "recorded_link",
        r#"cluster_name=~"$cluster_name",link_name=~"$link_name""#,
    ),
];

static MARK: LazyLock<Regex> = LazyLock::new(|| {
    let names = SCOPES.map(|(mark, _)| mark).join("|");
    Regex::new(&format!(r"\{{({names})([,}}])")).expect("a literal pattern is valid")
});

static ONCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(once|least)\(").expect("a literal pattern is valid"));
static FAMILY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bclusterlink_\w+").expect("a literal pattern is valid"));

/// The expression with its marks filled in.
pub(super) fn expand(text: &str) -> String {
    let matchers = |found: &Captures<'_>| {
        let scope = SCOPES.iter().find(|(mark, _)| *mark == &found[1]);
        let (_, matchers) = scope.expect("the pattern lists the marks");
        format!("{{{matchers}{}", &found[2])
    };
    let text = MARK.replace_all(text, matchers);
    let aggregated = |found: &Captures<'_>| {
        let operator = if &found[1] == "once" { "max" } else { "min" };
        let within = &text[found.get(0).expect("it is the whole match").end()..];
        let family = FAMILY.find(within).expect("a family is asked for once");
        format!("{operator} by ({}) (", identity(family.as_str()))
    };
    ONCE.replace_all(&text, aggregated).into_owned()
}

/// The labels by which the exporter itself tells the series of a family apart.
fn identity(name: &str) -> String {
    let Some(family) = families().find(|family| family.name == name) else {
        assert_eq!(name, "clusterlink_alerts", "it has no row in a table");
        return "alertname, alertstate".to_owned();
    };
    let own = family.labels.iter().map(|label| label.name);
    let labels: Vec<_> = Family::IDENTITY.into_iter().chain(own).collect();
    labels.join(", ")
}

/// The label values of these states, as a regular expression.
pub(super) fn states(table: &[StateRow], wanted: impl Fn(Health) -> bool) -> String {
    let rows = table.iter().filter(|row| wanted(row.health));
    rows.map(|row| row.name).collect::<Vec<_>>().join("|")
}

/// A family that is a state set.
#[derive(Clone, Copy)]
pub(super) struct StateSet<'a> {
    /// Its name.
    pub(super) family: &'static str,
    /// Which of its series: a mark, and matchers behind it, without braces.
    pub(super) scope: &'a str,
    /// The label that has the state.
    pub(super) label: &'static str,
    /// The identity of a series in a vector match.
    pub(super) key: &'static str,
    /// The states.
    pub(super) table: &'static [StateRow],
}

impl StateSet<'_> {
    /// One number a series: which state it is in. Of replicas that differ, the worse counts.
    pub(super) fn number(&self) -> String {
        self.largest(&self.numbers())
    }

    /// The number of the state that each thing is in; of replicas that differ, of each of their states.
    pub(super) fn numbers(&self) -> String {
        self.numbers_of(&self.selector())
    }

    /// Of a family that counts things by state: the number of each state that there is a thing in, and 0 for the others.
    pub(super) fn numbers_counted(&self) -> String {
        self.with_numbers(&format!("({} > bool 0)", self.selector()))
    }

    /// The worst number of the time that is shown; it stands for each step alike.
    fn worst(&self) -> String {
        let ever = format!("max_over_time({}[$__range] @ end())", self.selector());
        self.largest(&self.numbers_of(&ever))
    }

    fn selector(&self) -> String {
        format!("{}{{{}}}", self.family, self.scope)
    }

    fn largest(&self, numbers: &str) -> String {
        format!("max by ({}) (\n  {numbers}\n)", self.key)
    }

    /// The numbers of those of the series that are 1.
    fn numbers_of(&self, series: &str) -> String {
        self.with_numbers(&format!("({series} == 1)"))
    }

    /// Each value times the number of the state that its series is about. The numbers are a vector of their own: a query that
    /// asks for the states one by one and joins them with `or` takes ten times as long.
    fn with_numbers(&self, values: &str) -> String {
        let label = self.label;
        let numbers = numbered(self.table).map(|(number, StateRow { name, .. })| {
            format!("label_replace(vector({number}), \"{label}\", \"{name}\", \"\", \"\")")
        });
        let numbers: Vec<_> = numbers.collect();
        format!(
            "{values} * on ({label}) group_left () (\n    {}\n  )",
            numbers.join("\n    or ")
        )
    }

    /// The numbers in three queries, whose answers stand below one another: first what was broken in the time that is
    /// shown, then what else was not well, then what was well all the time. Of the first two the worst where there are
    /// many; the last only where there are few at all, because none of them is worse than another.
    pub(super) fn worst_first(&self) -> [String; 3] {
        let broken = 10 * Health::Broken as u32;
        let well = 10 * (Health::Off as u32 + 1);
        let (worst, key) = (self.worst(), self.key);
        [
            format!("topk({ROWS}, {worst} >= {broken})"),
            format!("topk({ROWS}, {worst} < {broken} >= {well})"),
            format!("(({worst} < {well}) and on () (count({worst}) <= {FEW}))"),
        ]
        .map(|chosen| {
            // What is left out at once is not looked at in each step.
            let chosen = format!("({} and on ({key}) {chosen})", self.selector());
            self.largest(&self.numbers_of(&chosen))
        })
    }
}

/// The series over time of those things that have the largest ranks; the ranks are of the time that is shown, so that a
/// line does not come and go with those beside it.
pub(super) fn largest(key: &str, series: &str, rank: &str) -> String {
    format!("once({series})\nand on ({key}) topk({LINES}, max by ({key}) ({rank}))")
}

/// The things whose gauge was largest in the time that is shown.
pub(super) fn largest_gauge(key: &str, selector: &str) -> String {
    let rank = format!("max_over_time({selector}[$__range] @ end())");
    largest(key, selector, &rank)
}

/// A count for a tile. It shows its zero only while every selected cluster is seen: what is empty, is blind. Where nothing
/// of its kind was asked for, and that is known, it is [`NOT_ASKED`].
pub(super) fn seen(count: &str) -> String {
    format!(
        "({count}) > 0\nor (\n  (({count}) or 0 * sum(once(clusterlink_links{{cluster}})) + {NOT_ASKED})\n  unless on () {BLIND}\n)"
    )
}

/// The same of what may be larger where there is something that is not known: up to a limit it is then [`NOT_KNOWN`]. What
/// is seen to be above it counts, whatever else is not.
pub(super) fn known(value: &str, limit: u8, unknown: &str) -> String {
    format!(
        "({value}) > {limit}\nor 0 * count({unknown}) + {NOT_KNOWN}\nor {}",
        seen(value)
    )
}

/// A value that says nothing as long as there is something that is not known.
pub(super) fn whole(value: &str, unknown: &str) -> String {
    format!("0 * count({unknown}) + {NOT_KNOWN}\nor {}", seen(value))
}

/// A row for each blind cluster, with this number.
pub(super) fn blind_rows(number: i64) -> String {
    format!("({number} + 0 * max by ({CLUSTER}) {BLIND})")
}

/// Each cluster's age of data in poll intervals.
pub(super) const AGE_IN_INTERVALS: &str = "(time() - once(clusterlink_poll_last_success_timestamp_seconds{cluster})) \
     / once(clusterlink_poll_interval_seconds{cluster})";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LinkState;

    #[test]
    fn marks_become_selectors_of_the_variables() {
        assert_eq!(
            expand(r#"sum(once(clusterlink_failover_ready{link,state="X"})) / sum(b{job})"#),
            "sum(max by (cluster_name, cluster_id, link_name) (clusterlink_failover_ready{job=~\"$job\",cluster_name=~\"$cluster_name\",\
             link_name=~\"$link_name\",state=\"X\"})) / sum(b{job=~\"$job\"})"
        );
    }

    #[test]
    fn a_state_set_becomes_numbers_by_health() {
        let set = StateSet {
            family: "x",
            scope: "job",
            label: "state",
            key: LINK,
            table: LinkState::TABLE,
        };
        assert_eq!(
            set.number(),
            "max by (cluster_name, cluster_id, link_name) (\n  (x{job} == 1) * on (state) group_left () (\n    \
             label_replace(vector(0), \"state\", \"ACTIVE\", \"\", \"\")\n    \
             or label_replace(vector(60), \"state\", \"FAILED\", \"\", \"\")\n    \
             or label_replace(vector(50), \"state\", \"UNAVAILABLE\", \"\", \"\")\n    \
             or label_replace(vector(30), \"state\", \"PAUSED\", \"\", \"\")\n    \
             or label_replace(vector(40), \"state\", \"UNKNOWN\", \"\", \"\")\n  )\n)"
        );
    }
}
