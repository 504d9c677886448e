//! `POST /-/reload`: asks for the configuration to be read again, and answers when that is done.

use hyper::{Method, Response, StatusCode, header::ALLOW};
use tokio::sync::{mpsc, oneshot};

use super::{
    body::ResponseBody,
    reply::{text, with},
};

/// The path that reloads.
pub(super) const PATH: &str = "/-/reload";

/// Requests to reload that may wait for the one under way. More at once are a loop gone wrong.
const WAITING: usize = 8;

/// Asks for reloads. Clones ask the same exporter.
#[derive(Clone, Debug)]
pub struct Reloads(mpsc::Sender<ReloadRequest>);

/// A request to reload; whoever reloads answers it.
pub type ReloadRequest = oneshot::Sender<Result<(), String>>;

impl Reloads {
    /// The two ends: one asks, the other one reloads.
    pub fn channel() -> (Self, mpsc::Receiver<ReloadRequest>) {
        let (ask, asked) = mpsc::channel(WAITING);
        (Self(ask), asked)
    }

    /// Reloads, and brings what was wrong.
    async fn reload(&self) -> Result<(), String> {
        let stopping = || "the exporter is stopping".to_owned();
        let (answer, answered) = oneshot::channel();
        self.0.send(answer).await.map_err(|_| stopping())?;
        answered.await.unwrap_or_else(|_| Err(stopping()))
    }
}

/// Answers a request for [`PATH`]; `reloads` is `None` without `--web.enable-lifecycle`.
pub(super) async fn answer(reloads: Option<&Reloads>, method: &Method) -> Response<ResponseBody> {
    let Some(reloads) = reloads else {
        let closed = "reloading over HTTP is not enabled; start with `--web.enable-lifecycle`, or send SIGHUP\n";
        return text(StatusCode::FORBIDDEN, closed);
    };
    if !matches!(*method, Method::POST | Method::PUT) {
        let refused = text(
            StatusCode::METHOD_NOT_ALLOWED,
            "this path answers POST and PUT only\n",
        );
        return with(refused, ALLOW, "POST, PUT");
    }
    match reloads.reload().await {
        Ok(()) => text(StatusCode::OK, "the configuration was read again\n"),
        Err(problems) => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            format_args!("the configuration stays as it was:\n{problems}\n"),
        ),
    }
}
