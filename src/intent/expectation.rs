//! What the operator expects of a link (`expect` of the configuration) against what is.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::model::{
    Cluster, Expectation, Expected, Fact, Intent, Judged, LinkName, LinkState, MirrorLag,
    ObservedLink, TaskName, TaskState, Unknown, whole_seconds,
};

/// All that is expected of one link: every item of `expect` that matches it holds.
pub(super) struct Wanted<'a> {
    is_expected: bool,
    states: Vec<&'a [LinkState]>,
    /// By task, the states each item allows.
    pub(super) tasks: BTreeMap<&'a TaskName, Vec<&'a [TaskState]>>,
    /// The least of those wanted.
    pub(super) rpo: Option<Duration>,
}

/// What a task is, for one who expects something of it.
pub(super) enum TaskLookup<'a> {
    /// The server named no task at all.
    Unknown,
    /// It is not in the list.
    Missing,
    /// In this state.
    In(&'a TaskState),
}

impl<'a> Wanted<'a> {
    pub(super) fn of(intent: &'a Intent, link: &LinkName) -> Self {
        let mut wanted = Self {
            is_expected: false,
            states: Vec::new(),
            tasks: BTreeMap::new(),
            rpo: None,
        };
        for expect in intent.expect.iter().filter(|it| it.links.is_match(link)) {
            wanted.is_expected = true;
            if !expect.states.is_empty() {
                wanted.states.push(&expect.states);
            }
            for (name, states) in &expect.tasks {
                wanted.tasks.entry(name).or_default().push(states);
            }
            wanted.rpo = wanted.rpo.into_iter().chain(expect.rpo).min();
        }
        wanted
    }

    /// Every expectation, sorted.
    pub(super) fn judge(&self, link: &ObservedLink) -> Vec<Expected> {
        let mut judged = Vec::new();
        let mut add = |expectation, task_name: Option<&TaskName>, outcome: Option<Judged>| {
            judged.extend(outcome.map(|outcome| Expected {
                expectation,
                task_name: task_name.cloned(),
                outcome,
            }));
        };
        add(
            Expectation::Exists,
            None,
            self.is_expected.then_some(Judged::Good),
        );
        add(Expectation::State, None, self.state(link));
        for name in self.tasks.keys() {
            add(Expectation::TaskState, Some(name), self.task(name, link));
        }
        add(Expectation::Rpo, None, self.lag(link));
        judged
    }

    fn state(&self, link: &ObservedLink) -> Option<Judged> {
        self.states.first()?;
        let Some(state) = &link.link_state else {
            return Some(Judged::Unknown(Unknown::NotSent));
        };
        let is_allowed =
            |allowed: &&[LinkState]| allowed.iter().any(|it| it.index() == state.index());
        let labels = |allowed: &&[LinkState]| allowed.iter().map(LinkState::label).collect();
        Some(outcome(&self.states, is_allowed, labels, state.label()))
    }

    /// Whether the task is in a state that every item allows; `None` where nothing is expected.
    pub(super) fn task(&self, name: &TaskName, link: &ObservedLink) -> Option<Judged> {
        let allowed = self.tasks.get(name)?;
        let labels = |allowed: &&[TaskState]| allowed.iter().map(TaskState::label).collect();
        Some(match look_up(name.as_str(), link) {
            TaskLookup::Unknown => Judged::Unknown(Unknown::NotSent),
            TaskLookup::Missing => outcome(allowed, |_| false, labels, "no such task"),
            TaskLookup::In(state) => {
                let is_allowed =
                    |allowed: &&[TaskState]| allowed.iter().any(|it| it.index() == state.index());
                outcome(allowed, is_allowed, labels, state.label())
            }
        })
    }

    /// Whether the lag is within the objective. A lower bound above it is above it; one within it says nothing.
    fn lag(&self, link: &ObservedLink) -> Option<Judged> {
        let rpo = self.rpo?;
        Some(link.shown_mirrors().map(|it| within(&it.lag, rpo)).into())
    }
}

fn within(lag: &MirrorLag, rpo: Duration) -> Judged {
    if lag.age > rpo {
        return Judged::Bad(above(lag, rpo));
    }
    exact(lag).map(|()| Judged::Good).into()
}

/// Whether the lag is no lower bound.
pub(super) fn exact(lag: &MirrorLag) -> Fact<()> {
    lag.known()?;
    if lag.is_lower_bound {
        Err(Unknown::TooEarly)
    } else {
        Ok(())
    }
}

/// The first of these sets of allowed states that does not hold.
fn outcome<A>(
    wanted: &[A],
    is_allowed: impl Fn(&A) -> bool,
    labels: impl Fn(&A) -> Vec<&'static str>,
    found: &str,
) -> Judged {
    let violated = wanted.iter().find(|allowed| !is_allowed(allowed));
    Judged::of(
        violated.map(|allowed| format!("expected {}, found {found}", labels(allowed).join(" or "))),
    )
}

/// What the link's task of this name is.
pub(super) fn look_up<'a>(name: &str, link: &'a ObservedLink) -> TaskLookup<'a> {
    if link.tasks_unknown() {
        return TaskLookup::Unknown;
    }
    let task = link.named_task(name);
    task.map_or(TaskLookup::Missing, |task| TaskLookup::In(&task.state))
}

