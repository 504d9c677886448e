//! Takes one layer of escapes off a text, whichever kinds it holds: those of JSON, JavaScript, C, Python, URLs, forms and
//! HTML.

/// The names of HTML for characters that are neither letters nor digits, which alone are written by name.
const ENTITIES: &[(&[u8], u8)] = &[
    (b"amp", b'&'),
    (b"lt", b'<'),
    (b"gt", b'>'),
    (b"quot", b'"'),
    (b"apos", b'\''),
    (b"nbsp", b' '),
    (b"equals", b'='),
    (b"plus", b'+'),
    (b"sol", b'/'),
    (b"bsol", b'\\'),
    (b"colon", b':'),
    (b"semi", b';'),
    (b"comma", b','),
    (b"period", b'.'),
    (b"lowbar", b'_'),
    (b"percnt", b'%'),
    (b"num", b'#'),
    (b"excl", b'!'),
    (b"quest", b'?'),
    (b"dollar", b'$'),
    (b"ast", b'*'),
    (b"commat", b'@'),
    (b"lpar", b'('),
    (b"rpar", b')'),
    (b"lsqb", b'['),
    (b"rsqb", b']'),
    (b"lcub", b'{'),
    (b"rcub", b'}'),
    (b"verbar", b'|'),
    (b"grave", b'`'),
    (b"Hat", b'^'),
];

/// The text without its outermost escapes. What looks like an escape and is none stays, but for its backslash.
pub(super) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        let escape = match first {
            b'\\' => backslash(behind),
            b'%' => percent(behind),
            b'&' => entity(behind),
            // A form's space. A plus sign that was meant is one in the secret as well.
            b'+' => Some((Unit::Byte(b' '), 0)),
            _ => None,
        };
        let (unit, length) = escape.unwrap_or((Unit::Byte(first), 0));
        rest = &behind[length..];
        match unit {
            Unit::Byte(byte) => plain.push(byte),
            Unit::Char(high) => {
                let (character, length) = joined(high, rest);
                rest = &rest[length..];
                let character = char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER);
                plain.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    plain
}

/// What an escape stands for.
enum Unit {
    Byte(u8),
    /// A character's number, or half of it in UTF-16.
    Char(u32),
}

/// A unit and the length of its escape.
type Escape = Option<(Unit, usize)>;

fn backslash(behind: &[u8]) -> Escape {
    let (&kind, digits) = behind.split_first()?;
    let control = |byte| Some((Unit::Byte(byte), 1));
    match kind {
        b'u' | b'x' if digits.first() == Some(&b'{') => braced(digits),
        b'u' => hexadecimal(digits, 4).map(|number| (Unit::Char(number), 5)),
        b'U' => hexadecimal(digits, 8).map(|number| (Unit::Char(number), 9)),
        b'x' => hexadecimal(digits, 2).map(|number| (byte(number), 3)),
        b'0'..=b'7' => octal(behind),
        b'n' => control(b'\n'),
        b'r' => control(b'\r'),
        b't' => control(b'\t'),
        b'b' => control(8),
        b'f' => control(12),
        _ => None,
    }
    // The character that JSON would not have had to escape, a backslash included.
    .or(Some((Unit::Byte(kind), 1)))
}

/// `\u{5a}`
fn braced(digits: &[u8]) -> Escape {
    let end = digits.iter().take(9).position(|byte| *byte == b'}')?;
    Some((Unit::Char(number(&digits[1..end], 16)?), end + 2))
}

/// `\132`: up to three digits that are a byte.
fn octal(behind: &[u8]) -> Escape {
    let is_digit = |byte: &&u8| (b'0'..=b'7').contains(*byte);
    let length = behind.iter().take(3).take_while(is_digit).count();
    let byte = u8::try_from(number(&behind[..length], 8)?).ok()?;
    Some((Unit::Byte(byte), length))
}

fn percent(behind: &[u8]) -> Escape {
    if let Some(digits) = behind.strip_prefix(b"u")
        && let Some(number) = hexadecimal(digits, 4)
    {
        return Some((Unit::Char(number), 5));
    }
    hexadecimal(behind, 2).map(|number| (byte(number), 2))
}

fn entity(behind: &[u8]) -> Escape {
    let Some(digits) = behind.strip_prefix(b"#") else {
        let named = |(name, byte): &(&[u8], u8)| {
            let is_it = behind.strip_prefix(*name)?.first() == Some(&b';');
            is_it.then_some((Unit::Byte(*byte), name.len() + 1))
        };
        return ENTITIES.iter().find_map(named);
    };
    let (digits, radix, before) = match digits.first()? {
        b'x' | b'X' => (&digits[1..], 16, 2),
        _ => (digits, 10, 1),
    };
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    let length = digits
        .iter()
        .take(8)
        .take_while(|byte| is_digit(byte))
        .count();
    let number = number(&digits[..length], radix)?;
    // Browsers do without the semicolon.
    let end = usize::from(digits.get(length) == Some(&b';'));
    Some((Unit::Char(number), before + length + end))
}

/// The character of a first half and the second one behind it, and how long that was.
fn joined(high: u32, behind: &[u8]) -> (u32, usize) {
    let second = || {
        let escape = match behind.split_first()? {
            (b'\\', behind) => backslash(behind),
            (b'%', behind) => percent(behind),
            (b'&', behind) => entity(behind),
            _ => None,
        };
        match escape? {
            (Unit::Char(low @ 0xdc00..=0xdfff), length) => Some((low, length + 1)),
            _ => None,
        }
    };
    match high {
        0xd800..=0xdbff => second().map_or((high, 0), |(low, length)| {
            (0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00), length)
        }),
        _ => (high, 0),
    }
}

/// The number that so many digits begin with.
pub(super) fn hexadecimal(text: &[u8], length: usize) -> Option<u32> {
    number(text.get(..length)?, 16)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let digits = str::from_utf8(digits)
        .ok()
        .filter(|text| !text.starts_with('+'))?;
    u32::from_str_radix(digits, radix).ok()
}

fn byte(number: u32) -> Unit {
    Unit::Byte(u8::try_from(number).expect("two digits are a byte"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_layer_of_every_kind_is_taken_off() {
        let cases = [
            (r#"a\u003d\u003D\"\/\\u003d\n"#, "a==\"/\\u003d\n"),
            (r"\x3d\u{3d}\x{3d}\q\", r"===q\"),
            (
                r"\U0000003d\U0001F600\U3d \75\075\0753\778",
                "=😀U3d ===3?8",
            ),
            ("a%3D%3d%253D%u003d%zz", "a==%3D=%zz"),
            (
                "a+b&amp;#61;&#61;&#x3D;&#61 &equals;&other;",
                "a b&#61;=== =&other;",
            ),
            (
                r"\ud83d\ude00 %uD83D%uDE00 &#128512; \ud83d",
                "😀 😀 😀 \u{fffd}",
            ),
            ("100 % & so on\\", "100 % & so on\\"),
        ];
        for (escaped, plain) in cases {
            assert_eq!(
                String::from_utf8(unescaped(escaped.as_bytes())).unwrap(),
                plain
            );
        }
    }
}
