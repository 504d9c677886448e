//! What keeping a report found worth telling: changes of state and values nobody has heard of.

use jiff::Timestamp;
use strum::{IntoStaticStr, VariantArray};

use super::{
    ClusterName, Endpoint, Failure, HangingTopic, Health, LinkName, ReportedError, TaskName,
};

/// Something that happened, for the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A link or a task is in another state than before, was first seen in a state that needs attention, or a link is
    /// new.
    Transition(Transition),
    /// The API sent a value that is in none of our tables; told once per value.
    Unrecognized {
        /// Whose answer it was.
        cluster_name: ClusterName,
        /// Where it stood.
        field: Field,
        /// What it was.
        raw: String,
    },
    /// The API sent something that says of nothing it is about; told once per kind of item and cluster.
    Nameless {
        /// Whose answer it was.
        cluster_name: ClusterName,
        /// The link that it came with; `None` where that is not known.
        link_name: Option<LinkName>,
        /// What it was.
        item: Item,
    },
    /// A poll failed.
    PollFailed {
        /// Whose poll.
        cluster_name: ClusterName,
        /// Why.
        failure: Failure,
    },
    /// A poll succeeded after one that failed.
    PollRecovered {
        /// Whose poll.
        cluster_name: ClusterName,
    },
    /// What was asked for besides links and tasks did not come; told when it begins, and when the reason is another.
    DetailFailed {
        /// Of which cluster.
        cluster_name: ClusterName,
        /// What was asked for.
        endpoint: Endpoint,
        /// Why.
        failure: Failure,
    },
    /// It came again.
    DetailRecovered {
        /// Of which cluster.
        cluster_name: ClusterName,
        /// What was asked for.
        endpoint: Endpoint,
    },
    /// What was asked for besides links and tasks came and was not understood whole; told when that begins.
    NotUnderstood {
        /// On which cluster.
        cluster_name: ClusterName,
        /// What was asked for.
        endpoint: Endpoint,
        /// The first link of which it was not understood.
        link_name: LinkName,
    },
    /// It is understood again.
    Understood {
        /// On which cluster.
        cluster_name: ClusterName,
        /// What was asked for.
        endpoint: Endpoint,
    },
    /// A mirror topic's change of status does not finish, and the server says why; told when it says something else.
    TransitionHangs {
        /// On which cluster.
        cluster_name: ClusterName,
        /// Over which link.
        link_name: LinkName,
        /// Which topic.
        topic: HangingTopic,
    },
    /// A link is no longer listed, or another one has its name.
    LinkGone {
        /// On which cluster.
        cluster_name: ClusterName,
        /// Which link.
        link_name: LinkName,
        /// The last state that was sent, as the API spelled it; `None` where none ever was.
        last_state: Option<String>,
        /// When that was seen.
        at: Timestamp,
        /// The configuration asks for other links since the last list: nobody can tell whether the link is gone.
        may_be_unwanted: bool,
    },
}

/// A link or one of its tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The cluster that was asked.
    pub cluster_name: ClusterName,
    /// The link.
    pub link_name: LinkName,
    /// The task; `None` for the link itself.
    pub task_name: Option<TaskName>,
}

/// One change of state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Whose state.
    pub subject: Subject,
    /// The state before, as the API spelled it; `None` where the state is the first that is seen.
    pub from: Option<String>,
    /// Whether it happened while we looked. What the first list of a cluster shows may have been so for ever.
    pub is_news: bool,
    /// The state now, as the API spells it.
    pub to: String,
    /// How bad the state is now.
    pub health: Health,
    /// The errors reported now.
    pub errors: Vec<ReportedError>,
    /// When the state before was first observed.
    pub from_since: Option<Timestamp>,
    /// When the state now was first observed.
    pub since: Timestamp,
}

/// The fields of the API that hold words from an open set; label `field`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// `link_state`.
    LinkState,
    /// A task's `state`.
    TaskState,
    /// `mirror_status`.
    MirrorStatus,
    /// `error_code` and its kin.
    ErrorCode,
    /// An item of a list that says of nothing it is about; see [`Item`].
    Item,
}

/// What was sent without saying what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// A link without a name that is no remnant of a deleted one.
    Link,
    /// A task without a name.
    Task,
    /// A mirror topic without a name.
    MirrorTopic,
    /// A mirror topic without the name of its link.
    MirrorTopicOfNoLink,
    /// A setting without a name.
    Setting,
}

impl Item {
    /// For a person.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Task => "task",
            Self::MirrorTopic => "mirror topic",
            Self::MirrorTopicOfNoLink => "link of a mirror topic",
            Self::Setting => "setting",
        }
    }
}

impl Field {
    /// All of them, in the order of the contract.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The label value.
    pub fn label(self) -> &'static str {
        self.into()
    }
}
