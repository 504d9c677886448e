//! The envelope of every answer below `/api/v1/`, which is that of Prometheus' own API.

use std::fmt::{self, Display};

use schemars::JsonSchema;
use serde::Serialize;

/// An answer that is none: what was wrong with the request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Refusal {
    /// Always `error`.
    status: Outcome,
    /// What kind of error.
    #[serde(rename = "errorType")]
    pub error_type: ErrorType,
    /// What was found, and what to write.
    pub error: String,
}

/// How an answer that is none begins.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// There is no answer.
    Error,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// 400: a parameter has no such value, or there is no such parameter.
    BadData,
    /// 404: there is no such path, cluster or link.
    NotFound,
    /// 405: the path does not answer the method.
    NotAllowed,
}

impl Refusal {
    /// The refusal of this kind, with what to say.
    pub fn new(error_type: ErrorType, error: impl Display) -> Self {
        Self {
            status: Outcome::Error,
            error_type,
            error: error.to_string(),
        }
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::document(self))
    }
}
