//! `--shard`: which clusters a process polls, and what it says where there are none.

use std::fs;

use super::{assert_says, described};
use crate::support::program::{Running, get, program, until_ready};

/// Of two shards, `third` falls to the second one and the others to the first.
fn clusters(names: &[&str]) -> String {
    let clusters = names.iter().map(|name| {
        format!("  - {{ name: {name}, cluster_id: lkc-{name}, endpoint: 'http://127.0.0.1:1' }}\n")
    });
    format!("clusters:\n{}", clusters.collect::<String>())
}

/// The values of `cluster_name` in the metrics, each once.
fn polled(metrics: &str) -> Vec<&str> {
    let lines = metrics.lines();
    let names = lines.filter_map(|line| {
        let (_, rest) = line.split_once("clusterlink_poll_interval_seconds{cluster_name=\"")?;
        rest.split('"').next()
    });
    names.collect()
}

async fn page(address: &str, path: &str) -> String {
    let (status, page) = get(&format!("http://{address}{path}")).await;
    assert_eq!(status, 200, "{page}");
    page
}

#[test]
fn what_names_no_shard_is_one_line_and_status_2() {
    let form = "write the number of this shard, from 0, and how many there are, such as `0/3`";
    for (text, why) in [
        ("3", form),
        ("one/3", form),
        ("1/99999999999", form),
        (
            "0/0",
            "there are no shards of 0; write how many there are, such as `0/3`, or leave the flag out",
        ),
        (
            "3/3",
            "there is no shard 3 of 3: write a number from 0 to 2, such as `0/3`",
        ),
    ] {
        let line = format!(
            "error: invalid value '{text}' for '--shard <INDEX/TOTAL>': {why}; try `--help`\n"
        );
        assert_says(described(&["--shard", text]), 2, "", &line);
    }
}

#[tokio::test]
async fn shards_share_the_clusters_and_a_reload_keeps_to_that() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    let name = file.to_str().unwrap();
    fs::write(&file, clusters(&["first", "second", "third"])).unwrap();
    let valid = format!("{name}: valid, 3 clusters\n");
    assert_says(program(&["check-config", name]), 0, &valid, "");

    for (index, own, after) in [
        (
            "0",
            &["first", "second"][..],
            &["first", "second", "fourth"][..],
        ),
        ("1", &["third"], &["third"]),
    ] {
        fs::write(&file, clusters(&["first", "second", "third"])).unwrap();
        let shard = format!("{index}/2");
        let mut running = Running::start(program(&[
            "--config.file",
            name,
            "--shard",
            &shard,
            "--web.listen-address",
            "127.0.0.1:0",
        ]));
        let line = running.until("only the clusters of this shard");
        let said = format!(
            "level=info msg=\"only the clusters of this shard are polled\" shard={shard} clusters={} configured=3",
            own.len()
        );
        assert!(line.ends_with(&said), "{line}");
        let address = running.address();
        until_ready(&address).await;
        let metrics = page(&address, "/metrics").await;
        assert_eq!(polled(&metrics), own);
        let info =
            format!("\nclusterlink_exporter_shard_info{{index=\"{index}\",total=\"2\"}} 1\n");
        assert!(metrics.contains(&info), "{metrics}");
        let landing = page(&address, "/").await;
        let said = format!(", shard {shard}: the other clusters of the configuration are on");
        assert!(landing.contains(&said), "{landing}");

        fs::write(&file, clusters(&["first", "second", "third", "fourth"])).unwrap();
        running.signal("HUP");
        running.until("configuration reloaded");
        let metrics = page(&address, "/metrics").await;
        assert_eq!(polled(&metrics), after);
        assert_eq!(
            metrics.matches("clusterlink_exporter_shard_info{").count(),
            1
        );
    }
}

#[tokio::test]
async fn a_shard_without_clusters_is_ready_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exporter.yaml");
    let name = file.to_str().unwrap();
    fs::write(&file, clusters(&["first"])).unwrap();
    let mut running = Running::start(program(&[
        "--config.file",
        name,
        "--shard",
        "1/2",
        "--web.listen-address",
        "127.0.0.1:0",
    ]));
    let line = running.until("no cluster falls");
    assert!(
        line.ends_with(
            "level=warn msg=\"no cluster falls to this shard: it polls nothing\" shard=1/2 configured=1"
        ),
        "{line}"
    );
    let address = running.address();
    page(&address, "/-/ready").await;
    let metrics = page(&address, "/metrics").await;
    assert_eq!(polled(&metrics), Vec::<&str>::new());
    assert!(
        metrics.contains("clusterlink_alerts{alertname=\"ClusterLinkWatchdog\""),
        "{metrics}"
    );
    let landing = page(&address, "/").await;
    assert!(landing.contains("No cluster is polled here."), "{landing}");
    assert!(!landing.contains("polled well"), "{landing}");

    fs::write(&file, clusters(&["first", "third"])).unwrap();
    running.signal("HUP");
    running.until("configuration reloaded");
    assert_eq!(polled(&page(&address, "/metrics").await), ["third"]);
}

#[tokio::test]
async fn without_the_flag_nothing_speaks_of_shards() {
    let mut running = Running::start(described(&["--web.listen-address", "127.0.0.1:0"]));
    let address = running.address();
    for path in ["/metrics", "/"] {
        let text = page(&address, path).await;
        assert!(!text.contains("shard"), "{path}: {text}");
    }
}
