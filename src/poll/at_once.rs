//! Several requests at once: as many as the configuration allows, and none that waits for one which began before it.

use futures_util::{StreamExt, stream};

/// Does the work for each item, for so many of them at once, and brings the outcomes in the order of the items. An item that
/// takes long takes one place, and keeps no other from beginning.
pub(super) async fn at_once<I, F: Future>(
    limit: usize,
    items: impl IntoIterator<Item = I>,
    work: impl Fn(I) -> F,
) -> Vec<F::Output> {
    let begun = items.into_iter().enumerate().map(|(place, item)| {
        let outcome = work(item);
        async move { (place, outcome.await) }
    });
    let mut outcomes: Vec<_> = stream::iter(begun).buffer_unordered(limit).collect().await;
    outcomes.sort_unstable_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

#[cfg(test)]
mod tests {
    use tokio::time::{Duration, Instant, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_that_takes_long_keeps_no_other_from_beginning_and_its_place() {
        let start = Instant::now();
        let work = async |(name, seconds)| {
            sleep(Duration::from_secs(seconds)).await;
            (name, start.elapsed().as_secs())
        };
        let items = [("a", 10), ("b", 1), ("c", 2), ("d", 3), ("e", 4)];
        assert_eq!(
            at_once(2, items, work).await,
            [("a", 10), ("b", 1), ("c", 3), ("d", 6), ("e", 10)]
        );
        let start = Instant::now();
        at_once(5, items, |(_, seconds)| sleep(Duration::from_secs(seconds))).await;
        assert_eq!(start.elapsed().as_secs(), 10);
    }
}
