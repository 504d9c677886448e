//! How an answer is put together: its status, its headers, a text.

use std::fmt;

use hyper::{
    Response, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, VARY},
};

use super::body::ResponseBody;

const PLAIN: &str = "text/plain; charset=utf-8";

/// Says how the answer is encoded, and that the next client may get it otherwise.
pub(super) fn encoded(response: Response<ResponseBody>, gzip: bool) -> Response<ResponseBody> {
    let response = with(response, VARY, "Accept-Encoding");
    if gzip {
        with(response, CONTENT_ENCODING, "gzip")
    } else {
        response
    }
}

pub(super) fn text(status: StatusCode, text: impl fmt::Display) -> Response<ResponseBody> {
    let mut response = with(
        Response::new(ResponseBody::from(text.to_string())),
        CONTENT_TYPE,
        PLAIN,
    );
    *response.status_mut() = status;
    response
}

pub(super) fn with(
    mut response: Response<ResponseBody>,
    name: HeaderName,
    value: &'static str,
) -> Response<ResponseBody> {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
    response
}
