//! Notifies receivers of alerts that fire and of alerts that are resolved: Alertmanagers, webhooks, PagerDuty, Slack
//! and Microsoft Teams.
//!
//! A [`Receiver`] only renders alerts and judges answers. One notifier a receiver does the rest: its queue is bounded and
//! keeps the order of each alert, it sends in batches, tries again with back-off and jitter for as long as the queue
//! holds, and counts what became of each notification. Nothing here decides what fires, and nothing secret is said of it:
//! a receiver is known by its name.
//!
//! The [`Protocol`] of an Alertmanager is stateful: it is sent every repetition. All others are event-driven,
//! because what they are sent reaches people: each trigger and each resolve is sent once, and an alert with the severity
//! `none` not at all. Delivery is at least once: an answer that is lost makes a message arrive twice, which Alertmanager
//! and PagerDuty (by `dedup_key`) take for one.

mod backoff;
mod fingerprint;
mod health;
mod key;
mod notification_log;
mod notifier;
mod notifiers;
mod queue;
mod receiver;
mod receiver_client;
mod settings;
#[cfg(test)]
mod testing;

pub use health::{Failing, Health, Last};
pub use key::Key;
pub use notification_log::{Notified, notified_changes, restore_notified};
pub use notifiers::Notifiers;
pub use receiver::{Alertmanager, Kind, PagerDuty, Protocol, Receiver, Slack, Teams, Webhook};
pub use receiver_client::{Attempt, ReceiverClient, StartError};
pub use settings::Settings;
