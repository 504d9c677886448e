//! A notifier on the paused clock, whose receiver answers by a script.

mod log;
mod mute;

use std::{cell::RefCell, collections::BTreeMap};

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::{
    notify::testing::{START, alert, resolved},
    telemetry::Telemetry,
};

const OK: Answer = Answer(Outcome::Delivered, "HTTP 200", None);
const DOWN: Answer = Answer(Outcome::Failed, "HTTP 500", None);
const REFUSED: Answer = Answer(Outcome::Refused, "HTTP 400", None);

/// What becomes of the alerts, what the receiver says, and how many seconds it wants to be left alone.
#[derive(Clone, Copy)]
struct Answer(Outcome, &'static str, Option<u64>);

/// It wants to be left alone for so long.
fn after(seconds: u64) -> Answer {
    Answer(Outcome::Failed, "HTTP 429", Some(seconds))
}

/// A notifier and what its receiver saw.
struct Scene {
    notifier: Notifier,
    telemetry: Telemetry,
    log: NotificationLog,
    /// When, in seconds since the start, and how many alerts.
    seen: RefCell<Vec<(f64, usize)>>,
    start: Instant,
    mutes: watch::Sender<Arc<Mutes>>,
}

impl Scene {
    fn of(kind: Kind) -> Self {
        Self::at(kind, START)
    }

    /// A scene where the time of day stands still.
    fn at(kind: Kind, now: Timestamp) -> Self {
        let telemetry = Telemetry::new();
        let log = NotificationLog::new(BTreeMap::new());
        let mutes = watch::Sender::<Arc<Mutes>>::default();
        let parts = Parts {
            series: telemetry.notifications("ops"),
            log: log.clone(),
            clock: Clock::fixed(now),
            mutes: mutes.subscribe(),
        };
        Self {
            notifier: Notifier::new("ops", kind, parts),
            telemetry,
            log,
            seen: RefCell::default(),
            start: Instant::now(),
            mutes,
        }
    }

    fn notify(&self, alert: &Arc<Alert>) {
        self.notifier.notify(alert);
    }

    fn notify_links(&self, count: usize) {
        (0..count).for_each(|number| self.notify(&alert(&format!("link-{number}"))));
    }

    /// Runs for so long, then stops; the receiver takes this long for each answer, and repeats the last for ever. Says when
    /// the notifier had ended.
    async fn run(&self, seconds: u64, takes: Duration, answers: &[Answer]) -> Duration {
        let stop = CancellationToken::new();
        let send = |alerts: Vec<Arc<Alert>>| async move {
            let number = self.seen.borrow().len();
            let entry = (self.start.elapsed().as_secs_f64(), alerts.len());
            self.seen.borrow_mut().push(entry);
            sleep(takes).await;
            let Answer(outcome, said, wait) = answers[number.min(answers.len() - 1)];
            Attempt {
                outcome,
                said: said.into(),
                advice: Some("wait"),
                retry_after: wait.map(Duration::from_secs),
            }
        };
        let stopping = async {
            sleep(Duration::from_secs(seconds)).await;
            stop.cancel();
        };
        tokio::join!(self.notifier.run(send, stop.clone()), stopping);
        self.start.elapsed()
    }

    fn counts(&self, outcomes: [Outcome; 2]) -> [u64; 2] {
        let text = self.telemetry.text();
        outcomes.map(|outcome| {
            let name = format!("outcome=\"{}\"", outcome.label());
            let line = text.lines().find(|line| line.contains(&name)).unwrap();
            line.rsplit(' ').next().unwrap().parse().unwrap()
        })
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_goes_in_batches_and_is_counted() {
    let scene = Scene::of(Kind::Alertmanager);
    scene.notify_links(130);
    assert_eq!(scene.notifier.health().queued, 130);
    scene.run(1, Duration::ZERO, &[OK]).await;
    assert_eq!(scene.seen.into_inner(), [(0.0, 64), (0.0, 64), (0.0, 2)]);
    let text = scene.telemetry.text();
    for line in [
        r#"clusterlink_notifications_total{outcome="delivered",receiver="ops"} 130"#,
        r#"clusterlink_notifications_queue_length{receiver="ops"} 0"#,
        r#"clusterlink_notification_duration_seconds_count{receiver="ops"} 3"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_while_the_receiver_is_down_for_a_day() {
    let scene = Scene::of(Kind::PagerDuty);
    scene.notify(&alert("orders"));
    let day = 24 * 60 * 60;
    scene.run(day, Duration::ZERO, &[DOWN]).await;
    let seen = scene.seen.take();
    let gaps: Vec<_> = seen.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    // The waits are jittered from nothing to a minute; on the average of a day that is about half a minute.
    assert!(
        gaps.iter().all(|gap| *gap <= 60.0) && gaps[0] <= 1.0,
        "{gaps:?}"
    );
    assert!(
        (2000..4500).contains(&seen.len()),
        "{} attempts",
        seen.len()
    );

    scene.notify(&resolved(&alert("orders")));
    scene.run(1, Duration::ZERO, &[OK]).await;
    assert_eq!(scene.counts([Outcome::Delivered, Outcome::Dropped]), [2, 0]);
    assert_eq!(scene.notifier.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_receiver_asks_for_is_kept() {
    let scene = Scene::of(Kind::PagerDuty);
    scene.notify(&alert("orders"));
    scene
        .run(2000, Duration::ZERO, &[after(40), after(86_400), OK])
        .await;
    let times: Vec<_> = scene.seen.take().iter().map(|(at, _)| at.round()).collect();
    assert_eq!(times, [0.0, 40.0, 100.0], "no wait is longer than a minute");
}

#[tokio::test(start_paused = true)]
async fn a_refused_batch_is_sent_again_one_by_one() {
    let scene = Scene::of(Kind::Alertmanager);
    scene.notify_links(3);
    scene
        .run(1, Duration::ZERO, &[REFUSED, OK, REFUSED, OK])
        .await;
    assert_eq!(scene.seen.take(), [(0.0, 3), (0.0, 1), (0.0, 1), (0.0, 1)]);
    assert_eq!(scene.counts([Outcome::Delivered, Outcome::Refused]), [2, 1]);
    assert_eq!(scene.counts([Outcome::Failed, Outcome::Dropped]), [3, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_resolve_of_what_was_taken_is_tried_four_times() {
    for (answers, seen, counts) in [
        (&[OK, REFUSED, REFUSED, OK][..], 4, [2, 2, 0]),
        (&[OK, REFUSED], 5, [1, 3, 1]),
        // Nobody knows of an alert that was refused itself.
        (&[REFUSED], 2, [0, 0, 2]),
    ] {
        let scene = Scene::of(Kind::Alertmanager);
        scene.notify(&alert("orders"));
        scene.run(1, Duration::ZERO, answers).await;
        scene.notify(&resolved(&alert("orders")));
        scene.run(60, Duration::ZERO, answers).await;
        assert_eq!(scene.notifier.waiting(), 0);
        assert_eq!(scene.seen.borrow().len(), seen);
        let [delivered, failed] = scene.counts([Outcome::Delivered, Outcome::Failed]);
        let [refused, _] = scene.counts([Outcome::Refused, Outcome::Dropped]);
        assert_eq!([delivered, failed, refused], counts);
    }
}

#[tokio::test(start_paused = true)]
async fn triggers_beyond_a_thousand_are_dropped_and_counted() {
    let scene = Scene::of(Kind::PagerDuty);
    scene.notify_links(CAPACITY + 2);
    scene.notify(&resolved(&alert("link-0")));
    assert_eq!(scene.notifier.waiting(), CAPACITY + 1);
    assert_eq!(scene.counts([Outcome::Dropped, Outcome::Failed]), [2, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_sends_what_is_left_at_once_even_from_the_middle_of_a_wait() {
    let scene = Scene::of(Kind::PagerDuty);
    scene.notify_links(3);
    let ended = scene
        .run(10, Duration::from_millis(100), &[after(600), OK])
        .await;
    assert_eq!(scene.notifier.waiting(), 0);
    let times: Vec<_> = scene
        .seen
        .take()
        .iter()
        .map(|(at, _)| (at * 10.0).round())
        .collect();
    assert_eq!(
        (times, ended.as_millis()),
        (vec![0.0, 100.0, 101.0, 102.0], 10_300)
    );
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_asked_for_while_it_stops_is_not_kept_once() {
    let scene = Scene::of(Kind::PagerDuty);
    scene.notify_links(2);
    let takes = Duration::from_millis(1500);
    let ended = scene.run(1, takes, &[after(600), OK]).await;
    assert_eq!((scene.notifier.waiting(), ended.as_millis()), (0, 4500));
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_four_seconds_for_a_receiver_that_does_not_answer_and_no_longer() {
    for answers in [&[OK], &[DOWN]] {
        let scene = Scene::of(Kind::PagerDuty);
        scene.notify_links(20);
        let ended = scene.run(10, Duration::from_secs(4), answers).await;
        assert_eq!(ended.as_secs(), 14);
        assert!(scene.notifier.waiting() > 0);
    }
    let idle = Scene::of(Kind::PagerDuty);
    assert_eq!(idle.run(10, Duration::ZERO, &[OK]).await.as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_alertmanager_is_not_sent_alerts_that_it_would_take_for_resolved() {
    let past_the_end = START + SignedDuration::from_mins(4);
    let scene = Scene::at(Kind::Alertmanager, past_the_end);
    scene.notify(&alert("orders"));
    scene.notify(&resolved(&alert("sales")));
    scene.run(1, Duration::ZERO, &[OK]).await;
    assert_eq!(scene.seen.take(), [(0.0, 1)]);
    assert_eq!(scene.counts([Outcome::Delivered, Outcome::Dropped]), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_watchdog_reaches_alertmanagers_and_no_person() {
    let mut watchdog = Alert::clone(&alert("orders"));
    watchdog.labels.insert("severity".into(), "none".into());
    let watchdog = Arc::new(watchdog);
    let waiting = [Kind::Alertmanager, Kind::Webhook, Kind::PagerDuty].map(|kind| {
        let scene = Scene::of(kind);
        scene.notify(&watchdog);
        scene.notifier.waiting()
    });
    assert_eq!(waiting, [1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_was_delivered_is_logged_until_its_resolve_was_delivered() {
    let scene = Scene::of(Kind::Webhook);
    let notified = || scene.log.of("ops").into_values().collect::<Vec<_>>();
    scene.notify(&alert("orders"));
    scene.run(1, Duration::ZERO, &[DOWN]).await;
    assert!(notified().is_empty(), "nobody knows yet");
    scene.run(1, Duration::ZERO, &[OK]).await;
    assert_eq!(notified(), [START]);
    scene.notify(&alert("orders"));
    assert_eq!(scene.notifier.waiting(), 0, "a page is not repeated");
    scene.notify(&resolved(&alert("orders")));
    scene.run(1, Duration::ZERO, &[OK]).await;
    assert!(notified().is_empty());

    let alertmanager = Scene::of(Kind::Alertmanager);
    alertmanager.notify(&alert("orders"));
    alertmanager.run(1, Duration::ZERO, &[OK]).await;
    assert!(
        alertmanager.log.of("ops").is_empty(),
        "it hears of everything again"
    );
}

#[tokio::test(start_paused = true)]
async fn the_page_can_show_how_it_goes() {
    let scene = Scene::of(Kind::Webhook);
    let idle = Health {
        receiver: "ops".into(),
        kind: Kind::Webhook,
        queued: 0,
        last: None,
        failing: None,
    };
    assert_eq!(scene.notifier.health(), idle);
    scene.notify(&alert("orders"));
    scene.run(1, Duration::ZERO, &[DOWN]).await;
    let last = |outcome| Some(Last { at: START, outcome });
    let failing = Failing {
        since: START,
        problem: "HTTP 500; wait".into(),
    };
    let down = Health {
        queued: 1,
        last: last(Outcome::Failed),
        failing: Some(failing),
        ..idle.clone()
    };
    assert_eq!(scene.notifier.health(), down);
    scene.run(1, Duration::ZERO, &[OK]).await;
    let up = Health {
        last: last(Outcome::Delivered),
        ..idle
    };
    assert_eq!(scene.notifier.health(), up);
}
