use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use proptest::prelude::*;

use super::*;
use crate::{
    client::{Credential, auth::signature},
    secret::Secret,
};

fn redactor(credential: &Credential, further: &[&str]) -> Redactor {
    let signature = signature(credential).unwrap();
    Redactor::new(&signature, further.iter().map(|text| (*text).into()))
}

fn basic(username: &str, password: &str) -> Credential {
    Credential::Basic {
        username: Secret::Literal(username.into()),
        password: Secret::Literal(password.into()),
    }
}

fn header(scheme: &str, credentials: &str) -> Credential {
    Credential::Header {
        scheme: scheme.into(),
        credentials: Secret::Literal(credentials.into()),
        identity_pool_id: None,
    }
}

fn is_quoted(redactor: &Redactor, body: &str) -> bool {
    redactor.redact(body.as_bytes()) == body.as_bytes()
}

/// Every byte by its number.
fn each(text: &str, write: impl Fn(u16) -> String) -> String {
    text.encode_utf16().map(write).collect()
}

fn only(text: &str, special: &str, write: impl Fn(char) -> String) -> String {
    let one = |c: char| {
        if special.contains(c) {
            write(c)
        } else {
            c.to_string()
        }
    };
    text.chars().map(one).collect()
}

fn html(text: &str) -> String {
    only(text, "&<>\"'=+/", |c| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        other => format!("&#x{:X};", u32::from(other)),
    })
}

fn percent(text: &str) -> String {
    percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string()
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

type Step = (&'static str, fn(&str) -> String);

/// How a server may write what it was sent.
const STEPS: [Step; 20] = [
    ("plain", str::to_owned),
    ("JSON", json),
    ("JSON with \\/", |text| json(text).replace('/', "\\/")),
    // Gson escapes what HTML could mistake; Go does so with `<`, `>` and `&`.
    ("Gson", |text| {
        only(&json(text), "=<>&'+", |c| {
            format!("\\u{:04x}", u32::from(c))
        })
    }),
    ("Python's json", |text| {
        let escaped = |c: u16| match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{c:04x}"),
        };
        each(text, escaped)
    }),
    ("all of it as \\u", |text| {
        each(text, |c| format!("\\u{c:04X}"))
    }),
    ("Python's repr", |text| {
        only(text, "=/+\\", |c| format!("\\x{:02x}", u32::from(c)))
    }),
    ("HTML", html),
    ("HTML by number", |text| {
        let all: Vec<_> = text
            .chars()
            .map(|c| format!("&#{};", u32::from(c)))
            .collect();
        all.concat()
    }),
    ("HTML by name", |text| {
        text.replace('=', "&equals;")
            .replace('+', "&plus;")
            .replace('/', "&sol;")
    }),
    ("a form", |text| {
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
    }),
    ("a form that was decoded", |text| text.replace('+', " ")),
    ("percent", percent),
    ("percent in lower case", |text| {
        let write = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02x}"),
        };
        text.bytes().map(write).collect()
    }),
    ("percent twice", |text| percent(&percent(text))),
    ("without padding", |text| {
        text.trim_end_matches('=').to_owned()
    }),
    ("in the URL's alphabet", |text| {
        text.replace('+', "-").replace('/', "_")
    }),
    ("base64", |text| STANDARD.encode(text)),
    ("base64 for URLs", |text| URL_SAFE_NO_PAD.encode(text)),
    ("in lines", |text| {
        let all: Vec<_> = text.chars().collect();
        let lines: Vec<String> = all.chunks(19).map(|line| line.iter().collect()).collect();
        lines.join("\r\n")
    }),
];

