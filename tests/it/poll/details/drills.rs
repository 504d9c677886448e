//! Fire drills: what is held against the links of each scenario, polled through the real client, and that there is a
//! scenario for all that can be held against a link.

use std::{collections::BTreeSet, fmt::Write as _, path::Path, sync::Arc, time::Duration};

use cluster_link_exporter::{
    api::{self, Client},
    model::{
        Blocker, Check, Cluster, Expect, Expectation, Finding, Found, Gap, Intent, LinkFilter,
        LinkPatterns, LinkState, Pair, TableWord, TaskName, TaskState, Verdict,
    },
    poll::{self, Collect, Poller},
    simulator::{Scenario, Simulator},
    store::Store,
};

use crate::support::{
    golden::golden,
    watcher::{Time, api, polling, serve},
};

/// The scenarios that a person would drill with, and after how many minutes one looks.
const DRILLS: &[(&str, &[u64])] = &[
    ("healthy", &[1]),
    ("task-flips", &[1]),
    ("link-unavailable", &[1, 5]),
    ("link-failed", &[1]),
    ("failover", &[1, 5, 7, 8]),
    ("paused", &[0]),
    ("bidirectional", &[1]),
    ("bidirectional-half", &[0]),
    ("halves-disagree", &[0]),
    ("filters-cleared", &[1, 2]),
    ("misconfigured", &[0]),
    ("old-server", &[0]),
    ("throttled", &[1, 2]),
    ("mirrors", &[1, 16, 26]),
    ("promote-hangs", &[1]),
    ("details-forbidden", &[0]),
    ("says-nothing", &[1, 3, 8]),
];

const INTERVAL: Duration = Duration::from_secs(30);
/// Less than the scenario `throttled` asks one to wait, so that nobody does.
const TIMEOUT: Duration = Duration::from_secs(4);

/// A scenario and an exporter that polls its clusters, by a clock that only the test moves.
struct Drill {
    simulator: Simulator,
    pollers: Vec<Poller>,
    store: Store,
    time: Time,
    /// Seconds since the scenario began.
    elapsed: u64,
}

impl Drill {
    async fn new(scenario: &str) -> Self {
        let simulator = Simulator::new(Scenario::named(scenario).unwrap(), None);
        let endpoint = serve(&simulator).await;

        let time = Time::at(1_800_000_000);
        let ids = simulator.cluster_ids();
        let pollers = ids
            .iter()
            .map(|id| Poller::new(client(&endpoint, id), settings(), time.clock()));
        Self {
            pollers: pollers.collect(),
            store: Store::new(ids.iter().map(|id| unpolled(id))),
            simulator,
            time,
            elapsed: 0,
        }
    }

    /// Polls every cluster every 30 s, until this minute.
    async fn until(&mut self, minute: u64) {
        loop {
            let second = self.elapsed;
            self.simulator.turn_to(Duration::from_secs(second));
            for (poller, id) in self.pollers.iter().zip(self.simulator.cluster_ids()) {
                let before = self.store.snapshot();
                let report = poller.poll_once(before.cluster(&id).map(Arc::as_ref)).await;
                self.store.report(&id.into(), report);
            }
            self.elapsed += INTERVAL.as_secs();
            self.time.pass(INTERVAL.as_secs());
            if second >= 60 * minute {
                return;
            }
        }
    }
}

fn client(endpoint: &str, cluster_id: &str) -> Client {
    let client = Client::new(api::Settings {
        request_timeout: TIMEOUT,
        ..api(endpoint, cluster_id)
    });
    client.unwrap()
}

fn settings() -> poll::Settings {
    poll::Settings {
        interval: INTERVAL,
        timeout: TIMEOUT,
        ..polling(Collect::default())
    }
}

/// The same is expected of every link of every scenario.
fn unpolled(cluster_id: &str) -> Cluster {
    let settings = settings();
    let expect = Expect {
        links: LinkPatterns::new(&[".*".to_owned()]).unwrap(),
        states: vec![LinkState::Active],
        tasks: [(
            TaskName::from("AclSync"),
            vec![TaskState::Active, TaskState::NotConfigured],
        )]
        .into(),
        rpo: Some(Duration::from_secs(120)),
    };
    let intent = Intent {
        links: LinkFilter::all(),
        expect: vec![expect],
    };
    Cluster {
        intent: Arc::new(intent),
        ..Cluster::unpolled(
            cluster_id.into(),
            Some(cluster_id.into()),
            settings.limits(),
            &settings.endpoints(),
        )
    }
}

/// Everything that is held against the cluster's links, and the words for it into `raised`.
fn held(cluster: &Cluster, raised: &mut BTreeSet<&'static str>) -> String {
    let mut text = String::new();
    for (kept, verdict) in cluster.judged_links() {
        let (name, readiness) = (&kept.link_name, verdict.failover.readiness());
        writeln!(text, "  {} {name}: {}", cluster.name, readiness.as_str()).unwrap();
        for (what, word, detail) in against(verdict) {
            raised.insert(word.name);
            writeln!(text, "    {what} {}: {detail}", word.name).unwrap();
        }
    }
    for pattern in &*cluster.missing {
        let exists = Expectation::Exists.row();
        raised.insert(exists.name);
        writeln!(
            text,
            "  {} {}: no link has a name that matches `{pattern}`",
            cluster.name, exists.name
        )
        .unwrap();
    }
    text
}

fn against(verdict: &Verdict) -> Vec<(&'static str, &'static TableWord, String)> {
    fn rows<K: Copy>(
        what: &'static str,
        found: &[Found<K>],
        row: fn(K) -> &'static TableWord,
    ) -> impl Iterator<Item = (&'static str, &'static TableWord, String)> {
        let rows = found.iter();
        rows.map(move |found| (what, row(found.kind), found.detail.clone()))
    }
    let failover = &verdict.failover;
    let expected = verdict.expectations.iter().filter_map(|expected| {
        let why = expected.outcome.bad()?;
        Some(("violated", expected.expectation.row(), why.to_owned()))
    });
    let gaps = failover.gaps.iter();
    let broken = verdict.pair.iter().flat_map(Pair::broken);
    rows("finding", &verdict.findings, Finding::row)
        .chain(broken.map(|(check, why)| ("check", check.row(), why.to_owned())))
        .chain(expected)
        .chain(rows("blocker", &failover.blockers, Blocker::row))
        .chain(gaps.map(|missing| ("gap", missing.gap.row(), missing.detail.clone())))
        .collect()
}

#[tokio::test]
async fn there_is_a_drill_for_all_that_can_be_held_against_a_link() {
    let (mut text, mut raised) = (String::new(), BTreeSet::new());
    for (scenario, minutes) in DRILLS {
        let mut drill = Drill::new(scenario).await;
        for minute in *minutes {
            drill.until(*minute).await;
            writeln!(text, "{scenario}, minute {minute}").unwrap();
            for cluster in &drill.store.snapshot().clusters {
                text += &held(cluster, &mut raised);
            }
        }
    }
    let tables = [
        Finding::TABLE,
        Check::TABLE,
        Expectation::TABLE,
        Blocker::TABLE,
        Gap::TABLE,
    ];
    let words = tables.into_iter().flatten().map(|word| word.name);
    let unraised: Vec<_> = words.filter(|word| !raised.contains(word)).collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/poll/details/drills.txt");
    golden(&file, &text);
    assert_eq!(unraised, [""; 0], "no drill raises these");
}
