//! Keeps our own credentials out of what is quoted from a server, and out of what is taken from it: some echo the
//! request's headers.
//!
//! What a server says is compared without its escapes, in every encoding of bytes as in plain text, and by its letters and
//! digits alone, forwards and backwards: case, padding, alphabet and line breaks then make no difference. Parts of a
//! credential count, since echoes are cut short. In doubt nothing is quoted. A good answer may be large and is only searched
//! for whole credentials, as whoever decodes it gets them.

mod json;
mod readings;
#[cfg(test)]
mod tests;
mod unescape;
mod user;

use std::{borrow::Cow, collections::HashMap};

use base64::{Engine, engine::general_purpose::STANDARD};
use memchr::memmem;

pub(super) use self::user::{secrets_of_url, secrets_of_user};
use self::{
    json::escaped_strings,
    readings::{has_long_row_of_numbers, readings},
    unescape::unescaped,
};
use super::auth::Signature;
use crate::secret::{ExposeSecret, SecretString};

/// What is quoted instead.
const WITHHELD: &[u8] = b"(not quoted: the body holds the credential)";
/// What is quoted instead of a body of which nobody can say whether it does.
const UNREADABLE: &[u8] =
    b"(not quoted: the body is encoded too deeply or lists numbers, and could hold the credential)";

/// As much of a body is looked at; far less of it is ever quoted.
const MAX_LOOKED_AT: usize = 4 << 10;
/// So much may come of it when everything in it is decoded; a body that holds more is not quoted.
const MAX_DECODED: usize = 1 << 20;
/// A text that was escaped more often is a riddle, and not quoted.
const MAX_LAYERS: usize = 8;
/// How many encodings of bytes, one in the other, are looked into.
const MAX_NESTING: usize = 2;
/// Fewer letters and digits in a row than these are a coincidence.
const SHORTEST_PART: usize = 4;
/// So many are none, whatever they are part of.
const LONGEST_PART: usize = 8;
/// A shorter secret may stand in a good answer by chance.
const SHORTEST_SEARCHED: usize = 8;

/// Knows the secrets of a request, and withholds what repeats one of them or a part of it, in whatever form.
pub(crate) struct Redactor {
    /// Whole secrets, as they are and without their escapes.
    whole: Vec<Vec<u8>>,
    /// The same in lower case.
    lowered: Vec<Vec<u8>>,
    /// Letters and digits in a row that only a secret holds, in lower case, by the first of them.
    parts: HashMap<[u8; SHORTEST_PART], Vec<Vec<u8>>>,
    /// The first two of each part, by [`rank`]: nearly every place of a text is left at that.
    beginnings: Vec<bool>,
}

impl Redactor {
    /// Of what signed the request, what bought the token that did, and what else in it is secret.
    pub(crate) fn new(
        signature: &Signature,
        further: impl IntoIterator<Item = SecretString>,
    ) -> Self {
        let mut redactor = Self {
            whole: Vec::new(),
            lowered: Vec::new(),
            parts: HashMap::new(),
            beginnings: vec![false; RANKS],
        };
        let sensitive = signature.headers.values();
        for value in sensitive.filter(|value| value.is_sensitive()) {
            redactor.header(value.as_bytes());
        }
        for secret in signature.secrets.iter().cloned().chain(further) {
            redactor.secret(secret.expose_secret().as_bytes());
        }
        redactor
    }

