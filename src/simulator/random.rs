//! Numbers that look random and depend on nothing but their inputs: the same seed gives the same world everywhere.

/// Mixes the seed and the words into 64 bits. Not for secrets.
pub(super) fn number(seed: u64, words: &[&str]) -> u64 {
    // FNV-1a; the separator keeps ["ab", "c"] and ["a", "bc"] apart.
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed;
    for word in words {
        for byte in word.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    // The finisher of SplitMix64: FNV alone leaves the high bits of similar names alike.
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Sixteen bytes in the form of a version 4 UUID.
pub(super) fn uuid(seed: u64, words: &[&str]) -> [u8; 16] {
    let half = |which: &str| number(seed, &[&[which], words].concat()).to_be_bytes();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&half("high"));
    bytes[8..].copy_from_slice(&half("low"));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_inputs_give_the_same_number_and_others_another() {
        assert_eq!(number(1, &["a", "b"]), number(1, &["a", "b"]));
        let others = [
            number(1, &["a", "b"]),
            number(2, &["a", "b"]),
            number(1, &["ab"]),
            number(1, &["b", "a"]),
        ];
        let distinct: std::collections::BTreeSet<_> = others.iter().collect();
        assert_eq!(distinct.len(), others.len());
    }
}
