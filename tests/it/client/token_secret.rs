//! The API may know what buys the token, where it issues tokens itself or a gateway before both logs too much. What only
//! the token's request carries is kept out of what the API says, as what signs its own requests is.

use base64::{Engine, engine::general_purpose::STANDARD};
use cluster_link_exporter::client::{
    Credential, MetadataService, OAuth2, Proxy, ProxyUrl, Transport,
};
use url::form_urlencoded::byte_serialize;

use super::{
    client, failure, secret,
    server::Server,
    settings,
    token::{issuer, oauth2},
};

const SECRET: &str = "Sup3r/Geheim+99";
const OTHER: &str = "An0ther-Wort";
const REPEATS: &str = "bad_response: the answer repeats our credentials, so nothing of it is used; look at what stands \
                       between, such as a debugging proxy, and replace the credentials";

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// What the API says back of these is withheld, and where it is a good answer nothing of it is used.
async fn check(credential: Credential, told: &[String]) {
    for told in told {
        for (status, expected) in [
            (
                400,
                "bad_response: HTTP 400: `(not quoted: the body holds the credential)`; check `endpoint`, `base_path` \
                 and `cluster_id`",
            ),
            (200, REPEATS),
        ] {
            let body = format!(r#"{{"data": [{{"link_name": "{told}"}}]}}"#);
            let api = Server::plain(move |_| (status, body.clone())).await;
            let said = failure(&client(settings(&api, credential.clone()))).await;
            assert_eq!(said, expected, "{told}");
        }
    }
    // What is no secret is quoted.
    let api = Server::plain(|_| (400, "exporter, https://a.example".into())).await;
    let said = failure(&client(settings(&api, credential))).await;
    assert!(said.contains("`exporter, https://a.example`"), "{said}");
}

#[tokio::test]
async fn what_buys_a_token_of_an_identity_provider_is_known() {
    let issuer = issuer(r#", "expires_in": 3600"#).await;
    let credential = Credential::OAuth2(OAuth2 {
        client_secret: secret(SECRET),
        endpoint_params: vec![
            ("audience".into(), secret("https://a.example")),
            ("client_assertion".into(), secret(OTHER)),
        ],
        ..oauth2(&issuer)
    });
    let pair = STANDARD.encode(format!("exporter:{}", encoded(SECRET)));
    let told = [SECRET.into(), encoded(SECRET), pair, OTHER.into()];
    check(credential, &told).await;
}

#[tokio::test]
async fn what_buys_a_token_of_the_metadata_service_is_known() {
    let issuer = Server::plain(|_| (200, r#"{"auth_token": "canary-1"}"#.into())).await;
    let credential = Credential::MetadataService(MetadataService {
        url: issuer.url(),
        username: secret("exporter"),
        password: secret(SECRET),
        transport: Transport::default(),
    });
    let pair = STANDARD.encode(format!("exporter:{SECRET}"));
    check(credential, &[SECRET.into(), pair]).await;
}

#[tokio::test]
async fn the_password_of_the_proxy_to_who_issues_tokens_is_known() {
    // Asked as a proxy, it answers itself.
    let issuer = issuer(r#", "expires_in": 3600"#).await;
    let mut url = issuer.url();
    url.set_username("proxy-user").unwrap();
    url.set_password(Some(OTHER)).unwrap();
    let proxy = Proxy::Url {
        url: ProxyUrl(url),
        no_proxy: None,
    };
    let credential = Credential::OAuth2(OAuth2 {
        token_url: "http://idp.invalid/token".parse().unwrap(),
        transport: Transport {
            proxy,
            ..Transport::default()
        },
        ..oauth2(&issuer)
    });
    check(credential, &[OTHER.into()]).await;
}
