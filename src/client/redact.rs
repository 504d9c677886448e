//! Keeps our own credentials out of what is quoted from a server, and out of what is taken from it: some echo the
//! request's headers.
//!
//! What a server says is compared without its escapes, in base64 as in plain text, and by its letters and digits alone:
//! padding, alphabet and line breaks then make no difference. Parts of a credential count, since echoes are cut short. In
//! doubt nothing is quoted. A good answer may be large and is only searched for whole credentials.

#[cfg(test)]
mod tests;
mod unescape;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use memchr::memmem;
use percent_encoding::percent_decode_str;
use url::Url;

use self::unescape::unescaped;
use super::auth::Signature;
use crate::secret::{ExposeSecret, SecretString};

/// What is quoted instead.
const WITHHELD: &[u8] = b"(not quoted: the body holds the credential)";

/// As much of a body is looked at; far less of it is ever quoted.
const MAX_LOOKED_AT: usize = 4 << 10;
/// So much may come of it when everything in it is decoded; a body that holds more is not quoted.
const MAX_DECODED: usize = 1 << 20;
/// A text that was escaped more often is a riddle, and not quoted.
const MAX_LAYERS: usize = 8;
/// How many times base64 is looked into.
const MAX_NESTING: usize = 2;
/// Fewer letters and digits in a row than these are a coincidence.
const SHORTEST_PART: usize = 4;
/// So many are none, whatever they are part of.
const LONGEST_PART: usize = 8;
/// A shorter secret may stand in a good answer by chance.
const SHORTEST_SEARCHED: usize = 8;

/// Base64 of either alphabet, once it is translated, however it ends.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a URL's own user and password add to the secrets of a request.
pub(super) fn password_of(url: &Url) -> Option<SecretString> {
    let password = percent_decode_str(url.password()?).decode_utf8_lossy();
    Some(password.into_owned().into())
}

/// Knows the secrets of a request, and withholds what repeats one of them or a part of it, in whatever form.
pub(crate) struct Redactor {
    /// Whole secrets, as they are and without their escapes.
    whole: Vec<Vec<u8>>,
    /// Letters and digits in a row that only a secret holds, by the first of them.
    parts: HashMap<[u8; SHORTEST_PART], Vec<Vec<u8>>>,
    /// The first two of each part: nearly every place of a text is left at that.
    beginnings: HashSet<[u8; 2]>,
}

impl Redactor {
    /// Of what signed the request, and what else in it is secret.
    pub(crate) fn new(
        signature: &Signature,
        further: impl IntoIterator<Item = SecretString>,
    ) -> Self {
        let mut redactor = Self {
            whole: Vec::new(),
            parts: HashMap::new(),
            beginnings: HashSet::new(),
        };
        let sensitive = signature.headers.values();
        for value in sensitive.filter(|value| value.is_sensitive()) {
            redactor.header(value.as_bytes());
        }
        for secret in further {
            redactor.secret(secret.expose_secret().as_bytes());
        }
        redactor
    }

