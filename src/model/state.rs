//! The state tables. A state is one row here; label values, page colours and dashboards' mappings are read from it.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

/// How bad a state is, from the best to the worst: the order in which dashboards and the page rank states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Works.
    Healthy,
    /// Switched off; normal for a feature nobody wants.
    Off,
    /// Stopped on purpose by an operator.
    Paused,
    /// Nobody can say.
    Unknown,
    /// Its peer cannot be reached.
    Unavailable,
    /// Broken until somebody mends it.
    Broken,
}

impl Health {
    /// Whether a person should look: neither fine nor stopped on purpose.
    pub fn needs_attention(self) -> bool {
        self >= Self::Unknown
    }

    /// The word for it in CSS classes and scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Off => "off",
            Self::Paused => "paused",
            Self::Unknown => "unknown",
            Self::Unavailable => "unavailable",
            Self::Broken => "broken",
        }
    }
}

/// One row of a state table.
#[derive(Debug)]
pub struct StateRow {
    /// The value of label `state`, spelled as the REST API spells it.
    pub name: &'static str,
    /// How bad it is.
    pub health: Health,
    /// What it means, in one line for a person.
    pub meaning: &'static str,
}

/// An open set of states: a table of those the API documents, and `Unrecognized` for what it may send tomorrow.
macro_rules! states {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($variant:ident $text:literal $(| $alias:literal)? $health:ident $meaning:literal;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
            /// A value nobody has told us about, with its raw text. It counts as `UNKNOWN`.
            Unrecognized(Arc<str>),
        }

        impl $name {
            /// Every known state, in the order of the API's documentation.
            pub const TABLE: &[StateRow] =
                &[$(StateRow { name: $text, health: Health::$health, meaning: $meaning },)*];

            /// Reads the API's spelling. Never fails: what is not in the table becomes `Unrecognized`.
            pub fn parse(text: &str) -> Self {
                match text {
                    $($text $(| $alias)? => Self::$variant,)*
                    other => Self::Unrecognized(other.into()),
                }
            }

            /// The state's row; that of `UNKNOWN` for a value we do not recognise.
            pub fn row(&self) -> &'static StateRow {
                // Variant order and row order are the same by construction of the macro.
                let index = [$(Self::$variant,)*]
                    .iter()
                    .position(|known| known == self)
                    .unwrap_or(Self::UNKNOWN_INDEX);
                &Self::TABLE[index]
            }

            const UNKNOWN_INDEX: usize = {
                let mut index = 0;
                while index < Self::TABLE.len() {
                    if matches!(Self::TABLE[index].name.as_bytes(), b"UNKNOWN") {
                        break;
                    }
                    index += 1;
                }
                assert!(index < Self::TABLE.len(), "a state table needs an UNKNOWN row");
                index
            };

            /// The label value.
            pub fn label(&self) -> &'static str {
                self.row().name
            }

            /// How bad the state is.
            pub fn health(&self) -> Health {
                self.row().health
            }

            /// The text the API sent, also where we do not recognise it.
            pub fn raw(&self) -> &str {
                match self {
                    Self::Unrecognized(text) => text,
                    known => known.label(),
                }
            }

            /// The raw text of a value we do not recognise.
            pub fn unrecognized(&self) -> Option<&str> {
                match self {
                    Self::Unrecognized(text) => Some(text),
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.raw())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.raw())
            }
        }
    };
}

states! {
    /// REST field `link_state` of a cluster link.
    LinkState {
        Active "ACTIVE" Healthy "the link works";
        Failed "FAILED" Broken "the link failed for good";
        Unavailable "UNAVAILABLE" Unavailable "the remote cluster has been out of reach for about five minutes";
        Paused "PAUSED" Paused "an operator paused the link";
        Unknown "UNKNOWN" Unknown "the server does not know the link's state";
    }
}

states! {
    /// REST field `state` of a link's task.
    TaskState {
        Active "ACTIVE" Healthy "the task is configured and works";
        InError "IN_ERROR" Broken "the task is configured and fails; its errors say why";
        NotConfigured "NOT_CONFIGURED" Off "the feature is switched off";
        LinkFailed "LINK_FAILED" Broken "the task does not run because its link failed";
        LinkUnavailable "LINK_UNAVAILABLE" | "LINK_UNAVAILBLE" Unavailable
            "the task does not run because its link is unavailable";
        LinkPaused "LINK_PAUSED" Paused "the task does not run because its link is paused";
        Unknown "UNKNOWN" Unknown "the server does not know the task's state";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_state_reads_back_as_its_own_row() {
        for row in LinkState::TABLE {
            assert_eq!(LinkState::parse(row.name).row().name, row.name);
        }
        for row in TaskState::TABLE {
            assert_eq!(TaskState::parse(row.name).row().name, row.name);
        }
    }

    #[test]
    fn the_documentations_misspelling_is_the_state_it_means() {
        assert_eq!(
            TaskState::parse("LINK_UNAVAILBLE"),
            TaskState::LinkUnavailable
        );
    }

    #[test]
    fn an_unheard_of_value_counts_as_unknown_and_keeps_its_text() {
        let state = TaskState::parse("DREAMING");
        assert_eq!(
            (state.label(), state.raw(), state.unrecognized()),
            ("UNKNOWN", "DREAMING", Some("DREAMING"))
        );
        assert!(state.health().needs_attention());
    }
}
