//! How requests are signed. Secrets are read anew for every poll, so a rotated file takes effect at once; a token that
//! was fetched is kept until shortly before it expires.

mod cache;
mod header;
mod metadata_service;
mod oauth2;
mod token;

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;

use self::{
    cache::{Issuer, TokenCache},
    metadata_service::MetadataServiceIssuer,
    oauth2::OAuth2Issuer,
};
use super::{ClientError, Credential};
use crate::{
    file,
    secret::{Secret, SecretString},
};

/// The headers that sign requests, and until when they are good.
#[derive(Clone, Default)]
pub(crate) struct Signature {
    /// Marked sensitive: they never print and never enter a compression table.
    pub(crate) headers: HeaderMap,
    /// When the token expires, where it says so.
    pub(crate) expiry: Option<Timestamp>,
    /// What bought the token: the requests that it signs do not carry it, and their answers are not to be quoted with it.
    pub(crate) secrets: Vec<SecretString>,
}

/// Makes the signatures of a credential.
#[derive(Debug)]
pub(crate) struct Signer {
    credential: Credential,
    /// For the credentials that only buy a token.
    token_cache: Option<TokenCache>,
}

impl Signer {
    /// Prepares to sign; nothing is read or sent but the files of a token endpoint's `tls_config`.
    /// `longest_pause` is for how long an issuer of tokens may want to be left alone.
    pub(crate) fn new(
        credential: &Credential,
        timeout: Duration,
        longest_pause: Duration,
    ) -> Result<Self, ClientError> {
        let issuer = match credential {
            Credential::OAuth2(settings) => {
                Some(Issuer::OAuth2(OAuth2Issuer::new(settings, timeout)?))
            }
            Credential::MetadataService(settings) => Some(Issuer::MetadataService(
                MetadataServiceIssuer::new(settings, timeout)?,
            )),
            Credential::None | Credential::Basic { .. } | Credential::Header { .. } => None,
        };
        Ok(Self {
            credential: credential.clone(),
            token_cache: issuer.map(|issuer| TokenCache::new(issuer, longest_pause)),
        })
    }

    /// The signature for the requests of a poll that starts `now`; fetches a token where there is no good one.
    pub(crate) async fn sign(&self, now: Timestamp) -> Result<Signature, ClientError> {
        if let Some(cache) = &self.token_cache {
            return cache.sign(now).await;
        }
        let credential = self.credential.clone();
        file::unblocked(move || signature(&credential)).await
    }

    /// The server refused the signature: a token in it is not used again.
    pub(crate) async fn refused(&self, signature: &Signature) {
        if let Some(cache) = &self.token_cache {
            cache.drop_if_of(signature).await;
        }
    }
}

/// The signature of a credential that is sent as it is. Reads its files.
pub(super) fn signature(credential: &Credential) -> Result<Signature, ClientError> {
    match credential {
        Credential::Basic { username, password } => header::basic(username, password),
        Credential::Header {
            scheme,
            credentials,
            identity_pool_id,
        } => header::token(scheme, &read(credentials)?, identity_pool_id.as_deref()),
        Credential::None | Credential::OAuth2(_) | Credential::MetadataService(_) => {
            Ok(Signature::default())
        }
    }
}

fn read(secret: &Secret) -> Result<SecretString, ClientError> {
    secret
        .read()
        .map_err(|error| ClientError::Credential(error.to_string()))
}
