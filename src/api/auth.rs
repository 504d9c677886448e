//! How requests are signed. The secret is read anew for every poll, so a rotated file takes effect at once.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde::Deserialize;

use super::{ApiError, Credential};
use crate::secret::{ExposeSecret, Secret, SecretString};

/// The headers that sign requests, and until when they are good.
#[derive(Clone, Default)]
pub(super) struct Signature {
    /// Marked sensitive: they never print and never enter a compression table.
    pub(super) headers: HeaderMap,
    /// When the token expires, where it says so.
    pub(super) expiry: Option<Timestamp>,
}

/// Makes the signature of a credential.
pub(super) fn sign(credential: &Credential) -> Result<Signature, ApiError> {
    match credential {
        Credential::None => Ok(Signature::default()),
        Credential::Basic { username, password } => {
            let (username, password) = (read(username)?, read(password)?);
            let pair = format!("{}:{}", username.expose_secret(), password.expose_secret());
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            Ok(Signature {
                headers: header("Basic", &encoded)?,
                expiry: None,
            })
        }
        Credential::Header {
            scheme,
            credentials,
        } => {
            let token = read(credentials)?;
            let token = token.expose_secret();
            Ok(Signature {
                headers: header(scheme, token)?,
                expiry: jwt_expiry(token),
            })
        }
    }
}

fn read(secret: &Secret) -> Result<SecretString, ApiError> {
    secret
        .read()
        .map_err(|error| ApiError::Credential(error.to_string()))
}

fn header(scheme: &str, credentials: &str) -> Result<HeaderMap, ApiError> {
    let mut value = HeaderValue::try_from(format!("{scheme} {credentials}")).map_err(|_| {
        ApiError::Credential(
            "the credential holds a line break or another control character; remove it".to_owned(),
        )
    })?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

/// The `exp` claim of a JWT (RFC 7519), where the token is one. Nothing is verified: it is only shown.
fn jwt_expiry(token: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let payload = token.split('.').nth(1)?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, and jiff refuses what is out of range"
    )]
    Timestamp::from_second(claims.exp as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> Credential {
        Credential::Header {
            scheme: "Bearer".into(),
            credentials: Secret::Literal(text.into()),
        }
    }

    #[test]
    fn basic_is_user_and_password_in_base64_and_never_prints() {
        let credential = Credential::Basic {
            username: Secret::Literal("key".into()),
            password: Secret::Literal("s:cret".into()),
        };
        let headers = sign(&credential).unwrap().headers;
        assert_eq!(headers[AUTHORIZATION].as_bytes(), b"Basic a2V5OnM6Y3JldA==");
        assert_eq!(format!("{headers:?}"), r#"{"authorization": Sensitive}"#);
    }

    #[test]
    fn the_expiry_of_a_jwt_is_read_and_other_tokens_have_none() {
        let jwt = format!(
            "e30.{}.sig",
            URL_SAFE_NO_PAD.encode(r#"{"exp":1800000000,"sub":"x"}"#)
        );
        let expiry = |text: &str| sign(&token(text)).unwrap().expiry.map(Timestamp::as_second);
        assert_eq!(expiry(&jwt), Some(1_800_000_000));
        assert_eq!(
            [expiry("opaque"), expiry("a.b.c"), expiry("a.e30.c")],
            [None, None, None]
        );
    }

    #[test]
    fn a_token_that_cannot_be_a_header_is_refused_without_printing_it() {
        let refused = sign(&token("line\nbreak")).err().unwrap().to_string();
        assert!(
            refused.contains("control character") && !refused.contains("break\n"),
            "{refused}"
        );
    }
}
