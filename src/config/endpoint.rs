//! Where a cluster's REST API, a token endpoint or a receiver is, and whether it is safe to sign in there.

use url::Url;

use crate::{
    api,
    client::{Proxy, Transport, is_loopback},
    document::{AlreadyReported, Parsed, Section},
};

/// What a URL is for, and what it may hold.
pub(super) struct Shape {
    pub(super) key: &'static str,
    /// Completes "write …".
    pub(super) wanted: &'static str,
    /// What to do with a user or password in it.
    pub(super) user: &'static str,
    /// What to do with a path; `None` where it may have one.
    pub(super) path: Option<&'static str>,
    /// What to do with a query; `None` where it may have one.
    pub(super) query: Option<&'static str>,
}

const ENDPOINT: Shape = Shape {
    key: "endpoint",
    wanted: "scheme, host and port, such as `https://pkc-00000.us-west-2.aws.confluent.cloud:443`",
    user: "move them to `basic_auth`",
    path: Some(
        "write scheme, host and port only, and the path as `base_path` in a configuration file",
    ),
    query: Some("remove the `?` and what follows it"),
};

/// Reads `endpoint`.
pub(super) fn read(cluster: &Section) -> Parsed<Url> {
    url(cluster, &ENDPOINT)
}

/// Whether credentials may travel unencrypted over a network: `allow_insecure_http`.
#[derive(Clone, Copy)]
pub(super) struct Insecure {
    pub(super) is_allowed: bool,
    /// Where the key is to be set; completes "set … on".
    pub(super) location: &'static str,
}

/// What is wrong with a URL: what was found, and what to do about it.
pub(super) type Wrong = (String, String);

/// Reads a URL. It is never shown: passwords are put into URLs.
pub(super) fn url(section: &Section, shape: &Shape) -> Parsed<Url> {
    let text = section.required_text(shape.key, shape.wanted)?;
    parse(section, shape, &text)
}

/// Reads a URL that need not be there.
pub(super) fn optional_url(section: &Section, shape: &Shape) -> Parsed<Option<Url>> {
    let text = section.text(shape.key, shape.wanted)?;
    text.map(|text| parse(section, shape, &text)).transpose()
}

fn parse(section: &Section, shape: &Shape, text: &str) -> Parsed<Url> {
    examine(text, shape).map_err(|wrong| {
        for (found, instead) in wrong {
            section.report(shape.key, &found, instead);
        }
        AlreadyReported
    })
}

/// The URL, or at least one thing that is wrong with it.
pub(super) fn examine(text: &str, shape: &Shape) -> Result<Url, Vec<Wrong>> {
    let instead = format!("write {}", shape.wanted);
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        Ok(_) | Err(url::ParseError::RelativeUrlWithoutBase) => {
            let found = "a text that does not begin with `https://` or `http://`";
            return Err(vec![(found.to_owned(), instead)]);
        }
        Err(error) => {
            let found = format!("a text that is no URL ({error})");
            return Err(vec![(found, instead)]);
        }
    };
    let surplus: Vec<Wrong> = surplus(&url, shape)
        .map(|(found, instead)| (found.to_owned(), instead.to_owned()))
        .collect();
    if surplus.is_empty() {
        Ok(url)
    } else {
        Err(surplus)
    }
}

/// The parts of the URL that it should not have.
fn surplus(url: &Url, shape: &Shape) -> impl Iterator<Item = (&'static str, &'static str)> {
    let user = has_user(url).then_some(shape.user);
    let path = shape.path.filter(|_| url.path() != "/");
    let query = shape.query.filter(|_| url.query().is_some());
    let fragment = url.fragment().map(|_| "remove the `#` and what follows it");
    [
        ("a URL with a user or password in it", user),
        ("a URL with a path", path),
        ("a URL with a query", query),
        ("a URL with a fragment", fragment),
    ]
    .into_iter()
    .filter_map(|(found, instead)| Some((found, instead?)))
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Reads `base_path`.
pub(super) fn base_path(cluster: &Section) -> Parsed<String> {
    let Some(path) = cluster.text("base_path", "a path such as `/kafka/v3`")? else {
        return Ok(api::Settings::BASE_PATH.to_owned());
    };
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#');
    if path.starts_with('/') && !path.ends_with('/') && path.chars().all(plain) {
        return Ok(path);
    }
    let instead =
        "write a path that begins with `/` and does not end with one, such as `/kafka/v3` or `/v3`";
    Err(cluster.report("base_path", "a text that is no base path", instead))
}

/// What is sent to a URL, and by which way.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    /// The key that holds the URL.
    key: &'a str,
    url: &'a Url,
    proxy: &'a Proxy,
}

impl<'a> Sent<'a> {
    /// Sent to the URL that stands under this key. What is wrong with the way there is a problem of its own and hides none.
    pub(super) fn to(key: &'a str, url: &'a Url, transport: Option<&'a Transport>) -> Self {
        let proxy = transport.map_or(&Proxy::None, |transport| &transport.proxy);
        Self { key, url, proxy }
    }
}

/// Reports credentials that somebody on the way could read, unless that is allowed. Judged by where they really go.
pub(super) fn check_credentials_are_safe(section: &Section, sent: Sent, insecure: Insecure) {
    let Insecure {
        is_allowed,
        location,
    } = insecure;
    let Sent { key, url, proxy } = sent;
    if is_allowed || !proxy.exposes(url) {
        return;
    }
    let (found, instead) = if is_loopback(url) {
        let found = "an `http://` URL, to which the credentials would be sent unencrypted through the proxy of another \
                     machine";
        (found, "add its host to `no_proxy`, write `https://`")
    } else {
        let found = "an `http://` URL, to which the credentials would be sent unencrypted";
        (found, "write `https://`")
    };
    let instead = format!("{instead}, or set `allow_insecure_http: true` on {location}");
    section.report(key, found, instead);
}

/// Warns of a URL that is a secret itself and that somebody on the way could read, unless that is allowed.
pub(super) fn check_secret_is_safe(section: &Section, sent: Sent, insecure: Insecure) {
    let Sent { key, url, proxy } = sent;
    if !insecure.is_allowed && proxy.exposes(url) {
        section.warn(
            key,
            "is an `http://` URL: whoever is on the way can read it, and post there; write `https://`, or set \
             `allow_insecure_http: true`",
        );
    }
}
