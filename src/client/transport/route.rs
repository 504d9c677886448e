//! The way to a server: directly, or through a proxy. Decided once and here, so that what is dialled, what is said of it and
//! what is kept secret about it are the same.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::{
    client::{Proxy, ProxyUrl, loopback::is_loopback, redact::secrets_of_user},
    secret::SecretString,
};

/// The way to one server. Displayed as it completes "no connection …".
pub(in crate::client) struct Route {
    /// Host and port of who is dialled.
    dialled: String,
    proxy: Option<Url>,
    secrets: Vec<SecretString>,
}

impl Route {
    /// The way to `target`. The environment's proxies are for other machines than this one; a `proxy_url` is for all but
    /// its `no_proxy`.
    pub(in crate::client) fn new(target: &Url, proxy: &Proxy) -> Self {
        let intercept = match proxy {
            Proxy::None => None,
            Proxy::Environment if is_loopback(target) => None,
            Proxy::Environment => intercept(&Matcher::from_system(), target),
            Proxy::Url { url, no_proxy } => {
                let all = Matcher::builder().all(url.0.as_str());
                let no_proxy = no_proxy.as_deref().unwrap_or_default();
                intercept(&all.no(no_proxy).build(), target)
            }
        };
        let Some(intercept) = intercept else {
            return Self {
                dialled: host_and_port(target),
                proxy: None,
                secrets: Vec::new(),
            };
        };
        let user = user(&intercept);
        let url = url_of(&intercept, user.as_ref());
        Self {
            dialled: host_and_port(&url),
            proxy: Some(url),
            secrets: user
                .map(|(user, password)| secrets_of_user(user, password))
                .unwrap_or_default(),
        }
    }

    /// What a proxy on the way is sent and nobody may read.
    pub(super) fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    /// The proxy as the HTTP client wants it.
    pub(super) fn proxy(&self) -> reqwest::Result<Option<reqwest::Proxy>> {
        self.proxy.clone().map(reqwest::Proxy::all).transpose()
    }

    /// Whether what is sent in the clear leaves this machine.
    fn leaves_this_machine(&self, target: &Url) -> bool {
        !is_loopback(target) || self.proxy.as_ref().is_some_and(|proxy| !is_loopback(proxy))
    }
}

impl Proxy {
    /// Whether somebody on the way to this URL could read what is sent there: it goes by `http://`, and to another machine
    /// or through one.
    pub fn exposes(&self, url: &Url) -> bool {
        url.scheme() == "http" && Route::new(url, self).leaves_this_machine(url)
    }

    /// Whether somebody on the way to the proxy could read its user and password.
    pub fn exposes_its_own_password(&self) -> bool {
        // Any other machine will do: a proxy of the environment may be for one scheme only.
        ["http://server.invalid", "https://server.invalid"]
            .into_iter()
            .map(|target| Route::new(&target.parse().expect("the literal is a URL"), self))
            .any(|route| {
                let is_open = |proxy: &Url| proxy.scheme() != "https" && !is_loopback(proxy);
                !route.secrets.is_empty() && route.proxy.as_ref().is_some_and(is_open)
            })
    }
}

impl ProxyUrl {
    /// Whether connections can go through it. One that cannot would be passed over, and not be missed.
    pub fn can_be_dialled(&self) -> bool {
        let proxy = Proxy::Url {
            url: self.clone(),
            no_proxy: None,
        };
        let target = "https://server.invalid".parse();
        let route = Route::new(&target.expect("the literal is a URL"), &proxy);
        route.proxy.is_some()
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.proxy.is_some() {
            "through the proxy"
        } else {
            "to"
        };
        write!(f, "{way} `{}`", self.dialled)
    }
}

fn intercept(matcher: &Matcher, target: &Url) -> Option<Intercept> {
    matcher.intercept(&target.as_str().parse().ok()?)
}

