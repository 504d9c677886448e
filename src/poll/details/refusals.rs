//! What a server has refused to tell of mirror topics, so that it is not asked in every poll. Pure.

use super::configs::EVERY;

/// Which way to ask in a poll. Polls are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// All links with one request.
    Together,
    /// A request for each link.
    LinkByLink,
    /// Not at all; whether that is because we may not see them.
    Silent {
        /// Else the server does not know how to tell them.
        is_forbidden: bool,
    },
}

/// What the server has refused so far.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// The first poll that asks for all links together again.
    together: u64,
    /// The first poll that asks at all again.
    any: u64,
    is_forbidden: bool,
    /// The first poll that asks why changes hang again.
    why: u64,
}

impl Refusals {
    pub(super) fn way(&self, poll: u64) -> Way {
        if poll < self.any {
            Way::Silent {
                is_forbidden: self.is_forbidden,
            }
        } else if poll < self.together {
            Way::LinkByLink
        } else {
            Way::Together
        }
    }

    /// The server does not know how to answer for all links together.
    pub(super) fn refuse_together(&mut self, poll: u64) {
        self.together = poll + EVERY;
    }

    /// The server answers no such question at all.
    pub(super) fn refuse_all(&mut self, poll: u64, is_forbidden: bool) {
        self.any = poll + EVERY;
        self.is_forbidden = is_forbidden;
    }

    pub(super) fn may_ask_why(&self, poll: u64) -> bool {
        poll >= self.why
    }

    /// The server does not tell why changes hang.
    pub(super) fn refuse_why(&mut self, poll: u64) {
        self.why = poll + EVERY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_holds_for_ten_polls() {
        let mut refusals = Refusals::default();
        assert_eq!(refusals.way(0), Way::Together);
        refusals.refuse_together(0);
        assert_eq!(refusals.way(9), Way::LinkByLink);
        refusals.refuse_all(2, true);
        assert_eq!(refusals.way(11), Way::Silent { is_forbidden: true });
        assert_eq!(refusals.way(12), Way::Together);

        assert!(refusals.may_ask_why(0));
        refusals.refuse_why(3);
        assert!(!refusals.may_ask_why(12));
        assert!(refusals.may_ask_why(13));
    }
}
