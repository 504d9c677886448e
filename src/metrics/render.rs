//! Keeps each cluster's text until the cluster changes.

use std::sync::Arc;

use super::{
    Age, Exposition,
    gzip::Deflater,
    rendered::{Before, Rendered},
};
use crate::model::{Cluster, ClusterName, Snapshot, Vocabulary};

/// Turns snapshots into expositions; a cluster that did not change since the last one is not rendered again, and of another
/// only what may be new. What is the same in its text is not compressed again.
#[derive(Default)]
pub struct Renderer {
    vocabulary: Arc<Vocabulary>,
    deflater: Deflater,
    /// What has been replaced so far.
    age: Age,
    last: Exposition,
}

impl Renderer {
    /// The snapshot's exposition, families in their order, within a family the clusters in theirs.
    pub fn render(&mut self, snapshot: &Snapshot) -> Exposition {
        // A code that is new to the vocabulary may be the label value of what was `OTHER` so far, on any cluster.
        let is_news = self.vocabulary.codes != snapshot.vocabulary.codes;
        self.vocabulary = Arc::clone(&snapshot.vocabulary);

        let last = std::mem::take(&mut self.last);
        let clusters = snapshot.clusters.iter().enumerate();
        let clusters =
            clusters.map(
                |(place, cluster)| match find(last.clusters(), place, &cluster.name) {
                    Some(known) if !is_news && Arc::ptr_eq(known.cluster(), cluster) => {
                        Arc::clone(known)
                    }
                    known => self.render_anew(cluster, known.map(Arc::as_ref), is_news),
                },
            );
        let clusters: Vec<_> = clusters.collect();
        let before = last.clusters().iter().enumerate();
        let gone = before
            .filter(|(place, known)| find(&clusters, *place, &known.cluster().name).is_none())
            .map(|(_, known)| known.held());
        // What it has of its own is replaced with it.
        self.age.0 += gone.sum::<u64>() + last.own();
        self.last = Exposition::new(clusters, self.age);
        self.last.clone()
    }

    fn render_anew(
        &mut self,
        cluster: &Arc<Cluster>,
        known: Option<&Rendered>,
        is_news: bool,
    ) -> Arc<Rendered> {
        let before = known.map(|rendered| Before {
            rendered,
            answers_are_the_same: !is_news && cluster.is_as(rendered.cluster()),
        });
        let rendered = Rendered::new(cluster, &self.vocabulary, &mut self.deflater, before);
        self.age.0 += known.map_or(0, |known| known.replaced_by(&rendered));
        Arc::new(rendered)
    }
}

