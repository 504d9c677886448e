//! Settings hold secrets, and not every server masks them: nothing of what we did not ask for is kept or quoted.

use cluster_link_exporter::{
    poll::Collect,
    simulator::{Effect, Fault, Link, LinkConfig, Mode, PathKind},
};

use super::scene::Scene;

const CANARY: &str = "canary-5ec2e7";

#[tokio::test]
async fn what_a_server_should_have_masked_is_neither_kept_nor_told() {
    let mut link = Link::new("orders", Mode::Destination, "lkc-west01");
    let config = |name: &str, is_sensitive| LinkConfig {
        is_sensitive,
        ..LinkConfig::new(name, Some(CANARY), false)
    };
    // Unlisted, listed and sensitive, and with a value of another kind than the key's.
    let given = [
        ("sasl.jaas.config", false),
        ("sasl.jaas.config", true),
        ("cluster.link.prefix", true),
        ("mirror.start.offset.spec", true),
        ("acl.sync.ms", false),
    ];
    link.configs = given
        .map(|(name, sensitive)| config(name, sensitive))
        .into();

    let broken = [
        format!("{{\"data\": [{{\"name\": \"sasl.jaas.config\", \"value\": \"{CANARY}\"}}, 5"),
        format!("{{\"data\": \"{CANARY}\"}}"),
        format!("<html>{CANARY}"),
    ];
    let mut faults = vec![None];
    faults.extend(broken.map(|body| {
        let effect = Effect::Verbatim {
            status: 200,
            encoding: None,
            body: body.into(),
        };
        Some(Fault::new(effect).on(PathKind::Configs))
    }));
    for fault in faults {
        let is_broken = fault.is_some();
        let mut scene = Scene::new([link.clone()], Collect::default()).await;
        scene
            .simulator
            .update(|world| world.clusters[0].faults.extend(fault));
        let (report, events) = scene.poll().await;
        assert_eq!(
            scene.snapshot().clusters[0].polls.left_out.len(),
            usize::from(is_broken)
        );
        let told = format!(
            "{report:?} {events:?} {:?} {:?}",
            scene.snapshot(),
            scene.lines(&[])
        );
        assert!(!told.contains(CANARY), "{told}");
    }
}
