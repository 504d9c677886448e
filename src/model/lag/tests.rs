//! The estimate against sources whose whole history is known.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::model::MirrorStatus;

mod untold;

fn topic(name: &str, partitions: &[(i32, Option<u64>, u64)]) -> MirrorTopic {
    let partitions = partitions.iter();
    let partitions = partitions.map(|(partition, fetched, lag)| MirrorPartition {
        partition: *partition,
        lag: *lag,
        fetched: *fetched,
    });
    MirrorTopic {
        is_lag_whole: true,
        is_counted: true,
        topic_name: name.into(),
        status: MirrorStatus::Active,
        error: None,
        status_since: None,
        partitions: partitions.collect(),
    }
}

/// What a history says after observations of one topic at these seconds, the ages in seconds.
struct Watch(LagHistory);

impl Watch {
    fn see(&mut self, second: i64, topics: &[MirrorTopic]) -> Vec<TopicLag> {
        let topics: Vec<_> = topics.iter().collect();
        let at = Timestamp::from_second(second).unwrap();
        let (next, lags) = self.0.observe(at, &topics);
        self.0 = next;
        lags
    }

    /// Sees one partition at this position with this lag: the estimate in milliseconds.
    fn age(&mut self, second: i64, fetched: u64, lag: u64) -> u64 {
        let lags = self.see(second, &[topic("t", &[(0, Some(fetched), lag)])]);
        u64::try_from(lags[0].lag.age.as_millis()).unwrap()
    }

    fn new() -> Self {
        Self(LagHistory::default())
    }
}

#[test]
fn a_position_between_two_remembered_ends_is_in_proportion_between_their_times() {
    let mut watch = Watch::new();
    assert_eq!(watch.age(0, 100, 0), 0);
    // The source is given 10 records a second from second 0 on, the mirror fetches 5.
    let ages: Vec<_> = (1..=4)
        .map(|poll| {
            let second = 30 * poll;
            watch.age(
                second,
                100 + 5 * second.unsigned_abs(),
                5 * second.unsigned_abs(),
            )
        })
        .collect();
    assert_eq!(ages, [15_000, 30_000, 45_000, 60_000]);
}

#[test]
fn a_mirror_that_caught_up_is_0_s_behind_however_long_its_source_is_silent() {
    let mut watch = Watch::new();
    assert_eq!(watch.age(0, 50, 0), 0);
    assert_eq!(watch.age(3600, 50, 0), 0);
    // What comes then is at most as old as the last look at the silent source.
    assert_eq!(watch.age(3630, 50, 7), 30_000);
}

#[test]
fn behind_a_silent_source_the_lag_grows_as_time_does() {
    let mut watch = Watch::new();
    watch.age(0, 100, 0);
    assert_eq!(watch.age(30, 100, 40), 30_000);
    assert_eq!(watch.age(330, 100, 40), 330_000);
    // Half of what it lacked was written before second 15.
    assert_eq!(watch.age(360, 120, 20), 345_000);
}

#[test]
fn a_mirror_that_lagged_at_first_sight_has_a_lower_bound_until_the_history_reaches_back() {
    let mut watch = Watch::new();
    assert_eq!(watch.age(0, 0, 1000), 0);
    assert_eq!(watch.age(30, 500, 600), 30_000);
    // The end of second 0 was 1000.
    assert_eq!(watch.age(60, 1000, 200), 60_000);
    assert_eq!(watch.age(90, 1150, 150), 45_000);
}

#[test]
fn before_the_first_fetch_only_the_time_since_there_is_something_to_fetch_is_known() {
    let mut watch = Watch::new();
    let mut age = |second, lag| {
        let lags = watch.see(second, &[topic("t", &[(0, None, lag)])]);
        lags[0].lag.age.as_secs()
    };
    assert_eq!([age(0, 0), age(30, 5), age(60, 5)], [0, 0, 30]);
    // The first position has no history.
    assert_eq!(watch.age(90, 1_000_000, 20), 0);
    assert_eq!(watch.age(120, 1_000_000, 20), 30_000);
}

#[test]
fn a_log_that_was_cut_off_or_created_anew_starts_a_new_history() {
    let mut watch = Watch::new();
    watch.age(0, 1000, 0);
    watch.age(30, 1000, 100);
    assert_eq!(watch.age(60, 0, 5), 0);
    assert_eq!(watch.age(90, 0, 5), 30_000);
}

