//! What is wrong with a part of a link, in the API's own form.

/// A code and a message (`LinkTaskError`), of a task, a link or a mirror's change of state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// REST field `error_code`.
    pub error_code: String,
    /// REST field `error_message`.
    pub error_message: String,
}

impl TaskError {
    /// A code and its message.
    pub fn new(error_code: &str, error_message: &str) -> Self {
        Self {
            error_code: error_code.to_owned(),
            error_message: error_message.to_owned(),
        }
    }
}
