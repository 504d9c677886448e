//! When a round tells what fires, and when the next one is.

use super::*;

#[test]
fn everything_that_fires_is_told_once_a_minute_however_often_it_is_asked() {
    let mut play = Play::new();
    for mark in "!!!!!".chars() {
        play.minute(mark);
    }
    let told = |play: &mut Play, seconds: i64| {
        let now = play.now() + jiff::SignedDuration::from_secs(seconds);
        let evaluate = play.engine.evaluate(&play.store.snapshot(), now);
        (evaluate.tell.len(), (evaluate.next - now).get_seconds())
    };
    let told: Vec<_> = [-40, -20, 0, 20, 40, 60]
        .map(|seconds| told(&mut play, seconds))
        .into();
    assert_eq!(told, [(0, 40), (0, 20), (2, 60), (0, 40), (0, 20), (2, 60)]);
}

#[test]
fn a_round_says_when_time_alone_will_change_something() {
    let mut play = Play::new();
    play.minute('F');
    let (start, snapshot) = (play.now(), play.store.snapshot());
    let mut found = Vec::new();
    let mut now = start - jiff::SignedDuration::from_secs(45);
    for _ in 0..4 {
        let evaluate = play.engine.evaluate(&snapshot, now);
        let failed = evaluate
            .tell
            .iter()
            .find(|tell| tell.active.rule.name == "ClusterLinkFailed");
        found.push(((now - start).get_seconds(), failed.map(|tell| tell.reason)));
        now = evaluate.next;
    }
    let expected = [
        (-45, None),
        (0, Some(Reason::First)),
        (60, Some(Reason::Repeat)),
        (120, Some(Reason::Repeat)),
    ];
    assert_eq!(found, expected);
}
