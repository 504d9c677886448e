//! The estimate of lag in seconds against a simulated source, over the bodies that a server would send.

use std::time::Duration;

use cluster_link_exporter::{
    api::wire,
    model::{
        Cluster as Kept, Detail, Limits, Link as ObservedLink, LinkReport, Listing, MirrorDetail,
        MirrorReport, Mirrors, Report,
    },
    simulator::{
        Change, Cluster, Link, LinkRef, Mirror, Mode, Outcome, Scenario, Throughput, World, answer,
    },
    store::Store,
};
use jiff::Timestamp;

use super::scene::{CLUSTER, START};

const LINK: &str = "orders-dr";
const INTERVAL: u64 = 30;

/// A scenario and an exporter that sees it every 30 s.
struct Watch {
    scenario: Scenario,
    store: Store,
    second: u64,
}

impl Watch {
    fn new(scenario: Scenario) -> Self {
        let limits = Limits {
            poll_interval: Duration::from_secs(INTERVAL),
            stale_after: Duration::from_secs(120),
        };
        Self {
            scenario,
            store: Store::new([Kept::unpolled("dr".into(), None, limits, &[])]),
            second: 0,
        }
    }

    /// What is known after the next poll.
    fn poll(&mut self) -> Mirrors {
        let elapsed = Duration::from_secs(self.second);
        let world = self.scenario.world_at(elapsed);
        let path = format!("/kafka/v3/clusters/{CLUSTER}/links/-/mirrors");
        let request = http::Request::get(path).body(()).unwrap().into_parts().0;
        let Outcome::Response(response) = answer(&world, &request, elapsed).outcome else {
            panic!("the simulator answers");
        };
        let topics = wire::unique_topics(wire::mirror_page(response.body(), None).unwrap().topics);
        let at = Timestamp::from_second(START).unwrap() + elapsed;
        let mirrors = MirrorReport {
            nameless: 0,
            at,
            detail: MirrorDetail::All,
            topics: topics.into_iter().map(|(_, topic)| topic).collect(),
            transition_errors: Vec::new(),
        };
        self.store.report(&"dr".into(), report(at, mirrors));
        self.second += INTERVAL;
        let snapshot = self.store.snapshot();
        snapshot.clusters[0].links[0]
            .shown_mirrors()
            .unwrap()
            .clone()
    }
}

fn report(at: Timestamp, mirrors: MirrorReport) -> Report {
    let link = ObservedLink {
        cluster_link_id: "id".to_owned(),
        ..ObservedLink::named(LINK)
    };
    let link = LinkReport {
        mirrors: Detail::Read(mirrors),
        ..LinkReport::described(link)
    };
    let listing = Listing::of(vec![link]);
    Report::new(at, Duration::from_secs(INTERVAL), Ok(listing))
}

/// A mirror topic of two partitions that takes on these paces (written and fetched a second) at these minutes.
fn scenario(paces: &[(u64, u32, u32)]) -> Scenario {
    let link =
        Link::new(LINK, Mode::Destination, "lkc-west01").mirror(Mirror::new("orders", &[0, 0]));
    let change = |(minute, written, fetched): &(u64, u32, u32)| {
        let change = Change::MirrorThroughput {
            link: LinkRef::new(CLUSTER, LINK),
            topic: "orders".to_owned(),
            throughput: Throughput {
                written: *written,
                fetched: *fetched,
            },
        };
        (Duration::from_secs(60 * minute), change)
    };
    Scenario {
        world: World::new([Cluster::new(CLUSTER, [link])]),
        timeline: paces.iter().map(change).collect(),
        period: None,
    }
}

/// When, in seconds before now, the source stood where the mirror stands now.
fn truth(paces: &[(u64, u32, u32)], now: u64) -> u64 {
    let (mut ends, mut fetched) = (vec![0_u64], 0_u64);
    for second in 0..now {
        let throughput = paces
            .iter()
            .rev()
            .find(|(minute, ..)| 60 * minute <= second);
        let (_, written, speed) = *throughput.unwrap_or(&(0, 0, 0));
        let end = ends.last().unwrap() + u64::from(written);
        fetched = end.min(fetched + u64::from(speed));
        ends.push(end);
    }
    let stood = ends.partition_point(|end| *end <= fetched) - 1;
    now - u64::try_from(stood).unwrap()
}

#[test]
fn the_estimate_is_off_by_at_most_one_poll_interval() {
    let histories: [&[(u64, u32, u32)]; 4] = [
        // Falls behind steadily, then catches up.
        &[(0, 100, 80), (15, 100, 300)],
        // Stands still behind a busy source, then behind a silent one, then fetches again.
        &[(0, 40, 40), (3, 40, 0), (10, 0, 0), (14, 0, 500)],
        // Bursts, minutes apart.
        &[
            (0, 5, 50),
            (4, 900, 50),
            (5, 0, 50),
            (9, 900, 50),
            (10, 0, 50),
        ],
        // Silent for long: one who caught up is 0 s behind.
        &[(0, 10, 10), (2, 0, 10)],
    ];
    for paces in histories {
        let mut watch = Watch::new(scenario(paces));
        for _ in 0..40 {
            let now = watch.second;
            let (estimate, truth) = (watch.poll().lag.age.as_secs_f64(), truth(paces, now) as f64);
            let off = (estimate - truth).abs();
            assert!(
                off <= INTERVAL as f64 + 1.0,
                "{paces:?}, second {now}: {estimate} instead of {truth}"
            );
        }
    }
}

#[test]
fn the_mirrors_of_the_scenario_stall_catch_up_and_say_so() {
    let mut watch = Watch::new(Scenario::named("mirrors").unwrap());
    let mut seen = Vec::new();
    for minute in 0..=30_u64 {
        let mirrors = watch.poll();
        watch.poll();
        let of = |name: &str| {
            let topic = mirrors
                .topics
                .iter()
                .find(|topic| topic.topic_name.as_str() == name);
            topic.unwrap().clone()
        };
        let stalls = of("west-stalls");
        let healthy = of("west-healthy").lag.unwrap();
        let seconds = stalls.lag.unwrap().age.as_secs();
        assert_eq!((healthy.messages, healthy.age.as_secs()), (0, 0));
        assert!(of("west-failed").lag.is_none() && of("west-promoted").lag.is_none());
        if [1, 10, 17, 24, 30].contains(&minute) {
            seen.push((minute, seconds, stalls.stalled == Ok(true)));
        }
    }
    let expected = [
        (1, 0, false),
        (10, 540, false),
        (17, 960, true),
        (24, 1380, true),
        (30, 0, false),
    ];
    assert_eq!(seen, expected);
}
