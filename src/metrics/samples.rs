//! Where a family's function puts its samples: each becomes a line of text at once.

use std::{mem, slice, sync::Arc};

use jiff::Timestamp;

use super::{
    Format,
    gzip::{Deflater, Frame},
    line::{push_count, push_label, push_number},
    shape::{IDENTITY, Kind, Shape},
};
use crate::{
    catalogue,
    model::{Cluster, ErrorCode, LATENCY_BUCKETS, Latency, StateRow, Vocabulary},
};

/// The samples of one family and one cluster.
pub struct Samples<'a> {
    shape: Shape,
    vocabulary: &'a Vocabulary,
    format: Format,
    head: Head,
    /// How the line of each state ends before its value, made with the first state set: most lines are of one.
    states: Vec<String>,
    text: String,
    /// Where it goes when it is compressed.
    pieces: Option<Pieces<'a>>,
}

/// Where the text goes piece by piece: the text of a whole fleet is never in memory at once.
struct Pieces<'a> {
    deflater: &'a mut Deflater,
    /// What the text was before.
    before: slice::Iter<'a, Arc<Frame>>,
    frames: Vec<Arc<Frame>>,
}

/// So much text is a piece. It ends with a line: a value of another length moves hardly ever where the pieces after it
/// begin.
const PIECE: usize = 128 << 10;

/// What a run of samples has in common after the name: the labels of the cluster and the first label of the family's own,
/// which is the link's name. They are escaped once for all samples of the run, and copied.
struct Head {
    labels: String,
    /// How many bytes of it are about the cluster.
    identity: usize,
    /// The value of the first label, as it is not escaped; none before the first sample.
    first: Option<String>,
}

impl<'a> Samples<'a> {
    pub(super) fn new(
        shape: Shape,
        cluster: &'a Cluster,
        vocabulary: &'a Vocabulary,
        format: Format,
    ) -> Self {
        Self {
            shape,
            vocabulary,
            format,
            head: Head::new(cluster),
            states: Vec::new(),
            text: String::new(),
            pieces: None,
        }
    }

    /// The same, compressed while it is written; what is the same as in `before` is taken from there.
    pub(super) fn compressed(self, deflater: &'a mut Deflater, before: &'a [Arc<Frame>]) -> Self {
        Self {
            text: mem::take(&mut deflater.buffer),
            pieces: Some(Pieces {
                deflater,
                before: before.iter(),
                frames: Vec::new(),
            }),
            ..self
        }
    }

    /// Adds a sample of a gauge or a counter. `labels` are the values of the family's own labels, in its order.
    pub fn push(&mut self, labels: &[&str], value: f64) {
        assert!(
            matches!(self.shape.kind, Kind::Gauge | Kind::Counter),
            "a histogram's row calls `push_histogram`"
        );
        self.shape.assert_values(labels.len());
        self.begin("", labels);
        self.end(value);
        self.hand_on();
    }

    /// Adds one sample per known state: 1 for the current one, 0 for the rest. The state is the last label, and the table is the
    /// same for all samples of a family.
    pub fn push_states(&mut self, labels: &[&str], table: &[StateRow], current: &str) {
        self.shape.assert_values(labels.len() + 1);
        if self.states.is_empty() {
            let label = self.shape.labels[labels.len()].name;
            self.states.extend(table.iter().map(|row| {
                let mut end = ",".to_owned();
                push_label(&mut end, label, row.name);
                end + "} "
            }));
        }
        debug_assert_eq!(self.states.len(), table.len(), "one table for a family");
        let begin = self.text.len();
        self.begin("", labels);
        let head = begin..self.text.len();
        for (place, (row, end)) in table.iter().zip(&self.states).enumerate() {
            if place > 0 {
                self.text.extend_from_within(head.clone());
            }
            self.text.push_str(end);
            let is_current = row.name == current;
            self.text.push_str(if is_current { "1\n" } else { "0\n" });
        }
        self.hand_on();
    }