/// The cluster of that name, which hardly ever has another place than before.
fn find<'a>(
    clusters: &'a [Arc<Rendered>],
    place: usize,
    name: &ClusterName,
) -> Option<&'a Arc<Rendered>> {
    let is_it = |rendered: &&Arc<Rendered>| rendered.cluster().name == *name;
    let there = clusters.get(place).filter(is_it);
    there.or_else(|| clusters.iter().find(is_it))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashSet};

    use insta::assert_snapshot;
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        metrics::testing::{
            NOW, cluster, documented, error, exposition_of, link, parse, snapshot, task, text_of,
            unpolled, with_links, with_tasks,
        },
        metrics::{Format, families},
        model::ErrorCode,
    };

    fn reporting(name: &str, code: &str) -> Cluster {
        let mut link = link("broken", "FAILED");
        link.link_error = Some(error(code));
        with_links(cluster(name), [link])
    }

    #[test]
    fn a_family_is_headed_once_and_holds_the_clusters_in_their_order() {
        let text = exposition_of(&snapshot([cluster("b"), unpolled("new"), cluster("a")]));
        let beginning: Vec<&str> = text.lines().take(12).collect();
        assert_snapshot!(beginning.join("\n"), @r#"
        # HELP clusterlink_links Links of the cluster by the last list that was read, without UNMANAGED_SOURCE remnants.
        # TYPE clusterlink_links gauge
        clusterlink_links{cluster_name="b",cluster_id="lkc-b"} 0
        clusterlink_links{cluster_name="a",cluster_id="lkc-a"} 0
        # HELP clusterlink_unmanaged_source_links Nameless UNMANAGED_SOURCE remnants of deleted source-initiated links by the last list that was read.
        # TYPE clusterlink_unmanaged_source_links gauge
        clusterlink_unmanaged_source_links{cluster_name="b",cluster_id="lkc-b"} 0
        clusterlink_unmanaged_source_links{cluster_name="a",cluster_id="lkc-a"} 0
        # HELP clusterlink_poll_success 1 if the last poll of the cluster got the list and every wanted link; the exporter polls by its own clock, not when it is scraped.
        # TYPE clusterlink_poll_success gauge
        clusterlink_poll_success{cluster_name="b",cluster_id="lkc-b"} 0
        clusterlink_poll_success{cluster_name="new",cluster_id=""} 0
        "#);
    }

    #[test]
    fn without_clusters_there_are_no_lines_at_all() {
        assert_eq!(exposition_of(&Snapshot::default()), "");
    }

    #[test]
    fn only_a_cluster_that_changed_is_rendered_again() {
        let mut renderer = Renderer::default();
        let mut now = snapshot([documented(), reporting("other", "TIMEOUT_ERROR")]);
        let first = renderer.render(&now);
        now.clusters[1] = Arc::new(reporting("other", "AUTHENTICATION_ERROR"));
        let second = renderer.render(&now);

        assert_eq!(text_of(&second), exposition_of(&now));
        let is_kept =
            |place: usize| Arc::ptr_eq(&first.clusters()[place], &second.clusters()[place]);
        assert_eq!([is_kept(0), is_kept(1)], [true, false]);
    }

    #[test]
    fn a_poll_that_brings_no_news_replaces_only_what_shows_polls() {
        let polled = |seconds| {
            let at = NOW + SignedDuration::from_secs(seconds);
            let mut cluster = documented();
            cluster.polls.last_success = Some(at);
            cluster.listed_at = Some(at);
            Arc::make_mut(&mut cluster.links[0]).described_at = Some(at);
            snapshot([cluster])
        };
        let mut renderer = Renderer::default();
        let [first, second] = [0, 30].map(|seconds| renderer.render(&polled(seconds)));
        let replaced = families().enumerate().filter(|(place, _)| {
            let [before, after] =
                [&first, &second].map(|it| it.clusters()[0].frames(Format::Text, *place));
            let mut pairs = before.iter().zip(after);
            pairs.any(|(before, after)| !Arc::ptr_eq(before, after))
        });
        let names: Vec<_> = replaced.map(|(_, family)| family.name).collect();
        assert_eq!(
            names,
            [
                "clusterlink_link_last_success_timestamp_seconds",
                "clusterlink_poll_last_success_timestamp_seconds"
            ]
        );
    }

    #[test]
    fn what_is_replaced_is_counted_and_what_stays_is_not() {
        let mut renderer = Renderer::default();
        let mut now = snapshot([documented(), reporting("other", "TIMEOUT_ERROR")]);
        let first = renderer.render(&now);
        first.body(Format::Text, String::new(), true);
        let place = families().position(|family| family.name == "clusterlink_link_error");
        let [code] = first.clusters()[1].frames(Format::Text, place.unwrap()) else {
            panic!("it is one piece");
        };
        let replaced = |before: &Exposition, after: &Exposition| after.age().0 - before.age().0;
        now.clusters[1] = Arc::new(reporting("other", "AUTHENTICATION_ERROR"));
        let second = renderer.render(&now);
        assert!(first.own() > 0, "what is small is copied for the scrape");
        assert_eq!(replaced(&first, &second), code.held() + first.own());

        let all: u64 = second.clusters().iter().map(|it| it.held()).sum();
        let third = renderer.render(&Snapshot::default());
        assert_eq!(replaced(&second, &third), all);
    }

    #[test]
    fn of_a_large_family_only_the_piece_that_changed_is_compressed_again() {
        let polled = |failed: usize| {
            let links = (0..4000).map(|number| {
                let state = if number == failed { "FAILED" } else { "ACTIVE" };
                link(&format!("link-{number:04}"), state)
            });
            snapshot([with_links(cluster("prod"), links)])
        };
        let place = families().position(|family| family.name == "clusterlink_link_state");
        let mut renderer = Renderer::default();
        let mut pieces = |failed| {
            let exposition = renderer.render(&polled(failed));
            assert!(text_of(&exposition) == exposition_of(&polled(failed)));
            let frames = exposition.clusters()[0].frames(Format::Text, place.unwrap());
            frames.to_vec()
        };
        let [before, after] = [0, 2000].map(&mut pieces);
        let is_shared = before.iter().zip(&after).map(|(a, b)| Arc::ptr_eq(a, b));
        let others: Vec<_> = is_shared
            .enumerate()
            .filter(|(_, shared)| !shared)
            .collect();
        assert!(before.len() > 10 && before.len() == after.len());
        assert_eq!(
            others.len(),
            2,
            "the one that healed, the one that failed: {others:?}"
        );
        assert!(
            !Arc::ptr_eq(&before[0], &after[0]),
            "the first link is in the first piece"
        );
    }

    #[test]
    fn a_cluster_that_left_is_gone_and_forgotten() {
        let mut renderer = Renderer::default();
        renderer.render(&snapshot([documented(), cluster("other")]));
        let text = text_of(&renderer.render(&snapshot([cluster("other")])));
        assert_eq!(text, exposition_of(&snapshot([cluster("other")])));
        assert_eq!(renderer.last.clusters().len(), 1);
    }

    #[test]
    fn a_newly_learnt_code_replaces_other_also_where_the_cluster_did_not_change() {
        let mut renderer = Renderer::default();
        let mut now = snapshot([reporting("prod", "NEW_ERROR")]);
        let code = |exposition: &Exposition| {
            parse(&text_of(exposition))
                .iter()
                .find(|sample| sample.name == "clusterlink_link_error")
                .and_then(|sample| sample.label("error_code").map(str::to_owned))
        };
        assert_eq!(code(&renderer.render(&now)).as_deref(), Some("OTHER"));
        now.vocabulary = Arc::new(Vocabulary {
            codes: [ErrorCode::from("NEW_ERROR")].into(),
            ..Vocabulary::default()
        });
        assert_eq!(code(&renderer.render(&now)).as_deref(), Some("NEW_ERROR"));
    }

    /// Any Unicode, with more than its share of what the text format must escape.
    fn names(count: std::ops::Range<usize>) -> impl Strategy<Value = BTreeSet<String>> {
        let awkward =
            prop::sample::select(vec!['"', '\\', '\n', '\r', '/', '{', '}', ',', '=', 'n']);
        let character = prop_oneof![any::<char>(), awkward];
        let name = prop::collection::vec(character, 1..12).prop_map(String::from_iter);
        prop::collection::btree_set(name, count)
    }

    type Names = BTreeMap<String, BTreeSet<String>>;

    fn named(cluster_name: &str, links: &Names) -> Cluster {
        let links = links.iter().map(|(link_name, tasks)| {
            let tasks = tasks
                .iter()
                .map(|name| task(name, "IN_ERROR", &["ODD\nCODE", "A"]));
            with_tasks(link(link_name, "ACTIVE"), tasks)
        });
        with_links(cluster(cluster_name), links)
    }

    proptest! {
        #[test]
        fn any_name_survives_and_no_series_is_there_twice(
            clusters in names(0..4),
            links in names(0..4),
            tasks in names(1..4),
        ) {
            let links: Names = links.into_iter().map(|link| (link, tasks.clone())).collect();
            let text = exposition_of(&snapshot(clusters.iter().map(|name| named(name, &links))));
            let samples = parse(&text);

            let mut seen = HashSet::new();
            for sample in &samples {
                prop_assert!(seen.insert((&sample.name, &sample.labels)), "twice: {sample:?}");
            }
            let found: BTreeSet<_> = samples
                .iter()
                .filter(|sample| sample.name == "clusterlink_task_state")
                .map(|sample| ["cluster_name", "link_name", "task_name"].map(|name| sample.label(name)))
                .collect();
            let mut expected = BTreeSet::new();
            for cluster in &clusters {
                for (link, tasks) in &links {
                    expected.extend(tasks.iter().map(|task| [cluster, link, task].map(|n| Some(n.as_str()))));
                }
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn exactly_one_state_of_every_link_and_task_is_one() {
        let mut ones: BTreeMap<_, u32> = BTreeMap::new();
        for sample in parse(&exposition_of(&snapshot([documented()]))) {
            if sample.name.ends_with("_state") {
                let task = sample.label("task_name").map(str::to_owned);
                *ones.entry(task).or_default() += u32::from(sample.value > 0.0);
            }
        }
        assert_eq!(ones.len(), 3, "the link and its two tasks: {ones:?}");
        assert!(ones.values().all(|count| *count == 1), "{ones:?}");
    }
}
