//! A cluster link and its tasks, as one answer of the API described them.

use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use serde::Serialize;

use super::{ClusterId, LinkName, LinkState, PartitionCategory, TaskName, TaskState};

/// A cluster link (`KafkaLinkData`), from the list or from a describe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// REST field `link_name`; never empty: nameless remnants are only counted.
    pub link_name: LinkName,
    /// REST field `cluster_link_id`: a re-created link of the same name has another one.
    pub cluster_link_id: String,
    /// The peer, whichever of the API's three fields named it.
    pub remote_cluster_id: Option<ClusterId>,
    /// REST field `link_state`; `None` where an old server sends none, which is not a failure.
    pub link_state: Option<LinkState>,
    /// REST fields `link_error` and `link_error_message`; `None` when healthy.
    pub link_error: Option<ReportedError>,
    /// REST field `tasks`, each name once; `None` where the server sent no list, which means unknown, not healthy.
    pub tasks: Option<Vec<Task>>,
    /// REST field `category_counts`; `None` where the server sent none, as it does in a list, or an empty one.
    pub mirror_partitions: Option<PartitionCounts>,
}

/// How many mirror partitions of a link are in each category, in the order of [`PartitionCategory::TABLE`]; `None` where
/// the server names the category and no number of it.
pub type PartitionCounts = Box<[Option<u64>; PartitionCategory::TABLE.len()]>;

/// One background task of a link (`LinkTask`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// REST field `task_name`.
    pub task_name: TaskName,
    /// REST field `state`.
    pub state: TaskState,
    /// REST field `errors`, healthy sentinels left out. Several at once are normal, the same code twice included.
    pub errors: Vec<ReportedError>,
}

/// An error as a link or a task reports it (`LinkTaskError`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedError {
    /// REST field `error_code`; empty where the server sent a message and no code.
    pub error_code: ErrorCode,
    /// REST field `error_message`: free text, unbounded, never a label.
    pub error_message: String,
}

impl fmt::Display for ReportedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.error_code.as_str(), self.error_message.as_str()) {
            (code, "") => f.write_str(code),
            ("", message) => f.write_str(message),
            (code, message) => write!(f, "{code}: {message}"),
        }
    }
}

/// REST fields `error_code`, `link_error`, `mirror_topic_error`: an open set of upper-case words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ErrorCode(#[serde(serialize_with = "as_str")] Arc<str>);

fn as_str<S: serde::Serializer>(code: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code)
}

impl Link {
    /// A link of which nothing but the name is known.
    pub fn named(link_name: impl Into<LinkName>) -> Self {
        Self {
            link_name: link_name.into(),
            cluster_link_id: String::new(),
            remote_cluster_id: None,
            link_state: None,
            link_error: None,
            tasks: None,
            mirror_partitions: None,
        }
    }
}

impl Task {
    /// Copies the offsets of consumer groups.
    pub const OFFSET_SYNC: &str = "ConsumerOffsetSync";
    /// Copies ACLs.
    pub const ACL_SYNC: &str = "AclSync";
    /// Copies the settings of topics.
    pub const TOPIC_CONFIG_SYNC: &str = "TopicConfigsSync";
    /// Creates mirror topics.
    pub const AUTO_CREATE: &str = "AutoCreateMirror";
    /// Every name that was seen so far, in the order of the documentation. The API may send others.
    pub const KNOWN: [&str; 4] = [
        Self::OFFSET_SYNC,
        Self::ACL_SYNC,
        Self::TOPIC_CONFIG_SYNC,
        Self::AUTO_CREATE,
    ];

    /// The name of a task. One that is known is in memory once, however many links have such a task.
    pub fn name(name: &str) -> TaskName {
        static KNOWN: LazyLock<[TaskName; 4]> = LazyLock::new(|| Task::KNOWN.map(TaskName::from));
        let known = KNOWN.iter().find(|known| known.as_str() == name);
        known.map_or_else(|| name.into(), TaskName::clone)
    }
}

impl ErrorCode {
    /// The label value of everything that does not look like a code.
    pub const OTHER: &str = "OTHER";

    /// The spellings that mean "no error". An absent or null code means the same.
    pub const HEALTHY: &[&str] = &["NO_ERROR", "NOT_SET", ""];

    /// The code as the API spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the value is one of the healthy sentinels.
    pub fn is_healthy(&self) -> bool {
        Self::HEALTHY.contains(&self.as_str())
    }

    /// Whether the value looks like a code (`^[A-Z][A-Z0-9_]{0,63}$`) and may be a label value.
    pub fn is_well_formed(&self) -> bool {
        let bytes = self.0.as_bytes();
        bytes.len() <= 64
            && bytes.first().is_some_and(u8::is_ascii_uppercase)
            && bytes
                .iter()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
    }
}

impl From<&str> for ErrorCode {
    fn from(code: &str) -> Self {
        Self(code.into())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Link {
    /// Fills what this describe left out from the list's entry of the same link.
    #[must_use]
    pub fn or(mut self, listed: &Link) -> Self {
        if self.link_state.is_none() {
            self.link_state.clone_from(&listed.link_state);
            if self.link_error.is_none() {
                self.link_error.clone_from(&listed.link_error);
            }
        }
        if self.remote_cluster_id.is_none() {
            self.remote_cluster_id.clone_from(&listed.remote_cluster_id);
        }
        if self.cluster_link_id.is_empty() {
            self.cluster_link_id.clone_from(&listed.cluster_link_id);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_is_in_memory_once_and_any_other_is_as_it_is_sent() {
        for known in Task::KNOWN {
            let [one, other] = [Task::name(known), Task::name(known)];
            assert_eq!(one.as_str(), known);
            assert!(std::ptr::eq(one.as_str(), other.as_str()), "{known}");
        }
        assert_eq!(Task::name("aclsync").as_str(), "aclsync");
    }

    #[test]
    fn only_what_looks_like_a_code_may_be_a_label() {
        let longest = "A".repeat(64);
        for code in ["AUTHENTICATION_ERROR", "E2", "A", longest.as_str()] {
            assert!(ErrorCode::from(code).is_well_formed(), "{code}");
        }
        let too_long = "A".repeat(65);
        for code in [
            "",
            "_A",
            "2E",
            "lower",
            "A B",
            "A\n",
            "É",
            too_long.as_str(),
        ] {
            assert!(!ErrorCode::from(code).is_well_formed(), "{code:?}");
        }
    }
}
