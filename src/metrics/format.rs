//! The two text formats of Prometheus: the same series, headed and ended differently.

use std::fmt::Write;

use super::{
    line::{push_escaped, push_number},
    shape::Kind,
};

/// A text format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' own, which every scraper reads.
    #[default]
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

/// The units that names end with.
const UNITS: [&str; 2] = ["seconds", "bytes"];

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Text, Self::OpenMetrics];

    /// The value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// What stands after all samples.
    pub(super) fn end(self) -> &'static str {
        match self {
            Self::Text => "",
            Self::OpenMetrics => "# EOF\n",
        }
    }

    /// The lines before the samples of a family. In OpenMetrics the family of a counter is called as its samples without
    /// `_total`, and a unit that the name ends with has a line of its own.
    pub(super) fn header(self, name: &str, kind: Kind, help: &str) -> String {
        let mut text = String::new();
        match self {
            Self::Text => {
                let help = help.replace('\\', "\\\\").replace('\n', "\\n");
                write!(
                    text,
                    "# HELP {name} {help}\n# TYPE {name} {}\n",
                    kind.as_str()
                )
                .expect(STRING);
            }
            Self::OpenMetrics => {
                let name = match kind {
                    Kind::Counter => name.strip_suffix("_total").unwrap_or(name),
                    Kind::Gauge | Kind::Histogram => name,
                };
                writeln!(text, "# TYPE {name} {}", kind.as_str()).expect(STRING);
                let last = name.rsplit('_').next();
                if let Some(unit) = UNITS.iter().find(|unit| last == Some(**unit)) {
                    writeln!(text, "# UNIT {name} {unit}").expect(STRING);
                }
                write!(text, "# HELP {name} ").expect(STRING);
                push_escaped(&mut text, help);
                text.push('\n');
            }
        }
        text
    }

    /// Adds the upper bound of a bucket, as the format wants it in the label `le`.
    pub(super) fn push_bound(self, text: &mut String, bound: f64) {
        push_number(text, bound);
        if self == Self::OpenMetrics && bound.fract() == 0.0 {
            text.push_str(".0");
        }
    }
}

const STRING: &str = "a string takes all that is written to it";

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn headers(name: &str, kind: Kind) -> String {
        Format::ALL
            .map(|format| format.header(name, kind, "Says \"what\" \\ it is."))
            .concat()
    }

    #[test]
    fn a_counter_is_called_without_its_suffix_and_a_unit_is_told_where_the_name_has_it() {
        let all = [
            headers("a_requests_total", Kind::Counter),
            headers("a_cpu_seconds_total", Kind::Counter),
            headers("a_duration_seconds", Kind::Histogram),
            headers("a_milliseconds", Kind::Gauge),
        ];
        assert_snapshot!(all.concat(), @r#"
        # HELP a_requests_total Says "what" \\ it is.
        # TYPE a_requests_total counter
        # TYPE a_requests counter
        # HELP a_requests Says \"what\" \\ it is.
        # HELP a_cpu_seconds_total Says "what" \\ it is.
        # TYPE a_cpu_seconds_total counter
        # TYPE a_cpu_seconds counter
        # UNIT a_cpu_seconds seconds
        # HELP a_cpu_seconds Says \"what\" \\ it is.
        # HELP a_duration_seconds Says "what" \\ it is.
        # TYPE a_duration_seconds histogram
        # TYPE a_duration_seconds histogram
        # UNIT a_duration_seconds seconds
        # HELP a_duration_seconds Says \"what\" \\ it is.
        # HELP a_milliseconds Says "what" \\ it is.
        # TYPE a_milliseconds gauge
        # TYPE a_milliseconds gauge
        # HELP a_milliseconds Says \"what\" \\ it is.
        "#);
    }

    #[test]
    fn bounds_of_buckets_are_floats_in_openmetrics() {
        let bounds = |format: Format| {
            let mut text = String::new();
            for bound in [0.025, 1.0, 10.0, f64::INFINITY] {
                format.push_bound(&mut text, bound);
                text.push(' ');
            }
            text
        };
        assert_eq!(bounds(Format::Text), "0.025 1 10 +Inf ");
        assert_eq!(bounds(Format::OpenMetrics), "0.025 1.0 10.0 +Inf ");
    }
}
