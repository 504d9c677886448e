//! What the file says, in the exporter-toolkit's words.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use figment::value::Dict;
use hyper::header::{HeaderName, HeaderValue};

use super::keys::Keys;
use crate::{
    document::{Keys::Own, Kind, Reading, Section},
    http::users::{self, Unfit},
    secret::SecretString,
};

/// A file's settings.
pub(super) struct Settings {
    /// `None`: plain HTTP.
    pub(super) tls: Option<TlsSettings>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// bcrypt hashes by user.
    pub(super) users: BTreeMap<String, String>,
}

/// `tls_server_config`.
pub(super) struct TlsSettings {
    pub(super) certificate: Option<Pem>,
    pub(super) key: Option<Pem>,
    pub(super) client_authority: Option<Pem>,
    pub(super) client_auth: ClientAuth,
    pub(super) oldest: Version,
    pub(super) newest: Version,
    pub(super) server_preference: bool,
}

/// PEM text, by where it stands.
pub(super) struct Pem {
    /// The key that named it.
    pub(super) key: &'static str,
    pub(super) source: Source,
}

/// Where a text stands.
pub(super) enum Source {
    Inline(SecretString),
    File(PathBuf),
}

/// `client_auth_type`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientAuth {
    None,
    /// Asked for and not verified; `required`: to be sent.
    Any {
        required: bool,
    },
    /// Asked for and verified; `required`: to be sent.
    Verified {
        required: bool,
    },
}

/// A TLS version that rustls speaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    Tls12,
    Tls13,
}

const CLIENT_AUTH: &[(&str, ClientAuth)] = &[
    ("NoClientCert", ClientAuth::None),
    ("RequestClientCert", ClientAuth::Any { required: false }),
    ("RequireAnyClientCert", ClientAuth::Any { required: true }),
    // The older spelling, which exporters still understand.
    ("RequireClientCert", ClientAuth::Any { required: true }),
    (
        "VerifyClientCertIfGiven",
        ClientAuth::Verified { required: false },
    ),
    (
        "RequireAndVerifyClientCert",
        ClientAuth::Verified { required: true },
    ),
];

/// `TLS10` and `TLS11` are missing: rustls does not speak them.
const VERSIONS: &[(&str, Version)] = &[("TLS12", Version::Tls12), ("TLS13", Version::Tls13)];

/// The headers that may be set, each with its only values where it has some.
const HEADERS: &[(&str, &[&str])] = &[
    ("Content-Security-Policy", &[]),
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
];

/// Reads the settings.
pub(super) fn settings(reading: &Reading<'_>, values: &Dict) -> Settings {
    let mut root = Keys::of(Section::root(reading, values, Own(&Kind::Text)));
    let tls = tls(root.section("tls_server_config"), &reading.folder);
    let headers = http(root.section("http_server_config"));
    let users = basic_auth_users(root.section("basic_auth_users"));
    root.unsupported(
        "rate_limit",
        "remove it, and limit the rate in a proxy before the exporter",
    );
    root.finish("`tls_server_config`, `http_server_config`, `basic_auth_users`");
    Settings {
        tls,
        headers,
        users,
    }
}

fn tls(mut section: Keys<'_>, folder: &Path) -> Option<TlsSettings> {
    let wanted = !section.is_empty();
    let certificate = pem(&mut section, folder, ("cert", "cert_file"));
    let key = pem(&mut section, folder, ("key", "key_file"));
    let client_authority = pem(&mut section, folder, ("client_ca", "client_ca_file"));
    let client_auth = section.word("client_auth_type", CLIENT_AUTH);
    let client_auth = client_auth.unwrap_or(ClientAuth::None);
    let oldest = section.word("min_version", VERSIONS);
    let oldest = oldest.unwrap_or(Version::Tls12);
    let newest = section.word("max_version", VERSIONS);
    let newest = newest.unwrap_or(Version::Tls13);
    let server_preference = section.flag("prefer_server_cipher_suites").unwrap_or(true);
    let chosen = "remove it: this exporter offers only suites and curves that are safe";
    section.unsupported("cipher_suites", chosen);
    section.unsupported("curve_preferences", chosen);
    section.unsupported(
        "client_allowed_sans",
        "remove it, and name an authority in `client_ca_file` that signs none but these clients",
    );
    if newest < oldest {
        section.refuse(
            "max_version",
            "a version older than `min_version`",
            "write `TLS13`, or remove it",
        );
    }
    section.finish(
        "`cert_file`, `key_file`, `cert`, `key`, `client_auth_type`, `client_ca_file`, `client_ca`, `min_version`, \
         `max_version`, `prefer_server_cipher_suites`",
    );
    wanted.then_some(TlsSettings {
        certificate,
        key,
        client_authority,
        client_auth,
        oldest,
        newest,
        server_preference,
    })
}

