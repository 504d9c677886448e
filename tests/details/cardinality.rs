//! Series per link, as the README promises them.

use cluster_link_exporter::{
    model::MirrorDetail,
    poll::Collect,
    simulator::{Link, Mirror, Mode},
};

use crate::scene::Scene;

/// A link with the usual four tasks and this many mirror topics, every fifth of them paused.
fn link(topics: usize) -> Link {
    let mut link = Link::new("orders-dr", Mode::Destination, "lkc-west01");
    for number in 0..topics {
        let topic = Mirror::new(&format!("topic-{number}"), &[1, 0]);
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
    // Whether a topic that lags moves takes a second look.
    scene.poll().await;
    scene.poll().await;
    scene.lines(&["link_name=\"orders-dr\""]).len()
}

#[tokio::test]
async fn a_link_with_four_tasks_has_68_series_and_topics_add_to_them_only_where_they_are_wanted() {
    let mut found = Vec::new();
    for topics in [0_usize, 10, 100] {
        for mirrors in MirrorDetail::ALL {
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
