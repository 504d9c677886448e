//! Asks again and again for the list.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{DiscoveryError, List, Settings};
use crate::client::{Backoff, LONGEST_PAUSE};

/// What a refresh came to.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// What is known now; `None` where nothing was ever read.
    pub list: Option<Arc<List>>,
    /// Why it is not the whole of what the organisation says now.
    pub failure: Option<String>,
}

/// Asks by `ask` and tells what each refresh came to, for ever. `known` is what was read before.
///
/// A list that could not be read whole changes nothing and is asked for again after a second, then after twice as long each
/// time, up to the interval, and not before the API wants to be asked again.
pub async fn refresh<F, T>(
    settings: &Settings,
    known: Option<Arc<List>>,
    ask: impl Fn() -> F,
    tell: impl Fn(Refresh) -> T,
) where
    F: Future<Output = Result<List, DiscoveryError>>,
    T: Future<Output = ()>,
{
    let (mut known, mut failures) = (known, 0u32);
    loop {
        let outcome = ask().await.and_then(|list| {
            let error = DiscoveryError::Unreadables(list.unreadable);
            let is_complete = list.is_complete();
            let list = match &known {
                Some(before) => list.after(before, &settings.access_points),
                None => list,
            };
            known = Some(Arc::new(list));
            is_complete.then_some(()).ok_or(error)
        });
        failures = match &outcome {
            Ok(()) => 0,
            Err(_) => failures.saturating_add(1),
        };
        let retry_after = outcome.as_ref().err().and_then(DiscoveryError::retry_after);
        tell(Refresh {
            list: known.clone(),
            failure: outcome.err().map(|error| error.to_string()),
        })
        .await;
        sleep(pause(failures, retry_after, settings.refresh_interval)).await;
    }
}

/// How long after a refresh the next one begins.
fn pause(failures: u32, retry_after: Option<Duration>, interval: Duration) -> Duration {
    if failures == 0 {
        return interval;
    }
    let backoff = Backoff {
        base: Duration::from_secs(1),
        max: interval,
    };
    // In full: a refresh is many requests.
    let own = backoff.wait(failures, 1.0);
    own.max(retry_after.unwrap_or_default().min(LONGEST_PAUSE))
}
