//! The state tables. A state is one row here; label values, page colours and dashboards' mappings are read from it.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};
use strum::IntoStaticStr;

use super::{Fact, Unknown};

/// How bad a state is, from the best to the worst: the order in which dashboards and the page rank states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Health {
    /// Works.
    Healthy,
    /// Switched off; normal for a feature nobody wants.
    Off,
    /// On its way from one state to another, because somebody said so.
    Changing,
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
        self.into()
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

/// What the states of links, tasks and mirror topics have in common, for what follows any of them.
pub trait State: Clone + PartialEq + Serialize {
    /// Reads the API's spelling. Never fails.
    fn parse(text: &str) -> Self;

    /// The text the API sent, also where we do not recognise it.
    fn raw(&self) -> &str;

    /// The state's row; that of `UNKNOWN` for a value we do not recognise.
    fn row(&self) -> &'static StateRow;

    /// The state, unless it is `UNKNOWN` or a value we do not recognise: those decide nothing.
    fn decided(&self) -> Fact<&Self>;

    /// The state that is shown for it: `UNKNOWN` for a value we do not recognise.
    #[must_use]
    fn shown(&self) -> Self;
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

            /// The state's place in the table; that of `UNKNOWN` for a value we do not recognise.
            pub fn index(&self) -> usize {
                // Variant order and row order are the same by construction of the macro.
                [$(Self::$variant,)*]
                    .iter()
                    .position(|known| known == self)
                    .unwrap_or(Self::UNKNOWN_INDEX)
            }

            /// The state's row; that of `UNKNOWN` for a value we do not recognise.
            pub fn row(&self) -> &'static StateRow {
                &Self::TABLE[self.index()]
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

            /// The state, unless it is `UNKNOWN` or a value we do not recognise: those decide nothing.
            pub fn decided(&self) -> Fact<&Self> {
                match self {
                    Self::Unknown => Err(Unknown::NotSent),
                    Self::Unrecognized(_) => Err(Unknown::NotUnderstood),
                    known => Ok(known),
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

        impl State for $name {
            fn parse(text: &str) -> Self {
                $name::parse(text)
            }

            fn raw(&self) -> &str {
                $name::raw(self)
            }

            fn row(&self) -> &'static StateRow {
                $name::row(self)
            }

            fn decided(&self) -> Fact<&Self> {
                $name::decided(self)
            }

            fn shown(&self) -> Self {
                match self {
                    Self::Unrecognized(_) => Self::Unknown,
                    known => known.clone(),
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

states! {
    /// REST field `mirror_status` of a mirror topic.
    MirrorStatus {
        Active "ACTIVE" Healthy "the topic is mirrored";
        Failed "FAILED" Broken "mirroring failed for good";
        LinkFailed "LINK_FAILED" Broken "the topic is not mirrored because its link failed";
        LinkPaused "LINK_PAUSED" Paused "the topic is not mirrored because its link is paused";
        Paused "PAUSED" Paused "an operator paused this mirror topic";
        PendingStopped "PENDING_STOPPED" Changing "a promote or failover is under way";
        SourceUnavailable "SOURCE_UNAVAILABLE" Unavailable "the source topic or its cluster cannot be reached";
        Stopped "STOPPED" Off "promoted or failed over: the topic is a mirror no longer";
        PendingMirror "PENDING_MIRROR" Changing "the topic is being turned into a mirror";
        PendingSynchronize "PENDING_SYNCHRONIZE" Changing "the topic waits until both sides are equal";
        PendingSetupForRestore "PENDING_SETUP_FOR_RESTORE" Changing "a restore is being prepared";
        PendingRestore "PENDING_RESTORE" Changing "a restore is under way";
        Unknown "UNKNOWN" Unknown "the server does not know the mirror topic's status";
    }
}

impl MirrorStatus {
    /// Whether the topic is still a mirror. A topic that was promoted, failed over or has failed stays listed with the
    /// lag it had then, which says nothing any more.
    pub fn is_mirroring(&self) -> bool {
        !matches!(self, Self::Stopped | Self::Failed)
    }

    /// Whether a change that somebody asked for (`PENDING_…`) is not finished.
    pub fn is_pending(&self) -> bool {
        self.health() == Health::Changing
    }
}

states! {
    /// REST field `state_category` of a link's `category_counts`: what state mirror partitions are in.
    PartitionCategory {
        Paused "PAUSED" Paused "paused by an operator";
        InError "IN_ERROR" Broken "fails";
        Pending "PENDING" Changing "on its way from one state to another";
        Active "ACTIVE" Healthy "mirrored";
        NotApplicable "NOT_APPLICABLE" Off "not mirrored by this end of the link";
        Unknown "UNKNOWN" Unknown "in a category nobody has heard of";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_state_reads_back_as_its_own_row() {
        fn check(table: &[StateRow], row_of: impl Fn(&str) -> &'static StateRow) {
            for row in table {
                assert_eq!(row_of(row.name).name, row.name);
            }
        }
        check(LinkState::TABLE, |text| LinkState::parse(text).row());
        check(TaskState::TABLE, |text| TaskState::parse(text).row());
        check(MirrorStatus::TABLE, |text| MirrorStatus::parse(text).row());
        check(PartitionCategory::TABLE, |text| {
            PartitionCategory::parse(text).row()
        });
    }

    #[test]
    fn a_pending_status_is_a_change_under_way_and_a_stopped_or_failed_one_mirrors_no_more() {
        for row in MirrorStatus::TABLE {
            let status = MirrorStatus::parse(row.name);
            assert_eq!(
                (status.is_pending(), status.is_mirroring()),
                (
                    row.name.starts_with("PENDING_"),
                    !["STOPPED", "FAILED"].contains(&row.name)
                ),
                "{}",
                row.name
            );
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
