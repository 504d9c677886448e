//! What the lines of a text format consist of, written straight into a buffer.

use std::fmt::Write;

use memchr::memchr3;

/// Whole numbers up to this have all their digits in a floating-point number, and fit into an integer.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Adds `name="value"`.
pub(super) fn push_label(text: &mut String, name: &str, value: &str) {
    text.push_str(name);
    text.push_str("=\"");
    push_escaped(text, value);
    text.push('"');
}

/// Adds the text as it stands between quotes: backslashes, quotes and line feeds escaped, and nothing else.
pub(super) fn push_escaped(text: &mut String, value: &str) {
    let mut rest = value;
    while let Some(place) = memchr3(b'\\', b'"', b'\n', rest.as_bytes()) {
        text.push_str(&rest[..place]);
        text.push_str(match rest.as_bytes()[place] {
            b'\\' => "\\\\",
            b'"' => "\\\"",
            _ => "\\n",
        });
        rest = &rest[place + 1..];
    }
    text.push_str(rest);
}

/// Adds the value of a sample: the shortest digits that read back as the same number, never an exponent.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "only a number that the cast leaves as it is counts as whole"
)]
pub(super) fn push_number(text: &mut String, value: f64) {
    // A cast stops at the bounds of the integer, and of what is no number it makes 0.
    let whole = value as u64;
    if whole as f64 == value && value.is_sign_positive() && value <= MOST_EXACT {
        push_count(text, whole);
    } else if value.is_infinite() {
        text.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    } else {
        write!(text, "{value}").expect(STRING);
    }
}

/// Adds a whole number. Nearly all samples are 0 or 1.
pub(super) fn push_count(text: &mut String, count: u64) {
    match count {
        0 => text.push('0'),
        1 => text.push('1'),
        _ => write!(text, "{count}").expect(STRING),
    }
}

const STRING: &str = "a string takes all that is written to it";

#[cfg(test)]
mod tests {
    use prometheus::{
        TextEncoder,
        proto::{Gauge, LabelPair, Metric, MetricFamily, MetricType},
    };
    use proptest::prelude::*;

    use super::*;

    fn number(value: f64) -> String {
        let mut text = String::new();
        push_number(&mut text, value);
        text
    }

    #[test]
    fn numbers_have_no_exponent_and_no_point_that_says_nothing() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-3.0, "-3"),
            (0.025, "0.025"),
            (1_700_000_060.5, "1700000060.5"),
            (1_700_000_060.123_456_7, "1700000060.1234567"),
            (MOST_EXACT, "9007199254740992"),
            (1e20, "100000000000000000000"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(number(value), expected);
        }
    }

    /// The line as the client library writes it.
    fn witness(value: &str, sample: f64) -> String {
        let mut pair = LabelPair::default();
        pair.set_name("a".to_owned());
        pair.set_value(value.to_owned());
        let mut gauge = Gauge::default();
        gauge.set_value(sample);
        let mut metric = Metric::from_label(vec![pair]);
        metric.set_gauge(gauge);
        let mut family = MetricFamily::default();
        family.set_name("x".to_owned());
        family.set_field_type(MetricType::GAUGE);
        family.set_metric(vec![metric]);
        let text = TextEncoder::new().encode_to_string(&[family]);
        text.expect("it has a metric")
    }

    proptest! {
        #[test]
        fn a_line_is_what_the_client_library_would_write(
            value in "[a\\\\\"\n\r{},=é]{0,12}",
            sample in prop_oneof![any::<i32>().prop_map(f64::from), -1e18..1e18, any::<f64>()],
        ) {
            prop_assume!(sample.is_finite() || sample.is_nan());
            let mut line = "# TYPE x gauge\nx{".to_owned();
            push_label(&mut line, "a", &value);
            line.push_str("} ");
            push_number(&mut line, sample);
            line.push('\n');
            prop_assert_eq!(line, witness(&value, sample));
        }
    }
}
