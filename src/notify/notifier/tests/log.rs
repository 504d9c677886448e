//! What is logged of the delivery, and how often.

use std::io;

use tracing::subscriber::{DefaultGuard, set_default};

use super::*;
use crate::telemetry::logging::{LogFormat, LogLevel, subscriber};

/// Takes the lines of the current thread for as long as it lives.
struct Log {
    buffer: Buffer,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> Self {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(LogFormat::Logfmt, LogLevel::Info, move || writer.clone());
        Self {
            buffer,
            _guard: set_default(subscriber),
        }
    }

    /// The lines since the last call, without their times.
    fn lines(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.buffer.0.lock());
        let text = String::from_utf8(bytes).unwrap();
        let lines = text
            .lines()
            .map(|line| line.split_once(' ').unwrap().1.to_owned());
        lines.collect()
    }
}

const NOT_DELIVERED: &str = "level=warn msg=\"notifications not delivered; they wait and are sent again\" \
                             receiver=ops notifications=1 waiting=1";

#[tokio::test(start_paused = true)]
async fn a_problem_is_logged_once_and_again_when_it_is_another_and_when_it_is_over() {
    let log = Log::start();
    let scene = Scene::of(Kind::PagerDuty);
    scene.notify(&alert("orders"));
    let unknown = Answer(Outcome::Failed, "HTTP 401", None);
    scene
        .run(
            600,
            Duration::ZERO,
            &[DOWN, DOWN, DOWN, unknown, unknown, OK],
        )
        .await;
    assert_eq!(
        log.lines(),
        [
            format!("{NOT_DELIVERED} problem=\"HTTP 500; wait\""),
            format!("{NOT_DELIVERED} problem=\"HTTP 401; wait\""),
            "level=info msg=\"notifications are delivered again\" receiver=ops since=2025-06-15T15:06:40Z".to_owned(),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_refused_notification_is_logged() {
    let log = Log::start();
    let scene = Scene::of(Kind::PagerDuty);
    scene.notify(&alert("orders"));
    scene.run(1, Duration::ZERO, &[REFUSED]).await;
    assert_eq!(
        log.lines(),
        [
            "level=error msg=\"notification refused; it is not sent again\" receiver=ops alertname=ClusterLinkFailed \
          problem=\"HTTP 400; wait\""
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_logged_once_until_there_was_room_again() {
    let log = Log::start();
    let scene = Scene::of(Kind::Alertmanager);
    let full = "level=error msg=\"the queue is full: new alerts are dropped until the receiver takes some\" receiver=ops \
                waiting=1000";
    for _ in 0..2 {
        scene.notify_links(CAPACITY + 3);
        assert_eq!(log.lines(), [full]);
        scene.run(1, Duration::ZERO, &[OK]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stop_leaves_behind_is_logged_and_what_grew_too_old() {
    let log = Log::start();
    let scene = Scene::of(Kind::PagerDuty);
    scene.notify_links(3);
    scene.run(1, Duration::from_secs(9), &[OK]).await;
    let left =
        "level=warn msg=\"stopped before everything was delivered\" receiver=ops notifications=3";
    assert_eq!(log.lines(), [left]);

    let late = Scene::at(Kind::Alertmanager, START + SignedDuration::from_hours(1));
    late.notify_links(2);
    late.run(1, Duration::ZERO, &[OK]).await;
    let expired = "level=warn msg=\"dropped alerts that waited until they would have been taken for resolved\" \
                   receiver=ops notifications=2";
    assert_eq!(log.lines(), [expired]);
}
