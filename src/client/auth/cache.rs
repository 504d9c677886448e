//! Fetched tokens: one fetch at a time, refreshed early, kept until then; and none while their issuer wants to be left
//! alone.

use std::time::Duration;

use jiff::Timestamp;
use tokio::{sync::Mutex, time::Instant};

use super::{
    Signature, header,
    metadata_service::{self, MetadataServiceIssuer},
    oauth2::{self, OAuth2Issuer},
    token::Token,
};
use crate::client::{ClientError, TokenError, TokenIssuer};

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

impl Issuer {
    fn name(&self) -> TokenIssuer {
        match self {
            Self::OAuth2(_) => oauth2::ISSUER,
            Self::MetadataService(_) => metadata_service::ISSUER,
        }
    }

    async fn ask(&self, now: Timestamp) -> Result<Token, ClientError> {
        match self {
            Self::OAuth2(issuer) => issuer.ask(now).await,
            Self::MetadataService(issuer) => issuer.ask(now).await,
        }
    }
}

/// The token in use, and when its issuer may be asked for another.
#[derive(Debug)]
pub(super) struct TokenCache {
    issuer: Issuer,
    /// No issuer is left alone for longer.
    longest_pause: Duration,
    /// Locked while a token is fetched: whoever comes meanwhile waits for it.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    cached: Option<CachedToken>,
    pause: Option<Pause>,
}

/// The issuer wants to be left alone.
#[derive(Debug)]
struct Pause {
    until: Instant,
    /// The HTTP status of its answer.
    status: u16,
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
    pub(super) fn new(issuer: Issuer, longest_pause: Duration) -> Self {
        Self {
            issuer,
            longest_pause,
            state: Mutex::default(),
        }
    }

    /// The token in use, or a new one where it is time. Where that fails, the old one serves until it expires.
    pub(super) async fn sign(&self, now: Timestamp) -> Result<Signature, ClientError> {
        let mut state = self.state.lock().await;
        // Taken before the request: a lifetime begins when the issuer says so, which is later.
        let asked = Instant::now();
        let fresh = state.cached.as_ref();
        if let Some(cached) = fresh.filter(|cached| asked < cached.refresh) {
            return Ok(cached.signature.clone());
        }
        match self.ask(&mut state, now).await {
            Ok(token) => {
                let new = self.cached(&token, asked, now)?;
                Ok(state.cached.insert(new).signature.clone())
            }
            Err(error) => match state
                .cached
                .as_ref()
                .filter(|cached| Instant::now() < cached.end)
            {
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
        let mut state = self.state.lock().await;
        let in_use = &mut state.cached;
        in_use.take_if(|cached| cached.signature.headers == signature.headers);
    }

    /// Asks for a token, unless the issuer wants to be left alone.
    async fn ask(&self, state: &mut State, now: Timestamp) -> Result<Token, ClientError> {
        if let Some(Pause { status, .. }) = state
            .pause
            .as_ref()
            .filter(|pause| Instant::now() < pause.until)
        {
            return Err(ClientError::Token {
                issuer: self.issuer.name(),
                error: TokenError::Paused {
                    status: *status,
                    longest: self.longest_pause,
                },
            });
        }
        let answer = self.issuer.ask(now).await;
        let asked_for = answer.as_ref().err().and_then(ClientError::pause);
        state.pause = asked_for.map(|(status, pause)| Pause {
            until: Instant::now() + pause.min(self.longest_pause),
            status,
        });
        answer
    }

    fn cached(
        &self,
        token: &Token,
        asked: Instant,
        now: Timestamp,
    ) -> Result<CachedToken, ClientError> {
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
                secrets: token.bought_with.clone(),
                ..signature
            },
            refresh: asked + lifetime - MARGIN.min(lifetime / 2),
            end: asked + lifetime,
        })
    }
}