/// Kind of credential, what knows it, and what a server may say of it.
fn kinds() -> Vec<(&'static str, Redactor, Vec<String>)> {
    let password = "S\u{fc}per/s3cr3t+\"k>y\\~==";
    let pair = STANDARD.encode(format!("u:{password}"));
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkciJ9.c2lnbmF0dXJl-_Q";
    let opaque = "cflt/T0ken+opaque==";
    let key = "R0UT1NGK3Y0123456789abcdefABCDEF";
    let hook = [
        "/hooks/T0/canary%2Fone?key=tok-two~2",
        "canary/one",
        "tok-two~2",
    ];
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let none = Credential::None;
    vec![
        (
            "basic",
            redactor(&basic("u", password), &[]),
            texts(&[password, &pair, &format!("Basic {pair}")]),
        ),
        // A token that an OAuth 2 secret bought is a bearer; the secret itself never leaves for the API.
        (
            "bearer",
            redactor(&header("Bearer", jwt), &[]),
            texts(&[jwt, &format!("Bearer {jwt}")]),
        ),
        (
            "header",
            redactor(&header("ApiKey", opaque), &[]),
            texts(&[opaque]),
        ),
        (
            "oauth2 secret",
            redactor(&none, &[password]),
            texts(&[password]),
        ),
        ("routing key", redactor(&none, &[key]), texts(&[key])),
        ("url secret", redactor(&none, &hook), texts(&hook)),
    ]
}

#[test]
fn no_credential_is_quoted_however_a_server_writes_it() {
    for (kind, redactor, texts) in kinds() {
        for text in &texts {
            for (how, write) in STEPS {
                let echo = write(text);
                for body in [
                    format!("{{\"message\":\"you sent {echo}\"}}"),
                    format!("<p>{echo}</p>"),
                    echo,
                ] {
                    assert!(!is_quoted(&redactor, &body), "{kind}, {how}: {body}");
                }
            }
        }
    }
}

#[test]
fn no_part_of_a_credential_is_quoted() {
    for (kind, redactor, texts) in kinds() {
        for text in texts.iter().filter(|text| !text.starts_with('/')) {
            let all: Vec<_> = text.chars().collect();
            let (first, second) = all.split_at(all.len().div_ceil(2).max(15.min(all.len())));
            let cut = first.iter().collect::<String>();
            assert!(
                !is_quoted(&redactor, &format!("Authorization: {cut}")),
                "{kind}: {cut}"
            );
            let rest = second.iter().collect::<String>();
            if rest.len() >= 15 {
                assert!(
                    !is_quoted(&redactor, &format!("****{rest}")),
                    "{kind}: {rest}"
                );
            }
        }
    }
    let redactor = redactor(&basic("u", "S3cret"), &[]);
    for cut in [
        "Basic dTpT",
        "basic dTpTM2",
        "{\"authorization\":\"Basic dTpTM2Ny",
        "S3cre",
    ] {
        assert!(!is_quoted(&redactor, cut), "{cut}");
    }
}

#[test]
fn what_servers_usually_say_is_quoted() {
    let usual = [
        "",
        r#"{"error_code":40101,"message":"Authentication failed: 401 Unauthorized"}"#,
        r#"{"error_code":40301,"message":"Request is not authorized for cluster lkc-abc123"}"#,
        r#"{"errors":[{"id":"5f2e3c1a","status":"429","detail":"Too many requests, retry after 30 s"}]}"#,
        "<html><head><title>502 Bad Gateway</title></head><body>nginx &amp; friends &#8212; 100&nbsp;%</body></html>",
        "Basic authentication required; realm=\"Confluent\"",
        "Bearer of what? token expired at 2026-01-01T00:00:00Z",
        "invalid routing key",
        "no service `hooks` here; C:\\proxy\\log\\new",
        "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
        "RmFpbGVkIHRvIGF1dGhlbnRpY2F0ZSB0aGUgY2xpZW50",
    ];
    for (kind, redactor, _) in kinds() {
        for body in usual {
            assert!(is_quoted(&redactor, body), "{kind}: {body}");
        }
        let long = usual.concat().repeat(100);
        assert!(is_quoted(&redactor, &long), "{kind}: a long body");
    }
}

