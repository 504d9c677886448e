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
    /// How long the API wants to be left alone, where it says so: a quarter of an hour at most.
    pub retry_after: Option<Duration>,
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
        let retry_after = retry_after.map(|asked| asked.min(LONGEST_PAUSE));
        tell(Refresh {
            list: known.clone(),
            failure: outcome.err().map(|error| error.to_string()),
            retry_after,
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
    own.max(retry_after.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::Instant;

    use super::*;
    use crate::{
        client::{Credential, Snippet, Transport},
        discovery::{Environment, ListedCluster, Phase, error::Asked},
        model::LinkPatterns,
    };

    fn settings() -> Settings {
        let patterns = |texts: &[String]| LinkPatterns::new(texts).unwrap();
        let all = [".*".to_owned()];
        Settings {
            url: Settings::URL.parse().unwrap(),
            environments: patterns(&all),
            include: patterns(&all),
            exclude: patterns(&[]),
            access_points: vec![Settings::PUBLIC.to_owned()],
            refresh_interval: Duration::from_secs(10),
            credential: Credential::None,
            transport: Transport::default(),
            request_timeout: Duration::from_secs(1),
        }
    }

    fn cluster(id: &str) -> ListedCluster {
        ListedCluster {
            id: id.into(),
            display_name: id.to_owned(),
            environment: Environment {
                id: "env-1".to_owned(),
                display_name: "prod".to_owned(),
            },
            cloud: None,
            region: None,
            phase: Phase::Provisioned,
            endpoints: [("PUBLIC".to_owned(), format!("https://{id}"))].into(),
            http_endpoint: None,
        }
    }

    fn list(ids: &[&str], unreadable: usize) -> List {
        List {
            clusters: ids.iter().map(|id| cluster(id)).collect(),
            unreadable,
            ..List::default()
        }
    }

    fn refused(retry_after: Option<u64>) -> Result<List, DiscoveryError> {
        Err(DiscoveryError::Status {
            of: Asked::Environments,
            status: 429,
            body: Snippet::default(),
            retry_after: retry_after.map(Duration::from_secs),
        })
    }

    /// What is told of each answer, and after how many seconds: whether it is a whole list, and which clusters are known.
    async fn told(answers: Vec<Result<List, DiscoveryError>>) -> Vec<String> {
        let (began, count) = (Instant::now(), answers.len());
        let answers = Mutex::new(answers.into_iter());
        let told = Mutex::new(Vec::new());
        let ask = || {
            let answer = answers.lock().unwrap().next();
            async move {
                match answer {
                    Some(answer) => answer,
                    None => std::future::pending().await,
                }
            }
        };
        let tell = |refresh: Refresh| {
            let ids = refresh.list.iter().flat_map(|list| &list.clusters);
            let ids: Vec<_> = ids.map(|it| it.id.as_str().to_owned()).collect();
            let whole = if refresh.failure.is_none() {
                "whole"
            } else {
                "not"
            };
            let at = began.elapsed().as_secs();
            let line = format!("{at}: {whole} {}", ids.join(" "));
            told.lock().unwrap().push(line.trim_end().to_owned());
            async {}
        };
        let settings = settings();
        let work = refresh(&settings, None, ask, tell);
        // Beyond the longest of all waits.
        let _ = tokio::time::timeout(Duration::from_secs(10_000), work).await;
        let told = told.into_inner().unwrap();
        assert_eq!(told.len(), count);
        told
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_is_not_whole_changes_nothing_and_is_asked_for_again_soon() {
        let answers = vec![
            Ok(list(&["a", "b"], 0)),
            refused(None),
            refused(None),
            refused(None),
            refused(None),
            refused(None),
            refused(None),
            Ok(list(&["b"], 0)),
            Ok(list(&["b"], 0)),
        ];
        assert_eq!(
            told(answers).await,
            [
                "0: whole a b",
                "10: not a b",
                "11: not a b",
                "13: not a b",
                "17: not a b",
                "25: not a b",
                "35: not a b",
                "45: whole b",
                "55: whole b",
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn how_long_the_api_wants_to_be_left_alone_counts_up_to_a_quarter_of_an_hour() {
        let answers = vec![
            refused(Some(0)),
            refused(Some(7)),
            refused(Some(100)),
            refused(Some(1_000_000)),
            Ok(list(&[], 0)),
        ];
        assert_eq!(
            told(answers).await,
            ["0: not", "1: not", "8: not", "108: not", "1008: whole"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_list_with_items_that_cannot_be_understood_the_others_count_and_none_is_gone() {
        let answers = vec![
            Ok(list(&["a", "b"], 0)),
            Ok(list(&["c", "b"], 1)),
            Ok(list(&["c"], 0)),
        ];
        assert_eq!(
            told(answers).await,
            ["0: whole a b", "10: not c b a", "11: whole c"]
        );
    }

    #[test]
    fn what_could_be_polled_stays_so_while_it_is_listed() {
        let before = list(&["a", "b"], 0);
        let mut now = before.clone();
        now.clusters[0].phase = Phase::Failed;
        now.clusters[1].endpoints = [("PUBLIC".to_owned(), "https://moved".to_owned())].into();
        let points = settings().access_points;
        let known = now.after(&before, &points);
        assert_eq!(known.clusters[0], before.clusters[0]);
        assert_eq!(known.clusters[1].endpoint(&points), Some("https://moved"));

        let mut bare = before.clone();
        bare.clusters[0].endpoints.clear();
        bare.clusters[0].display_name = "renamed".to_owned();
        let known = bare.after(&before, &points);
        assert_eq!(known.clusters[0].endpoint(&points), Some("https://a"));
        assert_eq!(known.clusters[0].display_name, "renamed");
    }
}
