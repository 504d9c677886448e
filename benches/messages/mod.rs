//! What rendering cost before: the same samples as message objects, which the client library's encoder makes text of.

use cluster_link_exporter::model::{Cluster, TaskState};
use prometheus::{
    TextEncoder,
    proto::{Gauge, LabelPair, Metric, MetricFamily, MetricType},
};

/// How many objects there are at once. An object takes ten times the memory of its line.
const BATCH: usize = 1024;
const LABELS: [&str; 5] = [
    "cluster_name",
    "cluster_id",
    "link_name",
    "task_name",
    "state",
];

/// The lines of `clusterlink_task_state`.
pub(crate) fn task_states(cluster: &Cluster) -> String {
    let mut lines = Lines::default();
    let cluster_id = cluster.id.as_ref().map_or("", |id| id.as_str());
    for link in cluster.shown_links() {
        for task in link.named_tasks() {
            for row in TaskState::TABLE {
                let values = [
                    cluster.name.as_str(),
                    cluster_id,
                    link.link_name.as_str(),
                    task.task_name.as_str(),
                    row.name,
                ];
                lines.push(values, f64::from(row.name == task.state.label()));
            }
        }
    }
    lines.flush();
    lines.text
}

#[derive(Default)]
struct Lines {
    batch: Vec<Metric>,
    text: String,
}

impl Lines {
    fn push(&mut self, values: [&str; LABELS.len()], value: f64) {
        if self.batch.len() == BATCH {
            self.flush();
        }
        let pairs = LABELS.into_iter().zip(values).map(|(name, value)| {
            let mut pair = LabelPair::default();
            pair.set_name(name.to_owned());
            pair.set_value(value.to_owned());
            pair
        });
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        let mut metric = Metric::from_label(pairs.collect());
        metric.set_gauge(gauge);
        self.batch.push(metric);
    }

    fn flush(&mut self) {
        let mut family = MetricFamily::default();
        family.set_name("clusterlink_task_state".to_owned());
        family.set_field_type(MetricType::GAUGE);
        family.set_metric(std::mem::take(&mut self.batch));
        let page = TextEncoder::new().encode_to_string(&[family]);
        let page = page.expect("the batch has a metric");
        let (_, lines) = page.split_once('\n').expect("the header is a line");
        self.text.push_str(lines);
    }
}
