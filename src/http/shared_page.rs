//! The page's bytes: rendered when somebody asks, once for all who ask meanwhile, and on no thread that serves.
//!
//! A page is handed out again until the snapshot or the alerts change, and for a second at most: so old may its ages be,
//! and what it says of the receivers. Clients that do not take what they asked for hold few pages, however many they are.

use std::{io::Write, mem, sync::Arc, time::Duration};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::{
    sync::{Mutex, watch},
    task::spawn_blocking,
    time::Instant,
};

use super::{
    app_state::AppState,
    page::{self, Content},
};
use crate::{alert::ActiveAlert, model::Snapshot};

/// How long a page is handed out that nothing new has made old.
const LIFE: Duration = Duration::from_secs(1);

/// The newest page and those before it that clients still take. While they are so many, the newest is handed out though
/// it is old. The patience with clients that take nothing ends that.
const MOST_HELD: usize = 3;

/// Larger ones leave holes in the memory of the process that nothing else fills, and smaller ones are many.
const PIECE: usize = 64 << 10;

const VEC: &str = "a vector takes all that is written to it";

/// The page of what the program knows, for all its clients.
pub(super) struct SharedPage {
    app: Arc<AppState>,
    state: Arc<Mutex<State>>,
}

struct State {
    /// Both tell whether there is anything newer than what the newest page shows.
    snapshot: watch::Receiver<Arc<Snapshot>>,
    alerts: watch::Receiver<Arc<[ActiveAlert]>>,
    newest: Option<Page>,
    older: Vec<Page>,
}

struct Page {
    plain: Vec<Bytes>,
    gzip: Bytes,
    begun: Instant,
}

/// A page while it is rendered.
struct PageWriter {
    plain: Vec<Bytes>,
    piece: String,
    encoder: GzEncoder<Vec<u8>>,
}

impl SharedPage {
    pub(super) fn new(app: Arc<AppState>) -> Self {
        let state = State {
            snapshot: app.snapshot.clone(),
            alerts: app.alerts.clone(),
            newest: None,
            older: Vec::new(),
        };
        Self {
            app,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The page, plain or as a gzip member.
    pub(super) async fn bytes(&self, gzip: bool) -> Vec<Bytes> {
        let asked = Instant::now();
        let mut state = self.state.clone().lock_owned().await;
        if !state.serves(asked) {
            let app = self.app.clone();
            // The lock goes with the work: clients that ask and leave begin no second page beside it.
            let work = move || {
                state.render(&app);
                state
            };
            state = spawn_blocking(work).await.expect("the page does not panic");
        }
        let page = state
            .newest
            .as_ref()
            .expect("it was rendered if there was none");
        if gzip {
            vec![page.gzip.clone()]
        } else {
            page.plain.clone()
        }
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

    fn render(&mut self, app: &AppState) {
        self.older.extend(self.newest.take().filter(Page::is_held));
        let begun = Instant::now();
        let content = Content {
            snapshot: self.snapshot.borrow_and_update().clone(),
            alerts: self.alerts.borrow_and_update().clone(),
            receivers: app.notifiers.health(),
            now: app.clock.now(),
            telemetry_path: &app.telemetry_path,
            shard: app.shard,
        };
        let mut writer = PageWriter::new();
        page::landing(&content, |text| writer.add(text));
        self.newest = Some(writer.finish(begun));
    }
}

impl PageWriter {
    fn new() -> Self {
        Self {
            plain: Vec::new(),
            piece: String::with_capacity(PIECE),
            encoder: GzEncoder::new(Vec::new(), Compression::fast()),
        }
    }

    fn add(&mut self, text: &str) {
        if self.piece.len() + text.len() > PIECE {
            self.close();
        }
        self.piece.push_str(text);
    }

    fn close(&mut self) {
        let piece = mem::replace(&mut self.piece, String::with_capacity(PIECE));
        self.encoder.write_all(piece.as_bytes()).expect(VEC);
        self.plain.push(piece.into());
    }

    fn finish(mut self, begun: Instant) -> Page {
        self.close();
        Page {
            plain: self.plain,
            gzip: self.encoder.finish().expect(VEC).into(),
            begun,
        }
    }
}

impl Page {
    /// Whether a client still takes it.
    fn is_held(&self) -> bool {
        let mut all = self.plain.iter().chain([&self.gzip]);
        all.any(|piece| !piece.is_unique())
    }
}
