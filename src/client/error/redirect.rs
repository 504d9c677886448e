//! Redirects that are not followed. Where they lead is never repeated: it may hold what was sent.

use std::fmt;

/// An answer with a status from 300 to 399 that was not followed. Displayed as what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirect {
    status: u16,
    why: Unfollowed,
}

/// Why a redirect is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client) enum Unfollowed {
    /// It leads to another origin.
    Elsewhere,
    /// It leads to a URL that this request was sent to already.
    Circle,
    /// It comes after one that was followed.
    Further,
    /// It names no place, or has a status that asks nobody to go there.
    Nowhere,
}

impl Redirect {
    pub(in crate::client) fn new(status: u16, why: Unfollowed) -> Self {
        Self { status, why }
    }

    /// What to check: `place` where this is about where requests are sent.
    pub(crate) fn advice(self, place: &str) -> String {
        if self.is_not_modified() {
            return "look at a cache before it".to_owned();
        }
        match self.why {
            Unfollowed::Elsewhere => format!("check {place}"),
            _ => format!("check {place}, and a proxy before it"),
        }
    }

    fn is_not_modified(self) -> bool {
        self.status == 304
    }
}

impl fmt::Display for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if self.is_not_modified() {
            return f.write_str(", though nothing was asked conditionally");
        }
        f.write_str(match self.why {
            Unfollowed::Elsewhere => {
                " redirects to another place, which is not followed because the request carries credentials"
            }
            Unfollowed::Circle => " redirects in a circle",
            Unfollowed::Further => " redirects again after one redirect was followed",
            Unfollowed::Nowhere => " names no place that a redirect could be followed to",
        })
    }
}