#[test]
fn an_end_that_seems_to_go_back_and_a_mirror_that_alone_does_are_no_new_log() {
    let mut watch = Watch::new();
    watch.age(0, 1000, 0);
    watch.age(30, 1000, 300);
    // The lag was told a moment before the position: 1250 after 1300.
    assert_eq!(watch.age(60, 1150, 100), 45_000);
    // The mirror lost its newest records and fetches them again.
    assert_eq!(watch.age(90, 1075, 300), 82_500);
}

#[test]
fn a_topic_is_stalled_when_one_partition_has_had_something_to_fetch_for_a_quarter_of_an_hour_and_did_not()
 {
    let mut watch = Watch::new();
    let mut stalled = |second, partitions: &[(i32, Option<u64>, u64)]| {
        watch.see(second, &[topic("t", partitions)])[0].stalled
    };
    let first = stalled(0, &[(0, Some(5), 0), (1, Some(5), 9)]);
    let later = stalled(899, &[(0, Some(9), 0), (1, Some(5), 9)]);
    let at_last = stalled(900, &[(0, Some(10), 0), (1, Some(5), 10)]);
    let moved = stalled(930, &[(0, Some(10), 0), (1, Some(6), 10)]);
    // A source that was silent for an hour does not make its first new record late.
    let woken = stalled(4500, &[(0, Some(10), 1), (1, Some(7), 0)]);
    assert_eq!(
        [first, later, at_last, moved, woken],
        [
            Err(Unknown::TooEarly),
            Err(Unknown::TooEarly),
            Ok(true),
            Ok(false),
            Ok(false)
        ]
    );
    let later = stalled(5400, &[(0, Some(10), 1), (1, Some(7), 0)]);
    assert_eq!(later, Ok(true));
}

/// The topic without what it does not tell.
fn partial(name: &str, partitions: &[(i32, Option<u64>, u64)]) -> MirrorTopic {
    MirrorTopic {
        is_lag_whole: false,
        ..topic(name, partitions)
    }
}

#[test]
fn a_restart_changes_nothing_of_what_follows() {
    let topics = |minute: u64| {
        let slow = minute / 2 * 10;
        [
            topic(
                "fast",
                &[(0, Some(minute * 10), 0), (1, Some(minute * 10), 1)],
            ),
            topic(
                "slow",
                &[(0, Some(slow), minute * 10 - slow), (3, Some(5), minute)],
            ),
            partial("odd", &[]),
        ]
    };
    let (mut through, mut restarted) = (Watch::new(), Watch::new());
    for minute in 0..40 {
        let second = 60 * i64::try_from(minute).unwrap();
        let expected = through.see(second, &topics(minute));
        assert_eq!(
            restarted.see(second, &topics(minute)),
            expected,
            "minute {minute}"
        );
        if minute % 7 == 3 {
            let bytes = serde_json::to_vec(&restarted.0.saved()).unwrap();
            let saved = serde_json::from_slice(&bytes).unwrap();
            restarted = Watch(LagHistory::restored(&saved));
        }
    }
}

#[test]
fn a_lower_bound_is_marked_until_the_history_reaches_back_and_one_partition_marks_its_topic() {
    let mut watch = Watch::new();
    let mut is_bound = |second, partitions: &[(i32, Option<u64>, u64)]| {
        watch.see(second, &[topic("t", partitions)])[0]
            .lag
            .is_lower_bound
    };
    let caught_up = (0, Some(10), 0);
    let marks = [
        is_bound(0, &[caught_up, (1, Some(0), 1000)]),
        is_bound(30, &[caught_up, (1, Some(500), 600)]),
        is_bound(60, &[caught_up, (1, Some(1000), 200)]),
        // The end of second 0 was 1000.
        is_bound(90, &[caught_up, (1, Some(1150), 150)]),
        is_bound(120, &[caught_up, (1, None, 150)]),
    ];
    assert_eq!(marks, [true, true, false, false, true]);
}