    /// The body, or what is quoted instead.
    pub(crate) fn redact<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        let start = &body[..body.len().min(MAX_LOOKED_AT)];
        let mut left = MAX_DECODED;
        if !self.whole.is_empty() && self.is_told(start, MAX_NESTING, &mut left) {
            WITHHELD
        } else {
            body
        }
    }

    /// Whether a body that is not quoted but read holds a whole secret: in plain, as it was sent, or as either is written in
    /// JSON.
    pub(crate) fn is_repeated_in(&self, body: &[u8]) -> bool {
        let whole = self.whole.iter().map(|secret| unpadded(secret));
        let long = whole.filter(|secret| secret.len() >= SHORTEST_SEARCHED);
        let mut spellings = long.flat_map(in_json);
        spellings.any(|spelling| memmem::find(body, &spelling).is_some())
    }

    /// A header's value, with or without a scheme before the credential.
    fn header(&mut self, value: &[u8]) {
        let scheme = value.iter().position(|byte| *byte == b' ');
        let (scheme, credential) = value.split_at(scheme.map_or(0, |end| end + 1));
        self.secret(credential);
        // Of Basic's pair only the password is secret; it may hold colons itself.
        let mut telling = 6;
        if scheme == b"Basic "
            && let Ok(pair) = STANDARD.decode(credential)
            && let Some(colon) = pair.iter().position(|byte| *byte == b':')
        {
            self.secret(&pair[colon + 1..]);
            telling = 4;
        }
        // Behind its scheme the beginning of a credential is enough to know it by.
        let credential = folded(credential);
        if !scheme.is_empty() && credential.len() > telling {
            for scheme in [scheme.to_vec(), scheme.to_ascii_lowercase()] {
                self.part(&[&folded(&scheme), &credential[..telling]].concat());
            }
        }
    }

    fn secret(&mut self, secret: &[u8]) {
        if secret.is_empty() {
            return;
        }
        // The parts of a URL's path are secrets of their own, and some of them are words.
        let is_path = secret.starts_with(b"/");
        let mut forms = vec![secret.to_vec()];
        forms.extend(layers(secret).unwrap_or_default());
        for form in &forms {
            self.parts_of(&folded(form), is_path);
        }
        self.parts_of(&folded(STANDARD.encode(secret).as_bytes()), is_path);
        self.whole.extend(forms);
    }

    fn parts_of(&mut self, text: &[u8], only_whole: bool) {
        let most = if only_whole {
            text.len()
        } else {
            (2 * text.len()).div_ceil(3).min(LONGEST_PART)
        };
        let length = most.max(SHORTEST_PART);
        for part in text.windows(length) {
            self.part(part);
        }
    }

    fn part(&mut self, part: &[u8]) {
        let (Some(start), Some(beginning)) = (part.first_chunk(), part.first_chunk()) else {
            return;
        };
        self.beginnings.insert(*beginning);
        let parts = self.parts.entry(*start).or_default();
        if !parts.iter().any(|known| known == part) {
            parts.push(part.to_vec());
        }
    }

    /// Whether the text holds any of it, looking into base64 this many times, or is more than may be looked at.
    fn is_told(&self, text: &[u8], nesting: usize, left: &mut usize) -> bool {
        let Some(mut layers) = layers(text) else {
            return true;
        };
        layers.push(text.to_vec());
        layers.iter().any(|layer| {
            let Some(rest) = left.checked_sub(layer.len()) else {
                return true;
            };
            *left = rest;
            let mut decoded = decoded(layer, nesting);
            self.is_in(layer, nesting == MAX_NESTING)
                || decoded.any(|text| self.is_told(&text, nesting - 1, left))
        })
    }

    /// A few bytes stand in any decoded text by chance, so that of it only longer ones count.
    fn is_in(&self, text: &[u8], is_as_sent: bool) -> bool {
        let counts = |secret: &&Vec<u8>| is_as_sent || secret.len() >= SHORTEST_PART;
        let mut whole = self.whole.iter().filter(counts);
        if whole.any(|secret| contains(text, secret)) {
            return true;
        }
        let text = folded(text);
        (0..text.len()).any(|start| self.begins(&text[start..]))
    }

    /// Whether the letters and digits begin with those of a secret.
    fn begins(&self, text: &[u8]) -> bool {
        let is_candidate = text
            .first_chunk()
            .is_some_and(|two| self.beginnings.contains(two));
        let parts = text.first_chunk().filter(|_| is_candidate);
        let parts = parts.and_then(|start| self.parts.get(start));
        parts.is_some_and(|parts| parts.iter().any(|part| text.starts_with(part)))
    }
}

/// Without the padding of base64, which some writers of JSON escape.
fn unpadded(secret: &[u8]) -> &[u8] {
    let padding = secret.iter().rev().take_while(|byte| **byte == b'=');
    &secret[..secret.len() - padding.count()]
}

/// The secret as a body may have it.
fn in_json(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut spellings = vec![secret.to_vec()];
    if let Ok(text) = str::from_utf8(secret) {
        let quoted = serde_json::Value::from(text).to_string();
        let escaped = quoted[1..quoted.len() - 1].to_owned();
        spellings.push(escaped.replace('/', r"\/").into());
        spellings.push(escaped.into());
    }
    spellings.sort();
    spellings.dedup();
    spellings
}

/// The text with one layer of escapes less each time; `None` where there is no end to it.
fn layers(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut layers = Vec::new();
    let mut outer = Cow::Borrowed(text);
    for _ in 0..MAX_LAYERS {
        let inner = unescaped(&outer);
        if inner == *outer {
            return Some(layers);
        }
        layers.push(inner.clone());
        outer = inner.into();
    }
    None
}

/// What the text holds in base64: every run of its alphabets, from each place where one may begin. Nothing where that has
/// been looked into often enough.
fn decoded(text: &[u8], nesting: usize) -> impl Iterator<Item = Vec<u8>> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    let mut texts = vec![text.to_vec()];
    // A form's decoder made spaces of pluses, and mail breaks lines.
    texts.push(
        text.iter()
            .map(|byte| if *byte == b' ' { b'+' } else { *byte })
            .collect(),
    );
    texts.push(
        text.iter()
            .copied()
            .filter(|byte| !b"\r\n".contains(byte))
            .collect(),
    );
    texts.dedup();
    texts.truncate(if nesting == 0 { 0 } else { texts.len() });
    texts.into_iter().flat_map(move |text| {
        let runs = text.split(move |byte| !is_base64(*byte));
        let starts = runs.flat_map(|run| (0..4).filter_map(|start| run.get(start..)));
        let long = starts.filter(|run| run.len() >= LONGEST_PART);
        long.filter_map(from_base64).collect::<Vec<_>>()
    })
}

fn from_base64(run: &[u8]) -> Option<Vec<u8>> {
    let standard = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    };
    let mut run: Vec<u8> = run.iter().map(standard).collect();
    if run.len() % 4 == 1 {
        run.pop();
    }
    LENIENT.decode(run).ok()
}

/// Its letters and digits.
fn folded(text: &[u8]) -> Vec<u8> {
    text.iter()
        .copied()
        .filter(u8::is_ascii_alphanumeric)
        .collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
