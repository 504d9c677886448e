//! The time of day, given to whoever needs it. Nothing else in the library reads the system's clock.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
#[cfg(test)]
use tokio::time::Instant;

/// A moment as RFC 3339 writes it, with its offset to UTC. The name of a time zone behind it (`[Europe/Berlin]`) is none of
/// that: the offset alone would count, and be an hour off where summer time was forgotten.
pub(crate) fn rfc_3339(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|_| !text.contains('['))
}

/// Tells the time of day. Given, so that tests decide what time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that stands at `start` now and runs with tokio's, which tests can pause and push.
    #[cfg(test)]
    pub(crate) fn virtual_from(start: Timestamp) -> Self {
        let zero = Instant::now();
        Self(Arc::new(move || start + zero.elapsed()))
    }

    /// A clock that stands still.
    pub fn fixed(now: Timestamp) -> Self {
        Self::told_by(move || now)
    }

    /// A clock that says what it is told to say.
    pub fn told_by(tell: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// The time of day.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_its_offset_and_no_name_of_a_zone() {
        let at = Timestamp::constant(1_800_000_000, 0);
        for (text, expected) in [
            ("2027-01-15T08:00:00Z", Some(at)),
            ("2027-01-15T09:00:00+01:00", Some(at)),
            ("2027-01-15T09:00:00+01:00[Europe/Berlin]", None),
            ("2027-01-15T08:00:00Z[UTC]", None),
            ("2027-01-15T08:00:00", None),
            ("2027-01-15", None),
        ] {
            assert_eq!(rfc_3339(text), expected, "{text}");
        }
    }
}
