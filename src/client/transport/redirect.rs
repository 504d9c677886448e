//! Which redirects are followed: one for each request, within the origin, since credentials never leave it, and never to
//! where the request was sent already. A server that redirects to itself would else be asked many times for each request.

use std::cell::Cell;

use reqwest::{
    StatusCode,
    redirect::{Attempt, Policy},
};
use url::Url;

use crate::client::error::Unfollowed;

/// What became of the redirects of one request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Redirects {
    /// The status of the one that was followed, which was an answer to a request of its own.
    pub(super) followed: Option<StatusCode>,
    /// Why the last one was not, where the answer is one that could have been.
    pub(super) unfollowed: Option<Unfollowed>,
}

tokio::task_local! {
    static NOTED: Cell<Redirects>;
}

/// Brings what the request brings, and what became of its redirects.
pub(super) async fn with_redirects_noted<T>(request: impl Future<Output = T>) -> (T, Redirects) {
    let noted = async {
        let outcome = request.await;
        (outcome, NOTED.with(Cell::get))
    };
    NOTED.scope(Cell::default(), noted).await
}

/// Follows at most one.
pub(super) fn policy() -> Policy {
    Policy::custom(|attempt| {
        let unfollowed = unfollowed(&attempt);
        let status = attempt.status();
        // A request that nobody notes is none of ours.
        let _ = NOTED.try_with(|noted| {
            let before = noted.get().followed;
            let followed = unfollowed.is_none().then_some(status);
            noted.set(Redirects {
                followed: before.or(followed),
                unfollowed,
            });
        });
        if unfollowed.is_none() {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

fn unfollowed(attempt: &Attempt<'_>) -> Option<Unfollowed> {
    let (asked, next) = (attempt.previous(), as_sent(attempt.url()));
    let is_same_origin = asked
        .last()
        .is_some_and(|from| from.origin() == next.origin());
    if !is_same_origin {
        Some(Unfollowed::Elsewhere)
    } else if asked.iter().any(|url| as_sent(url) == next) {
        Some(Unfollowed::Circle)
    } else if asked.len() > 1 {
        Some(Unfollowed::Further)
    } else {
        None
    }
}

/// Without what stays here, so that what differs only in it is known to be the same request.
fn as_sent(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    // Fails only where there can be no user.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url
}
