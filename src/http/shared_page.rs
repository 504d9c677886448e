//! The page's bytes: rendered when somebody asks, once for all who ask meanwhile, and on no thread that serves.
//!
//! A page is handed out again until the snapshot or the alerts change, and for a second at most: so old may its ages be,
//! and what it says of the receivers. Clients that do not take what they asked for hold few pages, however many they are.

use std::{io::Write, sync::Arc, time::Duration};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::{
    sync::{Mutex, watch},
    task::spawn_blocking,
    time::Instant,
};

use super::{
    page::{self, Content},
    route::View,
};
use crate::{alert::Active, model::Snapshot};

/// How long a page is handed out that nothing new has made old.
const LIFE: Duration = Duration::from_secs(1);

/// The newest page and those before it that clients still take. While they are so many, the newest is handed out though
/// it is old. The patience with clients that take nothing ends that.
const MOST_HELD: usize = 3;

/// The page of a view, for all its clients.
pub(super) struct SharedPage {
    view: Arc<View>,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Both tell whether there is anything newer than what the newest page shows.
    snapshot: watch::Receiver<Arc<Snapshot>>,
    alerts: watch::Receiver<Arc<[Active]>>,
    newest: Option<Page>,
    older: Vec<Page>,
}

struct Page {
    plain: Bytes,
    gzip: Bytes,
    begun: Instant,
}

impl SharedPage {
    pub(super) fn new(view: Arc<View>) -> Self {
        let state = State {
            snapshot: view.snapshot.clone(),
            alerts: view.alerts.clone(),
            newest: None,
            older: Vec::new(),
        };
        Self {
            view,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The page, plain or as a gzip member.
    pub(super) async fn bytes(&self, gzip: bool) -> Bytes {
        let asked = Instant::now();
        let mut state = self.state.clone().lock_owned().await;
        if !state.serves(asked) {
            let view = self.view.clone();
            // The lock goes with the work: clients that ask and leave begin no second page beside it.
            let work = move || {
                state.render(&view);
                state
            };
            state = spawn_blocking(work).await.expect("the page does not panic");
        }
        let page = state
            .newest
            .as_ref()
            .expect("it was rendered if there was none");
        if gzip { &page.gzip } else { &page.plain }.clone()
    }
}

impl State {
    /// Whether the newest page will do for a request of that time.
    fn serves(&mut self, asked: Instant) -> bool {
        let Some(page) = &self.newest else {
            return false;
        };
        // An error means that there will be no news any more.
        let is_news = self.snapshot.has_changed().unwrap_or(false)
            || self.alerts.has_changed().unwrap_or(false);
        let was_begun_since = page.begun >= asked;
        if was_begun_since || (!is_news && asked.duration_since(page.begun) < LIFE) {
            return true;
        }
        self.older.retain(Page::is_held);
        page.is_held() && self.older.len() + 1 >= MOST_HELD
    }

    fn render(&mut self, view: &View) {
        self.older.extend(self.newest.take().filter(Page::is_held));
        let begun = Instant::now();
        let html = page::landing(&Content {
            snapshot: self.snapshot.borrow_and_update().clone(),
            alerts: self.alerts.borrow_and_update().clone(),
            receivers: view.couriers.health(),
            now: view.clock.now(),
            telemetry_path: &view.telemetry_path,
        });
        self.newest = Some(Page::new(html, begun));
    }
}

impl Page {
    fn new(html: String, begun: Instant) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let written = encoder.write_all(html.as_bytes());
        let gzip = written.and_then(|()| encoder.finish());
        let mut plain = html.into_bytes();
        plain.shrink_to_fit();
        Self {
            plain: plain.into(),
            gzip: gzip
                .expect("a vector takes all that is written to it")
                .into(),
            begun,
        }
    }

    /// Whether a client still takes it.
    fn is_held(&self) -> bool {
        !self.plain.is_unique() || !self.gzip.is_unique()
    }
}
