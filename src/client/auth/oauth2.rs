//! OAuth 2's client-credentials grant (RFC 6749, 4.4).

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{
    header, read,
    token::{self, Token},
};
use crate::{
    client::{ClientError, OAuth2, TokenError, TokenIssuer, transport::Connections},
    file,
    secret::{ExposeSecret, SecretString},
};

pub(super) const ISSUER: TokenIssuer = TokenIssuer::OAuth2;

/// An identity provider's token endpoint.
#[derive(Debug)]
pub(super) struct OAuth2Issuer {
    settings: OAuth2,
    connections: Connections,
    /// Whether the secret goes into the form. Every provider should take it in a Basic header, but some do not, and
    /// none says so beforehand: one that refuses is asked the other way, and what it took is remembered.
    in_form: AtomicBool,
}

/// A request for a token. Not printed: it holds the client's secret.
struct Form {
    body: String,
    header: HeaderMap,
    /// What of both is secret, whichever of them holds it.
    secrets: Vec<SecretString>,
}

impl OAuth2Issuer {
    pub(super) fn new(settings: &OAuth2, timeout: Duration) -> Result<Self, ClientError> {
        Ok(Self {
            connections: Connections::new(&settings.token_url, &settings.transport, timeout)
                .map_err(|error| error.at_issuer(ISSUER))?,
            settings: settings.clone(),
            in_form: AtomicBool::new(false),
        })
    }

    pub(super) fn identity_pool_id(&self) -> Option<&str> {
        self.settings.identity_pool_id.as_deref()
    }

    pub(super) async fn ask(&self, now: Timestamp) -> Result<Token, ClientError> {
        self.connections
            .refresh()
            .await
            .map_err(|error| error.at_issuer(ISSUER))?;
        let in_form = self.in_form.load(Ordering::Relaxed);
        let first = match self.send(self.form(in_form).await?, in_form, now).await {
            Err(TokenError::Refused(refusals)) => refusals,
            answer => return answer.map_err(failed),
        };
        match self.send(self.form(!in_form).await?, !in_form, now).await {
            Ok(token) => {
                self.in_form.store(!in_form, Ordering::Relaxed);
                Ok(token)
            }
            Err(TokenError::Refused(second)) => {
                let both = first.into_iter().chain(second).collect();
                Err(failed(TokenError::Refused(both)))
            }
            Err(error) => Err(failed(error)),
        }
    }

    async fn send(&self, form: Form, in_form: bool, now: Timestamp) -> Result<Token, TokenError> {
        let how = if in_form {
            "the client secret in the form"
        } else {
            "the client secret in a Basic header"
        };
        let Form {
            body,
            header,
            secrets,
        } = form;
        let request = |http: &reqwest::Client| {
            http.post(self.settings.token_url.clone())
                .headers(header.clone())
                .header(ACCEPT, "application/json")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body.clone())
        };
        token::fetch(&self.connections, request, (how, secrets), now).await
    }

    async fn form(&self, in_form: bool) -> Result<Form, ClientError> {
        let settings = self.settings.clone();
        file::unblocked(move || Form::of(&settings, in_form)).await
    }
}

impl Form {
    /// What is sent, with the client's secret in one of the two places. Reads the files of what it holds.
    fn of(settings: &OAuth2, in_form: bool) -> Result<Self, ClientError> {
        let OAuth2 {
            client_id,
            client_secret,
            scopes,
            endpoint_params,
            ..
        } = settings;
        let (id, secret) = (read(client_id)?, read(client_secret)?);
        let (id, secret) = (id.expose_secret(), secret.expose_secret());
        // RFC 6749, 2.3.1: in the header both are encoded as in a form first.
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let (encoded_id, encoded_secret) = (encoded(id), encoded(secret));
        let mut secrets = vec![
            secret.into(),
            encoded_secret.as_str().into(),
            header::basic_pair(&encoded_id, &encoded_secret),
        ];
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !scopes.is_empty() {
            form.append_pair("scope", &scopes.join(" "));
        }
        for (name, value) in endpoint_params {
            let value = read(value)?;
            form.append_pair(name, value.expose_secret());
            if is_secret(name) {
                secrets.push(value);
            }
        }
        let mut header = HeaderMap::new();
        if in_form {
            form.append_pair("client_id", id);
            form.append_pair("client_secret", secret);
        } else {
            let value = header::basic_value(&encoded_id, &encoded_secret)?;
            header.insert(AUTHORIZATION, value);
        }
        Ok(Self {
            body: form.finish(),
            header,
            secrets,
        })
    }
}

/// Whether a field of the form is secret by its name. Others are an audience or a resource, which good answers may hold.
fn is_secret(field: &str) -> bool {
    let field = field.to_lowercase();
    let telling = ["secret", "password", "assertion", "token", "key"];
    !field.ends_with("_type") && telling.iter().any(|word| field.contains(word))
}

fn failed(error: TokenError) -> ClientError {
    ClientError::Token {
        issuer: ISSUER,
        error,
    }
}
