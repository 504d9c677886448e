//! Where a cluster's REST API is, and whether it is safe to sign in there.

use url::{Host, Url};

use super::section::{Read, Section};
use crate::api;

const ENDPOINT: &str =
    "scheme, host and port, such as `https://pkc-00000.us-west-2.aws.confluent.cloud:443`";

/// Reads `endpoint`. It is never shown: passwords are put into URLs.
pub(super) fn read(cluster: &mut Section) -> Read<Url> {
    let text = cluster.required_text("endpoint", ENDPOINT)?;
    let instead = format!("write {ENDPOINT}");
    let url = match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        Ok(_) | Err(url::ParseError::RelativeUrlWithoutBase) => {
            let found = "a text that does not begin with `https://` or `http://`";
            return Err(cluster.report("endpoint", found, instead));
        }
        Err(error) => {
            let found = format!("a text that is no URL ({error})");
            return Err(cluster.report("endpoint", &found, instead));
        }
    };
    let mut read = Ok(());
    for (found, instead) in surplus(&url) {
        read = Err(cluster.report("endpoint", found, instead));
    }
    read.map(|()| url)
}

/// The parts of a URL that an endpoint does not have.
fn surplus(url: &Url) -> impl Iterator<Item = (&'static str, &'static str)> {
    let user = !url.username().is_empty() || url.password().is_some();
    [
        (
            user,
            "a URL with a user or password in it",
            "move them to `basic_auth`",
        ),
        (
            url.path() != "/",
            "a URL with a path",
            "write scheme, host and port only, and the path as `base_path` in a configuration file",
        ),
        (
            url.query().is_some(),
            "a URL with a query",
            "remove the `?` and what follows it",
        ),
        (
            url.fragment().is_some(),
            "a URL with a fragment",
            "remove the `#` and what follows it",
        ),
    ]
    .into_iter()
    .filter_map(|(is_there, found, instead)| is_there.then_some((found, instead)))
}

/// Reads `base_path`.
pub(super) fn base_path(cluster: &mut Section) -> Read<String> {
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

/// Reports credentials that would travel unencrypted over a network, unless the cluster allows it.
pub(super) fn check_credentials_are_safe(cluster: &Section, url: &Url) {
    if url.scheme() == "http" && !is_loopback(url) {
        let instead = "write `https://`, or set `allow_insecure_http: true` on the cluster in a configuration file";
        cluster.report(
            "endpoint",
            "an `http://` URL, to which the credentials would be sent unencrypted",
            instead,
        );
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        // RFC 6761, 6.3.
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_very_machine_is_loopback() {
        let hosts = [
            "localhost",
            "a.localhost",
            "127.0.0.1",
            "127.8.8.8",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "localhost.example.com",
            "10.0.0.1",
            "[fe80::1]",
        ];
        let loopback =
            hosts.map(|host| is_loopback(&Url::parse(&format!("http://{host}")).unwrap()));
        assert_eq!(
            loopback,
            [true, true, true, true, true, true, false, false, false]
        );
    }
}
