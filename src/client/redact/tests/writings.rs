//! How servers may write what they were sent.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

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

/// Every byte, with this between them.
fn of_bytes(text: impl AsRef<[u8]>, between: &str, write: impl Fn(u8) -> String) -> String {
    let all = text.as_ref().iter().copied().map(write);
    all.collect::<Vec<_>>().join(between)
}

/// Every character.
fn of_chars(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

/// What JavaScript makes of a list that it takes for an object.
fn indexed(values: impl Iterator<Item = String>) -> String {
    let fields = values
        .enumerate()
        .map(|(index, value)| format!("\"{index}\":{value}"));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// RFC 4648, 6.
fn base32(text: &str) -> String {
    let bits = of_bytes(text, "", |byte| format!("{byte:08b}"));
    let digit = |bits: &[u8]| {
        let bits = format!("{:0<5}", str::from_utf8(bits).unwrap());
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        char::from(alphabet[usize::from_str_radix(&bits, 2).unwrap()])
    };
    bits.as_bytes().chunks(5).map(digit).collect()
}

/// What it is called, and how it writes a text.
pub(super) type Writing = (&'static str, fn(&str) -> String);

/// Those that can be told from plain text.
pub(super) const ESCAPES: [Writing; 21] = [
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
    ("C", |text| {
        let byte = |byte: u8| match byte {
            b'"' | b'\\' | 0..=0x1f | 0x7f.. => format!("\\{byte:03o}"),
            other => char::from(other).to_string(),
        };
        text.bytes().map(byte).collect()
    }),
    ("all of it in octal", |text| {
        of_bytes(text, "", |byte| format!("\\{byte:o}"))
    }),
    ("Python's \\U", |text| {
        of_chars(text, |c| format!("\\U{:08x}", u32::from(c)))
    }),
    ("Perl's \\x", |text| {
        of_chars(text, |c| format!("\\x{{{:X}}}", u32::from(c)))
    }),
];

/// Those that look like anything else.
pub(super) const ENCODINGS: [Writing; 23] = [
    ("base64", |text| STANDARD.encode(text)),
    ("base64 for URLs", |text| URL_SAFE_NO_PAD.encode(text)),
    ("base32", base32),
    ("base32 in lower case", |text| base32(text).to_lowercase()),
    ("hexadecimal", |text| {
        of_bytes(text, "", |byte| format!("{byte:02x}"))
    }),
    ("hexadecimal in upper case", |text| {
        of_bytes(text, "", |byte| format!("{byte:02X}"))
    }),
    ("a dump", |text| {
        of_bytes(text, " ", |byte| format!("{byte:02x}"))
    }),
    ("a dump with colons", |text| {
        of_bytes(text, ":", |byte| format!("{byte:02X}"))
    }),
    ("a dump of words", |text| {
        let words = text
            .as_bytes()
            .chunks(2)
            .map(|word| of_bytes(word, "", |byte| format!("{byte:02x}")));
        words.collect::<Vec<_>>().join(" ")
    }),
    ("a list in hexadecimal", |text| {
        of_bytes(text, ", ", |byte| format!("0x{byte:02x}"))
    }),
    ("UTF-16 in hexadecimal", |text| {
        each(text, |c| format!("{c:04x}"))
    }),
    ("code points", |text| each(text, |c| format!("U+{c:04X} "))),
    ("unsigned bytes", |text| {
        of_bytes(text, ", ", |byte| byte.to_string())
    }),
    ("signed bytes", |text| {
        of_bytes(text, ", ", |byte| byte.cast_signed().to_string())
    }),
    ("Go's bytes", |text| {
        of_bytes(text, " ", |byte| byte.to_string())
    }),
    ("bytes with hyphens", |text| {
        of_bytes(text, "-", |byte| byte.to_string())
    }),
    ("decimal escapes", |text| {
        of_bytes(text, "", |byte| format!("\\{byte:03}"))
    }),
    ("octal bytes", |text| {
        of_bytes(text, " ", |byte| format!("{byte:03o}"))
    }),
    ("octal numbers", |text| {
        of_bytes(text, ",", |byte| format!("0o{byte:o}"))
    }),
    ("binary", |text| {
        of_bytes(text, " ", |byte| format!("{byte:08b}"))
    }),
    ("binary in one", |text| {
        of_bytes(text, "", |byte| format!("{byte:08b}"))
    }),
    ("quoted-printable", |text| {
        of_bytes(text, "", |byte| match byte {
            b'!'..=b'<' | b'>'..=b'~' => char::from(byte).to_string(),
            other => format!("={other:02X}"),
        })
    }),
    ("all of it quoted-printable", |text| {
        of_bytes(text, "", |byte| format!("={byte:02X}"))
    }),
];

/// Those that make something else of other writings.
pub(super) const LAST: [Writing; 8] = [
    ("in lines", |text| {
        let all: Vec<_> = text.chars().collect();
        let lines: Vec<String> = all.chunks(19).map(|line| line.iter().collect()).collect();
        lines.join("\r\n")
    }),
    ("in upper case", str::to_uppercase),
    ("in lower case", str::to_lowercase),
    ("backwards", |text| text.chars().rev().collect()),
    ("spaced", |text| {
        of_bytes(text, " ", |byte| char::from(byte).to_string())
    }),
    ("an object of letters", |text| {
        indexed(text.chars().map(|c| json(&c.to_string())))
    }),
    ("an object of bytes", |text| {
        indexed(text.bytes().map(|byte| byte.to_string()))
    }),
    ("hexadecimal in lines", |text| {
        let lines = text.as_bytes().chunks(16).enumerate().map(|(line, bytes)| {
            let bytes = of_bytes(bytes, " ", |byte| format!("{byte:02x}"));
            format!("{:08x}  {bytes}\n", 16 * line)
        });
        lines.collect()
    }),
];
