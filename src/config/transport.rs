//! How connections are made: `tls_config` and the proxy keys, in Prometheus's words.

use std::path::PathBuf;

use rustls::pki_types::ServerName;
use url::Url;

use crate::{
    client::{Identity, Proxy, ProxyUrl, Tls, TlsVersion, Transport},
    document::{Parsed, Section},
};

/// The schemes of proxies that we speak.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// How a password is written that would end the host and port before their time.
const ESCAPED: &str =
    "a `/`, `?`, `#` or `\\` in its user or password as `%2F`, `%3F`, `%23` or `%5C`";

/// Reads `tls_config`, `proxy_url`, `no_proxy` and `proxy_from_environment` of a section.
pub(super) fn read(section: &Section) -> Parsed<Transport> {
    let tls = section
        .section("tls_config")
        .and_then(|section| section.map_or(Ok(Tls::default()), |section| tls(&section)));
    let proxy = proxy(section);
    Ok(Transport {
        tls: tls?,
        proxy: proxy?,
    })
}

fn tls(section: &Section) -> Parsed<Tls> {
    unchecked(section).and_then(|tls| check(section, tls))
}

fn unchecked(section: &Section) -> Parsed<Tls> {
    let ca_file = path(section, "ca_file");
    let identity = identity(section);
    let server_name = server_name(section);
    let insecure_skip_verify = section.flag("insecure_skip_verify");
    let min_version = min_version(section);
    Ok(Tls {
        ca_file: ca_file?,
        identity: identity?,
        server_name: server_name?,
        insecure_skip_verify: insecure_skip_verify?,
        min_version: min_version?,
    })
}

/// Tries the files. Their paths are never shown: where one does not exist, it may be the key itself.
fn check(section: &Section, tls: Tls) -> Parsed<Tls> {
    if section.reading.tries_secrets()
        && let Err(error) = tls.check()
    {
        let found = format!("the path of a file that {}", error.problem);
        let instead = "name a file that this user may read and that holds what the key says";
        return Err(section.report(error.key, &found, instead));
    }
    if tls.insecure_skip_verify {
        section.warn(
            "insecure_skip_verify",
            "takes any certificate: whoever is on the way can read the credentials; name the CA with `ca_file` instead",
        );
    }
    Ok(tls)
}

fn path(section: &Section, key: &'static str) -> Parsed<Option<PathBuf>> {
    let path = section.text(key, "the path of a file in PEM")?;
    path.map(|path| section.file(key, &path)).transpose()
}

fn identity(section: &Section) -> Parsed<Option<Identity>> {
    let cert_file = path(section, "cert_file");
    let key_file = path(section, "key_file");
    match (cert_file?, key_file?) {
        (None, None) => Ok(None),
        (Some(cert_file), Some(key_file)) => Ok(Some(Identity {
            cert_file,
            key_file,
        })),
        (None, Some(_)) => Err(section.report(
            "cert_file",
            "nothing, while `key_file` is given",
            "write both, or neither",
        )),
        (Some(_), None) => Err(section.report(
            "key_file",
            "nothing, while `cert_file` is given",
            "write both, or neither",
        )),
    }
}

fn server_name(section: &Section) -> Parsed<Option<ServerName<'static>>> {
    let wanted = "the name in the server's certificate, such as `kafka.example.com`";
    let Some(name) = section.text("server_name", wanted)? else {
        return Ok(None);
    };
    ServerName::try_from(name).map(Some).map_err(|_| {
        let found = "a text that is no DNS name and no address";
        section.report("server_name", found, format!("write {wanted}"))
    })
}

fn min_version(section: &Section) -> Parsed<TlsVersion> {
    let wanted = "`TLS12` or `TLS13`";
    match section.word("min_version", wanted)?.as_deref() {
        None | Some("TLS12") => Ok(TlsVersion::Tls12),
        Some("TLS13") => Ok(TlsVersion::Tls13),
        Some("TLS10" | "TLS11") => {
            let found = "a version that is not spoken any more";
            Err(section.report("min_version", found, format!("write {wanted}")))
        }
        Some(_) => {
            let found = "a text that is no version of TLS";
            Err(section.report("min_version", found, format!("write {wanted}")))
        }
    }
}

fn proxy(section: &Section) -> Parsed<Proxy> {
    let url = proxy_url(section);
    let no_proxy = section.text("no_proxy", "hosts separated by commas");
    let from_environment = section.flag("proxy_from_environment");
    let given = section.has("proxy_url");
    if given && matches!(from_environment, Ok(true)) {
        let found = "a second proxy beside `proxy_url`";
        return Err(section.report("proxy_from_environment", found, "keep one of them"));
    }
    if !given && section.has("no_proxy") {
        let found = "exceptions from a proxy that is not given";
        let instead = "write `proxy_url`, or remove it; `proxy_from_environment` reads `NO_PROXY`";
        return Err(section.report("no_proxy", found, instead));
    }
    let no_proxy = no_proxy?;
    let proxy = match url? {
        Some(url) => Proxy::Url { url, no_proxy },
        None if from_environment? => Proxy::Environment,
        None => Proxy::None,
    };
    if proxy.exposes_its_own_password() {
        let key = if given {
            "proxy_url"
        } else {
            "proxy_from_environment"
        };
        section.warn(
            key,
            "sends the proxy's user and password unencrypted: whoever is on the way there can read them; use a proxy \
             that speaks `https://`",
        );
    }
    Ok(proxy)
}

/// The URL is never shown: it may hold a password.
fn proxy_url(section: &Section) -> Parsed<Option<ProxyUrl>> {
    let wanted = "a URL that begins with `http://`, `https://`, `socks5://` or `socks5h://`, such as `http://proxy:3128`";
    let Some(text) = section.text("proxy_url", wanted)? else {
        return Ok(None);
    };
    let is_usable = |url: &Url| SCHEMES.contains(&url.scheme()) && url.has_host();
    let url = Url::parse(&text).ok().filter(is_usable);
    if let Some(found) = url.as_ref().and_then(behind_the_port) {
        let instead = format!("write {wanted}, and {ESCAPED}");
        return Err(section.report("proxy_url", found, instead));
    }
    if let Some(url) = url.map(ProxyUrl).filter(ProxyUrl::can_be_dialled) {
        return Ok(Some(url));
    }
    let found = "a text that is no URL of a proxy";
    // What stands before an `@` may end early by what it holds.
    let instead = if text.contains('@') {
        format!("write {wanted}, and {ESCAPED}")
    } else {
        format!("write {wanted}")
    };
    Err(section.report("proxy_url", found, instead))
}

/// A proxy has none of these. Where a password holds what begins one, what stands before is taken for the host and its port,
/// and would be dialled and named in messages.
fn behind_the_port(url: &Url) -> Option<&'static str> {
    if !matches!(url.path(), "" | "/") {
        Some("a path behind the host and port of a proxy")
    } else if url.query().is_some() {
        Some("a query (`?`) behind the host and port of a proxy")
    } else if url.fragment().is_some() {
        Some("a fragment (`#`) behind the host and port of a proxy")
    } else {
        None
    }
}
