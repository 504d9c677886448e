//! Signing in, each way against a real server: what it receives, what it never receives, and what we say when it
//! refuses. Every secret here holds the word `canary`; nothing that can be printed may.

mod certificates;
mod direct;
mod proxy;
mod redirect;
mod server;
mod tls;
mod token;
mod token_failure;
mod token_pause;
mod token_secret;

use std::time::Duration;

use cluster_link_exporter::{
    api::{ApiError, Client, RequestLog, Settings},
    client::{Credential, Transport},
    secret::Secret,
};
use jiff::Timestamp;
use server::Server;

/// When every session starts.
const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn secret(text: &str) -> Secret {
    Secret::Literal(text.into())
}

fn basic() -> Credential {
    Credential::Basic {
        username: secret("key"),
        password: secret("canary"),
    }
}

fn bearer(credentials: Secret) -> Credential {
    Credential::Header {
        scheme: "Bearer".into(),
        credentials,
        identity_pool_id: None,
    }
}

/// An API whose cluster id is known.
fn settings(api: &Server, credential: Credential) -> Settings {
    Settings {
        endpoint: api.url(),
        base_path: Settings::BASE_PATH.into(),
        cluster_id: Some("lkc-1".into()),
        credential,
        transport: Transport::default(),
        request_timeout: Duration::from_secs(5),
    }
}

fn client(settings: Settings) -> Client {
    Client::new(settings).unwrap_or_else(|error| panic!("{error}"))
}

/// Lists the links; when the token expires, where that is known.
async fn list(client: &Client) -> Result<Option<Timestamp>, ApiError> {
    let log = RequestLog::default();
    let listed = async {
        let session = client.session(&log, NOW).await?;
        session.links(&session.cluster_id().await?).await?;
        Ok(session.credential_expiry())
    };
    let listed: Result<_, ApiError> = listed.await;
    let printed = match &listed {
        Ok(_) => format!("{client:?}"),
        Err(error) => format!("{client:?} {error} {error:?}"),
    };
    assert!(!printed.contains("canary"), "{printed}");
    listed
}

/// The failure as the log and the metrics tell it.
async fn failure(client: &Client) -> String {
    let error = list(client).await.expect_err("the list must fail");
    format!("{}: {error}", error.reason().label())
}
