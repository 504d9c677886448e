//! Why a poll failed.

use crate::model::{Failure, Report};

/// How much of a link's name a failure's message holds, in bytes.
const MAX_NAME: usize = 200;

/// Why the poll failed, by its first cause; says which link, and how many more.
pub(super) fn summary(report: &Report) -> Option<Failure> {
    let listing = match &report.outcome {
        Ok(listing) => listing,
        Err(failure) => return Some(failure.clone()),
    };
    let links = listing.links.iter();
    let mut failed = links.filter_map(|report| Some((&report.link, report.failure.as_ref()?)));
    let (link, Failure { reason, message }) = failed.next()?;
    let more = match failed.count() {
        0 => String::new(),
        more => format!(" (and {more} more of {} links)", listing.links.len()),
    };
    let name = link.link_name.as_str();
    // A name is foreign text of any length; a person needs its beginning.
    let name = &name[..name.floor_char_boundary(MAX_NAME)];
    let message = format!("link `{name}`: {message}{more}");
    Some(Failure {
        reason: *reason,
        message,
    })
}
