//! The strings of a JSON document that hold escapes, as whoever decodes the document gets them. All others stand in it as
//! they are.

use std::fmt;

use memchr::{memchr, memrchr};
use serde::{Deserialize, Deserializer, de::Visitor};

/// Each string with an escape, decoded. They end where the document is none.
pub(super) fn escaped_strings(document: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut rest = document;
    std::iter::from_fn(move || {
        let escape = memchr(b'\\', rest)?;
        // Up to its first escape the last quote is the one that begins the string.
        let start = memrchr(b'"', &rest[..escape])?;
        let strings = serde_json::Deserializer::from_slice(&rest[start..]);
        let mut strings = strings.into_iter::<Text>();
        let Text(text) = strings.next()?.ok()?;
        rest = &rest[start + strings.byte_offset()..];
        Some(text)
    })
}

/// A string that may hold halves of characters, and bytes that are none: where it is passed over, serde lets them pass.
struct Text(Vec<u8>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_with_escapes_are_found_and_decoded_whatever_stands_between() {
        let document = [
            br#"{"plain":"a","\u0073\/":["b","c\"\\"],"half":"\ud800","#.as_slice(),
            b"\"no text\":\"\xff\\n\"",
            br#","last":"\u0053"}"#,
        ]
        .concat();
        let found: Vec<_> = escaped_strings(&document).collect();
        let expected: [&[u8]; 5] = [b"s/", b"c\"\\", b"\xed\xa0\x80", b"\xff\n", b"S"];
        assert_eq!(found, expected);
        for none in ["", "\\", "\"a\" \\", r#"{"a":"\q","b":"\n"}"#, r#""\u00"#] {
            assert_eq!(escaped_strings(none.as_bytes()).count(), 0, "{none}");
        }
    }
}