#[test]
fn topics_and_partitions_come_and_go_without_touching_the_others() {
    let mut watch = Watch::new();
    let ages = |lags: Vec<TopicLag>| {
        lags.iter()
            .map(|lag| lag.lag.age.as_secs())
            .collect::<Vec<_>>()
    };
    watch.see(
        0,
        &[
            topic("b", &[(1, Some(10), 0)]),
            topic("c", &[(0, Some(10), 0)]),
        ],
    );
    let behind = (0, Some(10), 4);
    let lags = watch.see(
        30,
        &[
            topic("a", &[behind]),
            topic("b", &[behind, (1, Some(10), 8)]),
        ],
    );
    assert_eq!(ages(lags), [0, 30]);
    let lags = watch.see(
        60,
        &[topic("b", &[(1, Some(14), 8)]), topic("c", &[behind])],
    );
    assert_eq!(ages(lags), [45, 0]);
    assert_eq!(watch.see(90, &[]), []);
}

#[test]
fn a_clock_that_is_set_back_starts_the_history_over() {
    let mut watch = Watch::new();
    watch.age(100, 10, 0);
    watch.age(130, 10, 5);
    assert_eq!(watch.age(90, 10, 6), 0);
    assert_eq!(watch.age(120, 10, 6), 30_000);
}

#[test]
fn memory_is_bounded_by_partition_and_a_mirror_that_keeps_up_needs_hardly_any() {
    let mut watch = Watch::new();
    for poll in 0_i64..1000 {
        let end = poll.unsigned_abs() * 10;
        watch.age(30 * poll, end, 0);
        assert_eq!(watch.0.frames.len(), 1, "poll {poll}");
    }
    for poll in 1000_i64..2000 {
        watch.age(30 * poll, 10_000, 10 * poll.unsigned_abs() - 10_000);
        assert!(watch.0.frames.len() <= LagHistory::FRAMES, "poll {poll}");
    }
    assert_eq!(watch.0.frames.len(), LagHistory::FRAMES);
}

/// A source that is given `rates[n]` records in each second of its n-th minute, and a mirror that may fetch `speeds[n]`.
#[derive(Debug, Clone)]
struct World {
    rates: Vec<u64>,
    speeds: Vec<u64>,
    /// Seconds between polls, again and again.
    pauses: Vec<usize>,
}

fn world() -> impl Strategy<Value = World> {
    let rate = || prop_oneof![2 => Just(0), 3 => 0..50_u64, 1 => 0..5000_u64];
    let pause = prop_oneof![8 => 28..33_usize, 1 => 30..300_usize];
    (vec(rate(), 10..200), vec(rate(), 10..200), vec(pause, 1..9)).prop_map(
        |(rates, speeds, pauses)| World {
            rates,
            speeds,
            pauses,
        },
    )
}

proptest! {
    #[test]
    fn the_estimate_is_as_near_the_truth_as_it_promises(world in world()) {
        let minutes = world.rates.len().min(world.speeds.len());
        // `ends[s]` is where the source's end was at second s, `fetched[s]` where the mirror was.
        let (mut ends, mut fetched) = (vec![0], vec![0]);
        for second in 0..60 * minutes {
            let end: u64 = ends[second] + world.rates[second / 60];
            fetched.push(end.min(fetched[second] + world.speeds[second / 60]));
            ends.push(end);
        }

        let mut watch = Watch::new();
        let (mut now, mut widest, mut polled, mut most) = (0, 0, Vec::new(), 0);
        for pause in world.pauses.iter().cycle() {
            polled.push(now);
            let estimate = watch.age(i64::try_from(now).unwrap(), fetched[now], ends[now] - fetched[now]) as f64 / 1000.0;
            // The last second at which the source's end was where the mirror is, or before.
            let stood = ends[..=now].partition_point(|end| *end <= fetched[now]) - 1;
            let (truth, gap) = ((now - stood) as f64, widest as f64);
            most = most.max(polled.iter().filter(|at| **at >= stood).count());
            let allowed = if most < LagHistory::FRAMES - 1 { gap } else { gap.max(truth * 0.3) };
            let off = (estimate - truth).abs();
            prop_assert!(off <= allowed + 1.0, "second {now}: {estimate} instead of {truth}, off by {off} of {allowed}");
            widest = widest.max(*pause);
            now += pause;
            if now >= ends.len() { break; }
        }
    }
}
