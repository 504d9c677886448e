//! How requests are signed, and how connections are made.

use std::{fmt, path::PathBuf};

use rustls::pki_types::ServerName;
use url::Url;

use crate::secret::Secret;

/// One kind of authentication. A client certificate is none of them: it is part of `tls_config` and goes with each.
#[derive(Clone, Debug, PartialEq)]
pub enum Credential {
    /// No authentication at all.
    None,
    /// HTTP Basic with a cluster API key and its secret.
    Basic {
        /// The API key. Not secret by itself, but it may come from a file as well.
        username: Secret,
        /// The API secret.
        password: Secret,
    },
    /// `Authorization: <scheme> <credentials>`, usually a Bearer token.
    Header {
        /// `type`, by default `Bearer`.
        scheme: String,
        /// The token.
        credentials: Secret,
        /// `identity_pool_id`: sent as `Confluent-Identity-Pool-Id`, which Confluent Cloud wants beside a JWT.
        identity_pool_id: Option<String>,
    },
    /// A token of an identity provider.
    OAuth2(OAuth2),
    /// A token of Confluent Platform's Metadata Service (MDS).
    MetadataService(MetadataService),
}

/// `oauth2`: the client-credentials grant of RFC 6749, 4.4.
#[derive(Clone, Debug, PartialEq)]
pub struct OAuth2 {
    /// `client_id`.
    pub client_id: Secret,
    /// `client_secret`, `client_secret_file` or `client_secret_env`.
    pub client_secret: Secret,
    /// `token_url`; without user.
    pub token_url: Url,
    /// `scopes`, sent as one `scope`.
    pub scopes: Vec<String>,
    /// `endpoint_params`: further fields of the form. Some providers take a secret here, so the values never print.
    pub endpoint_params: Vec<(String, Secret)>,
    /// `identity_pool_id`: sent to the API as `Confluent-Identity-Pool-Id`.
    pub identity_pool_id: Option<String>,
    /// `tls_config` and the proxy keys of the section; those of the API do not hold for the provider.
    pub transport: Transport,
}

/// `metadata_service`: HTTP Basic at `{url}/security/1.0/authenticate`, then the token.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataService {
    /// `url`: scheme, host, port and perhaps a path.
    pub url: Url,
    /// The user, as in `basic_auth`.
    pub username: Secret,
    /// The user's password.
    pub password: Secret,
    /// `tls_config` and the proxy keys of the section; those of the API do not hold here.
    pub transport: Transport,
}

/// How connections are made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transport {
    /// `tls_config`.
    pub tls: Tls,
    /// `proxy_url`, `no_proxy` and `proxy_from_environment`.
    pub proxy: Proxy,
}

/// `tls_config`. The files are read anew for every poll.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tls {
    /// `ca_file`: whom to trust, instead of the system's CA certificates.
    pub ca_file: Option<PathBuf>,
    /// `cert_file` and `key_file`, for mutual TLS.
    pub identity: Option<Identity>,
    /// `server_name`: the name that the certificate must bear, where it is not the host of the URL.
    pub server_name: Option<ServerName<'static>>,
    /// `insecure_skip_verify`: take any certificate.
    pub insecure_skip_verify: bool,
    /// `min_version`.
    pub min_version: TlsVersion,
}

/// A client certificate.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// `cert_file`: the certificate and its intermediates, in PEM.
    pub cert_file: PathBuf,
    /// `key_file`: its private key, in PEM.
    pub key_file: PathBuf,
}

/// The versions of TLS there are; older ones are not spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsVersion {
    /// `TLS12`.
    #[default]
    Tls12,
    /// `TLS13`.
    Tls13,
}

/// Through which proxy connections are made.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Proxy {
    /// None, whatever the environment says.
    #[default]
    None,
    /// `proxy_from_environment`: what `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say, or else the settings of the system
    /// where it has any (macOS, Windows).
    Environment,
    /// `proxy_url`.
    Url {
        /// `http`, `https`, `socks5` or `socks5h`.
        url: ProxyUrl,
        /// `no_proxy`: the hosts, networks and domains that are reached directly, separated by commas.
        no_proxy: Option<String>,
    },
}

/// A URL that may hold a user and a password; they never print.
#[derive(Clone, PartialEq)]
pub struct ProxyUrl(pub Url);

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(url) = self;
        let host = url.host_str().unwrap_or_default();
        write!(f, "{}://{host}", url.scheme())?;
        url.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}
