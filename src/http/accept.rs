//! What a client wants an answer to be like: the headers `Accept` and `Accept-Encoding` (RFC 9110, 12.5).

use hyper::{
    HeaderMap,
    header::{ACCEPT, ACCEPT_ENCODING, HeaderName},
};

use crate::metrics::Format;

/// What a format is called in `Accept`.
struct Offer {
    kind: &'static str,
    subtype: &'static str,
    version: &'static str,
}

/// The format that the client likes better; the plain one where it likes both alike or says nothing that we know.
pub(super) fn format(headers: &HeaderMap) -> Format {
    let ranges = alternatives(headers, &ACCEPT);
    let ranges: Vec<_> = ranges.filter_map(MediaRange::parse).collect();
    let quality = |format| {
        let offer = offer(format);
        let matching = ranges.iter();
        let matching =
            matching.filter_map(|range| Some((range.specificity(&offer)?, range.quality)));
        // The most specific range decides (12.5.1), of two of them the better one.
        let best = matching.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        best.map_or(0.0, |(_, quality)| quality)
    };
    if quality(Format::OpenMetrics) > quality(Format::Text) {
        Format::OpenMetrics
    } else {
        Format::Text
    }
}

/// Whether the client takes gzip, which it refuses by a weight of 0.
pub(super) fn gzip(headers: &HeaderMap) -> bool {
    alternatives(headers, &ACCEPT_ENCODING).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=");
        let is_refused = weight.and_then(|weight| weight.parse().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

/// What a header lists, whether in one line or in several.
fn alternatives<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(','))
}

fn offer(format: Format) -> Offer {
    let (kind, subtype, version) = match format {
        Format::Text => ("text", "plain", "0.0.4"),
        Format::OpenMetrics => ("application", "openmetrics-text", "1.0.0"),
    };
    Offer {
        kind,
        subtype,
        version,
    }
}

/// One of the alternatives in the header.
struct MediaRange<'a> {
    kind: &'a str,
    subtype: &'a str,
    version: Option<&'a str>,
    quality: f32,
}

impl<'a> MediaRange<'a> {
    /// Parameters other than these two, such as Prometheus' `escaping`, say nothing about what we have. A weight that is
    /// none makes the whole range void.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let mut range = Self {
            kind: kind.trim(),
            subtype: subtype.trim(),
            version: None,
            quality: 1.0,
        };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let (name, value) = (name.trim(), value.trim().trim_matches('"'));
            if name.eq_ignore_ascii_case("version") {
                range.version = Some(value);
            } else if name.eq_ignore_ascii_case("q") {
                let weight = value.parse().ok();
                range.quality = weight.filter(|weight| (0.0..=1.0).contains(weight))?;
            }
        }
        Some(range)
    }

    /// How exactly it names the format; `None` where it does not.
    fn specificity(&self, offer: &Offer) -> Option<u8> {
        let is = |word: &str, name: &str| word.eq_ignore_ascii_case(name);
        match (self.kind, self.subtype, self.version) {
            ("*", "*", _) => Some(0),
            (kind, "*", _) if is(kind, offer.kind) => Some(1),
            (kind, subtype, version) if is(kind, offer.kind) && is(subtype, offer.subtype) => {
                match version {
                    None => Some(2),
                    Some(version) => (version == offer.version).then_some(3),
                }
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn of(values: &[&'static str]) -> Format {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT, HeaderValue::from_static(value));
        }
        format(&headers)
    }

    #[test]
    fn what_prometheus_sends_is_answered_with_openmetrics() {
        for accept in [
            // 2.42
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            // 3.x
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            // With native histograms; the format of messages is not offered.
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            "application/openmetrics-text",
            "Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=1",
            "application/*",
            "application/openmetrics-text, text/plain;q=0.9",
        ] {
            assert_eq!(of(&[accept]), Format::OpenMetrics, "{accept}");
        }
        let two = [
            "text/plain;q=0.5",
            "application/openmetrics-text;version=1.0.0",
        ];
        assert_eq!(of(&two), Format::OpenMetrics);
    }

    #[test]
    fn everybody_else_gets_plain_text() {
        assert_eq!(of(&[]), Format::Text);
        for accept in [
            "",
            "*/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/plain",
            "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.3",
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text;version=2.0.0",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;q=0,*/*",
            "application/openmetrics-text;q=high",
            "application/openmetrics-text;q=2",
            "application/openmetrics-text;q=NaN",
            "application/openmetrics-text,text/plain",
            "application/json",
            "openmetrics",
            "/",
        ] {
            assert_eq!(of(&[accept]), Format::Text, "{accept}");
        }
    }
}
