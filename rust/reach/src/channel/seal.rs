//! Loopback TCP, on which any app can knock: both sides prove that they know a secret, and every
//! frame carries its number and a code that only they can make.
//!
//! The secret is made for one connection and told in the same attested call that asks for it. Each
//! side proves it by HMAC-SHA256 over both sides' greetings and fresh random bytes, under a label of
//! its own, so that no proof can be sent back or used again; from the same come two keys, one for
//! each direction. What is sent is not encrypted: it does not leave the phone, and root can read it
//! anyway.

use std::fmt;

use ring::hmac;
use ring::rand::SecureRandom;

use super::greeting::{GREETING, Role};
use super::{Error, FrameError};

/// The random bytes that each side adds.
pub(super) const NONCE: usize = 32;
/// A proof, and the code of a frame.
pub(super) const TAG: usize = 32;
/// What a sealed frame has beside kind and body: its counter and its code.
pub(super) const OVERHEAD: usize = 8 + TAG;

/// What the two ends of one loopback connection know, and nobody else: 256 random bits.
pub struct Secret([u8; Self::LEN]);

impl Secret {
    /// Its length in bytes.
    pub const LEN: usize = 32;

    /// A new one.
    pub fn random(random: &dyn SecureRandom) -> Result<Self, Error> {
        let mut bytes = [0; Self::LEN];
        random.fill(&mut bytes).map_err(|_| Error::Random)?;
        Ok(Self(bytes))
    }

    /// The one that was told.
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be told in the attested call and nowhere else.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

/// Never the secret itself: it must not end up in a log.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What both sides said before any proof.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transcript {
    /// The helper's greeting and random bytes.
    pub(super) helper: [u8; GREETING + NONCE],
    /// The app's.
    pub(super) app: [u8; GREETING + NONCE],
}

impl Transcript {
    /// How `role` proves that it knows the secret.
    pub(super) fn proof(&self, secret: &Secret, role: Role) -> [u8; TAG] {
        self.mac(secret, proof_label(role))
    }

    /// Whether `proof` is the one of `role`, in constant time.
    pub(super) fn verify(&self, secret: &Secret, role: Role, proof: &[u8]) -> Result<(), Error> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret.0);
        hmac::verify(&key, &self.message(proof_label(role)), proof).map_err(|_| Error::WrongSecret)
    }

    /// What seals the frames of `from`.
    pub(super) fn sealer(&self, secret: &Secret, from: Role) -> Sealer {
        Sealer {
            key: self.key(secret, from),
            next: 0,
        }
    }

    /// What opens the frames of `from`.
    pub(super) fn opener(&self, secret: &Secret, from: Role) -> Opener {
        Opener {
            key: self.key(secret, from),
            next: 0,
        }
    }

    fn key(&self, secret: &Secret, from: Role) -> hmac::Key {
        let label = match from {
            Role::Helper => "portlog channel 1 key helper to app",
            Role::App => "portlog channel 1 key app to helper",
        };
        hmac::Key::new(hmac::HMAC_SHA256, &self.mac(secret, label))
    }

    fn mac(&self, secret: &Secret, label: &str) -> [u8; TAG] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret.0);
        tag(&hmac::sign(&key, &self.message(label)))
    }

    fn message(&self, label: &str) -> Vec<u8> {
        [label.as_bytes(), &[0], &self.helper, &self.app].concat()
    }
}

const fn proof_label(role: Role) -> &'static str {
    match role {
        Role::Helper => "portlog channel 1 proof of the helper",
        Role::App => "portlog channel 1 proof of the app",
    }
}

fn tag(tag: &hmac::Tag) -> [u8; TAG] {
    let mut bytes = [0; TAG];
    for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    bytes
}

/// Numbers and authenticates the frames of one direction.
#[derive(Debug)]
pub(super) struct Sealer {
    key: hmac::Key,
    next: u64,
}

impl Sealer {
    /// Appends counter, kind and body, and code.
    pub(super) fn seal(&mut self, frame: &[u8], out: &mut Vec<u8>) {
        let counter = self.next.to_le_bytes();
        self.next = self.next.saturating_add(1);
        let start = out.len();
        out.extend(counter);
        out.extend(frame);
        let code = hmac::sign(&self.key, out.get(start..).unwrap_or_default());
        out.extend(code.as_ref());
    }
}

/// Checks the frames of one direction.
#[derive(Debug)]
pub(super) struct Opener {
    key: hmac::Key,
    next: u64,
}

