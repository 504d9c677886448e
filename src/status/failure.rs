//! Why something could not be asked.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model;

/// Why a request or a poll failed.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Failure<'a> {
    /// The class, a value of label `reason` of `clusterlink_poll_failures_total`.
    pub reason: &'static str,
    /// What was found and where, for a person. It holds no secret.
    pub message: &'a str,
}

impl<'a> Failure<'a> {
    pub(super) fn of(failure: &'a model::Failure) -> Self {
        Self {
            reason: failure.reason.label(),
            message: &failure.message,
        }
    }
}
