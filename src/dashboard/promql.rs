//! PromQL as the boards write it: short, with marks that are filled in here.
//!
//! * `{job}`, `{process}`, `{poll}`, `{cluster}`, `{link}` and `{task}`, alone or with matchers of one's own as in
//!   `{link,state="FAILED"}`, select what the board's variables say, each including the one before as far as it is about
//!   the same thing.
//! * `once(x)` is one series per thing, whatever number of replicas sees it.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::mapping::numbered;
pub(super) use crate::alert::LINK;
use crate::model::{Health, StateRow};

/// The identity of a task in a vector match.
pub(super) const TASK: &str = "cluster_name, cluster_id, link_name, task_name";

/// The number of what nobody can see, worse than the worst state.
pub(super) const BLIND_NUMBER: u32 = 70;

/// The number of a count that cannot be made because nothing of its kind was asked for.
pub(super) const NOT_ASKED: i32 = -1;

/// How many rows a timeline has at most of what was broken, and of what was in other troubles.
const ROWS: usize = 20;

/// How many things there are at most where a timeline also shows what was well.
const FEW: usize = 40;

/// How many lines a graph has at most for one query.
const LINES: usize = 20;

/// Clusters of which nothing but the failing polls is known; one series each, with any value.
const BLIND: &str = "(once(clusterlink_poll_success{cluster}) unless on (cluster_name) once(clusterlink_links{cluster}))";

/// What the marks stand for.
const SCOPES: [(&str, &str); 6] = [
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
];

static MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{(job|process|poll|cluster|link|task)([,}])").expect("a literal pattern is valid")
});

/// The expression with its marks filled in.
pub(super) fn expand(text: &str) -> String {
    let matchers = |found: &Captures<'_>| {
        let scope = SCOPES.iter().find(|(mark, _)| *mark == &found[1]);
        let (_, matchers) = scope.expect("the pattern lists the marks");
        format!("{{{matchers}{}", &found[2])
    };
    let text = MARK.replace_all(text, matchers);
    text.replace("once(", "max without (instance, pod, job) (")
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

    /// The number of each state that a thing is in, and 0 for every other state.
    pub(super) fn numbers(&self) -> String {
        self.terms(|selector| selector)
    }

    /// Of a family that counts things by state: the number of each state that there is a thing in, and 0 for the others.
    pub(super) fn numbers_counted(&self) -> String {
        self.terms(|selector| format!("({selector} > bool 0)"))
    }

    /// The worst number of the time that is shown; it stands for each step alike.
    fn worst(&self) -> String {
        self.largest(&self.terms(|selector| format!("max_over_time({selector}[$__range] @ end())")))
    }

    fn largest(&self, numbers: &str) -> String {
        let label = self.label;
        format!("max without ({label}, instance, pod, job) (\n  {numbers}\n)")
    }

    fn terms(&self, value: impl Fn(String) -> String) -> String {
        let Self {
            family,
            scope,
            label,
            table,
            ..
        } = self;
        let terms = numbered(table).map(|(number, row)| {
            let selector = format!("{family}{{{scope},{label}=\"{}\"}}", row.name);
            format!("{number} * {}", value(selector))
        });
        terms.collect::<Vec<_>>().join("\n  or ")
    }

    /// The numbers in three queries, whose answers stand below one another: first what was broken in the time that is
    /// shown, then what else was not well, then what was well all the time. Of the first two the worst where there are
    /// many; the last only where there are few at all, because none of them is worse than another.
    pub(super) fn worst_first(&self) -> [String; 3] {
        let broken = 10 * Health::Broken as u32;
        let well = 10 * (Health::Off as u32 + 1);
        let (number, worst, key) = (self.number(), self.worst(), self.key);
        [
            format!("topk({ROWS}, {worst} >= {broken})"),
            format!("topk({ROWS}, {worst} < {broken} >= {well})"),
            format!("({worst} < {well})\nand on () (count({worst}) <= {FEW})"),
        ]
        .map(|chosen| format!("{number}\nand on ({key}) {chosen}"))
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

/// A row for each blind cluster, with this number.
pub(super) fn blind_rows(number: i64) -> String {
    format!("({number} + 0 * max by (cluster_name, cluster_id) {BLIND})")
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
            expand(r#"sum(once(a{link,state="X"})) / sum(b{job})"#),
            "sum(max without (instance, pod, job) (a{job=~\"$job\",cluster_name=~\"$cluster_name\",\
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
            "max without (state, instance, pod, job) (\n  0 * x{job,state=\"ACTIVE\"}\n  or 60 * x{job,state=\"FAILED\"}\n  \
             or 50 * x{job,state=\"UNAVAILABLE\"}\n  or 30 * x{job,state=\"PAUSED\"}\n  \
             or 40 * x{job,state=\"UNKNOWN\"}\n)"
        );
    }
}
