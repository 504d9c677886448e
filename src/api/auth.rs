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
use super::{ApiError, Credential};
use crate::{
    file,
    secret::{Secret, SecretString},
};

/// The headers that sign requests, and until when they are good.
#[derive(Clone, Default)]
pub(super) struct Signature {
    /// Marked sensitive: they never print and never enter a compression table.
    pub(super) headers: HeaderMap,
    /// When the token expires, where it says so.
    pub(super) expiry: Option<Timestamp>,
}

/// Makes the signatures of a credential.
#[derive(Debug)]
pub(super) struct Signer {
    credential: Credential,
    /// For the credentials that only buy a token.
    token_cache: Option<TokenCache>,
}

impl Signer {
    /// Prepares to sign; nothing is read or sent but the files of a token endpoint's `tls_config`.
    pub(super) fn new(credential: &Credential, timeout: Duration) -> Result<Self, ApiError> {
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
            token_cache: issuer.map(TokenCache::new),
        })
    }

    /// The signature for the requests of a poll that starts `now`; fetches a token where there is no good one.
    pub(super) async fn sign(&self, now: Timestamp) -> Result<Signature, ApiError> {
        if let Some(cache) = &self.token_cache {
            return cache.sign(now).await;
        }
        let credential = self.credential.clone();
        file::unblocked(move || signature(&credential)).await
    }

    /// The API refused the signature: a token in it is not used again.
    pub(super) async fn refused(&self, signature: &Signature) {
        if let Some(cache) = &self.token_cache {
            cache.drop_if_of(signature).await;
        }
    }
}

/// The signature of a credential that is sent as it is. Reads its files.
pub(super) fn signature(credential: &Credential) -> Result<Signature, ApiError> {
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

fn read(secret: &Secret) -> Result<SecretString, ApiError> {
    secret
        .read()
        .map_err(|error| ApiError::Credential(error.to_string()))
}
