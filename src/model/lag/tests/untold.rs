//! What an answer leaves out, openly or not.

use super::*;

#[test]
fn what_an_answer_leaves_out_is_neither_caught_up_nor_forgotten() {
    let mut watch = Watch::new();
    let whole = [topic("t", &[(0, Some(100), 0), (1, Some(50), 7)])];
    watch.see(0, &whole);
    watch.see(30, &whole);
    for (second, silent) in [
        (60, partial("t", &[])),
        (90, partial("t", &[(0, Some(100), 0)])),
        (870, partial("t", &[])),
    ] {
        let lag = watch.see(second, &[silent])[0];
        assert_eq!(lag.lag.known(), Err(Unknown::NotSent), "at {second}");
        assert_eq!(lag.stalled, Err(Unknown::NotSent), "at {second}");
    }
    // It has stood still since second 0, and what the source was given meanwhile is as old as it may be.
    let lag = watch.see(900, &[topic("t", &[(0, Some(100), 5), (1, Some(50), 7)])])[0];
    assert_eq!(lag.stalled, Ok(true));
    assert_eq!(lag.lag.known().map(|lag| lag.age.as_secs()), Ok(900));
    let whole_lag = watch.see(930, &[topic("t", &[(0, Some(100), 5)])])[0];
    assert_eq!(
        whole_lag.lag.age.as_secs(),
        840,
        "partition 0 was told of at second 90"
    );
}

#[test]
fn a_topic_with_fewer_partitions_than_were_known_is_not_known_until_it_was_made_anew_for_sure() {
    let fewer = topic("t", &[(0, Some(100), 0)]);
    let uncounted = MirrorTopic {
        is_counted: false,
        ..fewer.clone()
    };
    let is_known = |fewer: &MirrorTopic, restarts: bool| {
        let mut watch = Watch::new();
        watch.see(0, &[topic("t", &[(0, Some(100), 0), (1, Some(50), 7)])]);
        [30, 60, 3599, 3600, 7200].map(|second| {
            if restarts {
                watch = Watch(LagHistory::restored(&watch.0.saved()));
            }
            watch.see(second, std::slice::from_ref(fewer))[0]
                .lag
                .known()
                .is_ok()
        })
    };
    for restarts in [false, true] {
        assert_eq!(
            is_known(&fewer, restarts),
            [false, false, false, true, true]
        );
        assert_eq!(is_known(&uncounted, restarts), [false; 5]);
    }
    let mut watch = Watch::new();
    assert!(watch.see(0, &[uncounted])[0].lag.known().is_ok());
}

#[test]
fn a_partition_without_lag_and_without_the_position_it_had_is_not_known() {
    let silent = (0, None, 0);
    let is_known = |before: &[(i32, Option<u64>, u64)]| {
        let mut watch = Watch::new();
        watch.see(0, &[topic("t", before)]);
        [30, 60, 7200].map(|second| {
            watch.see(second, &[topic("t", &[silent])])[0]
                .lag
                .known()
                .is_ok()
        })
    };
    assert_eq!(is_known(&[silent]), [true; 3]);
    for before in [
        (0, Some(100), 7),
        (0, Some(100), 0),
        (0, Some(0), 0),
        (0, None, 5),
    ] {
        assert_eq!(is_known(&[before]), [false; 3], "{before:?}");
    }
    // What stood still before stands still since then, and a position that is told again is known again.
    let mut watch = Watch::new();
    let lags = [(0, 7), (30, 7), (60, 0), (900, 7)].map(|(second, lag)| {
        let fetched = (lag > 0).then_some(100);
        watch.see(second, &[topic("t", &[(0, fetched, lag)])])[0]
    });
    assert_eq!(
        lags.map(|lag| lag.stalled),
        [
            Err(Unknown::TooEarly),
            Err(Unknown::TooEarly),
            Err(Unknown::NotSent),
            Ok(true)
        ]
    );
    assert_eq!(lags[3].lag.known().map(|lag| lag.age.as_secs()), Ok(900));
}

#[test]
fn a_known_part_of_a_lag_counts_though_the_rest_is_not_known() {
    let mut watch = Watch::new();
    watch.see(0, &[topic("t", &[(0, Some(100), 0), (1, Some(1), 0)])]);
    let lag = watch.see(600, &[partial("t", &[(0, Some(100), 9)])])[0].lag;
    assert_eq!((lag.age.as_secs(), lag.is_partial), (600, true));
}
