//! What pages, what warns and what stays quiet: the table of alert rules, and the rule file that is written from it.
//!
//! A rule is one row of a literal table: there is a table per subject, and [`rules`] joins them. Nothing here evaluates
//! a rule or sends anything: the file is for Prometheus.

mod expression;
mod file;
mod notification;
mod overrides;
mod rule;
mod rules;
mod template;

pub use expression::{JOB, Selector, SelectorError};
pub use file::{RuleFile, Runbooks, RunbooksError};
pub use notification::{Alert, Notification, Reason, Status};
pub use overrides::{Override, Overrides};
pub use rule::{Rule, Severity, Subject};
pub use rules::rules;
