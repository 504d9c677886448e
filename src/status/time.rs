//! Times and durations as programs read them.

use std::{borrow::Cow, time::Duration};

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// A moment in RFC 3339, in UTC, with milliseconds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(Timestamp);

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        let whole = Timestamp::from_millisecond(at.as_millisecond());
        Self(whole.unwrap_or(at))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A moment in RFC 3339, in UTC, with milliseconds at most.",
            "type": "string",
            "format": "date-time",
            "pattern": r"^-?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$"
        })
    }
}

/// Seconds, to the millisecond.
pub(super) fn seconds(duration: Duration) -> f64 {
    let whole = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    whole as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_at_most() {
        let shown = |nanosecond| {
            let at = Timestamp::new(1_750_000_000, nanosecond).unwrap();
            serde_json::to_value(Time::from(at)).unwrap()
        };
        assert_eq!(shown(0), "2025-06-15T15:06:40Z");
        assert_eq!(shown(123_456_789), "2025-06-15T15:06:40.123Z");
        assert_eq!(shown(999_999), "2025-06-15T15:06:40Z");
    }

    #[test]
    fn durations_are_seconds_to_the_millisecond() {
        assert_eq!(
            seconds(Duration::from_micros(1_234_567)).to_string(),
            "1.234"
        );
    }
}