impl Opener {
    /// Kind and body of a sealed frame: the next one, and made by the peer.
    pub(super) fn open<'a>(&mut self, sealed: &'a [u8]) -> Result<&'a [u8], FrameError> {
        let (signed, code) = sealed
            .split_last_chunk::<TAG>()
            .ok_or(FrameError::CutOff("its code"))?;
        let (counter, frame) = signed
            .split_first_chunk::<8>()
            .ok_or(FrameError::CutOff("its counter"))?;
        // The code first: what is not authentic has no counter worth a word.
        hmac::verify(&self.key, signed, code).map_err(|_| FrameError::Forged)?;
        let got = u64::from_le_bytes(*counter);
        if got != self.next {
            return Err(FrameError::Counter {
                expected: self.next,
                got,
            });
        }
        self.next = self.next.saturating_add(1);
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::super::greeting::{VERSION, greeting};
    use super::*;

    fn transcript() -> Transcript {
        let with = |role, byte| {
            let mut bytes = [byte; GREETING + NONCE];
            bytes[..GREETING].copy_from_slice(&greeting(role, true, VERSION));
            bytes
        };
        Transcript {
            helper: with(Role::Helper, 0xA1),
            app: with(Role::App, 0xB2),
        }
    }

    fn hex(bytes: &[u8]) -> String {
        let digits =
            |byte: &u8| [byte >> 4, byte & 15].map(|half| b"0123456789abcdef"[usize::from(half)]);
        String::from_utf8(bytes.iter().flat_map(digits).collect()).unwrap()
    }

    #[test]
    fn a_proof_is_good_for_its_role_its_secret_and_its_connection_alone() {
        let (secret, other) = (Secret::new([7; 32]), Secret::new([8; 32]));
        let proof = transcript().proof(&secret, Role::Helper);
        let verify = |transcript: Transcript, secret: &Secret, role, proof: &[u8]| {
            transcript.verify(secret, role, proof).is_ok()
        };
        assert!(verify(transcript(), &secret, Role::Helper, &proof));
        assert!(!verify(transcript(), &secret, Role::App, &proof));
        assert!(!verify(transcript(), &other, Role::Helper, &proof));
        assert!(!verify(transcript(), &secret, Role::Helper, &proof[1..]));
        assert!(!verify(transcript(), &secret, Role::Helper, &[]));
        for byte in [16, 47] {
            let mut elsewhere = transcript();
            elsewhere.app[byte] ^= 1;
            assert!(!verify(elsewhere, &secret, Role::Helper, &proof));
            let mut elsewhere = transcript();
            elsewhere.helper[byte] ^= 1;
            assert!(!verify(elsewhere, &secret, Role::Helper, &proof));
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_document() {
        let secret = Secret::new([7; 32]);
        let transcript = transcript();
        let mut sealed = Vec::new();
        transcript
            .sealer(&secret, Role::App)
            .seal(&[67], &mut sealed);
        assert_eq!(
            hex(&transcript.proof(&secret, Role::Helper)),
            include_str!("golden/proof-of-the-helper.hex").trim()
        );
        assert_eq!(
            hex(&transcript.proof(&secret, Role::App)),
            include_str!("golden/proof-of-the-app.hex").trim()
        );
        assert_eq!(hex(&sealed), include_str!("golden/sealed-stop.hex").trim());
    }

    #[test]
    fn every_bit_of_a_frame_is_under_its_code() {
        let secret = Secret::new([7; 32]);
        let mut sealed = Vec::new();
        transcript()
            .sealer(&secret, Role::Helper)
            .seal(b"\x0B\0", &mut sealed);
        let open = |bytes: &[u8]| {
            let mut opener = transcript().opener(&secret, Role::Helper);
            opener.open(bytes).map(<[u8]>::to_vec)
        };
        assert_eq!(open(&sealed).unwrap(), b"\x0B\0");
        for bit in 0..sealed.len() * 8 {
            let mut forged = sealed.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&forged), Err(FrameError::Forged), "bit {bit}");
        }
        for len in 0..sealed.len() {
            assert!(open(&sealed[..len]).is_err());
        }
        // The same key does not serve the other direction.
        let mut opener = transcript().opener(&secret, Role::App);
        assert_eq!(opener.open(&sealed), Err(FrameError::Forged));
    }

    #[test]
    fn a_frame_counts_once_and_in_its_turn() {
        let secret = Secret::new([7; 32]);
        let mut numbering = transcript().sealer(&secret, Role::Helper);
        let mut opener = transcript().opener(&secret, Role::Helper);
        let frames: Vec<Vec<u8>> = (0..3_u8)
            .map(|number| {
                let mut sealed = Vec::new();
                numbering.seal(&[number], &mut sealed);
                sealed
            })
            .collect();
        assert_eq!(opener.open(&frames[0]), Ok(&[0][..]));
        let again = FrameError::Counter {
            expected: 1,
            got: 0,
        };
        assert_eq!(opener.open(&frames[0]), Err(again));
        let ahead = FrameError::Counter {
            expected: 1,
            got: 2,
        };
        assert_eq!(opener.open(&frames[2]), Err(ahead));
        assert_eq!(opener.open(&frames[1]), Ok(&[1][..]));
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new([7; 32])), "Secret(..)");
    }
}
