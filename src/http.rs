//! Serves what is known: `/metrics`, the page, health. Holds off slow, idle, too many and unknown clients.
//!
//! `route` answers without a socket; this file is the rim: accept, make room, stop.

mod body;
mod connection;
mod limits;
mod page;
mod reload;
mod route;
mod shared_page;
mod style;
mod users;
mod view;
mod web_config;
mod write_timeout;

use std::{sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use connection::Host;
use shared_page::SharedPage;

pub use body::Pieces;
pub use limits::Limits;
pub use reload::{ReloadRequest, Reloads};
pub use view::View;
pub use web_config::{WebConfig, WebConfigProblems};

/// After a failed accept, usually for want of descriptors, trying at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Who may connect, and how long that may take.
#[derive(Debug, Default)]
pub struct Settings {
    /// TLS, users and headers.
    pub web_config: WebConfig,
    /// The patience with clients.
    pub limits: Limits,
    /// Where `POST /-/reload` asks; `None` where that is not permitted.
    pub reloads: Option<Reloads>,
}

/// Serves until the shutdown, then lets answers under way finish, for as long as the limits say.
pub async fn serve(
    listener: TcpListener,
    view: Arc<View>,
    settings: Settings,
    shutdown: CancellationToken,
) {
    let limits = settings.limits;
    let (crowded, is_crowded) = watch::channel(false);
    let places = Arc::new(Semaphore::new(limits.connections));
    let host = Arc::new(Host {
        page: SharedPage::new(view.clone()),
        view,
        settings,
        crowded: is_crowded,
        shutdown: shutdown.clone(),
    });
    let clients = TaskTracker::new();
    let cut_off = CancellationToken::new();
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let place = place(&places, &crowded).await;
                    let talk = host.clone().talk(stream);
                    let talk = cut_off.clone().run_until_cancelled_owned(talk);
                    clients.spawn(async move {
                        talk.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    shutdown.run_until_cancelled(accept).await;
    drop(listener);
    clients.close();
    if timeout(limits.stop_within, clients.wait()).await.is_err() {
        tracing::warn!(
            clients = clients.len(),
            "some clients are cut off by the stop"
        );
        cut_off.cancel();
        clients.wait().await;
    }
}

/// A place for one more connection, as soon as there is one; idle connections are asked to make room.
async fn place(places: &Arc<Semaphore>, crowded: &watch::Sender<bool>) -> OwnedSemaphorePermit {
    if let Ok(place) = places.clone().try_acquire_owned() {
        return place;
    }
    crowded.send_replace(true);
    let place = places.clone().acquire_owned().await;
    crowded.send_replace(false);
    place.expect("the semaphore is never closed")
}
