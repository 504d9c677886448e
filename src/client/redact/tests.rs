mod usual;
mod writings;

use base64::engine::general_purpose::STANDARD_NO_PAD;
use proptest::prelude::*;

use self::{
    usual::USUAL,
    writings::{ENCODINGS, ESCAPES, LAST, Writing},
};
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

/// Kind of credential, what knows it, and what a server may say of it.
fn kinds() -> Vec<(&'static str, Redactor, Vec<String>)> {
    let password = "S\u{fc}per/s3cr3t+\"k>y\\~==";
    let pair = STANDARD.encode(format!("u:{password}"));
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkciJ9.c2lnbmF0dXJl-_Q";
    let opaque = "cflt/T0ken+opaque==";
    let key = "R0UT1NGK3Y7f2c9e4b8a1d6053kqzwvh";
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
            for (how, write) in [&ESCAPES[..], &ENCODINGS, &LAST].concat() {
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
fn letters_of_every_script_count_and_symbols_are_known_backwards() {
    let redactor = redactor(&basic("u", "СовершенноСекретно"), &["~!@#$%^*"]);
    for told in [
        "СовершенноСекретн",
        "совершенносекретно",
        "онтеркеСоннешревоС",
        "С-о-в-е-р-ш-е-н-н-о",
        "*^%$#@!~",
    ] {
        assert!(!is_quoted(&redactor, &format!("no: {told}.")), "{told}");
    }
    assert!(is_quoted(
        &redactor,
        "доступ запрещён: обратитесь к администратору"
    ));
}

#[test]
fn what_servers_usually_say_is_quoted() {
    for (kind, redactor, _) in kinds() {
        for body in USUAL {
            assert!(is_quoted(&redactor, body), "{kind}: {body}");
        }
        let long = USUAL.concat().repeat(100);
        assert!(is_quoted(&redactor, &long), "{kind}: a long body");
    }
}

#[test]
fn a_body_that_nobody_can_read_is_not_quoted_and_says_so() {
    let redactor = redactor(&header("Bearer", "t0ken-of-ours"), &[]);
    // The token's bytes, each with its highest bit flipped.
    let disguised = |text: &str| -> Vec<String> {
        text.bytes().map(|byte| (byte ^ 0x80).to_string()).collect()
    };
    let deep = (0..10).fold("%41".to_owned(), |text, _| text.replace('%', "%25"));
    let list = disguised("Authorization: Bearer t0ken-of-ours").join(",\\n");
    for body in [deep, format!("[{list}]"), "255 ".repeat(33)] {
        let shown = str::from_utf8(redactor.redact(body.as_bytes())).unwrap();
        assert_eq!(
            shown,
            "(not quoted: the body is encoded too deeply or lists numbers, and could hold the credential)",
            "{body}"
        );
    }
    let echo = str::from_utf8(redactor.redact(b"you sent T0KEN-OF-OURS")).unwrap();
    assert_eq!(echo, "(not quoted: the body holds the credential)");
    for body in ["255 ".repeat(32), disguised("short").join(" ")] {
        assert!(is_quoted(&redactor, &body), "{body}");
    }
}

#[test]
fn fewer_letters_than_the_bound_are_a_coincidence() {
    let long = redactor(&header("Bearer", "qX7-vR2+mK9=tB4/zL6"), &[]);
    let short = redactor(&Credential::None, &["s3cret"]);
    let shortest = redactor(&Credential::None, &["pw1"]);
    for (redactor, body, quoted) in [
        (&long, "token X7VR2MK9", false),
        (&long, "token x7vr2mk", true),
        (&short, "found 3CRE", false),
        (&short, "found cre", true),
        (&shortest, "found PW1", false),
        (&shortest, "found pw", true),
    ] {
        assert_eq!(is_quoted(redactor, body), quoted, "{body}");
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
        json("by proxy-secret").replace('y', r"\u0079"),
        json("by proxy-secret")
            .replace("-s", r"-\u0073")
            .replace('"', "\n\""),
        json(&pair).replace('b', r"\u0062").replace('Z', r"\u005A"),
        json(&json(password).replace('/', r"\/")),
        json(&json("by proxy-secret").replace('p', r"\u0070")),
        format!(
            r#"{{"a\\":"\ud800","b":"\"","c":{}}}"#,
            json("by proxy-secret").replace('p', r"\u0070")
        ),
    ];
    for body in repeated {
        assert!(ours.is_repeated_in(body.as_bytes()), "{body}");
    }
    let others = [
        String::new(),
        json("lkc-user"),
        json("pass/"),
        json(&pair[..8]),
        json(r#"C:\proxy \ "secret""#),
        json("by proxy-\nsecret"),
    ];
    for body in others {
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

proptest! {
    #[test]
    fn no_encoding_of_encodings_is_quoted(
        secret in "[ -~\u{e4}\u{fc}\u{1f600}]{0,6}[A-Za-z0-9]{8,24}[ -~]{0,6}",
        before in "[ -~]{0,20}",
        steps in prop::collection::vec(prop::sample::select([&ESCAPES[..], &ENCODINGS].concat()), 0..4),
    ) {
        let is_encoding = |step: &&Writing| ENCODINGS.iter().any(|(name, _)| *name == step.0);
        prop_assume!(steps.iter().filter(is_encoding).count() <= MAX_NESTING);
        let echo = steps.iter().fold(secret.clone(), |text, (_, write)| write(&text));
        // Of a path only the whole counts, and an encoding of UTF-16 that is not ASCII is in pieces.
        prop_assume!(!secret.starts_with('/'));
        // Of what is longer the start that is looked at may hold too little of the secret.
        prop_assume!(before.len() + echo.len() < MAX_LOOKED_AT);
        let redactor = redactor(&Credential::None, &[&secret]);
        prop_assert!(!is_quoted(&redactor, &format!("{before} {echo}")), "{echo}");
    }

    #[test]
    fn any_body_is_looked_at_without_a_panic(body: Vec<u8>, secret: String) {
        redactor(&Credential::None, &[&secret]).redact(&body);
    }
}
