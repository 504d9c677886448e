//! OAuth 2's client-credentials grant (RFC 6749, 4.4).

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use reqwest::{
    RequestBuilder,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{
    header, read,
    token::{self, Token},
};
use crate::{
    api::{ApiError, OAuth2, TokenError, TokenIssuer, transport::Connections},
    file,
    secret::ExposeSecret,
};

/// An identity provider's token endpoint.
#[derive(Debug)]
pub(super) struct OAuth2Issuer {
    settings: OAuth2,
    connections: Connections,
    /// Whether the secret goes into the form. Every provider should take it in a Basic header, but some do not, and
    /// none says so beforehand: one that refuses is asked the other way, and what it took is remembered.
    in_form: AtomicBool,
}

impl OAuth2Issuer {
    pub(super) fn new(settings: &OAuth2, timeout: Duration) -> Result<Self, ApiError> {
        Ok(Self {
            connections: Connections::new(&settings.token_url, &settings.transport, timeout)?,
            settings: settings.clone(),
            in_form: AtomicBool::new(false),
        })
    }

    pub(super) fn identity_pool_id(&self) -> Option<&str> {
        self.settings.identity_pool_id.as_deref()
    }

    pub(super) async fn ask(&self) -> Result<Token, ApiError> {
        let in_form = self.in_form.load(Ordering::Relaxed);
        let first = match self.send(self.request(in_form).await?, in_form).await {
            Err(TokenError::Refused(refusals)) => refusals,
            answer => return answer.map_err(failed),
        };
        match self.send(self.request(!in_form).await?, !in_form).await {
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

    async fn send(&self, request: RequestBuilder, in_form: bool) -> Result<Token, TokenError> {
        let how = if in_form {
            "the client secret in the form"
        } else {
            "the client secret in a Basic header"
        };
        token::fetch(request, self.connections.timeout(), how).await
    }

    async fn request(&self, in_form: bool) -> Result<RequestBuilder, ApiError> {
        let settings = self.settings.clone();
        let (signature, form) = file::unblocked(move || settings.request(in_form)).await?;
        let mut request = self
            .connections
            .client()
            .await?
            .post(self.settings.token_url.clone());
        if let Some(value) = signature {
            request = request.header(AUTHORIZATION, value);
        }
        Ok(request
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form))
    }
}

impl OAuth2 {
    /// The Basic header, unless the client's secret goes into the form, and the form. Reads the files of both.
    fn request(&self, in_form: bool) -> Result<(Option<HeaderValue>, String), ApiError> {
        let (id, secret) = (read(&self.client_id)?, read(&self.client_secret)?);
        let (id, secret) = (id.expose_secret(), secret.expose_secret());
        let mut form = self.form()?;
        if in_form {
            form.append_pair("client_id", id);
            form.append_pair("client_secret", secret);
            return Ok((None, form.finish()));
        }
        // RFC 6749, 2.3.1: both are encoded as in a form first.
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let value = header::basic_value(&encoded(id), &encoded(secret))?;
        Ok((Some(value), form.finish()))
    }

    fn form(&self) -> Result<Serializer<'static, String>, ApiError> {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !self.scopes.is_empty() {
            form.append_pair("scope", &self.scopes.join(" "));
        }
        for (name, value) in &self.endpoint_params {
            form.append_pair(name, read(value)?.expose_secret());
        }
        Ok(form)
    }
}

fn failed(error: TokenError) -> ApiError {
    ApiError::Token {
        issuer: TokenIssuer::OAuth2,
        error,
    }
}
