//! What can happen to an example: bytes flipped, cut, doubled, put in and taken out, and numbers replaced by those that
//! nobody counts with.

use proptest::{collection::vec, prelude::*, sample::Index, sample::select};

/// No input is made larger: what size costs is `slow::scale`'s business.
const LARGE: usize = 64 << 10;

/// What the formats at hand take for special, and texts at their edges.
const TOKENS: &[&str] = &[
    "\"",
    "\\",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "''",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "- ",
    "? ",
    "# ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\\u0000",
    "\\ud800",
    "\u{feff}",
    "\u{202e}",
    "\u{2028}",
    "\u{85}",
    "\u{10ffff}",
    "é",
    "$2y$",
    "9999-12-30T22:00:00.999999999Z",
    "-9999-01-02T01:59:59Z",
    "1970-01-01T00:00:00Z",
];

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "00",
    "1.5",
    "1e400",
    "-1e400",
    "NaN",
    "255",
    "256",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999999999999",
    "9999",
    "-9999",
];

#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Token(Index, &'static str),
    /// Puts this where a number of digits stood.
    Number(Index, &'static str),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
    Cut(Index),
}

/// Random bytes, or one of the seeds after some damage.
pub(super) fn of(seeds: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let damaged = (select(seeds.to_vec()), vec(damage(), 1..6)).prop_map(|(seed, damages)| {
        damages
            .iter()
            .fold(seed, |bytes, damage| damage.done_to(bytes))
    });
    prop_oneof![
        1 => vec(any::<u8>(), 0..512),
        1 => any::<String>().prop_map(String::into_bytes),
        8 => damaged,
    ]
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        1 => (at(), vec(any::<u8>(), 1..16)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        3 => (at(), select(TOKENS)).prop_map(|(at, token)| Damage::Token(at, token)),
        4 => (at(), select(NUMBERS)).prop_map(|(at, number)| Damage::Number(at, number)),
        1 => (at(), 1..64_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        1 => (at(), 1..64_usize, 2..200_usize).prop_map(|(at, length, times)| Damage::Repeat(at, length, times)),
        1 => at().prop_map(Damage::Cut),
    ]
}

impl Damage {
    fn done_to(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let size = bytes.len();
        let place = |at: &Index| at.index(size + 1);
        match self {
            Self::Flip(at, bits) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Self::Insert(at, new) => put(&mut bytes, place(at), new),
            Self::Token(at, token) => put(&mut bytes, place(at), token.as_bytes()),
            Self::Number(at, number) => {
                let numbers = numbers(&bytes);
                if !numbers.is_empty() {
                    let (start, end) = numbers[at.index(numbers.len())];
                    bytes.splice(start..end, number.bytes());
                }
            }
            Self::Remove(at, length) => {
                let start = place(at);
                let end = (start + length).min(bytes.len());
                bytes.drain(start..end);
            }
            Self::Repeat(at, length, times) => {
                let start = place(at);
                let end = (start + length).min(bytes.len());
                let again = bytes[start..end].repeat(*times);
                put(&mut bytes, end, &again);
            }
            Self::Cut(at) => bytes.truncate(place(at)),
        }
        bytes.truncate(LARGE);
        bytes
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    bytes.splice(at..at, new.iter().copied());
}

/// Where digits begin and end.
fn numbers(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut numbers: Vec<(usize, usize)> = Vec::new();
    for (at, _) in bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| byte.is_ascii_digit())
    {
        match numbers.last_mut() {
            Some((_, end)) if *end == at => *end += 1,
            _ => numbers.push((at, at + 1)),
        }
    }
    numbers
}
