//! Ed25519 keys as C2SP signed-note names them: of epochs (type 0x01) and of witnesses (0x04).
//!
//! ring verifies a signature by any 32 bytes that decode to a point, small-order ones among them; one
//! signature then fits many messages. Such keys are refused when they are read, here, once.

use std::fmt;

use ring::signature::{self, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::digest::{Hash, decode_base64, encode_base64, hex};
use crate::origin::Origin;
use crate::rejection::{Fault, Rejection};

/// Bytes of an Ed25519 signature.
pub(crate) const SIGNATURE: usize = 64;

/// The most bytes that a key's name may have.
const MAX_NAME: usize = 255;

/// What a key signs.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum KeyType {
    /// Notes, as they are: the keys of a log.
    Note,
    /// Notes with a time: the keys of witnesses.
    Cosignature,
}

impl KeyType {
    const fn byte(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Note),
            0x04 => Some(Self::Cosignature),
            _ => None,
        }
    }
}

/// The first four bytes of the digest of a key and its name: which key a signature line is by.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// The id with these bytes.
    pub const fn new(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The id's bytes.
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    fn of(name: &str, key_type: KeyType, key: &[u8; 32]) -> Self {
        let digest = Hash::of(&[name.as_bytes(), b"\n", &[key_type.byte()], key]);
        let [a, b, c, d, ..] = *digest.as_bytes();
        Self([a, b, c, d])
    }
}

/// Hexadecimal.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A public key with its name: a `vkey`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PublicKey {
    name: Box<str>,
    key_type: KeyType,
    id: KeyId,
    bytes: [u8; 32],
}

impl PublicKey {
    /// Reads `NAME+ID+DATA`. Refused ([`Fault::Key`]) is what is not of that form, whose id is not that
    /// of the key, and keys with which nothing can be proven.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Fault::Key.because("a key is NAME+ID+DATA"));
        };
        let data: [u8; 33] = decode_base64(data)
            .ok_or_else(|| Fault::Key.because("its data are not 33 bytes of canonical base64"))?;
        let [key_type, bytes @ ..] = data;
        let key_type = KeyType::from_byte(key_type)
            .ok_or_else(|| Fault::Key.because("neither an Ed25519 key nor a witness's"))?;
        let key = Self::new(name, key_type, bytes)?;
        if key.id.to_string() != id {
            return Err(Fault::Key.because("its id is that of another key or name"));
        }
        Ok(key)
    }

    /// The key of this name and type with these bytes, if it is one that proves something.
    pub fn new(name: &str, key_type: KeyType, bytes: [u8; 32]) -> Result<Self, Rejection> {
        if !is_name(name) {
            return Err(Fault::Key.because("a key's name has neither spaces nor plus signs"));
        }
        if !is_canonical(&bytes) {
            return Err(Fault::Key.because("its encoding is not canonical"));
        }
        if is_small_order(&bytes) {
            return Err(Fault::Key.because("it is of small order: its signatures fit any message"));
        }
        Ok(Self {
            name: name.into(),
            key_type,
            id: KeyId::of(name, key_type, &bytes),
            bytes,
        })
    }

    /// The key's name; of a log's keys, the log's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub const fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// Which key a signature line is by.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The Ed25519 public key (RFC 8032 section 5.1.5).
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Whether `signature` is this key's over `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8; SIGNATURE]) -> bool {
        UnparsedPublicKey::new(&signature::ED25519, self.bytes)
            .verify(message, signature)
            .is_ok()
    }
}

/// `NAME+ID+DATA`.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut data = Vec::with_capacity(33);
        data.push(self.key_type.byte());
        data.extend_from_slice(&self.bytes);
        write!(f, "{}+{}+{}", self.name, self.id, encode_base64(&data))
    }
}

/// The secret of an epoch's key. It is printed by nothing.
#[derive(Clone)]
pub struct Seed([u8; 32]);

