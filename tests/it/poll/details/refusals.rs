//! What a server may refuse or fail to send, and what is shown then.

use bytes::Bytes;
use cluster_link_exporter::{
    model::{Endpoint, Event, MirrorDetail, Reason},
    poll::Collect,
    simulator::{BrokenBody, Effect, Fault, Link, Mirror, Mode, PathKind},
};

use super::scene::{ALL, CLUSTER, Scene};

fn links() -> [Link; 2] {
    ["orders", "sales"].map(|name| {
        Link::new(name, Mode::Destination, "lkc-west01")
            .config("cluster.link.prefix", "west-")
            .mirror(Mirror::new(&format!("west-{name}"), &[7, 5]))
    })
}

fn answer(status: u16, body: impl Into<Bytes>) -> Effect {
    Effect::Verbatim {
        status,
        encoding: None,
        body: body.into(),
    }
}

fn set(scene: &Scene, faults: impl Into<Vec<Fault>>) {
    let faults = faults.into();
    scene
        .simulator
        .update(|world| world.clusters[0].faults = faults);
}

const LAG: [&str; 2] = ["clusterlink_mirror_lag_messages{", "link_name=\"sales\""];

#[tokio::test]
async fn a_server_that_does_not_list_all_links_mirrors_is_asked_link_by_link() {
    // Three ways to say no, and an answer that nobody could read.
    let refusals = [
        Effect::Unsupported,
        answer(404, "{}"),
        answer(405, "{}"),
        answer(200, vec![b' '; 33 << 20]),
    ];
    for refusal in refusals {
        let name = format!("{refusal:.40?}");
        let mut scene = Scene::new(links(), Collect::default()).await;
        set(
            &scene,
            [Fault::new(refusal).on(PathKind::Mirrors).of_link("-")],
        );
        let mut costs = Vec::new();
        for _ in 0..12 {
            costs.push(scene.cost().await[3]);
            assert_eq!(scene.value(&LAG), Some(12.0), "{name}");
        }
        // With the first request and every tenth poll's the server is tried again.
        assert_eq!(costs, [3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2], "{name}");
        assert!(scene.snapshot().clusters[0].polls.left_out.is_empty());
    }
}

#[tokio::test]
async fn who_may_see_only_links_has_links_and_tasks_and_a_good_poll() {
    let mut scene = Scene::new(links(), Collect::default()).await;
    let forbidden = |path| Fault::new(Effect::Forbidden).on(path);
    set(
        &scene,
        [forbidden(PathKind::Configs), forbidden(PathKind::Mirrors)],
    );
    let (_, events) = scene.poll().await;
    let told: Vec<_> = events
        .into_iter()
        .filter_map(|event| match event {
            Event::DetailFailed {
                endpoint, failure, ..
            } => Some((endpoint, failure.reason)),
            _ => None,
        })
        .collect();
    let expected = [Endpoint::Configs, Endpoint::Mirrors].map(|at| (at, Reason::Forbidden));
    assert_eq!(told, expected);

    let mut costs = Vec::new();
    for _ in 1..=10 {
        let [_, _, configs, mirrors, _] = scene.cost().await;
        costs.push([configs, mirrors]);
    }
    let mut expected = [[0, 0]; 10];
    expected[9] = [2, 1];
    assert_eq!(costs, expected);
    assert_eq!(scene.value(&["clusterlink_poll_success{"]), Some(1.0));
    assert_eq!(scene.lines(&["clusterlink_mirror_topics{"]), [""; 0]);
    assert_eq!(
        scene.lines(&["link_mode=\"\",connection_mode=\"\""]).len(),
        2
    );
    let counted = [
        "clusterlink_api_requests_total{",
        "endpoint=\"mirrors\"",
        "code=\"403\"",
    ];
    assert_eq!(scene.value(&counted), Some(2.0));
    assert_eq!(
        scene
            .lines(&["clusterlink_task_state{", "\"ACTIVE\"} 1"])
            .len(),
        8
    );
}

#[tokio::test]
async fn a_server_that_answers_no_link_is_left_alone_for_ten_polls() {
    let mut scene = Scene::new(links(), Collect::default()).await;
    set(
        &scene,
        [Fault::new(Effect::Unsupported).on(PathKind::Mirrors)],
    );
    let mut costs = Vec::new();
    for _ in 0..12 {
        costs.push(scene.cost().await[3]);
    }
    assert_eq!(costs, [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0]);
}

