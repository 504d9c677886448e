//! The alerts, in the shape of Prometheus' own `/api/v1/alerts`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::time::Time;
use crate::{
    alert::{ActiveAlert, Mutes, NotificationBuilder},
    model::Snapshot,
};

/// What is pending and what fires.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Alerts {
    /// The alerts: what fires first, and of that the worst.
    pub alerts: Vec<AlertStatus>,
}

/// An alert, as receivers get it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertStatus {
    /// Its labels, `alerting.external_labels` among them.
    pub labels: BTreeMap<String, String>,
    /// Its texts and links.
    pub annotations: BTreeMap<String, String>,
    /// Whether it fires already.
    pub state: Phase,
    /// When its condition began to hold.
    pub active_at: Time,
    /// That its condition holds: always 1, written as Prometheus does.
    pub value: &'static str,
    /// The comment of the window of `alerting.mute` that keeps it from receivers now; null where none does.
    pub muted: Option<String>,
}

/// Whether an alert fires already.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    JsonSchema,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Phase {
    /// Its condition holds, and has for as long as its rule requires.
    Firing,
    /// Its condition holds, and has not for as long as its rule requires.
    Pending,
}

impl Phase {
    /// Both.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The phase of an alert that is pending or fires.
    pub fn of(active: &ActiveAlert) -> Self {
        if active.state.is_firing() {
            Self::Firing
        } else {
            Self::Pending
        }
    }

    /// The word for it.
    pub fn label(self) -> &'static str {
        self.into()
    }
}

impl AlertStatus {
    /// The alert with its texts filled in.
    pub fn of(
        active: &ActiveAlert,
        builder: &NotificationBuilder,
        mutes: &Mutes,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Self {
        let alert = builder.alert(active, snapshot, now);
        Self {
            labels: alert.labels,
            annotations: alert.annotations,
            state: Phase::of(active),
            active_at: active.state.active_at.into(),
            value: "1e+00",
            muted: mutes.of(active, now).map(|mute| mute.comment.clone()),
        }
    }
}
