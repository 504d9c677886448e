//! When to send again: exponential back-off, and how long a server wants to be left alone by `Retry-After` (RFC 9110,
//! 10.2.3). Which of both counts is decided where the request is made.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Neither a server that is polled nor who issues the tokens for it may silence us for longer by `Retry-After`.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// The same of a receiver and who issues the tokens for it: what waits there are pages, and one header must not silence a
/// pager.
pub(crate) const LONGEST_PAUSE_OF_RECEIVERS: Duration = Duration::from_secs(60);

/// Waits that double with every failure, with full jitter.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The longest wait after the first failure.
    pub base: Duration,
    /// No wait is longer.
    pub max: Duration,
}

impl Backoff {
    /// The wait after so many failures in a row, at least one. `jitter` is in 0..1.
    pub fn wait(&self, failures: u32, jitter: f64) -> Duration {
        let factor = 2u32.saturating_pow(failures.saturating_sub(1));
        let doubled = self.base.saturating_mul(factor);
        doubled.min(self.max).mul_f64(jitter)
    }
}

/// The wait that the headers ask for: a number of seconds, or a date, which is compared with the server's own clock where
/// it tells that, else with `now`. A number beyond all bounds is the longest wait there is; who waits has a bound of its
/// own. Of several headers the longest
/// wait counts. A fraction, which is not allowed and is sent, is rounded up; anything else asks for nothing.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let now = text_of(headers, DATE).and_then(date).unwrap_or(now);
    let wait = |text: &str| {
        let until = |until: Timestamp| until.duration_since(now).try_into().unwrap_or_default();
        seconds(text).or_else(|| date(text).map(until))
    };
    let texts = headers.get_all(RETRY_AFTER).iter();
    let texts = texts.filter_map(|value| value.to_str().ok());
    texts.filter_map(|text| wait(text.trim())).max()
}

