//! The page's bytes: rendered when somebody asks, once for all who ask the same meanwhile, and on no thread that serves.
//!
//! A page is handed out again until the snapshot or the alerts change, and for a second at most: so old may its ages be,
//! and what it says of the receivers. Clients that do not take what they asked for hold few pages, however many they are
//! and whatever they ask.

use std::{io::Write, mem, sync::Arc, time::Duration};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use hyper::StatusCode;
use tokio::{
    sync::{Mutex, watch},
    task::spawn_blocking,
    time::Instant,
};

use super::{
    app_state::AppState,
    page::{self, Content, View},
};
use crate::{alert::ActiveAlert, model::Snapshot};

/// How long a page is handed out that nothing new has made old.
const LIFE: Duration = Duration::from_secs(1);

/// The newest page of a view and those before it that clients still take. While they are so many, the newest is handed out
/// though it is old. The patience with clients that take nothing ends that.
const MOST_HELD: usize = 3;

/// How much the pages of all views may take that clients hold. Beyond it, the newest of a view is handed out though it is
/// old, and a view of which there is none has to wait.
const MOST_BYTES: usize = 64 << 20;

/// Larger ones leave holes in the memory of the process that nothing else fills, and smaller ones are many.
const PIECE: usize = 64 << 10;

const VEC: &str = "a vector takes all that is written to it";

/// The page of what the program knows, for all its clients.
pub(super) struct SharedPage {
    app: Arc<AppState>,
    state: Arc<Mutex<State>>,
}

/// The page as it is sent, plain or as a gzip member.
pub(super) struct Sent {
    pub(super) status: StatusCode,
    pub(super) pieces: Vec<Bytes>,
}

struct State {
    /// Both tell whether there is anything newer than what the newest pages show.
    snapshot: watch::Receiver<Arc<Snapshot>>,
    alerts: watch::Receiver<Arc<[ActiveAlert]>>,
    /// How often one of them was found to have changed.
    news: u64,
    views: Vec<Shown>,
}

/// The pages of one view.
struct Shown {
    view: View,
    newest: Option<Page>,
    older: Vec<Page>,
}

struct Page {
    status: StatusCode,
    plain: Vec<Bytes>,
    gzip: Bytes,
    begun: Instant,
    /// [`State::news`] when it was begun.
    news: u64,
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
            news: 0,
            views: Vec::new(),
        };
        Self {
            app,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The page of this view, plain or as a gzip member; `None` where clients that take nothing hold too many others.
    pub(super) async fn bytes(&self, view: View, gzip: bool) -> Option<Sent> {
        let asked = Instant::now();
        let mut state = self.state.clone().lock_owned().await;
        if !state.serves(&view, asked) {
            if state.is_full() {
                return None;
            }
            let app = self.app.clone();
            let wanted = view.clone();
            // The lock goes with the work: clients that ask and leave begin no second page beside it.
            let work = move || {
                state.render(&app, &wanted);
                state
            };
            state = spawn_blocking(work).await.expect("the page does not panic");
        }
        let newest = state.shown(&view).newest.as_ref();
        let page = newest.expect("it was rendered if there was none");
        let pieces = if gzip {
            vec![page.gzip.clone()]
        } else {
            page.plain.clone()
        };
        Some(Sent {
            status: page.status,
            pieces,
        })
    }
}

impl State {
    /// Whether the newest page of the view will do for a request of that time. Pages that nobody will get are dropped.
    fn serves(&mut self, view: &View, asked: Instant) -> bool {
        // An error means that there will be no news any more.
        let is_news = self.snapshot.has_changed().unwrap_or(false)
            || self.alerts.has_changed().unwrap_or(false);
        if is_news {
            self.snapshot.mark_unchanged();
            self.alerts.mark_unchanged();
            self.news += 1;
        }
        let news = self.news;
        for shown in &mut self.views {
            shown.older.retain(Page::is_held);
            let is_new = |page: &Page| page.will_do(news, asked);
            if !shown
                .newest
                .as_ref()
                .is_some_and(|page| is_new(page) || page.is_held())
            {
                shown.newest = None;
            }
        }
        self.views
            .retain(|shown| shown.newest.is_some() || !shown.older.is_empty());
        let is_full = self.is_full();
        let shown = self.shown(view);
        let Some(page) = &shown.newest else {
            return false;
        };
        let are_many = shown.older.len() + 1 >= MOST_HELD || is_full;
        page.will_do(news, asked) || (page.is_held() && are_many)
    }

    fn shown(&mut self, view: &View) -> &mut Shown {
        let known = self.views.iter().position(|shown| shown.view == *view);
        let place = known.unwrap_or_else(|| {
            self.views.push(Shown {
                view: view.clone(),
                newest: None,
                older: Vec::new(),
            });
            self.views.len() - 1
        });
        &mut self.views[place]
    }

    /// Whether clients hold as much as they may.
    fn is_full(&self) -> bool {
        let pages = self.views.iter();
        let pages = pages.flat_map(|shown| shown.older.iter().chain(&shown.newest));
        let held = pages.filter(|page| page.is_held()).map(Page::len);
        held.sum::<usize>() >= MOST_BYTES
    }

    fn render(&mut self, app: &AppState, view: &View) {
        let (begun, news) = (Instant::now(), self.news);
        let builder = app.notification_builder.borrow().clone();
        let wanted = page::wanted_transitions(view);
        let (transitions, _) = app
            .transitions
            .newest(|entry| wanted.includes(entry), page::MOST_TRANSITIONS);
        let content = Content {
            snapshot: self.snapshot.borrow().clone(),
            alerts: self.alerts.borrow().clone(),
            receivers: app.notifiers.health(),
            transitions,
            view,
            now: app.clock.now(),
            telemetry_path: &app.telemetry_path,
            mutes: app.notifiers.mutes(),
            links: &builder.links,
            shard: app.shard,
        };
        let mut writer = PageWriter::new();
        let status = page::landing(&content, |text| writer.add(text));
        let (plain, gzip) = writer.finish();
        let shown = self.shown(view);
        shown
            .older
            .extend(shown.newest.take().filter(Page::is_held));
        shown.newest = Some(Page {
            status,
            plain,
            gzip,
            begun,
            news,
        });
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

    fn finish(mut self) -> (Vec<Bytes>, Bytes) {
        self.close();
        (self.plain, self.encoder.finish().expect(VEC).into())
    }
}

impl Page {
    /// Whether a client still takes it.
    fn is_held(&self) -> bool {
        let mut all = self.plain.iter().chain([&self.gzip]);
        all.any(|piece| !piece.is_unique())
    }

    fn len(&self) -> usize {
        let all = self.plain.iter().chain([&self.gzip]);
        all.map(Bytes::len).sum()
    }

    /// Whether it shows all that is known, and that is recent enough for a request of that time.
    fn will_do(&self, news: u64, asked: Instant) -> bool {
        self.begun >= asked || (self.news == news && asked.duration_since(self.begun) < LIFE)
    }
}
