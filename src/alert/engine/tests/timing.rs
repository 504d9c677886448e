//! When an evaluation notifies receivers of what fires, and when the next one is.

use super::*;
use crate::model::{Limits, Link, ObservedLink, Task, TaskState};

#[test]
fn everything_that_fires_is_repeated_once_a_minute_however_often_it_is_evaluated() {
    let mut play = Play::new();
    for mark in "!!!!!".chars() {
        play.minute(mark);
    }
    let evaluated = |play: &mut Play, seconds: i64| {
        let now = play.now() + jiff::SignedDuration::from_secs(seconds);
        let evaluation = play.engine.evaluate(&play.store.snapshot(), now);
        let pause = evaluation.next - now;
        (evaluation.to_notify.len(), pause.get_seconds())
    };
    assert_eq!(
        [-40, -20, 0, 20, 40, 60].map(|seconds| evaluated(&mut play, seconds)),
        [(0, 40), (0, 20), (2, 60), (0, 40), (0, 20), (2, 60)]
    );
}

#[test]
fn an_evaluation_says_when_time_alone_will_change_something() {
    let mut play = Play::new();
    play.minute('F');
    let (start, snapshot) = (play.now(), play.store.snapshot());
    let mut found = Vec::new();
    let mut now = start - jiff::SignedDuration::from_secs(45);
    for _ in 0..4 {
        let evaluation = play.engine.evaluate(&snapshot, now);
        let failed = evaluation
            .to_notify
            .iter()
            .find(|(_, active)| active.rule.name == "ClusterLinkFailed");
        found.push((
            (now - start).get_seconds(),
            failed.map(|(reason, _)| *reason),
        ));
        now = evaluation.next;
    }
    let expected = [
        (-45, None),
        (0, Some(Reason::First)),
        (60, Some(Reason::Repeat)),
        (120, Some(Reason::Repeat)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_happened_once_is_over_before_its_hold_duration_however_often_it_is_evaluated() {
    for (mark, rule) in [
        ('4', "ClusterLinkApiAuthFailing"),
        ('9', "ClusterLinkApiThrottled"),
    ] {
        let mut play = Play::new();
        let mut seen = Vec::new();
        // A counter that was not there before has not risen yet.
        for mark in spread(&format!(".{mark}.*16 {mark}.*20")).chars() {
            play.minute(mark);
            for seconds in [-45, -30, -15] {
                let now = play.now() + jiff::SignedDuration::from_secs(seconds);
                play.engine.evaluate(&play.store.snapshot(), now);
                let active = play
                    .engine
                    .active()
                    .filter(|active| active.rule.name == rule);
                seen.extend(active.map(|active| active.state.phase));
            }
        }
        assert!(!seen.is_empty(), "{rule} has seen nothing");
        let fired = seen
            .iter()
            .any(|phase| !matches!(phase, Phase::Pending { .. }));
        assert!(!fired, "{rule} fires");
    }
}

/// Two clusters of one link with one task; the second is polled again before each evaluation, the first is not.
fn beside(state: TaskState, stays: Option<&Arc<Cluster>>) -> Snapshot {
    let cluster = |name: &str, state| {
        let limits = Limits {
            poll_interval: Duration::from_secs(30),
            stale_after: Duration::from_secs(120),
        };
        let at = Timestamp::UNIX_EPOCH;
        let mut cluster = Cluster::unpolled(name.into(), Some("lkc-1".into()), limits, &[]);
        let mut link = Link::named("orders");
        link.tasks = Some(vec![Task {
            task_name: Task::ACL_SYNC.into(),
            state,
            errors: Vec::new(),
        }]);
        cluster.polls.count = 1;
        cluster.polls.last_success = Some(at);
        cluster.listed_at = Some(at);
        cluster.links = vec![Arc::new(ObservedLink::described(link, at))];
        Arc::new(cluster)
    };
    let first = stays.cloned().unwrap_or_else(|| cluster("first", state));
    Snapshot {
        clusters: vec![first, cluster("second", TaskState::Active)],
        ..Snapshot::default()
    }
}

#[test]
fn an_alert_of_a_cluster_of_which_nothing_is_new_goes_on_and_fires_in_time() {
    let rule = |rule: &&Rule| rule.name == "ClusterLinkTaskInError";
    let rule = *crate::alert::rules()
        .find(rule)
        .expect("it is in the table");
    let mut engine = Engine::new(vec![rule]);
    let mut snapshot = beside(TaskState::InError, None);
    let mut phases = String::new();
    let mut at = |seconds: i64, snapshot: &Snapshot| {
        let evaluation = engine.evaluate(snapshot, Timestamp::from_second(seconds).unwrap());
        let first = evaluation.to_notify.iter();
        let first = first.filter(|(reason, _)| *reason == Reason::First).count();
        let active: Vec<_> = engine.active().map(|alert| alert.state.phase).collect();
        phases.push(match (first, active.as_slice()) {
            (1, [Phase::Firing { ending: None }]) => 'F',
            (0, [Phase::Firing { ending: None }]) => 'f',
            (0, [Phase::Firing { ending: Some(_) }]) => 'e',
            (0, [Phase::Pending { .. }]) => 'p',
            (0, []) => '.',
            other => panic!("{other:?}"),
        });
    };
    // Each ten seconds, which is between two repetitions mostly.
    let start = 1_700_000_000;
    for step in 0..36 {
        at(start + 10 * step, &snapshot);
        snapshot = beside(TaskState::InError, Some(&snapshot.clusters[0]));
    }
    snapshot = beside(TaskState::Active, None);
    for step in 36..70 {
        at(start + 10 * step, &snapshot);
        snapshot = beside(TaskState::Active, Some(&snapshot.clusters[0]));
    }
    let expected = [
        "p".repeat(30),
        "F".into(),
        "f".repeat(5),
        "e".repeat(30),
        ".".repeat(4),
    ];
    assert_eq!(phases, expected.concat());
}

#[test]
fn a_cluster_of_which_nothing_is_new_is_gone_through_again_once_a_minute_only() {
    let mut engine = Engine::new(crate::alert::rules().copied().collect());
    let mut snapshot = beside(TaskState::Active, None);
    let mut seen = Vec::new();
    for seconds in (0..=120).step_by(20) {
        let now = Timestamp::from_second(1_700_000_000 + seconds).unwrap();
        engine.clock = engine.clock.next(now);
        let context = engine.context(now);
        seen.push(engine.unchanged(&snapshot, &context).len());
        engine
            .lookback
            .observe(&snapshot, engine.clock, &mut Changes::default());
        snapshot = beside(TaskState::Active, Some(&snapshot.clusters[0]));
    }
    assert_eq!(seen, [0, 1, 1, 0, 1, 1, 0]);
}
