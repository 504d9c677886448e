//! What can go wrong with an answer, as data.

use std::time::Duration;

use bytes::Bytes;
use strum::{IntoStaticStr, VariantArray};

use super::PathKind;

/// Something that goes wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Only on this kind of path; `None` means on every one.
    pub path: Option<PathKind>,
    /// Only on paths of this link; `None` means on every path.
    pub link_name: Option<String>,
    /// What goes wrong.
    pub effect: Effect,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The answer takes `latency`, and up to `jitter` more; the seed decides how much.
    Slow {
        /// The least it takes.
        latency: Duration,
        /// How much longer it may take.
        jitter: Duration,
    },
    /// No answer, ever.
    Hang,
    /// 429 with the HTML page of a servlet container.
    Throttled {
        /// The value of header `Retry-After`, sent as it is.
        retry_after: Option<String>,
    },
    /// 400, code 40035: this version of Kafka does not support the request.
    Unsupported,
    /// 401, code 40101: the credentials are right and a role is missing.
    Unauthorized,
    /// 403, code 40301.
    Forbidden,
    /// 500, code 500.
    ServerError,
    /// 500, code 50003: Kafka failed in a way that may pass.
    RetriableError,
    /// 502 with a proxy's HTML page.
    BadGateway,
    /// 503 with a proxy's HTML page.
    ServiceUnavailable,
    /// 200 with a body that no client can use. Errors such as 404 stay whole.
    Broken(BrokenBody),
    /// 200 with a whole body that does not say what it is asked for: no tasks, no status and no lag of a mirror topic, no
    /// value of a setting.
    Silent,
    /// The connection closes before the first byte of the answer.
    Disconnect,
    /// The connection closes after the headers and half of the body.
    CutAfterHeaders,
    /// 307 to the same path of this origin, such as `http://127.0.0.1:9`.
    Redirect(String),
    /// `metadata.next` of every list leads to this origin.
    ForeignNext(String),
    /// `metadata.next` of every list leads to one page more, without end.
    EndlessPages,
    /// Exactly this answer, for whatever has no name here.
    Verbatim {
        /// The HTTP status; what HTTP has no room for becomes 500.
        status: u16,
        /// The value of header `Content-Encoding`, where the body is not as it is.
        encoding: Option<&'static str>,
        /// The body.
        body: Bytes,
    },
}

/// The ways in which a body can be unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum BrokenBody {
    /// Ends in the middle of the JSON, with a matching `Content-Length`.
    TruncatedJson,
    /// A login page.
    Html,
    /// Nothing.
    Empty,
    /// A list without `data`; a single object without everything but `kind` and `metadata`.
    DataMissing,
    /// A list with `data: null`; a single object whose every property but `kind` and `metadata` is null.
    DataNull,
    /// Numbers for strings, strings for numbers.
    WrongTypes,
    /// A byte that no UTF-8 has, inside every string value.
    InvalidUtf8,
}

impl Fault {
    /// A fault of every path of a cluster.
    pub fn new(effect: Effect) -> Self {
        Self {
            path: None,
            link_name: None,
            effect,
        }
    }

    /// Only on this kind of path.
    #[must_use]
    pub fn on(mut self, path: PathKind) -> Self {
        self.path = Some(path);
        self
    }

    /// Only on paths of this link.
    #[must_use]
    pub fn of_link(mut self, link_name: &str) -> Self {
        self.link_name = Some(link_name.to_owned());
        self
    }

    /// Whether the fault touches this path; `link_name` is empty where the path names no link.
    pub(super) fn touches(&self, path: PathKind, link_name: &str) -> bool {
        let Self {
            path: only,
            link_name: only_link,
            effect: _,
        } = self;
        only.is_none_or(|only| only == path)
            && only_link.as_ref().is_none_or(|only| only == link_name)
    }
}

impl Effect {
    /// Always this slow.
    pub fn latency(latency: Duration) -> Self {
        Self::Slow {
            latency,
            jitter: Duration::ZERO,
        }
    }
}

impl BrokenBody {
    /// Every way.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The name of the link that shows it in the scenario `broken-bodies`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_touches_only_the_paths_it_names() {
        let touched = |fault: Fault| {
            [
                (PathKind::Links, ""),
                (PathKind::Link, "orders"),
                (PathKind::Configs, "orders"),
                (PathKind::Link, "sales"),
            ]
            .map(|(path, link)| fault.touches(path, link))
        };
        let fault = || Fault::new(Effect::Hang);
        assert_eq!(touched(fault()), [true, true, true, true]);
        assert_eq!(
            touched(fault().on(PathKind::Link)),
            [false, true, false, true]
        );
        assert_eq!(
            touched(fault().of_link("orders")),
            [false, true, true, false]
        );
        assert_eq!(
            touched(fault().on(PathKind::Link).of_link("orders")),
            [false, true, false, false]
        );
    }
}