/// The lag against the objective it is above, for a person.
pub(super) fn above(lag: &MirrorLag, rpo: Duration) -> String {
    let (lag, rpo) = (lag.in_words(), whole_seconds(rpo));
    format!("the lag is {lag}, {rpo} is allowed")
}

/// The patterns of `expect` that match no link of the list.
pub(super) fn missing(cluster: &Cluster) -> Vec<String> {
    if cluster.listed_at.is_none() {
        return Vec::new();
    }
    let names = || cluster.links.iter().map(|link| &link.link_name);
    let expect = cluster.intent.expect.iter();
    let unmatched: BTreeSet<_> = expect
        .flat_map(|expect| {
            expect
                .links
                .unmatched(names())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    unmatched.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::testing::*;
    use crate::model::Expect;

    /// What is said of a link `dr-orders` in this state, with these tasks and this lag, and of what is missing.
    fn said(expect: Vec<Expect>, link: ObservedLink) -> Vec<String> {
        let mut cluster = cluster("lkc-dr", [link]);
        cluster.intent = Intent {
            expect,
            ..Intent::default()
        }
        .into();
        let snapshot = judged([cluster]);
        expectations(&snapshot)
    }

    fn orders(state: &str) -> ObservedLink {
        let tasks = [
            ("AclSync", "NOT_CONFIGURED"),
            ("ConsumerOffsetSync", "IN_ERROR"),
        ];
        link("dr-orders", "lkc-src", state).tasks(&tasks)
    }

    #[test]
    fn a_link_is_held_against_everything_that_is_expected_of_it() {
        let expect = expect(&["dr-.*"])
            .state(&["ACTIVE"])
            .task("ConsumerOffsetSync", &["ACTIVE"])
            .task("AclSync", &["ACTIVE", "NOT_CONFIGURED"])
            .task("SchemaSync", &["ACTIVE"])
            .rpo(300);
        let link = orders("PAUSED").lag(420, false);
        assert_eq!(
            said(vec![expect], link),
            [
                "dr-orders exists: met",
                "dr-orders state: expected ACTIVE, found PAUSED",
                "dr-orders AclSync task_state: met",
                "dr-orders ConsumerOffsetSync task_state: expected ACTIVE, found IN_ERROR",
                "dr-orders SchemaSync task_state: expected ACTIVE, found no such task",
                "dr-orders rpo: the lag is 7m, 5m is allowed",
            ]
        );
    }

    #[test]
    fn a_pattern_without_a_link_is_missing_once_and_matches_whole_names() {
        let expect = || expect(&["dr-.*", "dr", "gone.*"]);
        assert_eq!(
            said(vec![expect(), expect()], orders("ACTIVE")),
            ["dr-orders exists: met", "missing: dr", "missing: gone.*"]
        );
    }

    #[test]
    fn of_a_cluster_that_was_never_listed_nothing_is_missing() {
        let mut cluster = unpolled("lkc-dr");
        cluster.intent = Intent {
            expect: vec![expect(&["dr-.*"])],
            ..Intent::default()
        }
        .into();
        assert!(expectations(&judged([cluster])).is_empty());
    }

    #[test]
    fn several_items_that_match_a_link_all_hold() {
        let first = expect(&[".*"]).state(&["ACTIVE", "PAUSED"]).rpo(600);
        let second = expect(&["dr-.*"]).state(&["ACTIVE"]).rpo(60);
        let other = expect(&["dr-o.*"]).rpo(3600);
        assert_eq!(
            said(vec![first, second, other], orders("PAUSED").lag(90, false)),
            [
                "dr-orders exists: met",
                "dr-orders state: expected ACTIVE, found PAUSED",
                "dr-orders rpo: the lag is 1m 30s, 1m is allowed",
            ]
        );
    }

    #[test]
    fn what_the_server_does_not_say_is_neither_met_nor_violated() {
        let wanted = || {
            let tasks = expect(&["dr-.*"]).task("AclSync", &["ACTIVE"]);
            vec![tasks.state(&["ACTIVE"]).rpo(300)]
        };
        let mut silent = link("dr-orders", "lkc-src", "ACTIVE");
        silent.link_state = None;
        assert_eq!(
            said(wanted(), silent),
            [
                "dr-orders exists: met",
                "dr-orders state: not known: the server does not say",
                "dr-orders AclSync task_state: not known: the server does not say",
                "dr-orders rpo: not known: it was not asked for",
            ]
        );

        let bound = |age| {
            let link = link("dr-orders", "lkc-src", "ACTIVE").lag(age, true);
            said(wanted(), link).into_iter().nth(3)
        };
        let too_early = "dr-orders rpo: not known: it was not watched for long enough";
        assert_eq!(bound(299).as_deref(), Some(too_early));
        let above = "dr-orders rpo: the lag is at least 5m 1s, 5m is allowed";
        assert_eq!(bound(301).as_deref(), Some(above));
    }

    #[test]
    fn a_state_nobody_has_heard_of_is_unknown_and_can_be_expected() {
        let outcomes = |allowed| {
            let expect = expect(&["dr-.*"]).state(&[allowed]);
            said(vec![expect], orders("HIBERNATING")).pop()
        };
        assert_eq!(outcomes("UNKNOWN").as_deref(), Some("dr-orders state: met"));
        let violated = "dr-orders state: expected ACTIVE, found UNKNOWN";
        assert_eq!(outcomes("ACTIVE").as_deref(), Some(violated));
    }
}
