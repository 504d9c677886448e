//! Timelines that every rule on a state has.

use super::timeline::{Case, Timeline};

/// A rule on a state, the series that says so, its minutes of `for` and of `keep_firing_for`, and what else must be.
#[derive(Clone, Copy)]
struct State {
    rule: &'static str,
    series: &'static str,
    other: &'static str,
    /// The series is 0 in the state, and 1 in others.
    inverted: bool,
    wait: usize,
    keep: usize,
    also: &'static [(&'static str, &'static str)],
}

const fn state(
    rule: &'static str,
    [series, other]: [&'static str; 2],
    [wait, keep]: [usize; 2],
) -> State {
    State {
        rule,
        series,
        other,
        inverted: false,
        wait,
        keep,
        also: &[],
    }
}

const fn inverted(state: State) -> State {
    State {
        inverted: true,
        ..state
    }
}

const STATES: &[State] = &[
    state(
        "ClusterLinkTaskInError",
        ["task IN_ERROR", "b: task IN_ERROR"],
        [5, 5],
    ),
    state(
        "ClusterLinkTaskUnknown",
        ["task UNKNOWN", "b: task UNKNOWN"],
        [15, 5],
    ),
    state(
        "ClusterLinkTaskBlocked",
        ["task LINK_FAILED", "b: task LINK_FAILED"],
        [10, 0],
    ),
    state(
        "ClusterLinkTaskBlocked",
        ["task LINK_UNAVAILABLE", "b: task LINK_UNAVAILABLE"],
        [10, 0],
    ),
    State {
        also: &[("task ACTIVE", "x!")],
        ..state(
            "ClusterLinkTaskDisabled",
            ["task NOT_CONFIGURED", "b: task NOT_CONFIGURED"],
            [15, 0],
        )
    },
    state(
        "ClusterLinkFailed",
        ["link FAILED", "b: link FAILED"],
        [1, 5],
    ),
    state(
        "ClusterLinkUnavailable",
        ["link UNAVAILABLE", "b: link UNAVAILABLE"],
        [2, 5],
    ),
    state(
        "ClusterLinkStateUnknown",
        ["link UNKNOWN", "b: link UNKNOWN"],
        [15, 5],
    ),
    state(
        "ClusterLinkPaused",
        ["link PAUSED", "b: link PAUSED"],
        [60, 0],
    ),
    inverted(state(
        "ClusterLinkExpectationViolated",
        ["expected task_state", "b: expected task_state"],
        [5, 5],
    )),
    inverted(state(
        "ClusterLinkPairInconsistent",
        ["pair remote_link_exists", "b: pair remote_link_exists"],
        [5, 5],
    )),
    state(
        "ClusterLinkConfigFinding",
        [
            "finding acl_sync_without_filters",
            "b: finding acl_sync_without_filters",
        ],
        [30, 0],
    ),
    state(
        "ClusterLinkMirrorTopicsFailed",
        ["topics FAILED", "b: topics FAILED"],
        [5, 0],
    ),
    state(
        "ClusterLinkMirrorTopicsSourceUnavailable",
        ["topics SOURCE_UNAVAILABLE", "b: topics SOURCE_UNAVAILABLE"],
        [5, 0],
    ),
    state(
        "ClusterLinkMirrorTopicsStuckPending",
        ["topics PENDING_STOPPED", "b: topics PENDING_STOPPED"],
        [30, 0],
    ),
    state(
        "ClusterLinkMirrorTopicsStalled",
        ["stalled", "b: stalled"],
        [5, 0],
    ),
];

pub(crate) fn timelines() -> Vec<Timeline> {
    let whole = |state| {
        let ordinary = ordinary(state);
        ordinary.into_iter().chain(blind(state))
    };
    STATES.iter().flat_map(whole).collect()
}

type World<'a> = &'a [(&'static str, String)];

impl State {
    fn timeline(&self, name: &'static str, case: Case, world: World, expected: String) -> Timeline {
        let also = self
            .also
            .iter()
            .map(|(series, values)| (*series, (*values).to_owned()));
        let own = world.iter().map(|(series, values)| {
            let values = if self.inverted && [self.series, self.other].contains(series) {
                values.replace('x', "/").replace('.', "x").replace('/', ".")
            } else {
                values.clone()
            };
            (*series, values)
        });
        let world = if case == Case::NoData {
            Vec::new()
        } else {
            own.chain(also).collect()
        };
        Timeline {
            rule: self.rule,
            name,
            case,
            world,
            expected,
        }
    }

    fn firing(&self, name: &'static str, world: World, expected: String) -> Timeline {
        self.timeline(name, Case::Firing, world, expected)
    }

    fn silent(&self, name: &'static str, world: World) -> Timeline {
        self.timeline(
            name,
            Case::Silent,
            world,
            format!(".*{}", 2 * self.wait + 10),
        )
    }
}

/// While all is known.
fn ordinary(state: &State) -> Vec<Timeline> {
    let &State {
        series,
        other,
        wait,
        keep,
        ..
    } = state;
    let ends = wait + 5;
    // The first scrape that may see it end after its time.
    let seen_to_end = 5 * (wait / 5 + 1);
    let polled = ("polled", "x".to_owned());
    let scraped = ("scraped", "x_*4".to_owned());
    vec![
        state.firing(
            "fires after its time and resolves with a good poll",
            &[(series, format!("x*{ends} .")), polled.clone()],
            format!(".*{wait} x*{} .*5", 5 + keep),
        ),
        state.firing(
            "fires after its time and resolves with scrapes every five minutes",
            &[
                scraped.clone(),
                (series, format!("x*{seen_to_end} .")),
                polled.clone(),
            ],
            format!(".*{wait} x*{} .*5", seen_to_end - wait + keep),
        ),
        state.firing(
            "stands through failing polls with scrapes every five minutes",
            &[
                scraped,
                (series, format!("x*{seen_to_end} !")),
                ("polled", format!("x*{} .", seen_to_end / 2)),
            ],
            format!(".*{wait} x*35"),
        ),
        state.silent(
            "is silent while the state is another",
            &[(series, ".".into()), polled.clone()],
        ),
        state.silent(
            "is silent about less than its time",
            &[(series, format!("x*{wait} .")), polled.clone()],
        ),
        state.timeline("is silent without data", Case::NoData, &[], ".*10".into()),
        state.firing(
            "is one alert of two exporters, also when one of them goes",
            &[
                (series, "x".into()),
                (other, format!("x*{ends} !")),
                polled,
                ("b: polled", format!("x*{ends} !")),
            ],
            format!(".*{wait} x*15"),
        ),
    ]
}

/// While nothing new is known: nothing resolves, nothing begins anew.
fn blind(state: &State) -> Vec<Timeline> {
    let &State {
        series,
        other,
        wait,
        keep,
        ..
    } = state;
    let half = wait.div_ceil(2);
    let ends = wait + 5;
    vec![
        state.firing(
            "stands through 30 minutes of failing polls",
            &[
                (series, format!("x*{ends} !")),
                ("polled", format!("x*{half} .")),
            ],
            format!(".*{wait} x*35"),
        ),
        state.firing(
            "stands while the exporter is gone, within the hour",
            &[
                (series, format!("x*{ends} !")),
                ("polled", format!("x*{ends} !")),
            ],
            format!(".*{wait} x*60"),
        ),
        state.firing(
            "resolves when the next good poll after blindness says so",
            &[
                (series, format!("x*{ends} !*20 .")),
                ("polled", format!("x*{ends} .*20 x")),
            ],
            format!(".*{wait} x*{} .*5", 25 + keep),
        ),
        state.firing(
            "does not begin anew with a restart in the middle of its time",
            &[
                (series, format!("x*{half} !*2 x")),
                ("polled", format!("x*{half} !.x")),
            ],
            format!(".*{wait} x*5"),
        ),
        state.firing(
            "does not come back from an exporter that was replaced",
            &[
                (series, format!("x*{ends} !")),
                (other, format!("_*{ends} .*10 !")),
                ("polled", format!("x*{ends} !")),
                ("b: polled", format!("_*{ends} x*10 .")),
            ],
            format!(".*{wait} x*{} .*{}", 5 + keep, wait + 10),
        ),
    ]
}
