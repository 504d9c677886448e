//! What a text holds in encodings of bytes: base64, base32, hexadecimal, binary, lists of numbers, quoted-printable.
//!
//! A text does not say where such an encoding begins, so each is tried on all of it. What that makes of other text is noise.

use std::collections::BTreeSet;

use super::{LONGEST_PART, SHORTEST_PART, unescape::hexadecimal};

/// A certificate's fingerprint has so many numbers; no error message has to list more.
const LONGEST_ROW: usize = 32;

/// Digits of some bits each, in runs of at least a few. A run that continues another text may begin anywhere.
struct Digits {
    value: fn(u8) -> Option<u8>,
    bits: u32,
    shortest: usize,
    starts: usize,
}

const BINARY: Digits = Digits {
    value: |byte| byte.checked_sub(b'0').filter(|digit| *digit < 2),
    bits: 1,
    shortest: 8,
    starts: 1,
};
/// Also a dump of it: runs of two digits are a list.
const HEXADECIMAL: Digits = Digits {
    value: |byte| {
        let digit = char::from(byte).to_digit(16)?;
        u8::try_from(digit).ok()
    },
    bits: 4,
    shortest: 2,
    starts: 2,
};
const BASE32: Digits = Digits {
    value: |byte| match byte.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(letter - b'A'),
        digit @ b'2'..=b'7' => Some(digit - b'2' + 26),
        _ => None,
    },
    bits: 5,
    shortest: LONGEST_PART,
    starts: 8,
};
/// Of either alphabet.
const BASE64: Digits = Digits {
    value: |byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    },
    bits: 6,
    shortest: LONGEST_PART,
    starts: 4,
};

/// Whatever the text may hold, each once.
pub(super) fn readings(text: &[u8]) -> BTreeSet<Vec<u8>> {
    // A form's decoder made spaces of pluses, and mail breaks lines.
    let spaces = replaced(text, |rest| (rest[0] == b' ').then_some((Some(b'+'), 1)));
    let unbroken = replaced(text, |rest| b"\r\n".contains(&rest[0]).then_some((None, 1)));
    let mut readings: BTreeSet<_> = BASE64.readings(&spaces).collect();
    let is_broken = unbroken.len() < text.len();
    for text in [Some(text), is_broken.then_some(&unbroken)]
        .into_iter()
        .flatten()
    {
        for digits in [BINARY, HEXADECIMAL, BASE32, BASE64] {
            readings.extend(digits.readings(text));
        }
        readings.extend([8, 10].map(|radix| numbers(text, radix)));
        readings.extend([from_quoted_printable(text), without_indices(text)]);
    }
    readings.remove(text);
    readings.remove(&unbroken);
    let legible = readings.iter().map(|reading| legible(reading));
    legible.filter(|text| !text.is_empty()).collect()
}

/// What of the bytes is text for more than a few characters: of noise next to nothing is left to look into. Zeros do not
/// count, since they are half of each character in UTF-16.
fn legible(bytes: &[u8]) -> Vec<u8> {
    let bytes: Vec<_> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let chunks = bytes.utf8_chunks();
    let texts = chunks.flat_map(|chunk| chunk.valid().split(char::is_control));
    let long = texts.filter(|text| text.len() >= SHORTEST_PART);
    long.collect::<String>().into_bytes()
}

/// Whether more numbers follow each other than anybody reads: they could be bytes, in whatever disguise.
pub(super) fn has_long_row_of_numbers(text: &[u8]) -> bool {
    let words = text.split(|byte| !byte.is_ascii_alphanumeric());
    let mut row = 0;
    words.filter(|word| !word.is_empty()).any(|word| {
        let prefixes: [&[u8]; 4] = [b"0x", b"0X", b"0o", b"0b"];
        let digits = prefixes
            .iter()
            .find_map(|prefix| word.strip_prefix(*prefix));
        let digits = digits.unwrap_or(word);
        let is_number = digits.len() <= 8 && digits.iter().all(u8::is_ascii_hexdigit);
        row = if is_number { row + 1 } else { 0 };
        row > LONGEST_ROW
    })
}

impl Digits {
    /// From each place of a run where it may begin.
    fn readings(&self, text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        (0..self.starts).map(|start| self.reading(text, start))
    }

