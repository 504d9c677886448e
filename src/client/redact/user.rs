//! What is secret of a user and a password that are sent by HTTP Basic, because a URL holds them.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::secret::SecretString;

/// Names shorter than this are words that any page may hold.
const SECRET_LENGTH: usize = 6;

/// What a URL's own user and password add to the secrets of a request.
pub(in crate::client) fn secrets_of_url(url: &Url) -> Vec<SecretString> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let password = decoded(url.password().unwrap_or_default());
    secrets_of_user(decoded(url.username()), password)
}

/// In every form in which a server meets them.
pub(in crate::client) fn secrets_of_user(user: String, password: String) -> Vec<SecretString> {
    if user.is_empty() && password.is_empty() {
        return Vec::new();
    }
    let pair = STANDARD.encode(format!("{user}:{password}"));
    // Some servers take a token for the user and no password.
    let user = Some(user).filter(|user| user.len() >= SECRET_LENGTH || password.is_empty());
    [Some(pair), Some(password), user]
        .into_iter()
        .flatten()
        .filter(|secret| !secret.is_empty())
        .map(SecretString::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ExposeSecret;

    #[test]
    fn the_user_and_password_of_a_url_are_known_without_their_escapes() {
        let known = |url: &str| -> Vec<String> {
            let secrets = secrets_of_url(&url.parse().unwrap());
            let texts = secrets
                .iter()
                .map(|secret| secret.expose_secret().to_owned());
            texts.collect()
        };
        let pair = |text: &str| STANDARD.encode(text);
        assert_eq!(
            known("http://u:p%40ss@hook"),
            [pair("u:p@ss"), "p@ss".into()]
        );
        assert_eq!(known("http://t%2Fk@hook"), [pair("t/k:"), "t/k".into()]);
        let named = known("http://exporter:word@hook");
        assert_eq!(
            named,
            [pair("exporter:word"), "word".into(), "exporter".into()]
        );
        assert!(known("http://hook").is_empty());
    }
}
