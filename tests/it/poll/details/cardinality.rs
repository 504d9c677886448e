//! Series per link, as docs/operations.md promises them.

use cluster_link_exporter::{
    model::MirrorDetail,
    poll::Collect,
    simulator::{Link, Mirror, Mode},
};

use super::scene::Scene;

/// A link with the usual four tasks and this many mirror topics that keep up, every fifth of them paused.
fn link(topics: usize) -> Link {
    let mut link = Link::new("orders-dr", Mode::Destination, "lkc-west01");
    for number in 0..topics {
        let topic = Mirror::new(&format!("topic-{number}"), &[0, 0]);
        let is_paused = number % 5 == 0;
        link = link.mirror(if is_paused {
            topic.status("PAUSED")
        } else {
            topic
        });
    }
    link
}

async fn series(link: Link, collect: Collect) -> usize {
    let mut scene = Scene::new([link], collect).await;
    scene.poll().await;
    scene.lines(&["link_name=\"orders-dr\""]).len()
}

#[tokio::test]
async fn a_link_with_four_tasks_has_68_series_and_topics_add_to_them_only_where_they_are_wanted() {
    let mut found = Vec::new();
    for topics in [0_usize, 10, 100] {
        for &mirrors in MirrorDetail::ALL {
            let collect = Collect {
                mirrors,
                ..Collect::default()
            };
            let expected = 51
                + match mirrors {
                    MirrorDetail::Off => 0,
                    MirrorDetail::Summary => 17,
                    MirrorDetail::Unhealthy => 17 + 16 * topics.div_ceil(5),
                    MirrorDetail::All => 17 + 16 * topics,
                };
            let series = series(link(topics), collect).await;
            found.push((topics, mirrors.as_str(), series, expected));
        }
    }
    let wrong: Vec<_> = found
        .iter()
        .filter(|(_, _, found, expected)| found != expected)
        .collect();
    assert!(wrong.is_empty(), "topics, mode, found, promised: {wrong:?}");
}

/// One answer does not tell whether what lags moves: that it is not known takes the place of how many stand still, and
/// the link is not called ready.
#[tokio::test]
async fn what_cannot_be_judged_is_a_series_in_place_of_those_that_would_say_it() {
    let behind = link(0).mirror(Mirror::new("behind", &[1]));
    let mut scene = Scene::new([behind], Collect::default()).await;
    scene.poll().await;
    let lines = scene.lines(&["link_name=\"orders-dr\""]);
    assert_eq!(lines.len(), 68 + 1 - 2);
    let names = |name: &str| lines.iter().any(|line| line.starts_with(name));
    assert!(names("clusterlink_judgement_unknown{"));
    assert!(!names("clusterlink_mirror_stalled_topics{"));
    assert!(!names("clusterlink_failover_ready{"));
}

#[tokio::test]
async fn settings_counts_by_category_and_topics_that_are_mirrors_no_more_have_their_price() {
    assert_eq!(series(link(0), Collect::NOTHING).await, 48);
    let mut counted = link(0);
    counted.category_counts = vec![("ACTIVE".to_owned(), 3)];
    assert_eq!(series(counted, Collect::NOTHING).await, 48 + 6);
    let all = Collect {
        configs: false,
        mirrors: MirrorDetail::All,
    };
    let stopped = link(0).mirror(Mirror::new("promoted", &[9]).status("STOPPED"));
    assert_eq!(series(stopped, all).await, 48 + 17 + 13);
    let failed = Mirror::new("failed", &[9])
        .status("FAILED")
        .error("UNKNOWN");
    // Its error, and that it is against a failover.
    assert_eq!(series(link(0).mirror(failed), all).await, 48 + 17 + 13 + 2);
}
