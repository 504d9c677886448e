//! When to send again: exponential back-off, and how long a server wants to be left alone by `Retry-After` (RFC 9110,
//! 10.2.3). Which of both counts is decided where the request is made.

use std::{num::IntErrorKind, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

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
/// own.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse::<u64>() {
        Ok(seconds) => return Some(Duration::from_secs(seconds)),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => return Some(Duration::MAX),
        Err(_) => {}
    }
    let until = date(text)?;
    let now = text_of(headers, DATE).and_then(date).unwrap_or(now);
    Some(until.duration_since(now).try_into().unwrap_or_default())
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`; the two obsolete forms are not understood.
fn date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(text)
        .ok()
}

#[cfg(test)]
mod tests {
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
        assert_eq!(wait("120", None), Some(120));
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:37 GMT", None), Some(60));
        assert_eq!(
            wait("Sun, 06 Nov 1994 08:48:37 GMT", None),
            Some(0),
            "it has passed"
        );
        for nothing in ["", "soon", "-1", "1.5", "1994-11-06T08:49:37Z"] {
            assert_eq!(wait(nothing, None), None, "{nothing}");
        }
    }

    #[test]
    fn a_number_beyond_all_bounds_is_the_longest_wait() {
        for beyond in ["18446744073709551616", "99999999999999999999999"] {
            assert_eq!(wait(beyond, None), Some(u64::MAX), "{beyond}");
        }
        assert_eq!(wait("18446744073709551615", None), Some(u64::MAX));
    }

    #[test]
    fn a_date_is_compared_with_the_servers_own_clock() {
        let (until, server) = (
            "Sun, 06 Nov 1994 09:00:30 GMT",
            "Sun, 06 Nov 1994 09:00:00 GMT",
        );
        assert_eq!(wait(until, Some(server)), Some(30));
    }
}
