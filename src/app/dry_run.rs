//! `--alerting.dry-run`: what receivers would be notified of, in the log.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;

use crate::alert::{Alert, MUTED, Reason, Status};

/// Logs notifications that nobody gets.
#[derive(Default)]
pub(super) struct DryRun {
    /// What began to fire while it was muted, by its labels, and what muted it.
    withheld: Mutex<HashMap<BTreeMap<String, String>, String>>,
}

/// What a notification would be to those who are told directly.
#[derive(Debug, PartialEq, Eq)]
enum News {
    /// They know it, or are not to be told again.
    None,
    Told,
    /// They would not hear of it, for this reason.
    Muted(String),
}

impl DryRun {
    pub(super) fn log(&self, reason: Reason, alert: &Alert) {
        let muted = match self.news(reason, alert) {
            News::None => return,
            News::Told => None,
            News::Muted(muted) => Some(muted),
        };
        let labels: Vec<_> = alert
            .labels
            .iter()
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        tracing::info!(
            status = alert.status.label(),
            labels = labels.join(","),
            summary = alert.annotations.get("summary"),
            muted,
            "dry run: nobody is told of this alert"
        );
    }

    /// What still fires when its window is over is news then.
    fn news(&self, reason: Reason, alert: &Alert) -> News {
        let mut withheld = self.withheld.lock();
        let muted = alert.annotations.get(MUTED).cloned();
        match (alert.status, muted) {
            (Status::Firing, Some(muted)) if reason == Reason::First => {
                withheld.insert(alert.labels.clone(), muted.clone());
                News::Muted(muted)
            }
            (Status::Firing, Some(_)) => News::None,
            (Status::Firing, None) => {
                let was_withheld = withheld.remove(&alert.labels).is_some();
                if was_withheld || reason == Reason::First {
                    News::Told
                } else {
                    News::None
                }
            }
            (Status::Resolved, _) => withheld
                .remove(&alert.labels)
                .map_or(News::Told, News::Muted),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// The alert as it is notified of for this reason, and what mutes it.
    fn alert(reason: Reason, muted: Option<&str>) -> Alert {
        let status = match reason {
            Reason::Resolved => Status::Resolved,
            Reason::First | Reason::Repeat => Status::Firing,
        };
        let muted = muted.map(|muted| (MUTED.to_owned(), muted.to_owned()));
        Alert {
            labels: BTreeMap::from([("link_name".to_owned(), "orders".to_owned())]),
            annotations: muted.into_iter().collect(),
            starts_at: Timestamp::UNIX_EPOCH,
            ends_at: Timestamp::UNIX_EPOCH,
            status,
        }
    }

    #[test]
    fn what_is_muted_is_news_again_when_its_window_is_over_and_healed_before_says_so() {
        let told = |steps: &[(Reason, Option<&str>)]| {
            let run = DryRun::default();
            let told = steps
                .iter()
                .map(|(reason, muted)| run.news(*reason, &alert(*reason, *muted)));
            told.collect::<Vec<_>>()
        };
        let muted = Some("until 3: test");
        let is_muted = || News::Muted("until 3: test".to_owned());
        assert_eq!(
            told(&[
                (Reason::First, None),
                (Reason::Repeat, muted),
                (Reason::Repeat, None),
                (Reason::Resolved, None)
            ]),
            [News::Told, News::None, News::None, News::Told]
        );
        assert_eq!(
            told(&[
                (Reason::First, muted),
                (Reason::Repeat, muted),
                (Reason::Repeat, None),
                (Reason::Repeat, None)
            ]),
            [is_muted(), News::None, News::Told, News::None]
        );
        assert_eq!(
            told(&[
                (Reason::First, muted),
                (Reason::Resolved, None),
                (Reason::First, None)
            ]),
            [is_muted(), is_muted(), News::Told]
        );
    }
}
