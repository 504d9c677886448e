//! What a scrape sees: the families that rules ask for. A cluster that did not change says what it said before.

use std::{collections::BTreeMap, sync::Arc};

use cluster_link_exporter::{
    alert::{Recording, recordings, rules},
    metrics::{Family, Format, families},
    model::{Cluster, Snapshot},
};

use super::series::AllSeries;

#[derive(Default)]
pub(crate) struct Scrape(BTreeMap<String, Scraped>);

#[derive(Default)]
struct Scraped {
    cluster: Option<Arc<Cluster>>,
    /// Series and values.
    samples: Vec<(String, String)>,
}

impl Scrape {
    pub(crate) fn read(&mut self, minute: usize, snapshot: &Snapshot, series: &mut AllSeries) {
        let recorded = recordings().map(Recording::expression);
        let alerted = rules().map(|rule| (rule.expression)());
        let expressions: Vec<_> = recorded.chain(alerted).collect();
        let is_asked = |family: &&Family| expressions.iter().any(|text| text.contains(family.name));
        let asked: Vec<_> = families().filter(is_asked).collect();
        for cluster in &snapshot.clusters {
            let read = self.0.entry(cluster.name.to_string()).or_default();
            if !read
                .cluster
                .as_ref()
                .is_some_and(|read| Arc::ptr_eq(read, cluster))
            {
                let texts = asked
                    .iter()
                    .map(|family| family.text(Format::Text, cluster, &snapshot.vocabulary));
                read.samples = texts.flat_map(|text| samples_of(&text)).collect();
                read.cluster = Some(Arc::clone(cluster));
            }
            for (name, value) in &read.samples {
                series.push(minute, name, value);
            }
        }
    }
}

/// The series and values of a text; a scrape leaves out labels without a value.
fn samples_of(text: &str) -> Vec<(String, String)> {
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').expect("a series and its value");
        (series.replace(",cluster_id=\"\"", ""), value.to_owned())
    };
    text.lines().map(sample).collect()
}
