//! How a cluster or a receiver is signed in to: one kind of authentication.

use url::Url;

use super::{
    endpoint::{self, Insecure, Sent, Shape},
    keys::{CLIENT_SECRET, CREDENTIALS, PASSWORD, USERNAME},
    secrets, transport,
};
use crate::{
    client::{Credential, MetadataService, OAuth2, Transport},
    document::{Parsed, Section},
    secret::Secret,
};

/// The kinds of authentication, by their keys.
const KINDS: [&str; 4] = ["basic_auth", "authorization", "oauth2", "metadata_service"];

const TOKEN_URL: Shape = Shape {
    key: "token_url",
    wanted: "the provider's token URL, such as `https://login.example.com/oauth2/token`",
    user: "write it as `client_id` and `client_secret_file`",
    path: None,
    query: None,
};
const METADATA_SERVICE: Shape = Shape {
    key: "url",
    wanted: "scheme, host and port, such as `https://mds.example.com:8090`",
    user: "write it as `username` and `password_file`",
    path: None,
    query: Some("remove the `?` and what follows it"),
};

/// Fields of the token request that have a key of their own, or one value only.
const FIELDS: [(&str, &str); 4] = [
    ("client_id", "write it as `oauth2.client_id`"),
    ("client_secret", "write it as `oauth2.client_secret_file`"),
    ("grant_type", "remove it: it is `client_credentials`"),
    ("scope", "write it as `oauth2.scopes`, a list"),
];

/// Whether there is any authentication, right or wrong.
pub(super) fn is_given(owner: &Section) -> bool {
    KINDS.iter().any(|kind| owner.has(kind))
}

/// Reads the authentication of a cluster or a receiver; none at all is allowed.
pub(super) fn read(owner: &Section, insecure: Insecure) -> Parsed<Credential> {
    let mut given = KINDS.into_iter().filter(|kind| owner.has(kind));
    if let Some(first) = given.next() {
        for second in given {
            let found = format!("a second kind of authentication beside `{first}`");
            owner.report(second, &found, "keep one of them");
        }
    }
    let mut credential = Ok(Credential::None);
    for kind in KINDS {
        let section = match owner.section(kind) {
            Ok(None) => continue,
            Ok(Some(section)) => section,
            Err(reported) => {
                credential = Err(reported);
                continue;
            }
        };
        credential = match kind {
            "basic_auth" => basic(&section),
            "authorization" => header(&section),
            "oauth2" => oauth2(&section, insecure),
            _ => metadata_service(&section, insecure),
        };
    }
    credential
}

fn basic(section: &Section) -> Parsed<Credential> {
    let username = secrets::read(section, USERNAME);
    let password = secrets::read(section, PASSWORD);
    Ok(Credential::Basic {
        username: username?,
        password: password?,
    })
}

fn header(section: &Section) -> Parsed<Credential> {
    let scheme = scheme(section);
    let credentials = secrets::read(section, CREDENTIALS);
    let identity_pool_id = identity_pool_id(section);
    Ok(Credential::Header {
        scheme: scheme?,
        credentials: credentials?,
        identity_pool_id: identity_pool_id?,
    })
}

fn oauth2(section: &Section, insecure: Insecure) -> Parsed<Credential> {
    let client_id = section.required_text("client_id", "the client's id at the provider");
    let client_secret = secrets::read(section, CLIENT_SECRET);
    let token_url = endpoint::url(section, &TOKEN_URL);
    let scopes = section.texts("scopes", "a scope such as `api://confluent/.default`");
    let endpoint_params = endpoint_params(section);
    let identity_pool_id = identity_pool_id(section);
    let transport = transport::read(section);
    check_is_safe(section, &TOKEN_URL, (&token_url, &transport), insecure);
    Ok(Credential::OAuth2(OAuth2 {
        client_id: Secret::Literal(client_id?.into()),
        client_secret: client_secret?,
        token_url: token_url?,
        scopes: scopes?.unwrap_or_default(),
        endpoint_params: endpoint_params?,
        identity_pool_id: identity_pool_id?,
        transport: transport?,
    }))
}

fn metadata_service(section: &Section, insecure: Insecure) -> Parsed<Credential> {
    let url = endpoint::url(section, &METADATA_SERVICE);
    let username = secrets::read(section, USERNAME);
    let password = secrets::read(section, PASSWORD);
    let transport = transport::read(section);
    check_is_safe(section, &METADATA_SERVICE, (&url, &transport), insecure);
    Ok(Credential::MetadataService(MetadataService {
        url: url?,
        username: username?,
        password: password?,
        transport: transport?,
    }))
}

fn check_is_safe(
    section: &Section,
    shape: &Shape,
    (url, transport): (&Parsed<Url>, &Parsed<Transport>),
    insecure: Insecure,
) {
    if let Ok(url) = url {
        let sent = Sent::to(shape.key, url, transport.as_ref().ok());
        endpoint::check_credentials_are_safe(section, sent, insecure);
    }
}

fn endpoint_params(section: &Section) -> Parsed<Vec<(String, Secret)>> {
    let Some(params) = section.section("endpoint_params")? else {
        return Ok(Vec::new());
    };
    for (field, instead) in FIELDS {
        if params.has(field) {
            params.report(field, "a field that this program writes", instead);
        }
    }
    let params = params.all_texts("a text")?;
    Ok(params
        .into_iter()
        .map(|(name, value)| (name, Secret::Literal(value.into())))
        .collect())
}

fn identity_pool_id(section: &Section) -> Parsed<Option<String>> {
    let instead = "the id of an identity pool, such as `pool-a1b2`";
    let id = section.text("identity_pool_id", instead)?;
    if id
        .iter()
        .any(|id| !id.chars().all(|c| c.is_ascii_graphic()))
    {
        let found = "a text that is no id";
        return Err(section.report("identity_pool_id", found, format!("write {instead}")));
    }
    Ok(id)
}

fn scheme(section: &Section) -> Parsed<String> {
    let Some(scheme) = section.text("type", "a scheme such as `Bearer`")? else {
        return Ok("Bearer".to_owned());
    };
    if scheme.eq_ignore_ascii_case("Basic") {
        return Err(section.report("type", "the scheme of `basic_auth`", "use `basic_auth`"));
    }
    // The characters of a token in RFC 9110, 5.6.2. A space means that the token itself was written here.
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !scheme.chars().all(token) {
        let instead = "write one word such as `Bearer`, and the token as `credentials`";
        return Err(section.report("type", "a text that is no scheme", instead));
    }
    Ok(scheme)
}
