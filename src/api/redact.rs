//! Keeps our own credentials out of what is quoted from a server: some echo the request's headers in their errors.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode;

use super::auth::Signature;
use crate::secret::{ExposeSecret, SecretString};

/// What is quoted instead.
const WITHHELD: &[u8] = b"(not quoted: the body holds the credential)";

/// The same where the request held no further secrets.
#[cfg(test)]
fn redact<'a>(body: &'a [u8], signature: &Signature) -> &'a [u8] {
    redact_with(body, signature, &[])
}

/// The body, unless it repeats what signed the request or one of the further secrets that were sent: plainly, in base64,
/// escaped as in JSON or percent-encoded.
pub(super) fn redact_with<'a>(
    body: &'a [u8],
    signature: &Signature,
    further: &[SecretString],
) -> &'a [u8] {
    let mut secrets = secrets(signature);
    let further = further.iter().map(ExposeSecret::expose_secret);
    secrets.extend(further.map(|secret| unescaped(secret.as_bytes())));
    secrets.retain(|secret| !secret.is_empty());
    let decoded: Vec<u8> = percent_decode(body).collect();
    let is_told = |text: &[u8]| {
        let text = unescaped(text);
        secrets.iter().any(|secret| contains(&text, secret))
    };
    if is_told(body) || is_told(&decoded) {
        WITHHELD
    } else {
        body
    }
}

/// The credentials in every form in which a server has met them, unescaped.
fn secrets(signature: &Signature) -> Vec<Vec<u8>> {
    let mut secrets = Vec::new();
    let sensitive = signature.headers.values();
    for value in sensitive.filter(|value| value.is_sensitive()) {
        let value = value.as_bytes();
        let scheme = value.iter().position(|byte| *byte == b' ');
        let credential = &value[scheme.map_or(0, |end| end + 1)..];
        secrets.push(unescaped(credential));
        // Of Basic's pair only the password is secret; it may hold colons itself.
        if value.starts_with(b"Basic ")
            && let Ok(pair) = STANDARD.decode(credential)
            && let Some(colon) = pair.iter().position(|byte| *byte == b':')
        {
            secrets.push(unescaped(&pair[colon + 1..]));
        }
    }
    secrets
}

/// Without backslashes: JSON writes `\"` and, in some servers, `\/`.
fn unescaped(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte != b'\\').collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;
    use jiff::Timestamp;

    use super::*;
    use crate::{
        api::{Credential, auth::Signer},
        secret::Secret,
    };

    fn is_quoted(credential: &Credential, body: &str) -> bool {
        let signer = Signer::new(credential, Duration::from_secs(1)).unwrap();
        let signing = signer.sign(Timestamp::UNIX_EPOCH).now_or_never();
        let signature = signing.expect("no token has to be fetched").unwrap();
        redact(body.as_bytes(), &signature) == body.as_bytes()
    }

    #[test]
    fn a_body_that_repeats_the_password_in_any_form_is_not_quoted() {
        let basic = Credential::Basic {
            username: Secret::Literal("key".into()),
            password: Secret::Literal(r#"s:e"c/r>t"#.into()),
        };
        for echo in [
            r#"you sent s:e"c/r>t"#,
            r#"{"password":"s:e\"c\/r>t"}"#,
            "?password=s%3Ae%22c%2Fr%3Et",
            "Authorization: Basic a2V5OnM6ZSJjL3I+dA==",
            r#"{"authorization":"Basic a2V5OnM6ZSJjL3I+dA=="}"#,
        ] {
            assert!(!is_quoted(&basic, echo), "{echo}");
        }
        for harmless in ["", "no key `key` here", "s:e", "100 %"] {
            assert!(is_quoted(&basic, harmless), "{harmless}");
        }
    }

    #[test]
    fn a_body_that_repeats_the_token_is_not_quoted_and_nothing_is_hidden_without_one() {
        let bearer = Credential::Header {
            scheme: "Bearer".into(),
            credentials: Secret::Literal("a.b/c".into()),
            identity_pool_id: None,
        };
        assert!(!is_quoted(&bearer, r#"{"token":"a.b\/c"}"#));
        assert!(is_quoted(&bearer, "Bearer of what?"));
        assert!(is_quoted(&Credential::None, "Bearer a.b/c"));
    }

    #[test]
    fn an_empty_password_hides_nothing() {
        let basic = Credential::Basic {
            username: Secret::Literal("key".into()),
            password: Secret::Literal("".into()),
        };
        assert!(is_quoted(&basic, "any body"));
    }
}
