//! Confluent Platform's Metadata Service (MDS): a user and password buy a token.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::ACCEPT;
use url::Url;

use super::{
    header,
    token::{self, Token},
};
use crate::{
    client::{ClientError, MetadataService, TokenIssuer, transport::Connections},
    file,
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
        let signature = file::unblocked(move || header::basic(&username, &password)).await?;
        self.connections
            .refresh()
            .await
            .map_err(|error| error.at_issuer(ISSUER))?;
        let request = |http: &reqwest::Client| {
            http.get(self.url.clone())
                .headers(signature.headers.clone())
                .header(ACCEPT, "application/json")
        };
        token::fetch(&self.connections, request, "the user and password", now)
            .await
            .map_err(|error| ClientError::Token {
                issuer: ISSUER,
                error,
            })
    }
}
