//! Asks again and again: when, how many at once, until when. The only module besides `app` that owns a clock.

mod settings;

pub use settings::{LinkFilter, PatternError, Settings};
