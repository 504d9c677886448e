//! What pages, what warns and what stays quiet: the table of alert rules, the rule file that is written from it, and the
//! engine that evaluates it here.
//!
//! A rule is one row of a literal table: there is a table per subject, and [`rules`] joins them. A row has its condition
//! twice, in PromQL for Prometheus and as a function for the [`Engine`]; a test plays the same histories through both and
//! finds the same alerts. Nothing here sends anything.

mod announcement;
mod condition;
mod course;
mod details;
mod engine;
mod expression;
mod file;
mod identity;
mod memory;
mod notification;
mod overrides;
mod row;
mod rule;
mod rules;
mod sight;
mod standing;
mod template;

pub use announcement::{ALERTNAME, Announcer};
pub use condition::Condition;
pub use course::{Course, Stage};
pub use details::{Details, ErrorDetail};
pub use engine::{Active, Engine, Round, Tell};
pub use expression::{JOB, Selector, SelectorError};
pub use file::{RuleFile, Runbooks, RunbooksError};
pub use identity::{Identity, UnknownLabel};
pub use memory::{LinkMemory, Moment, PollMemory, TaskMemory};
pub use notification::{Alert, Notification, Reason, Status};
pub use overrides::{Override, Overrides};
pub use row::{AlertRow, Changes, Key, Value};
pub use rule::{Rule, Severity, Subject};
pub use rules::rules;
pub use sight::{Basis, ClusterSight, LinkSight, TaskSight};
pub use standing::{Standing, Trouble};
pub use template::NO_REMEDY;
