//! When an evaluation notifies receivers of what fires, and when the next one is.

use super::*;

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
