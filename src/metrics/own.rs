//! The exporter's own families, which the client library gathers, as OpenMetrics, which it does not write.

use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::{
    Format, Kind,
    line::{push_count, push_label, push_number},
};

/// The families as OpenMetrics, headers included, without the end.
pub fn open_metrics(families: &[MetricFamily]) -> String {
    let mut text = String::new();
    for family in families {
        let kind = match family.get_field_type() {
            MetricType::COUNTER => Kind::Counter,
            MetricType::HISTOGRAM => Kind::Histogram,
            MetricType::GAUGE | MetricType::SUMMARY | MetricType::UNTYPED => Kind::Gauge,
        };
        let name = family.name();
        text.push_str(&Format::OpenMetrics.header(name, kind, family.help()));
        for metric in family.get_metric() {
            match kind {
                Kind::Gauge => push(&mut text, name, metric, metric.get_gauge().get_value()),
                Kind::Counter => push(&mut text, name, metric, metric.get_counter().get_value()),
                Kind::Histogram => push_histogram(&mut text, name, metric),
            }
        }
    }
    text
}

fn push(text: &mut String, name: &str, metric: &Metric, value: f64) {
    text.push_str(name);
    push_labels(text, metric, None);
    push_number(text, value);
    text.push('\n');
}

fn push_histogram(text: &mut String, name: &str, metric: &Metric) {
    let histogram = metric.get_histogram();
    let count = histogram.get_sample_count();
    let buckets = histogram.get_bucket().iter();
    let buckets = buckets.map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()));
    let finite = buckets.filter(|(bound, _)| bound.is_finite());
    for (bound, count) in finite.chain([(f64::INFINITY, count)]) {
        text.push_str(name);
        text.push_str("_bucket");
        push_labels(text, metric, Some(bound));
        push_count(text, count);
        text.push('\n');
    }
    push(
        text,
        &format!("{name}_sum"),
        metric,
        histogram.get_sample_sum(),
    );
    push(text, &format!("{name}_count"), metric, count as f64);
}

/// Adds the labels, the bound of a bucket among them, and a space.
fn push_labels(text: &mut String, metric: &Metric, bound: Option<f64>) {
    let mut before = '{';
    for pair in metric.get_label() {
        text.push(before);
        push_label(text, pair.name(), pair.value());
        before = ',';
    }
    if let Some(bound) = bound {
        text.push(before);
        text.push_str("le=\"");
        Format::OpenMetrics.push_bound(text, bound);
        text.push('"');
        before = ',';
    }
    text.push_str(if before == ',' { "} " } else { " " });
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use prometheus::{HistogramOpts, HistogramVec, IntCounter, IntGaugeVec, Opts, core::Collector};

    use super::*;

    #[test]
    fn each_kind_of_family_has_its_lines() {
        let counter = IntCounter::new("a_things_total", "Things.").expect("it is valid");
        counter.inc_by(3);
        let gauge = IntGaugeVec::new(Opts::new("a_bytes", "Size."), &["of"]).expect("it is valid");
        gauge.with_label_values(&["a \"b\"\n"]).set(-5);
        let options = HistogramOpts::new("a_duration_seconds", "How long.").buckets(vec![0.5, 1.0]);
        let histogram = HistogramVec::new(options, &["to"]).expect("it is valid");
        histogram.with_label_values(&["x"]).observe(0.75);
        let families = [counter.collect(), gauge.collect(), histogram.collect()].concat();
        assert_snapshot!(open_metrics(&families), @r#"
        # TYPE a_things counter
        # HELP a_things Things.
        a_things_total 3
        # TYPE a_bytes gauge
        # UNIT a_bytes bytes
        # HELP a_bytes Size.
        a_bytes{of="a \"b\"\n"} -5
        # TYPE a_duration_seconds histogram
        # UNIT a_duration_seconds seconds
        # HELP a_duration_seconds How long.
        a_duration_seconds_bucket{to="x",le="0.5"} 0
        a_duration_seconds_bucket{to="x",le="1.0"} 1
        a_duration_seconds_bucket{to="x",le="+Inf"} 1
        a_duration_seconds_sum{to="x"} 0.75
        a_duration_seconds_count{to="x"} 1
        "#);
    }
}