/// User and password, as they were written before they were encoded.
fn user(intercept: &Intercept) -> Option<(String, String)> {
    if let Some((user, password)) = intercept.raw_auth() {
        return Some((user.to_owned(), password.to_owned()));
    }
    let pair = intercept.basic_auth()?.as_bytes().strip_prefix(b"Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn url_of(intercept: &Intercept, user: Option<&(String, String)>) -> Url {
    let mut url: Url = intercept
        .uri()
        .to_string()
        .parse()
        .expect("the matcher made it of a scheme that has hosts, and a host");
    if let Some((user, password)) = user {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        url.set_username(&encoded(user))
            .and_then(|()| url.set_password(Some(&encoded(password))))
            .expect("it has a host");
    }
    url
}

/// As in a URL. Of a proxy too, whose ports have no other default than their scheme's.
fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let default = if url.scheme().starts_with("socks") {
        Some(1080)
    } else {
        url.port_or_known_default()
    };
    match url.port().or(default) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ExposeSecret;

    fn through(url: &str, no_proxy: Option<&str>) -> Proxy {
        Proxy::Url {
            url: ProxyUrl(url.parse().unwrap()),
            no_proxy: no_proxy.map(str::to_owned),
        }
    }

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn who_is_dialled_is_named_without_user_and_password() {
        let to = |target: &str, proxy: &Proxy| Route::new(&url(target), proxy).to_string();
        let shown = [
            to("https://kafka.example.com/v3", &Proxy::None),
            to("http://[::1]:8090", &Proxy::None),
            to("https://a.example", &through("http://u:p@proxy:3128", None)),
            to("https://a.example", &through("https://u@proxy", None)),
            to("https://a.example", &through("socks5h://10.0.0.1", None)),
            to(
                "https://a.example",
                &through("http://proxy", Some("a.example")),
            ),
        ];
        assert_eq!(
            shown,
            [
                "to `kafka.example.com:443`",
                "to `[::1]:8090`",
                "through the proxy `proxy:3128`",
                "through the proxy `proxy:443`",
                "through the proxy `10.0.0.1:1080`",
                "to `a.example:443`",
            ]
        );
    }

    #[test]
    fn a_proxys_user_and_password_are_known_in_every_form_and_survive_the_way() {
        let known = |proxy: &str| {
            let route = Route::new(&url("https://a.example"), &through(proxy, None));
            let secrets: Vec<_> = route
                .secrets()
                .iter()
                .map(|secret| secret.expose_secret().to_owned())
                .collect();
            let again = through(route.proxy.unwrap().as_str(), None);
            let again = Route::new(&url("https://a.example"), &again);
            assert_eq!(again.secrets.len(), secrets.len(), "{proxy}");
            secrets
        };
        let pair = |text: &str| STANDARD.encode(text);
        assert_eq!(
            known("http://exporter:p%40ss%2541@proxy"),
            [
                pair("exporter:p@ss%41"),
                "p@ss%41".into(),
                "exporter".into()
            ]
        );
        assert_eq!(
            known("socks5h://me:p%3Ass@proxy"),
            [pair("me:p:ss"), "p:ss".into()]
        );
        assert_eq!(known("http://tok@proxy"), [pair("tok:"), "tok".into()]);
        assert!(known("http://proxy").is_empty());
    }

    #[test]
    fn what_is_sent_in_the_clear_is_judged_by_where_it_really_goes() {
        let exposed = |target: &str, proxy: &Proxy| proxy.exposes(&url(target));
        let remote = through("http://proxy.example.com:3128", None);
        for (target, proxy) in [
            ("http://localhost:8090", &remote),
            ("http://127.0.0.1", &through("socks5://10.0.0.1", None)),
            ("http://[::1]", &through("https://proxy.example.com", None)),
            ("http://a.example", &Proxy::None),
            ("http://a.example", &through("http://localhost:3128", None)),
            ("http://a.example", &Proxy::Environment),
        ] {
            assert!(exposed(target, proxy), "{target} {proxy:?}");
        }
        for (target, proxy) in [
            ("http://localhost:8090", &Proxy::None),
            ("http://localhost:8090", &Proxy::Environment),
            (
                "http://localhost:8090",
                &through("http://127.0.0.1:3128", None),
            ),
            (
                "http://127.0.0.1",
                &through("http://proxy", Some("127.0.0.0/8")),
            ),
            ("https://a.example", &remote),
        ] {
            assert!(!exposed(target, proxy), "{target} {proxy:?}");
        }
    }

    #[test]
    fn a_proxys_password_is_safe_with_itself_and_by_https() {
        let exposed = |proxy: &str| through(proxy, None).exposes_its_own_password();
        let shown = [
            "http://u:p@proxy",
            "socks5h://u:p@proxy",
            "https://u:p@proxy",
            "http://u:p@localhost",
            "http://proxy",
        ]
        .map(exposed);
        assert_eq!(shown, [true, true, false, false, false]);
        assert!(!Proxy::None.exposes_its_own_password());
    }
}
