//! When the simulated time begins.

/// In epoch milliseconds: 1 January 2026, UTC.
pub(super) const START_MS: i64 = 1_767_225_600_000;
