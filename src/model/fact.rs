//! What is known and what is not. Not to know something is a value with a reason of its own: never 0, never empty, never
//! good news.

use std::fmt;

use strum::{IntoStaticStr, VariantArray};

/// Something that may not be known now, and why not.
pub type Fact<T> = Result<T, Unknown>;

/// Why something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Unknown {
    /// It was not asked for: not wanted by the configuration, or not yet.
    NotAsked,
    /// The server does not let us see it.
    Refused,
    /// It was asked for and no good answer came.
    Failed,
    /// The answer was a good one and does not say it: absent, null, or `UNKNOWN`.
    NotSent,
    /// The answer says it in a way that this program does not understand.
    NotUnderstood,
    /// The answer says it, and what follows from it takes more than has been watched so far.
    TooEarly,
}

impl Unknown {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The value of label `reason`.
    pub fn label(self) -> &'static str {
        self.into()
    }

    /// For a person, as the end of a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NotAsked => "it was not asked for",
            Self::Refused => "the server refuses to tell it",
            Self::Failed => "the answer did not come",
            Self::NotSent => "the server does not say",
            Self::NotUnderstood => "the answer was not understood",
            Self::TooEarly => "it was not watched for long enough",
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meaning())
    }
}

/// The result of judging one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Known to be as it should be.
    Good,
    /// Known to be otherwise: what was seen, in a few words for a person.
    Bad(String),
    /// Not known.
    Unknown(Unknown),
}

impl Judged {
    /// What was seen, where it is known to be bad.
    pub fn bad(&self) -> Option<&str> {
        match self {
            Self::Bad(seen) => Some(seen),
            Self::Good | Self::Unknown(_) => None,
        }
    }

    /// Why it is not known.
    pub fn unknown(&self) -> Option<Unknown> {
        match self {
            Self::Unknown(why) => Some(*why),
            Self::Good | Self::Bad(_) => None,
        }
    }

    /// Bad where anything was seen that is.
    pub fn of(seen: Option<String>) -> Self {
        seen.map_or(Self::Good, Self::Bad)
    }

    /// Bad where either is, else unknown where either is: what is seen counts, whatever else is not.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bad(one), Self::Bad(other)) => Self::Bad(format!("{one}; {other}")),
            (bad @ Self::Bad(_), _) | (_, bad @ Self::Bad(_)) => bad,
            (unknown @ Self::Unknown(_), _) | (_, unknown @ Self::Unknown(_)) => unknown,
            (Self::Good, Self::Good) => Self::Good,
        }
    }
}

impl From<Fact<Self>> for Judged {
    fn from(fact: Fact<Self>) -> Self {
        fact.unwrap_or_else(Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_to_be_bad_counts_more_than_what_is_not_known_and_that_more_than_good_news() {
        let bad = || Judged::Bad("a".to_owned());
        let unknown = Judged::Unknown(Unknown::NotSent);
        assert_eq!(unknown.clone().and(bad()), bad());
        assert_eq!(bad().and(unknown.clone()), bad());
        assert_eq!(bad().and(bad()), Judged::Bad("a; a".to_owned()));
        assert_eq!(Judged::Good.and(unknown.clone()), unknown);
        assert_eq!(Judged::Good.and(Judged::Good), Judged::Good);
    }

    #[test]
    fn the_labels_of_reasons_are_words_of_their_own() {
        let labels = Unknown::ALL.iter().map(|why| why.label());
        let labels: std::collections::BTreeSet<_> = labels.collect();
        assert_eq!(labels.len(), Unknown::ALL.len());
    }
}
