//! What a hundred thousand mirror partitions cost the exporter, which runs as a process of its own, as users run it.
//!
//! `cargo test --release --test it -- --ignored --nocapture slow::scale` prints the figures and holds them against the
//! limits.

use std::{fmt, fs, time::Duration};

use cluster_link_exporter::simulator::{
    Cluster, Link, Mirror, Mode, PathKind, Scenario, Simulator, Throughput, World,
};
use tokio::time::sleep;

use crate::support::{
    program::{Running, get, program, until_ready},
    watcher::serve,
};

const CLUSTER: &str = "lkc-scale1";
const LINKS: usize = 10;
const TOPICS: usize = 1000;
const PARTITIONS: usize = 10;

/// More than the history remembers, so that it is as large as it gets.
const POLLS: u64 = 60;

const MOST_RESIDENT: f64 = 150.0;
const MOST_CPU: f64 = 1.0;

/// Every partition is given and fetches as many messages a second.
fn world(throughput: Throughput) -> World {
    let links: Vec<_> = (0..LINKS)
        .map(|link| {
            let mut owner = Link::new(&format!("link-{link}"), Mode::Destination, "lkc-source1");
            for topic in 0..TOPICS {
                let name = format!("department-{link}.orders.topic-{topic:04}");
                owner = owner.mirror(Mirror::new(&name, &[0; PARTITIONS]).throughput(throughput));
            }
            owner
        })
        .collect();
    World::new([Cluster::new(CLUSTER, links)])
}

/// What the exporter's own metrics and the system say of its process.
struct Figures {
    /// MiB.
    resident: f64,
    /// MiB, since the start.
    peak: f64,
    /// Seconds a poll.
    cpu: f64,
    /// Of the exposition.
    series: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            resident,
            peak,
            cpu,
            series,
        } = self;
        write!(
            f,
            "{resident:.0} MiB resident, {peak:.0} at the most, {cpu:.2} s of CPU a poll, {series} series"
        )
    }
}

async fn measure(throughput: Throughput) -> Figures {
    let simulator = Simulator::new(Scenario::still(world(throughput)), None);
    let endpoint = serve(&simulator).await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    let yaml = format!(
        "global: {{ poll_interval: 3s }}\nclusters: [{{ name: scale, cluster_id: {CLUSTER}, endpoint: \"{endpoint}\" }}]\n"
    );
    fs::write(&file, yaml).unwrap();
    let arguments = [
        "--config.file",
        file.to_str().unwrap(),
        "--web.listen-address",
        "127.0.0.1:0",
    ];
    let mut exporter = Running::start(program(&arguments));
    let address = exporter.address();
    until_ready(&address).await;

    let polls = || simulator.requests().count(CLUSTER, PathKind::Links);
    let scrape = async || get(&format!("http://{address}/metrics")).await.1;
    let (first, before) = (polls(), value(&scrape().await, "process_cpu_seconds_total"));
    while polls() < first + POLLS {
        sleep(Duration::from_millis(200)).await;
        // As Prometheus would.
        scrape().await;
    }
    let text = scrape().await;
    let failed: f64 = text
        .lines()
        .filter(|line| line.starts_with("clusterlink_poll_failures_total{"))
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap())
        .sum();
    assert!(
        failed < 0.5,
        "polls failed: the machine is too slow for this"
    );
    let lag = "clusterlink_mirror_lag_messages{";
    assert_eq!(
        text.lines().filter(|line| line.starts_with(lag)).count(),
        LINKS
    );
    let cpu = value(&text, "process_cpu_seconds_total") - before;
    let figures = Figures {
        resident: value(&text, "process_resident_memory_bytes") / f64::from(1 << 20),
        peak: peak(exporter.id()),
        cpu: cpu / (polls() - first) as f64,
        series: text.lines().filter(|line| !line.starts_with('#')).count(),
    };
    exporter.stop("TERM");
    figures
}

fn value(text: &str, name: &str) -> f64 {
    let sample = text.lines().find_map(|line| line.strip_prefix(name));
    sample
        .expect("the exporter tells it")
        .trim()
        .parse()
        .unwrap()
}

/// The most memory that was ever resident, in MiB.
fn peak(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = peak.unwrap().trim().trim_end_matches(" kB");
    kibibytes.parse::<f64>().unwrap() / 1024.0
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes long; run by hand: cargo test --release --test it -- --ignored --nocapture slow::scale"]
async fn a_hundred_thousand_partitions_cost_less_than_150_mib_and_a_second_a_poll() {
    let keeping_up = Throughput {
        written: 50,
        fetched: 50,
    };
    let standing_still = Throughput {
        fetched: 0,
        ..keeping_up
    };
    for (name, throughput) in [
        ("all keep up", keeping_up),
        ("all stand still", standing_still),
    ] {
        let figures = measure(throughput).await;
        println!("{name}: {figures}");
        assert!(
            figures.peak < MOST_RESIDENT && figures.cpu < MOST_CPU,
            "{name}: {figures}"
        );
    }
}
