//! Confluent Platform's Metadata Service (MDS): a user and password buy a token.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap};
use url::Url;

use super::{
    header, read,
    token::{self, Token},
};
use crate::{
    client::{ClientError, MetadataService, TokenIssuer, transport::Connections},
    file,
    secret::{ExposeSecret, Secret, SecretString},
};

pub(super) const ISSUER: TokenIssuer = TokenIssuer::MetadataService;
const PATH: &str = "/security/1.0/authenticate";

/// The Metadata Service of a Confluent Platform.
#[derive(Debug)]
pub(super) struct MetadataServiceIssuer {
    settings: MetadataService,
    url: Url,
    connections: Connections,
}

impl MetadataServiceIssuer {
    pub(super) fn new(settings: &MetadataService, timeout: Duration) -> Result<Self, ClientError> {
        let mut url = settings.url.clone();
        url.set_path(&format!(
            "{}{PATH}",
            settings.url.path().trim_end_matches('/')
        ));
        Ok(Self {
            connections: Connections::new(&url, &settings.transport, timeout)
                .map_err(|error| error.at_issuer(ISSUER))?,
            settings: settings.clone(),
            url,
        })
    }

    pub(super) async fn ask(&self, now: Timestamp) -> Result<Token, ClientError> {
        let MetadataService {
            username, password, ..
        } = self.settings.clone();
        let (headers, secrets) = file::unblocked(move || signed(&username, &password)).await?;
        self.connections
            .refresh()
            .await
            .map_err(|error| error.at_issuer(ISSUER))?;
        let request = |http: &reqwest::Client| {
            http.get(self.url.clone())
                .headers(headers.clone())
                .header(ACCEPT, "application/json")
        };
        let how = ("the user and password", secrets);
        token::fetch(&self.connections, request, how, now)
            .await
            .map_err(|error| ClientError::Token {
                issuer: ISSUER,
                error,
            })
    }
}

/// The headers, and what of them is secret.
fn signed(
    username: &Secret,
    password: &Secret,
) -> Result<(HeaderMap, Vec<SecretString>), ClientError> {
    let (username, password) = (read(username)?, read(password)?);
    let (name, word) = (username.expose_secret(), password.expose_secret());
    let headers = HeaderMap::from_iter([(AUTHORIZATION, header::basic_value(name, word)?)]);
    let pair = header::basic_pair(name, word);
    Ok((headers, vec![pair, password]))
}