fn seconds(text: &str) -> Option<Duration> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let begun = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    // Only a number that is too large is none.
    let seconds = whole.parse::<u64>().ok();
    let seconds = seconds.and_then(|seconds| seconds.checked_add(begun));
    Some(seconds.map_or(Duration::MAX, Duration::from_secs))
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A date in any of HTTP's three forms (RFC 9110, 5.6.7), or as in an e-mail, which some servers send instead.
fn date(text: &str) -> Option<Timestamp> {
    if let Ok(date) = httpdate::parse_http_date(text) {
        // Only the last two days of the year 9999 are beyond it.
        return Some(Timestamp::try_from(date).unwrap_or(Timestamp::MAX));
    }
    rfc2822::DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(text)
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(784_111_777, 0);

    fn wait(asked: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, asked.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        retry_after(&headers, NOW).map(|wait| wait.as_secs())
    }

    #[test]
    fn of_several_headers_the_longest_wait_counts() {
        let mut headers = HeaderMap::new();
        for value in ["0", "soon", "600", "60"] {
            headers.append(RETRY_AFTER, value.parse().unwrap());
        }
        let wait = retry_after(&headers, Timestamp::UNIX_EPOCH);
        assert_eq!(wait, Some(Duration::from_secs(600)));
    }

    #[test]
    fn waits_double_up_to_a_bound_and_are_jittered_from_nothing() {
        let backoff = Backoff {
            base: Duration::from_secs(1),
            max: Duration::from_secs(60),
        };
        let longest = [1, 2, 3, 6, 7, 8, u32::MAX].map(|failures| backoff.wait(failures, 1.0));
        assert_eq!(
            longest.map(|wait| wait.as_secs()),
            [1, 2, 4, 32, 60, 60, 60]
        );
        assert_eq!(backoff.wait(3, 0.0), Duration::ZERO);
        assert_eq!(backoff.wait(3, 0.5).as_secs(), 2);
    }

    #[test]
    fn seconds_and_dates_are_understood_and_nothing_else() {
        for (asked, expected) in [
            ("120", 120),
            (" 0120 ", 120),
            ("0", 0),
            ("1.5", 2),
            ("0.001", 1),
            ("120.0", 120),
            ("120.", 120),
            ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
            ("Sun Nov  6 08:50:37 1994", 60),
            ("Sun, 6 Nov 1994 08:50:37 +0000", 60),
            // The weekday is a mistake; the date is not.
            ("Mon, 06 Nov 1994 08:50:37 GMT", 60),
        ] {
            assert_eq!(wait(asked, None), Some(expected), "{asked}");
        }
        for passed in [
            "Sun, 06 Nov 1994 08:48:37 GMT",
            "Sunday, 06-Nov-94 08:48:37 GMT",
            "Sun Nov  6 08:48:37 1994",
        ] {
            assert_eq!(wait(passed, None), Some(0), "{passed}");
        }
        for nothing in [
            "",
            " ",
            "soon",
            "-1",
            "-0",
            "+5",
            ".",
            ".5",
            "-1.5",
            "1.5.0",
            "1,5",
            "1e3",
            "0x10",
            "120s",
            "120 120",
            "NaN",
            "inf",
            "1994-11-06T08:49:37Z",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sunday, 06-Nov-94",
            "Sun Nov  6 08:50:37",
        ] {
            assert_eq!(wait(nothing, None), None, "{nothing}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_bytes(b"12\xff").unwrap());
        assert_eq!(retry_after(&headers, NOW), None);
    }

    #[test]
    fn a_number_beyond_all_bounds_is_the_longest_wait() {
        for beyond in [
            "18446744073709551616",
            "99999999999999999999999",
            "18446744073709551615.5",
            "99999999999999999999999.5",
        ] {
            assert_eq!(wait(beyond, None), Some(u64::MAX), "{beyond}");
        }
        assert_eq!(wait("18446744073709551615", None), Some(u64::MAX));
        assert!(wait("Fri, 31 Dec 9999 23:59:59 GMT", None).is_some());
    }

    /// Bytes of a header, most of them much like a number or a date.
    fn value() -> impl Strategy<Value = HeaderValue> {
        let text = prop_oneof![
            "[-+ ]?[0-9]{0,40}\\.?[0-9]{0,40} ?",
            "(Sun|Mon|Friday|Sunday|Day)[, ]{1,2}[0-9]{1,3}[ -](Feb|Nov|Nom)[ -][0-9]{1,6} [0-9]{1,3}:[0-9]{2}:[0-9]{2}( GMT| UTC| \\+[0-9]{4})?",
            "(Sun|Fri|Day) (Feb|Nov|Nom) [ 0-9]{1,3} [0-9]{1,3}:[0-9]{2}:[0-9]{2} [0-9]{1,6}",
        ];
        let bytes = prop_oneof![
            4 => text.prop_map(String::into_bytes),
            1 => proptest::collection::vec(any::<u8>(), 0..200),
        ];
        bytes.prop_filter_map("no header", |bytes| HeaderValue::from_bytes(&bytes).ok())
    }

    proptest! {
        #[test]
        fn whatever_stands_there_is_a_wait_that_can_be_bounded_or_none(
            asked in value(), date in proptest::option::of(value()), now in -377_705_116_800..=253_402_207_200_i64,
        ) {
            let mut headers = HeaderMap::from_iter([(RETRY_AFTER, asked.clone())]);
            headers.extend(date.map(|date| (DATE, date)));
            let now = Timestamp::from_second(now).unwrap();
            let wait = retry_after(&headers, now);
            let bounded = wait.map(|wait| wait.min(LONGEST_PAUSE));
            prop_assert!(bounded <= Some(LONGEST_PAUSE));
            let is_number = !asked.is_empty() && asked.as_bytes().iter().all(u8::is_ascii_digit);
            prop_assert!(!is_number || wait.is_some());
            prop_assert!(!asked.as_bytes().starts_with(b"-") || wait.is_none());
        }
    }

    #[test]
    fn a_date_is_compared_with_the_servers_own_clock() {
        let until = "Sun, 06 Nov 1994 09:00:30 GMT";
        for (server, expected) in [
            ("Sun, 06 Nov 1994 09:00:00 GMT", 30),
            ("Sunday, 06-Nov-94 09:00:00 GMT", 30),
            ("Sun Nov  6 09:00:00 1994", 30),
            ("noon", 653),
        ] {
            assert_eq!(wait(until, Some(server)), Some(expected), "{server}");
        }
    }
}