    /// Adds a histogram.
    pub fn push_histogram(&mut self, labels: &[&str], latency: &Latency) {
        self.shape.assert_values(labels.len());
        let mut cumulative = 0;
        for (bound, count) in LATENCY_BUCKETS.iter().zip(&latency.counts) {
            cumulative += count;
            self.push_bucket(labels, *bound, cumulative);
        }
        self.push_bucket(labels, f64::INFINITY, latency.count());
        self.begin("_sum", labels);
        self.end(latency.sum);
        self.begin("_count", labels);
        self.end(latency.count() as f64);
        self.hand_on();
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

    pub(super) fn into_frames(self) -> Box<[Arc<Frame>]> {
        let Self {
            mut text, pieces, ..
        } = self;
        let mut pieces = pieces.expect("they are compressed");
        pieces.take(&mut text);
        pieces.deflater.buffer = text;
        pieces.frames.into()
    }

    pub(super) fn into_text(mut self) -> String {
        self.text.shrink_to_fit();
        self.text
    }

    fn push_bucket(&mut self, labels: &[&str], bound: f64, count: u64) {
        self.begin("_bucket", labels);
        self.text.push_str(",le=\"");
        self.format.push_bound(&mut self.text, bound);
        self.text.push_str("\"} ");
        push_count(&mut self.text, count);
        self.text.push('\n');
    }

    /// Hands on what is enough for a piece. Only between two calls of a row: a call may copy what it wrote.
    fn hand_on(&mut self) {
        if self.text.len() >= PIECE
            && let Some(pieces) = &mut self.pieces
        {
            pieces.take(&mut self.text);
        }
    }

    /// A line up to the last of these labels.
    fn begin(&mut self, suffix: &str, labels: &[&str]) {
        let Shape {
            name,
            labels: declared,
            ..
        } = self.shape;
        self.text.push_str(name);
        self.text.push_str(suffix);
        self.text.push('{');
        let mut own = declared.iter().zip(labels);
        let first = own.next().map(|(label, value)| (label.name, *value));
        self.text.push_str(self.head.with(first));
        for (label, value) in own {
            self.text.push(',');
            push_label(&mut self.text, label.name, value);
        }
    }

    /// The rest of a line.
    fn end(&mut self, value: f64) {
        self.text.push_str("} ");
        push_number(&mut self.text, value);
        self.text.push('\n');
    }
}

impl Pieces<'_> {
    /// Takes the text, if there is any, and leaves room for more.
    fn take(&mut self, text: &mut String) {
        if !text.is_empty() {
            self.frames
                .push(self.deflater.frame(text, self.before.next()));
            text.clear();
        }
    }
}

impl Head {
    fn new(cluster: &Cluster) -> Self {
        let cluster_id = cluster.id.as_ref().map_or("", |id| id.as_str());
        let [name, id] = IDENTITY;
        let mut labels = String::new();
        push_label(&mut labels, name, cluster.name.as_str());
        labels.push(',');
        push_label(&mut labels, id, cluster_id);
        Self {
            identity: labels.len(),
            labels,
            first: None,
        }
    }

    /// The labels of the cluster and this one.
    fn with(&mut self, first: Option<(&str, &str)>) -> &str {
        if let Some((name, value)) = first
            && self.first.as_deref() != Some(value)
        {
            self.labels.truncate(self.identity);
            self.labels.push(',');
            push_label(&mut self.labels, name, value);
            let known = self.first.get_or_insert_default();
            known.clear();
            known.push_str(value);
        }
        &self.labels
    }
}

/// A time as a sample's value.
pub(super) fn unix_seconds(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::metrics::{Family, Label, Shows, testing::cluster};

    const NUMBERS: Family = Family {
        name: "clusterlink_numbers",
        meaning: "Numbers",
        kind: Kind::Counter,
        shows: Shows::Answers,
        labels: &[Label::open("link_name"), Label::open("number")],
        collect: |_, samples| {
            for (link, number) in [("a\n", "1"), ("a\n", "2"), ("", "3"), ("a\n", "\"4\\")] {
                samples.push(&[link, number], 7.0);
            }
        },
    };

    #[test]
    fn what_a_run_has_in_common_is_escaped_and_ends_with_the_run() {
        let text = NUMBERS.text(Format::Text, &cluster("p\"rod"), &Vocabulary::default());
        assert_snapshot!(text, @r#"
        clusterlink_numbers{cluster_name="p\"rod",cluster_id="lkc-p\"rod",link_name="a\n",number="1"} 7
        clusterlink_numbers{cluster_name="p\"rod",cluster_id="lkc-p\"rod",link_name="a\n",number="2"} 7
        clusterlink_numbers{cluster_name="p\"rod",cluster_id="lkc-p\"rod",link_name="",number="3"} 7
        clusterlink_numbers{cluster_name="p\"rod",cluster_id="lkc-p\"rod",link_name="a\n",number="\"4\\"} 7
        "#);
    }

    #[test]
    #[should_panic(expected = "clusterlink_numbers: a value per label")]
    fn a_row_that_forgets_a_label_does_not_pass() {
        let cluster = cluster("prod");
        let vocabulary = Vocabulary::default();
        Samples::new(NUMBERS.shape(), &cluster, &vocabulary, Format::Text).push(&["a"], 1.0);
    }

    #[test]
    fn only_known_codes_are_label_values() {
        let vocabulary = Vocabulary {
            codes: [ErrorCode::from("LEARNT_ERROR")].into(),
            ..Vocabulary::default()
        };
        let cluster = cluster("prod");
        let samples = Samples::new(NUMBERS.shape(), &cluster, &vocabulary, Format::Text);
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
