//! SHA-256 digests and how they are written: base64 in signed text, hexadecimal in names.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;

/// A SHA-256 digest: of a leaf, a node, a root, a commitment or a file.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The digest with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// SHA-256 over `parts`, one after the other.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(part);
        }
        Self::finish(context)
    }

    /// The digest of what `context` was given.
    pub(crate) fn finish(context: digest::Context) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Self(bytes)
    }

    /// Reads 44 characters of canonical base64.
    pub fn from_base64(text: &str) -> Option<Self> {
        decode_base64(text).map(Self)
    }

    /// Reads 64 characters of lower-case hexadecimal.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = (nibble(*high)? << 4) | nibble(*low)?;
        }
        Some(Self(bytes))
    }

    /// 44 characters of base64.
    pub fn to_base64(self) -> String {
        encode_base64(&self.0)
    }

    /// 64 characters of lower-case hexadecimal.
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }
}

/// Base64, as in signed text.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_base64())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| DIGITS.get(usize::from(nibble)))
        .collect()
}

/// Base64 with padding (RFC 4648 section 4).
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Appends the base64 of `bytes`.
pub(crate) fn push_base64(out: &mut String, bytes: &[u8]) {
    STANDARD.encode_string(bytes, out);
}

/// Reads canonical base64 of exactly `N` bytes.
pub(crate) fn decode_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N.div_ceil(3) * 4 {
        return None;
    }
    // The decoder wants room for what the length could hold, padding or not.
    let mut room = [0; 96];
    let room = room.get_mut(..N.div_ceil(3) * 3)?;
    let written = STANDARD.decode_slice(text, room).ok()?;
    room.get(..written)?.try_into().ok()
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            Hash::of(&[b"a", b"bc"]).to_hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let hash = Hash::of(&[b"x"]);
        assert_eq!(Hash::from_base64(&hash.to_base64()), Some(hash));
        assert_eq!(Hash::from_hex(&hash.to_hex()), Some(hash));
        assert_eq!(decode_base64::<16>(&encode_base64(&[7; 16])), Some([7; 16]));
    }

    #[test]
    fn base64_is_read_only_in_its_one_canonical_form() {
        let good = Hash::new([0xFF; 32]).to_base64();
        assert_eq!(good.len(), 44);
        for bad in [
            &good[..43],                   // no padding
            &format!("{}==", &good[..42]), // a byte short
            &format!("{good}="),           // too long
            &format!("{}9=", &good[..42]), // unused bits that are not zero
            &good.replace('/', "_"),       // the alphabet of URLs
            &format!(" {}", &good[1..]),   // white space
            &format!("{}\n", &good[..43]),
            "",
        ] {
            assert_eq!(Hash::from_base64(bad), None, "{bad:?}");
        }
        assert_eq!(decode_base64::<16>("AAAAAAAAAAAAAAAAAAAAAB=="), None);
    }

    #[test]
    fn hexadecimal_is_lower_case_and_whole() {
        let good = Hash::new([0xAB; 32]).to_hex();
        assert_eq!(Hash::from_hex(&good.to_uppercase()), None);
        assert_eq!(Hash::from_hex(&good[..62]), None);
        assert_eq!(Hash::from_hex(&format!("{}g", &good[..63])), None);
    }
}