    /// The bytes of all runs. What is left of bits at the end of one is dropped.
    fn reading(&self, text: &[u8], start: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let runs = text.split(|byte| (self.value)(*byte).is_none());
        for run in runs.filter(|run| run.len() >= self.shortest) {
            let (mut held, mut count) = (0, 0);
            for digit in run.iter().skip(start).copied().filter_map(self.value) {
                held = held << self.bits | u32::from(digit);
                count += self.bits;
                if count >= 8 {
                    count -= 8;
                    bytes.extend(u8::try_from(held >> count));
                    held &= (1 << count) - 1;
                }
            }
        }
        bytes
    }
}

/// The numbers that are bytes, signed as Java's or not, and whatever stands between them.
fn numbers(text: &[u8], radix: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut before: &[u8] = b"";
    for run in text.chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit()) {
        let digits = str::from_utf8(run).ok().filter(|_| run[0].is_ascii_digit());
        let number = digits.and_then(|digits| u8::from_str_radix(digits, radix).ok());
        // Right behind a number or a word it is a hyphen.
        let is_negative = matches!(before, [.., left, b'-'] if !left.is_ascii_alphanumeric());
        bytes.extend(number.map(|byte| {
            if is_negative {
                byte.wrapping_neg()
            } else {
                byte
            }
        }));
        before = run;
    }
    bytes
}

/// RFC 2045, 6.7. The breaks that it puts into lines make no difference here.
fn from_quoted_printable(text: &[u8]) -> Vec<u8> {
    replaced(text, |rest| {
        let byte = hexadecimal(rest.strip_prefix(b"=")?, 2)?;
        Some((u8::try_from(byte).ok(), 3))
    })
}

/// What JavaScript makes of bytes or letters that are written as an object, `{"0":115,"1":51}`, as a list.
fn without_indices(text: &[u8]) -> Vec<u8> {
    replaced(text, |rest| {
        let behind = rest.strip_prefix(b"\"")?;
        let digits = behind
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let is_index = digits > 0 && behind[digits..].starts_with(b"\":");
        is_index.then_some((None, digits + 3))
    })
}

/// The text with other bytes in the place of what `take` finds at the start of its rest, and the length of that.
fn replaced(text: &[u8], take: impl Fn(&[u8]) -> Option<(Option<u8>, usize)>) -> Vec<u8> {
    let mut written = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(&first) = rest.first() {
        let (byte, length) = take(rest).unwrap_or((Some(first), 1));
        written.extend(byte);
        rest = &rest[length..];
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_read_wherever_it_begins() {
        for written in [
            "czNjcjN0",
            "xczNjcjN0==",
            "czNj\r\ncjN0",
            "OMZWG4RTOQ======",
            "omzwg4rtoq",
            "733363723374",
            "x733363723374",
            "0x73, 0x33, 0x63, 0x72, 0x33, 0x74",
            "73 33 63 72 33 74",
            "73:33:63:72:33:74",
            "U+0073 U+0033 U+0063 U+0072 U+0033 U+0074",
            "[115, 51, 99, 114, 51, 116]",
            "115-51-99-114-51-116",
            "<<115,51,99,114,51,116>>",
            "163 063 143 162 063 164",
            "01110011 00110011 01100011 01110010 00110011 01110100",
            "s=33c=723t",
            "{\"0\":\"s\",\"1\":\"3\",\"10\":\"cr3t\"}",
        ] {
            let holds = readings(written.as_bytes()).iter().any(|reading| {
                let shown = reading.iter().filter(|byte| byte.is_ascii_alphanumeric());
                String::from_utf8_lossy(&shown.copied().collect::<Vec<_>>()).contains("s3cr3t")
            });
            assert!(holds, "{written}");
        }
    }

    #[test]
    fn signed_bytes_are_told_from_hyphens() {
        assert_eq!(numbers(b"[-61, -68, 7] 1-2", 10), [195, 188, 7, 1, 2]);
    }

    #[test]
    fn a_row_of_numbers_is_long_when_nobody_reads_it() {
        let row = |number: &str, count: usize| vec![number; count].join(", ");
        for number in ["-7", "0x7F", "af", "0b101", "65535"] {
            assert!(
                has_long_row_of_numbers(row(number, 33).as_bytes()),
                "{number}"
            );
            assert!(
                !has_long_row_of_numbers(row(number, 32).as_bytes()),
                "{number}"
            );
        }
        assert!(!has_long_row_of_numbers(row("7 of 9", 33).as_bytes()));
    }
}
