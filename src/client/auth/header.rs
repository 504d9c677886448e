//! Credentials that are sent as they are: `Authorization: Basic …` and `Authorization: Bearer …`.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use super::{Signature, read};
use crate::{
    client::ClientError,
    secret::{ExposeSecret, Secret, SecretString},
};

/// Tells Confluent Cloud which identity pool a JWT belongs to.
const IDENTITY_POOL_ID: HeaderName = HeaderName::from_static("confluent-identity-pool-id");

/// HTTP Basic (RFC 7617).
pub(super) fn basic(username: &Secret, password: &Secret) -> Result<Signature, ClientError> {
    let (username, password) = (read(username)?, read(password)?);
    let value = basic_value(username.expose_secret(), password.expose_secret())?;
    Ok(Signature {
        headers: HeaderMap::from_iter([(AUTHORIZATION, value)]),
        ..Signature::default()
    })
}

/// The value of a Basic `Authorization` header.
pub(super) fn basic_value(username: &str, password: &str) -> Result<HeaderValue, ClientError> {
    let pair = basic_pair(username, password);
    value(&format!("Basic {}", pair.expose_secret()), "the credential")
}

/// User and password as their Basic header carries them.
pub(super) fn basic_pair(username: &str, password: &str) -> SecretString {
    STANDARD.encode(format!("{username}:{password}")).into()
}

/// A token under a scheme, and the identity pool it is for.
pub(super) fn token(
    scheme: &str,
    token: &SecretString,
    identity_pool_id: Option<&str>,
) -> Result<Signature, ClientError> {
    let token = token.expose_secret();
    let authorization = value(&format!("{scheme} {token}"), "the credential")?;
    let mut headers = HeaderMap::from_iter([(AUTHORIZATION, authorization)]);
    if let Some(id) = identity_pool_id {
        headers.insert(IDENTITY_POOL_ID, value(id, "`identity_pool_id`")?);
    }
    Ok(Signature {
        headers,
        expiry: jwt_expiry(token),
        secrets: Vec::new(),
    })
}

fn value(text: &str, what: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        ClientError::Credential(format!(
            "{what} holds a line break or another control character; remove it"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
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

    fn bearer(text: &str) -> Result<Signature, ClientError> {
        token("Bearer", &text.into(), None)
    }

    #[test]
    fn basic_is_user_and_password_in_base64_and_never_prints() {
        let [username, password] = ["key", "s:cret"].map(|text| Secret::Literal(text.into()));
        let headers = basic(&username, &password).unwrap().headers;
        assert_eq!(headers[AUTHORIZATION].as_bytes(), b"Basic a2V5OnM6Y3JldA==");
        assert_eq!(format!("{headers:?}"), r#"{"authorization": Sensitive}"#);
    }

    #[test]
    fn the_expiry_of_a_jwt_is_read_and_other_tokens_have_none() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"exp":1800000000,"sub":"x"}"#);
        let jwt = format!("e30.{claims}.sig");
        let expiry = |text: &str| bearer(text).unwrap().expiry.map(Timestamp::as_second);
        assert_eq!(expiry(&jwt), Some(1_800_000_000));
        assert_eq!(
            [expiry("opaque"), expiry("a.b.c"), expiry("a.e30.c")],
            [None, None, None]
        );
    }

    #[test]
    fn a_token_that_cannot_be_a_header_is_refused_without_printing_it() {
        let refused = bearer("line\nbreak").err().unwrap().to_string();
        assert!(
            refused.contains("control character") && !refused.contains("break\n"),
            "{refused}"
        );
    }
}
