//! One id at two endpoints: said when the configuration is read or when it turns out, and no more than once.

use std::{fs, time::Duration};

use cluster_link_exporter::simulator::{Cluster, Link, Mode, PathKind, Scenario, Simulator, World};
use tokio::time::{Instant, sleep};

use super::{assert_says, tasks::simulator};
use crate::support::program::{Running, program};

const COPIED: &str = "`clusters[1].cluster_id` is that of `clusters[0]`, whose endpoint is another one: a Kafka cluster has \
    an id of its own; correct the one that was copied, or remove one of them where they are the same cluster";
const LEARNT: &str = "msg=\"two clusters have this id and different endpoints; check `endpoint` and `cluster_id` of both, or \
    remove one where they are the same cluster\"";

fn yaml(clusters: &[(&str, &str, Option<&str>)]) -> String {
    let items = clusters.iter().map(|(name, endpoint, id)| {
        let id = id.map_or(String::new(), |id| format!(", cluster_id: {id}"));
        format!("  - {{ name: {name}, endpoint: '{endpoint}'{id} }}\n")
    });
    let schedule = "global: { poll_interval: 300ms, request_timeout: 200ms }\n";
    format!("{schedule}clusters:\n{}", items.collect::<String>())
}

#[test]
fn an_id_that_is_written_twice_is_warned_about_where_the_endpoints_differ() {
    let folder = tempfile::tempdir().unwrap();
    let (east, west) = ("https://east.example.com", "https://west.example.com");
    let same =
        "{ name: c, endpoint: 'https://west.example.com', base_path: /other, cluster_id: lkc-1 }";
    let cases = [
        (
            yaml(&[("a", east, Some("lkc-1")), ("b", west, Some("lkc-1"))]),
            format!("{COPIED}\n"),
        ),
        // The same cluster, asked twice, perhaps about other links.
        (
            yaml(&[("a", east, Some("lkc-1")), ("b", east, Some("lkc-1"))]),
            String::new(),
        ),
        (
            yaml(&[("a", east, Some("lkc-1")), ("b", west, Some("lkc-2"))]),
            String::new(),
        ),
        (
            yaml(&[("a", east, Some("lkc-1")), ("b", west, None)]),
            String::new(),
        ),
        // Behind one proxy two paths are two endpoints.
        (
            yaml(&[("a", west, Some("lkc-1"))]) + "  - " + same + "\n",
            format!("{COPIED}\n"),
        ),
    ];
    for (yaml, warning) in cases {
        fs::write(folder.path().join("a.yaml"), &yaml).unwrap();
        let mut command = program(&["check-config", "a.yaml"]);
        command.current_dir(&folder);
        let count = yaml.matches("name:").count();
        let valid = format!("a.yaml: valid, {count} clusters\n");
        assert_says(command, 0, &valid, &warning);
    }
}

fn world() -> Scenario {
    let link = Link::new("orders", Mode::Destination, "lkc-far");
    Scenario::still(World::new([Cluster::new("lkc-1", [link])]))
}

/// Waits until the cluster was polled so often more.
async fn polled(simulator: &Simulator, times: u64) {
    let count = || simulator.requests().count("lkc-1", PathKind::Links);
    let wanted = count() + times;
    let deadline = Instant::now() + Duration::from_secs(60);
    while count() < wanted {
        assert!(Instant::now() < deadline, "it is not polled");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_turns_out_to_be_that_of_another_endpoint_is_warned_about_once() {
    let (east, east_url) = simulator(world()).await;
    let (west, west_url) = simulator(world()).await;
    let (east_url, west_url) = (east_url.as_str(), west_url.as_str());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    let path = file.to_str().unwrap();
    for (second, third, warned) in [
        ((west_url, None), (west_url, None), [1, 2]),
        ((east_url, None), (east_url, Some("lkc-1")), [0, 0]),
    ] {
        let clusters = [
            ("a", east_url, Some("lkc-1")),
            ("b", second.0, second.1),
            ("c", third.0, third.1),
        ];
        fs::write(&file, yaml(&clusters[..2])).unwrap();
        let mut running = Running::start(program(&[
            "--config.file",
            path,
            "--web.listen-address",
            "127.0.0.1:0",
        ]));
        running.address();
        polled(&east, 4).await;
        if second.0 == west_url {
            polled(&west, 4).await;
        }
        // The others go on.
        fs::write(&file, yaml(&clusters)).unwrap();
        running.signal("HUP");
        running.until("configuration reloaded");
        polled(&east, 4).await;
        if third.0 == west_url {
            polled(&west, 8).await;
        }
        let log = running.stop("TERM").stderr;
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains("this id"))
            .collect();
        let of = |names: &str| {
            let found = lines.iter().filter(|line| {
                line.ends_with(&format!("level=warn {LEARNT} {names} cluster_id=lkc-1"))
            });
            found.count()
        };
        let [before, all] = warned;
        assert_eq!(of("cluster_name=b other_cluster_name=a"), before, "{log}");
        assert_eq!(of("cluster_name=c other_cluster_name=a"), before, "{log}");
        assert_eq!(lines.len(), all, "{log}");
    }
}
