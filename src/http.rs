//! Serves what is known: `/metrics`, the page, health. Holds off slow, idle, too many and unknown clients.
//!
//! `route` answers without a socket; this file is the rim: accept, make room, stop.

mod accept;
mod api;
mod app_state;
mod body;
mod lent;
mod limits;
mod page;
mod reload;
mod reply;
mod route;
mod server;
mod shared_page;
mod style;
mod users;
mod web_config;
mod write_timeout;
mod written;

use std::{sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use server::Server;

pub use app_state::AppState;
pub use body::ResponseBody;
pub use limits::Limits;
pub use reload::{ReloadRequest, Reloads};
pub use web_config::WebConfig;

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
    app: Arc<AppState>,
    settings: Settings,
    shutdown: CancellationToken,
) {
    let limits = settings.limits;
    let (crowded, is_crowded) = watch::channel(false);
    let permits = Arc::new(Semaphore::new(limits.connections));
    let server = Arc::new(Server::new(app, settings, is_crowded, shutdown.clone()));
    let clients = TaskTracker::new();
    let cut_off = CancellationToken::new();
    let accepting = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let permit = permit(&permits, &crowded).await;
                    // Each of what is put around a future would take its size once more.
                    let serving = Box::pin(server.clone().accept(stream));
                    let serving = cut_off.clone().run_until_cancelled_owned(serving);
                    clients.spawn(async move {
                        serving.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    shutdown.run_until_cancelled(accepting).await;
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

/// The permit for one more connection, as soon as there is one; idle connections are asked to make room.
async fn permit(permits: &Arc<Semaphore>, crowded: &watch::Sender<bool>) -> OwnedSemaphorePermit {
    if let Ok(permit) = permits.clone().try_acquire_owned() {
        return permit;
    }
    crowded.send_replace(true);
    let permit = permits.clone().acquire_owned().await;
    crowded.send_replace(false);
    permit.expect("the semaphore is never closed")
}
