//! What goes down a pipe ends in mails, tickets and the logs of jobs: no line is too wide for them.

use cluster_link_exporter::simulator::Scenario;

use super::{described_at, run, tasks::simulator};

const WIDEST: usize = 160;

/// Scenarios in which there is much to say.
const TALKATIVE: [&str; 6] = [
    "several-errors",
    "halves-disagree",
    "misconfigured",
    "mirrors",
    "broken-bodies",
    "details-forbidden",
];

#[tokio::test(flavor = "multi_thread")]
async fn tables_on_a_pipe_fit_160_columns() {
    let mut wide = Vec::new();
    let mut look = |asked: String, stdout: String| {
        assert!(!stdout.is_empty(), "{asked} prints something");
        let lines = stdout.lines().filter(|line| line.chars().count() > WIDEST);
        wide.extend(lines.map(|line| format!("{asked}: {line}")));
    };
    let any = "http://127.0.0.1:1";
    for arguments in [
        &["simulate", "--list"][..],
        &["explain"],
        &["runbooks"],
        &["check-config", "--rules"],
        &["check-config", "--connect"],
    ] {
        look(arguments.join(" "), run(described_at(any, arguments)).1);
    }
    for scenario in TALKATIVE {
        let built = Scenario::named(scenario).unwrap();
        let id = built.world.clusters[0].cluster_id.clone();
        let (_simulator, endpoint) = simulator(built).await;
        for arguments in [
            &["tasks"][..],
            &["dr-check", "--wait", "0s"],
            &["check-config", "--connect"],
        ] {
            let mut command = described_at(&endpoint, arguments);
            command.env("CLUSTERLINK_CLUSTER_ID", &id);
            let (_, stdout, _) = run(command);
            look(format!("{scenario}: {}", arguments.join(" ")), stdout);
        }
    }
    assert!(wide.is_empty(), "\n{}\n", wide.join("\n"));
}