#[test]
fn short_passwords_are_withheld_whole_and_empty_ones_hide_nothing() {
    let short = redactor(&basic("key", "a b"), &[]);
    for (body, quoted) in [
        ("a b", false),
        ("a+b", false),
        ("a%20b", false),
        ("ab", true),
    ] {
        assert_eq!(is_quoted(&short, body), quoted, "{body}");
    }
    for nothing in [
        redactor(&basic("key", ""), &[""]),
        redactor(&Credential::None, &[]),
    ] {
        assert!(is_quoted(&nothing, "any body, Bearer a.b/c"));
    }
}

#[test]
fn a_riddle_is_not_quoted_and_takes_no_time() {
    let redactor = redactor(&header("Bearer", "t0ken-of-ours"), &[]);
    let mut percents = "%41".to_owned();
    let mut nested = "x".repeat(1000);
    for _ in 0..20 {
        percents = percents.replace('%', "%25");
        nested = STANDARD_NO_PAD.encode(&nested);
    }
    assert!(!is_quoted(&redactor, &percents));
    redactor.redact(nested.as_bytes());
    redactor.redact("%2541+dTpT".repeat(100_000).as_bytes());
}

#[test]
fn a_good_answer_is_searched_for_whole_secrets() {
    let password = "pass/\\\"word\u{e4}==";
    let pair = STANDARD.encode(format!("lkc-user:{password}"));
    let ours = redactor(&basic("lkc-user", password), &["proxy-secret"]);
    let json = |text: &str| serde_json::json!({ "error_message": text }).to_string();
    let repeated = [
        password.to_owned(),
        json(password),
        json(password).replace('/', r"\/"),
        json(&format!("Basic {pair}")),
        json(&pair).replace('=', r"\u003d").replace('/', r"\/"),
        json("by proxy-secret"),
        format!("{}{pair}", "x".repeat(MAX_LOOKED_AT)),
    ];
    for body in repeated {
        assert!(ours.is_repeated_in(body.as_bytes()), "{body}");
    }
    for body in ["", &json("lkc-user"), &json("pass/"), &json(&pair[..8])] {
        assert!(!ours.is_repeated_in(body.as_bytes()), "{body}");
    }
}

#[test]
fn a_short_secret_is_not_searched_for_in_a_good_answer() {
    let body = br#"{"link_name":"orders-dr","pool":"12345678"}"#;
    for short in ["orders-", "1234567", "orders-===", ""] {
        assert!(!redactor(&header("Bearer", short), &[]).is_repeated_in(body));
    }
    for long in ["orders-d", "12345678"] {
        assert!(redactor(&header("Bearer", long), &[]).is_repeated_in(body));
    }
    assert!(!redactor(&Credential::None, &[]).is_repeated_in(body));
}

#[test]
fn the_password_of_a_url_is_known_without_its_escapes() {
    let url = "http://u:p%40ss@proxy:3128".parse().unwrap();
    assert_eq!(password_of(&url).unwrap().expose_secret(), "p@ss");
    assert!(password_of(&"http://proxy:3128".parse().unwrap()).is_none());
}

proptest! {
    #[test]
    fn no_encoding_of_encodings_is_quoted(
        secret in "[ -~\u{e4}\u{fc}\u{1f600}]{0,6}[A-Za-z0-9]{8,24}[ -~]{0,6}",
        before in "[ -~]{0,20}",
        steps in prop::collection::vec(0..STEPS.len() - 1, 0..4),
    ) {
        let steps: Vec<_> = steps.into_iter().map(|step| STEPS[step]).collect();
        let is_base64 = |step: &&Step| step.0.starts_with("base64");
        prop_assume!(steps.iter().filter(is_base64).count() <= MAX_NESTING);
        let echo = steps.iter().fold(secret.clone(), |text, (_, write)| write(&text));
        let redactor = redactor(&Credential::None, &[&secret]);
        prop_assert!(!is_quoted(&redactor, &format!("{before} {echo}")), "{echo}");
    }

    #[test]
    fn any_body_is_looked_at_without_a_panic(body: Vec<u8>, secret: String) {
        redactor(&Credential::None, &[&secret]).redact(&body);
    }
}
