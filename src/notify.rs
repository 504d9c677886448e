//! Tells receivers which alerts fire and which have ended: Alertmanagers, webhooks and PagerDuty.
//!
//! A [`Receiver`] only renders alerts and judges answers. One courier a receiver does the rest: its queue is bounded and
//! keeps the order of each alert, it sends in batches, tries again with back-off and jitter for as long as the queue
//! holds, and counts what became of each notification. Nothing here decides what fires, and nothing secret is said of it:
//! a receiver is known by its name.
//!
//! Alertmanagers want states, so they hear every repetition; people want changes, so webhooks and PagerDuty hear of each
//! trigger and each resolve once, and of an alert with the severity `none` not at all. Delivery is at least once: an answer
//! that is lost makes a message arrive twice, which Alertmanager and PagerDuty (by `dedup_key`) take for one.

mod backoff;
mod courier;
mod couriers;
mod fingerprint;
mod health;
mod key;
mod messenger;
mod queue;
mod receiver;
mod settings;
#[cfg(test)]
mod testing;
mod told;

pub use couriers::Couriers;
pub use health::{Failing, Health, Last};
pub use key::Key;
pub use messenger::{Attempt, Messenger, StartError};
pub use receiver::{Alertmanager, Kind, PagerDuty, Receiver, Verdict, Wants, Webhook};
pub use settings::Settings;
pub use told::{Told, restore_told, told_changes};
