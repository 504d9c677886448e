//! Debian's Prometheus scrapes the exporter while it polls the simulator, and must see what happens there.

use crate::support::{
    self,
    exporter::Exporter,
    prometheus::{Prometheus, scraping},
};
use cluster_link_exporter::simulator::{Scenario, Simulator, Task};

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_sees_every_task_and_every_flip() {
    let simulator = Simulator::new(Scenario::named("demo").unwrap(), None);
    let exporter = Exporter::watching(&simulator).await;
    let Some(prometheus) = Prometheus::start(&scraping(&exporter.url)) else {
        return support::skip(
            "prometheus_sees_every_task_and_every_flip",
            "`prometheus` is not on PATH; install the Debian package prometheus",
        );
    };

    let tasks = r#"count(clusterlink_task_state{state="ACTIVE"})"#;
    // Nine links with names, four tasks each.
    prometheus.until(tasks, "36").await;
    prometheus.until("min(up)", "1").await;
    for family in ["clusterlink_task_state", "clusterlink_link_state"] {
        let sums = format!("sum without (state) ({family})");
        prometheus.until(&format!("min({sums})"), "1").await;
        prometheus.until(&format!("max({sums})"), "1").await;
    }
    let documented = r#"clusterlink_task_errors{link_name="customers-both-ways",task_name="ConsumerOffsetSync",error_code="REMOTE_LINK_NOT_FOUND_ERROR"}"#;
    prometheus.until(documented, "1").await;

    let flipped = r#"clusterlink_task_state{link_name="datacentre-to-cloud",task_name="AclSync",state="IN_ERROR"}"#;
    prometheus.until(flipped, "0").await;
    let (cluster, link) = ("lkc-mig003", "datacentre-to-cloud");
    let failing = Task::new("AclSync", "IN_ERROR").error("AUTHORIZATION_ERROR", "made up");
    simulator.set_task(cluster, link, failing).unwrap();
    prometheus.until(flipped, "1").await;
    simulator
        .set_task(cluster, link, Task::new("AclSync", "ACTIVE"))
        .unwrap();
    prometheus.until(flipped, "0").await;
    let changes = r#"clusterlink_task_state_transitions_total{link_name="datacentre-to-cloud",task_name="AclSync"}"#;
    prometheus.until(changes, "2").await;
}
