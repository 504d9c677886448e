//! Where a family's function puts its samples: they become text in small batches, so that a cluster of any size needs
//! the memory of its text and little more.

use jiff::Timestamp;
use prometheus::{
    TextEncoder,
    proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily},
};

use super::shape::{IDENTITY, Kind, Shape};
use crate::{
    catalogue,
    model::{Cluster, ErrorCode, LATENCY_BUCKETS, Latency, StateRow, Vocabulary},
};

/// How many metrics are held as objects before they become text. An object takes ten times the memory of its line.
const BATCH: usize = 1024;

/// The samples of one family and one cluster.
pub struct Samples<'a> {
    shape: Shape,
    identity: [&'a str; 2],
    vocabulary: &'a Vocabulary,
    batch: MetricFamily,
    /// How many metrics of the batch are this batch's; the others are left over from the one before.
    used: usize,
    /// What the encoder made of one batch; kept for its memory.
    page: String,
    text: String,
}

impl<'a> Samples<'a> {
    pub(super) fn new(shape: Shape, cluster: &'a Cluster, vocabulary: &'a Vocabulary) -> Self {
        let cluster_id = cluster.id.as_ref().map_or("", |id| id.as_str());
        Self {
            shape,
            identity: [cluster.name.as_str(), cluster_id],
            vocabulary,
            batch: shape.empty(),
            used: 0,
            page: String::new(),
            text: String::new(),
        }
    }

    /// Adds a sample of a gauge or a counter. `labels` are the values of the family's own labels, in its order.
    pub fn push(&mut self, labels: &[&str], value: f64) {
        let kind = self.shape.kind;
        let metric = self.next(labels);
        match kind {
            Kind::Gauge => {
                let mut gauge = Gauge::default();
                gauge.set_value(value);
                metric.set_gauge(gauge);
            }
            Kind::Counter => {
                let mut counter = Counter::default();
                counter.set_value(value);
                metric.set_counter(counter);
            }
            Kind::Histogram => unreachable!("a histogram's row calls `push_histogram`"),
        }
    }

    /// Adds one sample per known state: 1 for the current one, 0 for the rest. The state is the last label.
    pub fn push_states(&mut self, labels: &[&str], table: &[StateRow], current: &str) {
        for row in table {
            let labels = [labels, &[row.name]].concat();
            self.push(&labels, f64::from(row.name == current));
        }
    }

    /// Adds a histogram.
    pub fn push_histogram(&mut self, labels: &[&str], latency: &Latency) {
        let mut cumulative = 0;
        let buckets = LATENCY_BUCKETS.iter().zip(&latency.counts);
        let buckets = buckets
            .map(|(bound, count)| {
                cumulative += count;
                let mut bucket = Bucket::default();
                bucket.set_upper_bound(*bound);
                bucket.set_cumulative_count(cumulative);
                bucket
            })
            .collect();
        let mut histogram = Histogram::default();
        histogram.set_bucket(buckets);
        histogram.set_sample_sum(latency.sum);
        histogram.set_sample_count(latency.count());
        self.next(labels).set_histogram(histogram);
    }

    /// The label value of an error code; `None` where there is no code. What does not look like a code, or came after
    /// too many codes that are in no catalogue, is `OTHER`.
    pub fn code_label<'c>(&self, code: &'c ErrorCode) -> Option<&'c str> {
        if code.is_healthy() {
            return None;
        }
        let known = catalogue::contains(code.as_str()) || self.vocabulary.codes.contains(code);
        Some(if known && code.is_well_formed() {
            code.as_str()
        } else {
            ErrorCode::OTHER
        })
    }

    pub(super) fn into_text(mut self) -> String {
        self.flush();
        self.text.shrink_to_fit();
        self.text
    }

    /// The next metric of the batch, with these labels and any value.
    fn next(&mut self, labels: &[&str]) -> &mut Metric {
        let Shape {
            name,
            labels: declared,
            ..
        } = self.shape;
        assert_eq!(labels.len(), declared.len(), "{name}: a value per label");
        if self.used == BATCH {
            self.flush();
        }
        // A metric is used again in the next batch: its label names and most values are what they were.
        if self.used == self.batch.get_metric().len() {
            let unlabelled = self.unlabelled();
            self.batch.mut_metric().push(unlabelled);
        }
        let metric = &mut self.batch.mut_metric()[self.used];
        self.used += 1;
        let pairs = &mut metric.mut_label()[IDENTITY.len()..];
        for (pair, value) in pairs.iter_mut().zip(labels) {
            if pair.value() != *value {
                pair.set_value((*value).to_owned());
            }
        }
        metric
    }

    /// A metric of this cluster whose own labels have no values yet.
    fn unlabelled(&self) -> Metric {
        let identity = IDENTITY.into_iter().zip(self.identity);
        let own = self.shape.labels.iter().map(|label| (label.name, ""));
        Metric::from_label(identity.chain(own).map(pair).collect())
    }

    fn flush(&mut self) {
        if self.used == 0 {
            return;
        }
        // Only the last batch is not full; what it does not use is of the batch before.
        self.batch.mut_metric().truncate(self.used);
        self.used = 0;
        self.page.clear();
        TextEncoder::new()
            .encode_utf8(std::slice::from_ref(&self.batch), &mut self.page)
            .expect("the batch has a metric, and a string takes all that is written to it");
        // Each call writes `# TYPE`; the header stands once, before the first cluster's samples.
        let (_, lines) = self
            .page
            .split_once('\n')
            .expect("a family without help begins with the one line `# TYPE`");
        self.text.push_str(lines);
    }
}

/// A time as a sample's value.
pub(super) fn unix_seconds(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64()
}

fn pair((name, value): (&str, &str)) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Family, Label, testing::cluster};

    const NUMBERS: Family = Family {
        name: "clusterlink_numbers",
        meaning: "Numbers",
        kind: Kind::Counter,
        labels: &[Label::open("number")],
        collect: |_, samples| {
            for number in 0..=2 * BATCH {
                samples.push(&[&number.to_string()], number as f64);
            }
        },
    };

    #[test]
    fn batches_leave_no_trace_in_the_text() {
        let text = NUMBERS.text(&cluster("prod"), &Vocabulary::default());
        let expected = (0..=2 * BATCH).map(|number| {
            let labels =
                format!("cluster_name=\"prod\",cluster_id=\"lkc-prod\",number=\"{number}\"");
            format!("clusterlink_numbers{{{labels}}} {number}")
        });
        assert!(
            text.lines().eq(expected),
            "a line is lost, doubled or not a sample"
        );
    }

    #[test]
    fn only_known_codes_are_label_values() {
        let vocabulary = Vocabulary {
            codes: [ErrorCode::from("LEARNT_ERROR")].into(),
            ..Vocabulary::default()
        };
        let cluster = cluster("prod");
        let samples = Samples::new(NUMBERS.shape(), &cluster, &vocabulary);
        let label = |code: &str| samples.code_label(&code.into()).map(str::to_owned);
        for (code, expected) in [
            ("TIMEOUT_ERROR", Some("TIMEOUT_ERROR")),
            ("LEARNT_ERROR", Some("LEARNT_ERROR")),
            ("STRANGE_ERROR", Some("OTHER")),
            ("not a code", Some("OTHER")),
            ("NO_ERROR", None),
            ("NOT_SET", None),
            ("", None),
        ] {
            assert_eq!(label(code).as_deref(), expected, "{code}");
        }
    }
}