fn pem(
    section: &mut Keys<'_>,
    folder: &Path,
    (inline, file): (&'static str, &'static str),
) -> Option<Pem> {
    let text = section.text(inline);
    let path = section.text(file);
    if text.is_some() && path.is_some() {
        section.refuse(
            inline,
            format!("the same as `{file}` says, a second time"),
            format!("keep `{inline}` or `{file}`"),
        );
    }
    match (path, text) {
        (Some(path), _) => Some(Pem {
            key: file,
            source: Source::File(folder.join(path)),
        }),
        (None, Some(text)) => Some(Pem {
            key: inline,
            source: Source::Inline(text.into()),
        }),
        (None, None) => None,
    }
}

fn http(mut section: Keys<'_>) -> Vec<(HeaderName, HeaderValue)> {
    // It permits HTTP/2 and does not demand it; a client that finds HTTP/1.1 only uses that.
    section.flag("http2");
    let headers = headers(section.section("headers"));
    section.finish("`http2`, `headers`");
    headers
}

fn headers(mut section: Keys<'_>) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    for (name, values) in HEADERS {
        let Some(text) = section.text(name) else {
            continue;
        };
        match HeaderValue::from_str(&text) {
            _ if !values.is_empty() && !values.contains(&text.as_str()) => {
                let instead = format!("write `{}`", values.join("` or `"));
                section.refuse(name, "another value", instead);
            }
            Ok(value) => headers.push((name.parse().expect("a name of the table is one"), value)),
            Err(_) => section.refuse(
                name,
                "characters that no header may hold",
                "write it on one line, without control characters",
            ),
        }
    }
    let names: Vec<_> = HEADERS.iter().map(|(name, _)| *name).collect();
    section.finish(&format!("`{}`", names.join("`, `")));
    headers
}

fn basic_auth_users(mut section: Keys<'_>) -> BTreeMap<String, String> {
    let mut accepted = BTreeMap::new();
    for name in section.names() {
        let hash = section.text(&name).unwrap_or_default();
        match users::check(&name, &hash) {
            Ok(()) => {
                accepted.insert(name, hash);
            }
            Err(unfit) => {
                let (found, instead) = told(unfit);
                section.refuse(&name, found, instead);
            }
        }
    }
    accepted
}

/// What is wrong with a user, and what to write.
fn told(unfit: Unfit) -> (String, String) {
    let (least, most) = users::COSTS.into_inner();
    let hash = r#"what `htpasswd -nBC 10 "" | tr -d ':\n'` prints"#;
    match unfit {
        Unfit::NoName => (
            "an empty user name".to_owned(),
            "write the name that the client sends, and its hash after it".to_owned(),
        ),
        Unfit::ColonInName => (
            "a user name with a colon in it, at which HTTP ends the name".to_owned(),
            "write a name without `:`, here and in the client".to_owned(),
        ),
        Unfit::NoHash => ("no bcrypt hash".to_owned(), format!("write {hash}")),
        Unfit::Cost(cost) if cost < least => (
            format!("a hash of cost {cost}, which bcrypt does not have"),
            format!("write one of cost {least} to {most}: {hash}"),
        ),
        Unfit::Cost(cost) => (
            format!("a hash of cost {cost}, at which one wrong password keeps everybody waiting"),
            format!("write one of cost {least} to {most}: {hash}"),
        ),
    }
}
