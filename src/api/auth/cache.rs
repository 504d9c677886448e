//! The token in use: one fetch at a time, refreshed early, kept until then.

use std::time::Duration;

use jiff::Timestamp;
use tokio::{sync::Mutex, time::Instant};

use super::{
    Signature, header, metadata_service::MetadataServiceIssuer, oauth2::OAuth2Issuer, token::Token,
};
use crate::api::ApiError;

/// A token is refreshed this long before it expires, or at half its lifetime where that is later.
const MARGIN: Duration = Duration::from_secs(180);
/// How long a token is taken to live that does not say.
const UNTOLD_LIFETIME: Duration = Duration::from_secs(60);

/// Who is asked for a token.
#[derive(Debug)]
pub(super) enum Issuer {
    OAuth2(OAuth2Issuer),
    MetadataService(MetadataServiceIssuer),
}

/// The token in use.
#[derive(Debug)]
pub(super) struct TokenCache {
    issuer: Issuer,
    /// Locked while a token is fetched: whoever comes meanwhile waits for it.
    cached: Mutex<Option<CachedToken>>,
}

struct CachedToken {
    signature: Signature,
    refresh: Instant,
    end: Instant,
}

impl std::fmt::Debug for CachedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("token")
    }
}

impl TokenCache {
    pub(super) fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            cached: Mutex::default(),
        }
    }

    /// The token in use, or a new one where it is time. Where that fails, the old one serves until it expires.
    pub(super) async fn sign(&self, now: Timestamp) -> Result<Signature, ApiError> {
        let mut cached = self.cached.lock().await;
        // Taken before the request: a lifetime begins when the issuer says so, which is later.
        let asked = Instant::now();
        if let Some(cached) = cached.as_ref().filter(|cached| asked < cached.refresh) {
            return Ok(cached.signature.clone());
        }
        match self.ask().await {
            Ok(token) => {
                let new = self.cached(&token, asked, now)?;
                Ok(cached.insert(new).signature.clone())
            }
            Err(error) => match cached.as_ref().filter(|cached| Instant::now() < cached.end) {
                Some(cached) => {
                    tracing::warn!(%error, "the token is not refreshed; the one in use still serves");
                    Ok(cached.signature.clone())
                }
                None => Err(error),
            },
        }
    }

    /// Drops the token in use if it is the one of this signature, and not one that was fetched since.
    pub(super) async fn drop_if_of(&self, signature: &Signature) {
        let mut cached = self.cached.lock().await;
        cached.take_if(|cached| cached.signature.headers == signature.headers);
    }

    async fn ask(&self) -> Result<Token, ApiError> {
        match &self.issuer {
            Issuer::OAuth2(issuer) => issuer.ask().await,
            Issuer::MetadataService(issuer) => issuer.ask().await,
        }
    }

    fn cached(
        &self,
        token: &Token,
        asked: Instant,
        now: Timestamp,
    ) -> Result<CachedToken, ApiError> {
        let identity_pool_id = match &self.issuer {
            Issuer::OAuth2(issuer) => issuer.identity_pool_id(),
            Issuer::MetadataService(_) => None,
        };
        let signature = header::token("Bearer", &token.secret, identity_pool_id)?;
        let expiry = token
            .lifetime
            .and_then(|lifetime| now.checked_add(lifetime).ok());
        let lifetime = token.lifetime.unwrap_or(UNTOLD_LIFETIME);
        Ok(CachedToken {
            signature: Signature {
                expiry: expiry.or(signature.expiry),
                ..signature
            },
            refresh: asked + lifetime - MARGIN.min(lifetime / 2),
            end: asked + lifetime,
        })
    }
}
