//! What should be true of links, while the world changes: judgements that rest on two clusters follow either of them.

use cluster_link_exporter::{
    model::{Expect, LinkPatterns},
    simulator::{Change, Cluster, Effect, Fault, Link, LinkRef, Mode, Scenario, Simulator, World},
};

use super::reload::{reload, until};
use crate::support::exporter::Exporter;

const EAST: &str = "lkc-east";
const WEST: &str = "lkc-west";

fn halves() -> Simulator {
    let cluster =
        |id: &str, far: &str| Cluster::new(id, [Link::new("both-ways", Mode::Bidirectional, far)]);
    let world = World::new([cluster(EAST, WEST), cluster(WEST, EAST)]);
    Simulator::new(Scenario::still(world), None)
}

fn of(family: &str, id: &str, labels: &str) -> String {
    format!(
        "clusterlink_{family}{{cluster_name=\"cluster {id}\",cluster_id=\"{id}\",link_name=\"both-ways\"{labels}}}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_is_judged_again_when_the_other_half_goes_and_not_while_the_other_cluster_is_silent()
{
    let simulator = halves();
    let exporter = Exporter::watching(&simulator).await;
    let exists = format!(r#",remote_cluster_id="{WEST}",check="remote_link_exists""#);
    let exists = of("pair_consistent", EAST, &exists);
    let blocked = of("failover_blocker", EAST, r#",reason="pair_broken""#);
    let ready = of("failover_ready", EAST, "");
    until(&exporter, &exists, Some(1.0)).await;
    until(&exporter, &ready, Some(1.0)).await;

    let link = LinkRef::new(WEST, "both-ways");
    simulator.apply(&Change::RemoveLink { link }).unwrap();
    until(&exporter, &exists, Some(0.0)).await;
    until(&exporter, &blocked, Some(1.0)).await;

    let silence = Some(Fault::new(Effect::Hang));
    simulator.set_fault(WEST, silence).unwrap();
    until(&exporter, &exists, None).await;
    until(&exporter, &ready, Some(1.0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expectation_counts_from_the_reload_on_that_brings_it() {
    let exporter = Exporter::watching(&halves()).await;
    let met = of(
        "expectation_met",
        EAST,
        r#",task_name="",expectation="exists""#,
    );
    until(&exporter, &of("failover_ready", EAST, ""), Some(1.0)).await;
    until(&exporter, &met, None).await;

    let expect = Expect {
        links: LinkPatterns::new(&["both.*".to_owned(), "gone".to_owned()]).unwrap(),
        states: Vec::new(),
        tasks: [].into(),
        rpo: None,
    };
    exporter.config.lock().unwrap().clusters[0].expect = vec![expect];
    assert_eq!(reload(&exporter).await.0, 200);
    let gone = met.replace("both-ways", "gone");
    until(&exporter, &met, Some(1.0)).await;
    until(&exporter, &gone, Some(0.0)).await;
}