impl Seed {
    /// The seed with these bytes, which must be random.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The seed's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// A key that signs, and its public half.
#[derive(Debug)]
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// The key of a log with this origin, from its seed.
    pub fn of_log(origin: &Origin, seed: &Seed) -> Result<Self, Rejection> {
        Self::new(origin.as_str(), KeyType::Note, seed)
    }

    /// The first key of a new log; its name follows from the key.
    pub fn first(seed: &Seed) -> Result<(Origin, Self), Rejection> {
        let pair = pair(seed)?;
        let origin = Origin::of_key(&public_bytes(&pair)?);
        let key = Self::of_log(&origin, seed)?;
        Ok((origin, key))
    }

    /// The key of this name and type, from its seed.
    pub fn new(name: &str, key_type: KeyType, seed: &Seed) -> Result<Self, Rejection> {
        let pair = pair(seed)?;
        let public = PublicKey::new(name, key_type, public_bytes(&pair)?)?;
        Ok(Self { pair, public })
    }

    /// The public half.
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message`.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
        let mut bytes = [0; SIGNATURE];
        let signature = self.pair.sign(message);
        for (to, from) in bytes.iter_mut().zip(signature.as_ref()) {
            *to = *from;
        }
        bytes
    }
}

/// Whether `name` may be the name of a key.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|b| matches!(b, 0x21..=0x2A | 0x2C..=0x7E))
}

fn pair(seed: &Seed) -> Result<Ed25519KeyPair, Rejection> {
    Ed25519KeyPair::from_seed_unchecked(&seed.0)
        .map_err(|_| Fault::Key.because("a seed has 32 bytes"))
}

fn public_bytes(pair: &Ed25519KeyPair) -> Result<[u8; 32], Rejection> {
    pair.public_key()
        .as_ref()
        .try_into()
        .map_err(|_| Fault::Key.because("a public key has 32 bytes"))
}

/// Whether y, the encoding without its sign bit, is less than 2^255 - 19.
fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = bytes;
    let top = high & 0x7F == 0x7F && middle.iter().all(|byte| *byte == 0xFF);
    !top || *low < 0xED
}

/// Whether the point is one of the eight whose order divides 8. Their y are 0, 1, -1 and two more;
/// the sign bit chooses between the x of each.
fn is_small_order(bytes: &[u8; 32]) -> bool {
    let mut y = *bytes;
    if let Some(high) = y.last_mut() {
        *high &= 0x7F;
    }
    SMALL_ORDER.contains(&y)
}

const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0,
    ],
    [
        0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98,
        0xF0, 0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53,
        0xFC, 0x05,
    ],
    [
        0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67,
        0x0F, 0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC,
        0x03, 0x7A,
    ],
    [
        0xEC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0x7F,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(byte: u8) -> Seed {
        Seed::new([byte; 32])
    }

    #[test]
    fn signatures_are_those_of_the_standard() {
        // RFC 8032 section 7.1, test 2.
        let mut bytes = [0; 32];
        let text = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
        }
        let key = SigningKey::new("x", KeyType::Note, &Seed::new(bytes)).unwrap();
        assert_eq!(
            hex(key.public().as_bytes()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        );
        let signature = key.sign(&[0x72]);
        assert!(hex(&signature).starts_with("92a009a9f0d4cab8720e820b5f642540"));
        assert!(key.public().verifies(&[0x72], &signature));
        assert!(!key.public().verifies(&[0x73], &signature));
    }

    #[test]
    fn a_key_is_read_as_it_is_written_and_only_under_its_own_name() {
        let (origin, key) = SigningKey::first(&seed(1)).unwrap();
        let text = key.public().to_string();
        assert_eq!(&PublicKey::parse(&text).unwrap(), key.public());
        assert!(origin.certifies(key.public()));
        let other = SigningKey::of_log(&origin, &seed(2)).unwrap();
        assert!(!origin.certifies(other.public()));
        for bad in [
            text.replace("portlog", "portl0g"),
            text.to_uppercase(),
            text.replacen('+', "+0", 1),
            format!("{text}="),
            format!(" {text}"),
            text.replace("portlog/", "portlog "),
            "a+b".to_owned(),
            String::new(),
        ] {
            assert_eq!(
                PublicKey::parse(&bad).unwrap_err().fault,
                Fault::Key,
                "{bad}"
            );
        }
    }

    #[test]
    fn a_key_of_a_log_is_none_of_a_witness() {
        let note = SigningKey::new("a", KeyType::Note, &seed(1)).unwrap();
        let witness = SigningKey::new("a", KeyType::Cosignature, &seed(1)).unwrap();
        assert_ne!(note.public().id(), witness.public().id());
        assert_ne!(note.public().to_string(), witness.public().to_string());
    }

    #[test]
    fn keys_whose_signatures_fit_any_message_are_refused() {
        for point in SMALL_ORDER {
            for sign in [0, 0x80] {
                let mut bytes = point;
                bytes[31] |= sign;
                let error = PublicKey::new("x", KeyType::Note, bytes).unwrap_err();
                assert_eq!(error.fault, Fault::Key);
            }
        }
        // The identity as key: ring accepts R = identity, S = 0 for everything.
        let mut always = [0; SIGNATURE];
        always[0] = 1;
        let identity = UnparsedPublicKey::new(&signature::ED25519, SMALL_ORDER[1]);
        assert!(identity.verify(b"anything", &always).is_ok());
    }

    #[test]
    fn small_orders_are_those_of_the_curve() {
        // Multiplied by 8, each is the identity: found by adding points of the curve in the field.
        for point in SMALL_ORDER {
            let y = field::from_bytes(&point);
            let x = field::x_of(&y).expect("on the curve");
            let mut at = (x, y);
            for _ in 0..3 {
                at = field::double(&at);
            }
            assert_eq!(at, (field::small(0), field::small(1)), "{}", hex(&point));
        }
    }

    #[test]
    fn encodings_beyond_the_field_are_refused() {
        for low in 0xED..=0xFF {
            for high in [0x7F, 0xFF] {
                let mut bytes = [0xFF; 32];
                bytes[0] = low;
                bytes[31] = high;
                assert!(!is_canonical(&bytes));
                assert!(PublicKey::new("x", KeyType::Note, bytes).is_err());
            }
        }
        assert!(is_canonical(&SMALL_ORDER[4]));
        assert!(is_canonical(&[0xEE; 32]));
    }

    /// L, the order of the group.
    const ORDER: [u8; 32] = [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];

    #[test]
    fn a_signature_has_one_form() {
        let key = SigningKey::new("x", KeyType::Note, &seed(3)).unwrap();
        let good = key.sign(b"m");
        // S + L: the same signature to a lax verifier.
        let mut more = good;
        let mut carry = 0;
        for (byte, add) in more[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = u8::try_from(sum & 0xFF).unwrap();
            carry = sum >> 8;
        }
        assert_eq!(carry, 0);
        assert!(key.public().verifies(b"m", &good));
        assert!(!key.public().verifies(b"m", &more));
        // R of small order, and R not canonical.
        for r in [SMALL_ORDER[1], SMALL_ORDER[0], [0xFF; 32]] {
            let mut other = good;
            other[..32].copy_from_slice(&r);
            assert!(!key.public().verifies(b"m", &other));
        }
    }

    #[test]
    fn a_seed_is_not_printed() {
        assert_eq!(format!("{:?}", seed(9)), "Seed(..)");
        let key = SigningKey::new("x", KeyType::Note, &seed(9)).unwrap();
        assert!(!format!("{key:?}").contains("090909"));
    }

    /// Arithmetic modulo 2^255 - 19, slow and plain: numbers are 32 little-endian bytes.
    mod field {
        pub(super) type Number = [u8; 32];

        const P: Number = {
            let mut p = [0xFF; 32];
            p[0] = 0xED;
            p[31] = 0x7F;
            p
        };

        pub(super) fn small(low: u8) -> Number {
            let mut number = [0; 32];
            number[0] = low;
            number
        }

        pub(super) fn from_bytes(bytes: &[u8; 32]) -> Number {
            reduce(*bytes)
        }

        fn less(a: &Number, b: &Number) -> bool {
            a.iter().rev().lt(b.iter().rev())
        }

        fn reduce(mut a: Number) -> Number {
            while !less(&a, &P) {
                a = raw_sub(&a, &P);
            }
            a
        }

        fn raw_sub(a: &Number, b: &Number) -> Number {
            let (mut out, mut borrow) = ([0; 32], 0);
            for at in 0..32 {
                let sum = 256 + i32::from(a[at]) - i32::from(b[at]) - borrow;
                out[at] = u8::try_from(sum & 0xFF).unwrap();
                borrow = i32::from(sum < 256);
            }
            out
        }

        fn add(a: &Number, b: &Number) -> Number {
            let (mut out, mut carry) = ([0; 32], 0);
            for at in 0..32 {
                let sum = u16::from(a[at]) + u16::from(b[at]) + carry;
                out[at] = u8::try_from(sum & 0xFF).unwrap();
                carry = sum >> 8;
            }
            reduce(out)
        }

        fn negative(a: &Number) -> Number {
            reduce(raw_sub(&P, a))
        }

        fn mul(a: &Number, b: &Number) -> Number {
            let mut out = [0; 32];
            for byte in b.iter().rev() {
                for bit in (0..8).rev() {
                    out = add(&out, &out);
                    if byte >> bit & 1 == 1 {
                        out = add(&out, a);
                    }
                }
            }
            out
        }

        fn power(a: &Number, exponent: &Number) -> Number {
            let mut out = small(1);
            for byte in exponent.iter().rev() {
                for bit in (0..8).rev() {
                    out = mul(&out, &out);
                    if byte >> bit & 1 == 1 {
                        out = mul(&out, a);
                    }
                }
            }
            out
        }

        fn invert(a: &Number) -> Number {
            power(a, &raw_sub(&P, &small(2)))
        }

        /// -121665 / 121666.
        fn d() -> Number {
            let mut top = [0; 32];
            top[..3].copy_from_slice(&[0x41, 0xDB, 0x01]);
            let bottom = add(&top, &small(1));
            negative(&mul(&top, &invert(&bottom)))
        }

        /// An x such that -x^2 + y^2 = 1 + d x^2 y^2.
        pub(super) fn x_of(y: &Number) -> Option<Number> {
            let yy = mul(y, y);
            let u = add(&yy, &negative(&small(1)));
            let v = add(&mul(&d(), &yy), &small(1));
            let square = mul(&u, &invert(&v));
            // (p + 3) / 8, and the square root of -1 = 2^((p - 1) / 4).
            let mut exponent = [0xFF; 32];
            exponent[0] = 0xFE;
            exponent[31] = 0x0F;
            let mut quarter = [0xFF; 32];
            quarter[0] = 0xFB;
            quarter[31] = 0x1F;
            let root = power(&square, &exponent);
            let other = mul(&root, &power(&small(2), &quarter));
            [root, other].into_iter().find(|x| mul(x, x) == square)
        }

        pub(super) fn double(at: &(Number, Number)) -> (Number, Number) {
            let (x, y) = at;
            let product = mul(&d(), &mul(&mul(x, x), &mul(y, y)));
            let top_x = add(&mul(x, y), &mul(x, y));
            let top_y = add(&mul(y, y), &mul(x, x));
            let below_x = add(&small(1), &product);
            let below_y = add(&small(1), &negative(&product));
            (
                mul(&top_x, &invert(&below_x)),
                mul(&top_y, &invert(&below_y)),
            )
        }
    }
}