    /// The body, or what is quoted instead.
    pub(crate) fn redact<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        if self.whole.is_empty() {
            return body;
        }
        let start = &body[..body.len().min(MAX_LOOKED_AT)];
        let mut left = MAX_DECODED;
        let lists_numbers =
            || has_long_row_of_numbers(start) || has_long_row_of_numbers(&unescaped(start));
        match self.is_told(start, MAX_NESTING, &mut left) {
            Ok(true) => WITHHELD,
            Ok(false) if !lists_numbers() => body,
            Ok(false) | Err(Riddle) => UNREADABLE,
        }
    }

    /// Whether a body that is not quoted but read holds a whole secret: in plain, as it was sent, or as either is written in
    /// JSON, or in a document that is a string of another.
    pub(crate) fn is_repeated_in(&self, body: &[u8]) -> bool {
        let whole = self.whole.iter().map(|secret| unpadded(secret));
        let long: Vec<_> = whole
            .filter(|secret| secret.len() >= SHORTEST_SEARCHED)
            .map(memmem::Finder::new)
            .collect();
        if long.is_empty() {
            return false;
        }
        let is_in = |text: &[u8]| long.iter().any(|secret| secret.find(text).is_some());
        is_in(body)
            || escaped_strings(body).any(|string| {
                let inner = || layers(&string).unwrap_or_default();
                is_in(&string) || string.contains(&b'\\') && inner().iter().any(|text| is_in(text))
            })
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
            self.part(&[&folded(scheme), &credential[..telling]].concat());
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
        for form in &forms {
            let lowered = lowered(form);
            self.lowered.extend([reversed(&lowered), lowered]);
        }
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
        self.beginnings[rank(*beginning)] = true;
        let parts = self.parts.entry(*start).or_default();
        if !parts.iter().any(|known| known == part) {
            parts.push(part.to_vec());
        }
    }

    /// Whether the text holds any of it, looking into encodings of bytes this many times.
    fn is_told(&self, text: &[u8], nesting: usize, left: &mut usize) -> Result<bool, Riddle> {
        let mut layers = layers(text)?;
        layers.push(text.to_vec());
        for layer in &layers {
            *left = left.checked_sub(layer.len()).ok_or(Riddle)?;
            if self.is_in(layer, nesting == MAX_NESTING) {
                return Ok(true);
            }
            if nesting == 0 {
                continue;
            }
            for reading in readings(layer) {
                if self.is_told(&reading, nesting - 1, left)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// A few bytes stand in any decoded text by chance, so that of it only longer ones count.
    fn is_in(&self, text: &[u8], is_as_sent: bool) -> bool {
        let counts = |secret: &&Vec<u8>| is_as_sent || secret.len() >= SHORTEST_PART;
        let mut whole = self.lowered.iter().filter(counts);
        let lowered = lowered(text);
        if whole.any(|secret| memmem::find(&lowered, secret).is_some()) {
            return true;
        }
        let letters = folded(text);
        let holds = |letters: &[u8]| (0..letters.len()).any(|start| self.begins(&letters[start..]));
        holds(&letters) || holds(&reversed(&letters))
    }

    /// Whether the letters and digits begin with those of a secret.
    fn begins(&self, text: &[u8]) -> bool {
        let is_candidate = text
            .first_chunk()
            .is_some_and(|two| self.beginnings[rank(*two)]);
        let parts = text.first_chunk().filter(|_| is_candidate);
        let parts = parts.and_then(|start| self.parts.get(start));
        parts.is_some_and(|parts| parts.iter().any(|part| text.starts_with(part)))
    }
}

/// A text whose escapes or encodings have no end.
struct Riddle;

/// Without the padding of base64, which some writers of JSON escape.
fn unpadded(secret: &[u8]) -> &[u8] {
    let padding = secret.iter().rev().take_while(|byte| **byte == b'=');
    &secret[..secret.len() - padding.count()]
}

/// The text with one layer of escapes less each time.
fn layers(text: &[u8]) -> Result<Vec<Vec<u8>>, Riddle> {
    let mut layers = Vec::new();
    let mut outer = Cow::Borrowed(text);
    for _ in 0..MAX_LAYERS {
        let inner = unescaped(&outer);
        if inner == *outer {
            return Ok(layers);
        }
        layers.push(inner.clone());
        outer = inner.into();
    }
    Err(Riddle)
}

/// In lower case, whatever the letters.
fn lowered(text: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(text).to_lowercase().into_bytes()
}

/// How many pairs of bytes there are.
const RANKS: usize = 1 << 16;

/// The place of two bytes among all.
fn rank(pair: [u8; 2]) -> usize {
    u16::from_be_bytes(pair).into()
}

/// Its letters and digits, of whatever script, in lower case.
fn folded(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .into_bytes()
}

/// The characters the other way round.
fn reversed(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    text.chars().rev().collect::<String>().into_bytes()
}
