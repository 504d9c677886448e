//! What pages, what warns and what stays quiet: the table of alert rules, the rule file that is written from it, and the
//! engine that evaluates it here.
//!
//! A rule is one row of a literal table: there is a table per subject, and [`rules`] joins them. A row has its condition
//! twice, in PromQL for Prometheus and as a function for the [`Engine`]; a test plays the same histories through both and
//! expects the same alerts. Nothing here sends anything.
//!
//! An evaluation reads the snapshot and the look-back through views, moves the state of each [`ActiveAlert`] on, and
//! returns those that receivers are to be notified of; the [`NotificationBuilder`] makes each an [`Alert`] for them.

mod alert_state;
mod clock;
mod condition;
mod details;
mod engine;
mod expression;
mod file;
mod identity;
mod kept;
mod latched;
mod lookback;
mod mute;
mod notification;
mod notification_builder;
mod objective;
mod overrides;
mod recording;
mod recordings;
mod row;
mod rule;
mod rules;
mod template;
mod view;

pub use alert_state::{AlertState, Phase};
pub use clock::EngineInstant;
pub use condition::Condition;
pub use details::{Details, ErrorDetail};
pub use engine::{ActiveAlert, Engine, Evaluation};
pub use expression::{EXPORTED_ENDPOINT, JOB, Selector, SelectorError, own_endpoint};
pub use file::RuleFile;
pub use identity::{CLUSTER_NAME, Identity, LINK_NAME, UnknownLabel};
pub use kept::{KeptLabel, KeptLabelError, KeptLabels, is_label_name, is_ours};
pub use latched::{Instance, Latched};
pub use lookback::{LinkLookback, PollLookback, TaskLookback};
pub use mute::{MUTED, Mute, Mutes};
pub use notification::{Alert, Reason, Status};
pub use notification_builder::{ALERTNAME, NotificationBuilder, WITHOUT_CODE};
pub use objective::{Objective, ObjectiveError};
pub use overrides::{Override, Overrides};
pub use recording::Recording;
pub use recordings::{OBJECTIVE, recordings, slo_recordings};
pub use row::{AlertRow, Changes, Key, Value, restored};
pub use rule::{Rule, Severity, Subject};
pub use rules::rules;
pub use template::{NO_REMEDY, dashboard_of_link};
pub use view::{Basis, ClusterView, LinkView, TaskView};
