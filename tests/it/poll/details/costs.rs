//! Requests per poll: near 1 + N.

use cluster_link_exporter::{
    model::MirrorDetail,
    poll::Collect,
    simulator::{Change, Link, LinkRef, Mirror, Mode},
};

use super::scene::{CLUSTER, Scene};

fn link(name: &str) -> Link {
    Link::new(name, Mode::Destination, "lkc-west01").mirror(Mirror::new(name, &[0, 3]))
}

fn links(count: u64) -> Vec<Link> {
    (0..count)
        .map(|number| link(&format!("link-{number:02}")))
        .collect()
}

#[tokio::test]
async fn most_polls_cost_one_request_more_than_list_and_describes_and_every_tenth_the_settings_too()
{
    let mut scene = Scene::new(links(20), Collect::default()).await;
    let mut costs = Vec::new();
    for _ in 0..=20 {
        costs.push(scene.cost().await);
    }
    let (plain, with_settings) = ([1, 20, 0, 1, 0], [1, 20, 20, 1, 0]);
    let expected: Vec<_> = (0..=20)
        .map(|poll| if poll % 10 == 0 { with_settings } else { plain })
        .collect();
    assert_eq!(costs, expected);
}

#[tokio::test]
async fn what_is_not_wanted_costs_nothing() {
    let mut scene = Scene::new(links(3), Collect::NOTHING).await;
    assert_eq!(scene.cost().await, [1, 3, 0, 0, 0]);
    let settings_only = Collect {
        mirrors: MirrorDetail::Off,
        ..Collect::default()
    };
    let mut scene = Scene::new(links(3), settings_only).await;
    assert_eq!(scene.cost().await, [1, 3, 3, 0, 0]);
    let mut scene = Scene::new(links(0), Collect::default()).await;
    assert_eq!(scene.cost().await, [1, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_link_that_changes_its_state_has_its_settings_read_again_and_so_has_a_new_one() {
    let mut scene = Scene::new(links(3), Collect::default()).await;
    scene.cost().await;
    let paused = Change::Link {
        link: LinkRef::new(CLUSTER, "link-01"),
        state: "PAUSED".to_owned(),
        error: None,
    };
    scene.simulator.apply(&paused).unwrap();
    assert_eq!(scene.cost().await, [1, 3, 1, 1, 0]);
    let created = Change::AddLink {
        cluster_id: CLUSTER.to_owned(),
        link: Box::new(link("link-03")),
    };
    scene.simulator.apply(&created).unwrap();
    assert_eq!(scene.cost().await, [1, 4, 1, 1, 0]);
    assert_eq!(scene.cost().await, [1, 4, 0, 1, 0]);
}

#[tokio::test]
async fn ten_topics_a_poll_are_asked_why_they_hang_and_each_gets_its_turn() {
    let mut link = Link::new("orders-dr", Mode::Destination, "lkc-west01");
    for number in 0..25 {
        let topic = Mirror::new(&format!("topic-{number:02}"), &[0])
            .status("PENDING_STOPPED")
            .transition_error("CONSUMER_GROUP_IN_USE_ERROR", "Group billing is in use.");
        link = link.mirror(topic);
    }
    let mut scene = Scene::new([link], Collect::default()).await;
    let mut asked = Vec::new();
    let mut known = Vec::new();
    for _ in 0..4 {
        asked.push(scene.cost().await[4]);
        let snapshot = scene.snapshot();
        let mirrors = snapshot.clusters[0].links[0].shown_mirrors().unwrap();
        known.push(mirrors.hanging.len());
    }
    assert_eq!(asked, [10, 10, 5, 10]);
    assert_eq!(known, [10, 20, 25, 25]);
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_the_settings_allow() {
    let mut scene = Scene::new(links(40), Collect::default()).await;
    scene.poll().await;
    assert!(scene.simulator.requests().max_concurrent() <= 8);
}