/// Faults that pass: what is known stands while it is recent, then it is withdrawn, and the links stay.
#[tokio::test]
async fn mirror_topics_that_do_not_come_stand_for_two_minutes_and_fail_no_poll() {
    let faults = [
        (Effect::ServerError, Reason::ServerError),
        (Effect::Disconnect, Reason::Connect),
        (Effect::CutAfterHeaders, Reason::BadResponse),
        (Effect::Throttled { retry_after: None }, Reason::Throttled),
        (Effect::Unauthorized, Reason::Auth),
        (Effect::EndlessPages, Reason::BadResponse),
        (
            Effect::ForeignNext("http://127.0.0.1:9".into()),
            Reason::BadResponse,
        ),
        (
            Effect::Broken(BrokenBody::TruncatedJson),
            Reason::BadResponse,
        ),
        (Effect::Broken(BrokenBody::DataNull), Reason::BadResponse),
        (Effect::Broken(BrokenBody::WrongTypes), Reason::BadResponse),
    ];
    for (effect, reason) in faults {
        let name = format!("{effect:?}");
        let mut scene = Scene::new(links(), Collect::default()).await;
        scene.poll().await;
        set(&scene, [Fault::new(effect).on(PathKind::Mirrors)]);
        let mut seen = Vec::new();
        for _ in 0..4 {
            let (report, _) = scene.poll().await;
            assert_eq!(report.is_throttled(), reason == Reason::Throttled, "{name}");
            seen.push(scene.value(&LAG));
            let left_out = &scene.snapshot().clusters[0].polls.left_out;
            assert_eq!(left_out[&Endpoint::Mirrors].reason, reason, "{name}");
            assert_eq!(
                scene.value(&["clusterlink_poll_success{"]),
                Some(1.0),
                "{name}"
            );
        }
        assert_eq!(seen, [Some(12.0), Some(12.0), Some(12.0), None], "{name}");
        assert_eq!(scene.lines(&["clusterlink_link_info{"]).len(), 2, "{name}");

        set(&scene, []);
        scene.poll().await;
        assert_eq!(scene.value(&LAG), Some(12.0), "{name}");
    }
}

#[tokio::test]
async fn settings_that_do_not_come_stand_and_are_asked_for_again_soon_and_then_less_and_less() {
    let mut scene = Scene::new(links(), Collect::default()).await;
    scene.poll().await;
    set(
        &scene,
        [Fault::new(Effect::ServerError).on(PathKind::Configs)],
    );
    let mode = [
        "clusterlink_link_info{",
        "link_mode=\"DESTINATION\",connection_mode=\"OUTBOUND\"",
    ];
    let success = ["clusterlink_details_success{", "endpoint=\"configs\""];
    let not_known = ["clusterlink_judgement_unknown{", "reason=\"failed\""];
    let (mut due, mut seen) = (Vec::new(), Vec::new());
    for poll in 1..=30 {
        if scene.cost().await[2] > 0 {
            due.push(poll);
        }
        let is_shown = scene.lines(&mode).len() == 2;
        let is_judged = scene.lines(&not_known).is_empty();
        seen.push((is_shown, scene.value(&success), is_judged));
    }
    assert_eq!(due, [10, 11, 13, 17, 25]);
    // Two minutes are four polls: then nobody knows the settings any more.
    let expected = [
        [(true, Some(1.0), true); 9].as_slice(),
        &[(true, Some(0.0), true); 4],
        &[(false, Some(0.0), false); 17],
    ];
    assert_eq!(seen, expected.concat());

    set(&scene, []);
    for _ in 31..=41 {
        scene.poll().await;
    }
    assert_eq!(scene.lines(&mode).len(), 2);
    assert_eq!(scene.value(&success), Some(1.0));
    assert_eq!(scene.lines(&not_known), [""; 0]);
}

#[tokio::test]
async fn a_deleted_topic_and_a_deleted_link_are_gone_with_the_next_poll() {
    let mut scene = Scene::new(links(), ALL).await;
    scene.poll().await;
    let topics = |scene: &mut Scene| {
        scene
            .lines(&["clusterlink_mirror_topic_lag_seconds{"])
            .len()
    };
    assert_eq!(topics(&mut scene), 2);
    scene
        .simulator
        .update(|world| world.clusters[0].links[0].mirrors.clear());
    scene.poll().await;
    assert_eq!(topics(&mut scene), 1);
    assert_eq!(scene.lines(&["mirror_topic_name=\"west-orders\""]), [""; 0]);
    scene
        .simulator
        .update(|world| world.clusters[0].links.remove(1));
    scene.poll().await;
    assert_eq!(scene.lines(&["\"sales\""]), [""; 0]);
    let counts = ["clusterlink_mirror_topics{", "link_name=\"orders\""];
    assert_eq!(scene.lines(&counts).len(), 13);
}

#[tokio::test]
async fn pages_of_mirror_topics_and_settings_are_read_to_their_end() {
    let mut link = links()[0].clone();
    for number in 0..30 {
        link = link.mirror(Mirror::new(&format!("topic-{number}"), &[1]));
    }
    let detail = Collect {
        mirrors: MirrorDetail::Summary,
        ..Collect::default()
    };
    let mut scene = Scene::new([link], detail).await;
    let paged = |world: &mut cluster_link_exporter::simulator::World| {
        world.clusters[0].dialect.page_size = Some(10);
    };
    scene.simulator.update(paged);
    assert_eq!(scene.cost().await, [1, 1, 2, 4, 0]);
    let active = ["clusterlink_mirror_topics{", "\"ACTIVE\""];
    assert_eq!(scene.value(&active), Some(31.0));
    assert_eq!(
        scene.snapshot().clusters[0].polls.requests[&(Endpoint::Mirrors, Some(200))],
        4
    );
    assert_eq!(
        scene.simulator.requests().count(CLUSTER, PathKind::Configs),
        2
    );
}
