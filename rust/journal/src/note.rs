//! Checkpoints (C2SP tlog-checkpoint) in signed notes (C2SP signed-note), and cosignatures on them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::digest::{Hash, encode_base64};
use crate::key::{KeyId, KeyType, PublicKey, SIGNATURE, SigningKey, is_name};
use crate::number;
use crate::origin::Origin;
use crate::rejection::{Fault, Rejection};

/// The most signature lines that a note may have.
pub const MAX_SIGNATURES: usize = 16;

/// The most bytes that a note has as text.
const MAX_NOTE: usize = MAX_SIGNATURES * 8449 + 256;

/// An em dash and a space: how signature lines begin.
const DASH: &str = "\u{2014} ";

/// The state of a log: what is signed.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Checkpoint {
    /// Whose state.
    pub origin: Origin,
    /// How many entries.
    pub size: u64,
    /// The root over their leaves.
    pub root: Hash,
}

/// The signed text.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)
    }
}

impl Checkpoint {
    /// Reads the three lines of a checkpoint.
    pub(crate) fn from_lines(origin: &str, size: &str, root: &str) -> Result<Self, Rejection> {
        let origin = Origin::parse(origin)
            .ok_or_else(|| Fault::Note.because("its first line is not the origin of a log"))?;
        let size =
            number::parse(size).ok_or_else(|| Fault::Number.because("the size of a checkpoint"))?;
        if size == 0 {
            return Err(Fault::Note.because("a log has at least one entry"));
        }
        let root = Hash::from_base64(root).ok_or_else(|| Fault::Base64.because("the root hash"))?;
        Ok(Self { origin, size, root })
    }

    /// Signs this state with the keys of a log, the older first.
    pub fn sign(self, keys: &[&SigningKey]) -> Note {
        let body = self.to_string();
        let signatures = keys
            .iter()
            .map(|key| SignatureLine::new(key.public(), key.sign(body.as_bytes()).to_vec()))
            .collect();
        Note {
            checkpoint: self,
            signatures,
        }
    }
}

/// One signature of a note: by whom, and its bytes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SignatureLine {
    name: Box<str>,
    id: KeyId,
    /// What follows the key's id: at least one byte.
    bytes: Vec<u8>,
}

impl SignatureLine {
    fn new(key: &PublicKey, bytes: Vec<u8>) -> Self {
        Self {
            name: key.name().into(),
            id: key.id(),
            bytes,
        }
    }

    /// The name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The time, in seconds since 1970, that a witness's line says it was signed at. Whether the line is
    /// right, [`Note::cosigned`] says.
    pub fn cosigned_at(&self) -> Option<u64> {
        let (time, signature) = self.bytes.split_first_chunk::<8>()?;
        (signature.len() == SIGNATURE).then(|| u64::from_be_bytes(*time))
    }

    /// Reads a line without its end.
    pub(crate) fn parse(line: &str) -> Result<Self, Rejection> {
        let Some((name, data)) = line
            .strip_prefix(DASH)
            .and_then(|rest| rest.split_once(' '))
        else {
            return Err(Fault::Syntax.because("a signature line is a dash, a name and base64"));
        };
        if !is_name(name) {
            return Err(Fault::Note.because("a signature by what cannot be a key's name"));
        }
        let bytes = STANDARD
            .decode(data)
            .map_err(|_| Fault::Base64.because("a signature"))?;
        match bytes.split_first_chunk::<4>() {
            Some((id, rest)) if !rest.is_empty() => Ok(Self {
                name: name.into(),
                id: KeyId::new(*id),
                bytes: rest.to_vec(),
            }),
            _ => Err(Fault::Base64.because("a signature has a key's id and at least one byte")),
        }
    }
}

/// The line without its end.
impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = encode_base64(&[self.id.as_bytes().as_slice(), &self.bytes].concat());
        write!(f, "{DASH}{} {data}", self.name)
    }
}

/// A checkpoint with its signatures. That it was read says nothing of them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Note {
    checkpoint: Checkpoint,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Puts together what was read.
    pub(crate) fn new(
        checkpoint: Checkpoint,
        signatures: Vec<SignatureLine>,
    ) -> Result<Self, Rejection> {
        if signatures.is_empty() {
            return Err(Fault::SignatureMissing.because("the checkpoint has no signature at all"));
        }
        if signatures.len() > MAX_SIGNATURES {
            return Err(Fault::TooMany.because("signature lines"));
        }
        let mut foreign = false;
        for (at, line) in signatures.iter().enumerate() {
            let own = *line.name == *checkpoint.origin.as_str();
            let again = signatures
                .iter()
                .take(at)
                .any(|before| before.name == line.name && before.id == line.id);
            if again || (own && foreign) {
                return Err(Fault::SignatureTwice.because(line.name.to_string()));
            }
            foreign |= !own;
        }
        Ok(Self {
            checkpoint,
            signatures,
        })
    }

    /// Reads a note that stands by itself, such as a checkpoint in a QR code.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        if text.len() > MAX_NOTE {
            return Err(Fault::TooLarge.because("a checkpoint is shorter"));
        }
        if let Some(character) = text
            .chars()
            .find(|character| *character != '\n' && crate::entry::is_forbidden(*character))
        {
            return Err(Fault::NotText.because(format!("U+{:04X}", u32::from(character))));
        }
        let lines = text
            .strip_suffix('\n')
            .ok_or_else(|| Fault::Truncated.because("the last line has no end"))?;
        let mut lines = lines.split('\n');
        let mut next = || lines.next().unwrap_or_default();
        let checkpoint = Checkpoint::from_lines(next(), next(), next())?;
        if !next().is_empty() {
            return Err(Fault::Note.because("more than three lines"));
        }
        let signatures = lines
            .map(SignatureLine::parse)
            .collect::<Result<_, Rejection>>()?;
        Self::new(checkpoint, signatures)
    }

    /// The state that is signed.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signatures, the log's own first.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Whether the log's own signatures are those of `keys`, in this order, and right.
    pub fn check(&self, keys: &[&PublicKey]) -> Result<(), Rejection> {
        let origin = self.checkpoint.origin.as_str();
        let own: Vec<&SignatureLine> = self
            .signatures
            .iter()
            .filter(|line| *line.name == *origin)
            .collect();
        if let Some(line) = own
            .iter()
            .find(|line| keys.iter().all(|key| key.id() != line.id))
        {
            return Err(Fault::SignatureForeign.because(format!(
                "key {} may not sign the checkpoint of size {}",
                line.id, self.checkpoint.size
            )));
        }
        let body = self.checkpoint.to_string();
        for key in keys {
            let line = own.iter().find(|line| line.id == key.id()).ok_or_else(|| {
                Fault::SignatureMissing.because(format!(
                    "that of key {} on the checkpoint of size {}",
                    key.id(),
                    self.checkpoint.size
                ))
            })?;
            let right = <&[u8; SIGNATURE]>::try_from(line.bytes.as_slice())
                .is_ok_and(|signature| key.verifies(body.as_bytes(), signature));
            if !right {
                return Err(Fault::Signature.because(format!(
                    "that of key {} on the checkpoint of size {}",
                    key.id(),
                    self.checkpoint.size
                )));
            }
        }
        if own
            .iter()
            .map(|line| line.id)
            .ne(keys.iter().map(|key| key.id()))
        {
            return Err(Fault::SignatureTwice.because("the older key's signature comes first"));
        }
        Ok(())
    }

    /// The time, in seconds since 1970, at which `witness` signed; `None` where it did not.
    ///
    /// Rejected ([`Fault::Cosignature`]) is a line of this witness that is wrong, or one of a time
    /// later than `not_after`.
    pub fn cosigned(&self, witness: &PublicKey, not_after: u64) -> Result<Option<u64>, Rejection> {
        let Some(line) = self
            .signatures
            .iter()
            .find(|line| *line.name == *witness.name() && line.id == witness.id())
        else {
            return Ok(None);
        };
        let wrong = |detail: &str| Fault::Cosignature.because(format!("{}: {detail}", line.name));
        if witness.key_type() != KeyType::Cosignature {
            return Err(wrong("its key is not a witness's"));
        }
        let (time, signature) = line
            .bytes
            .split_first_chunk::<8>()
            .and_then(|(time, rest)| Some((u64::from_be_bytes(*time), rest.try_into().ok()?)))
            .ok_or_else(|| wrong("it is not 8 bytes of time and 64 of signature"))?;
        if time == 0 || time > number::MAX || time > not_after {
            return Err(wrong("its time is out of range"));
        }
        if !witness.verifies(cosigned_text(&self.checkpoint, time).as_bytes(), signature) {
            return Err(wrong("the signature is not its own"));
        }
        Ok(Some(time))
    }

    /// Adds the cosignature of a witness at `time`, in seconds since 1970.
    pub fn cosign(mut self, witness: &SigningKey, time: u64) -> Result<Self, Rejection> {
        let line = cosignature(&self.checkpoint, witness, time);
        self.signatures.push(line);
        Self::new(self.checkpoint, self.signatures)
    }

    /// Adds a witness's line as it came.
    pub fn with(mut self, line: SignatureLine) -> Result<Self, Rejection> {
        self.signatures.push(line);
        Self::new(self.checkpoint, self.signatures)
    }
}

/// The note as text.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint)?;
        self.signatures
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The line with which `witness` says at `time`, in seconds since 1970, that it saw `checkpoint`
/// (C2SP tlog-cosignature, `cosignature/v1`).
pub fn cosignature(checkpoint: &Checkpoint, witness: &SigningKey, time: u64) -> SignatureLine {
    let signature = witness.sign(cosigned_text(checkpoint, time).as_bytes());
    SignatureLine::new(
        witness.public(),
        [time.to_be_bytes().as_slice(), &signature].concat(),
    )
}

fn cosigned_text(checkpoint: &Checkpoint, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{checkpoint}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Seed;

    fn key(byte: u8) -> (Origin, SigningKey) {
        SigningKey::first(&Seed::new([byte; 32])).unwrap()
    }

    fn checkpoint(origin: &Origin) -> Checkpoint {
        Checkpoint {
            origin: origin.clone(),
            size: 1000,
            root: Hash::of(&[b"root"]),
        }
    }

    fn witness(name: &str) -> SigningKey {
        SigningKey::new(name, KeyType::Cosignature, &Seed::new([77; 32])).unwrap()
    }

    #[test]
    fn a_note_reads_as_it_is_written_and_its_signature_holds() {
        let (origin, key) = key(1);
        let note = checkpoint(&origin).sign(&[&key]);
        let text = note.to_string();
        assert!(text.len() < 350, "{}", text.len());
        let read = Note::parse(&text).unwrap();
        assert_eq!(read, note);
        assert_eq!(read.to_string(), text);
        assert_eq!(read.check(&[key.public()]), Ok(()));
    }

    #[test]
    fn every_other_form_of_a_note_is_refused() {
        let (origin, key) = key(1);
        let text = checkpoint(&origin).sign(&[&key]).to_string();
        let line = text.lines().last().unwrap();
        let (start, data) = line.rsplit_once(' ').unwrap();
        for (bad, fault) in [
            (text.replace("1000", "01000"), Fault::Number),
            (text.replace("1000", "+1000"), Fault::Number),
            (text.replace("1000", "0x3e8"), Fault::Number),
            (text.replace("1000", "9223372036854775808"), Fault::Number),
            (text.replace("1000", "0"), Fault::Note),
            (text.replace("\n\n", "\nextension\n\n"), Fault::Note),
            (text.replace("\n\n", "\n"), Fault::Note),
            (text.replace('\n', "\r\n"), Fault::NotText),
            (text.trim_end().to_owned(), Fault::Truncated),
            (text.replace("=\n\n", "\n\n"), Fault::Base64),
            (
                text.replacen("portlog/log/", "portlog/Log/", 1),
                Fault::Note,
            ),
            (text.replace(line, ""), Fault::Syntax),
            (
                text.replace(&format!("\n{line}\n"), ""),
                Fault::SignatureMissing,
            ),
            (
                text.replace(line, &format!("{line}\n{line}")),
                Fault::SignatureTwice,
            ),
            (text.replace('\u{2014}', "-"), Fault::Syntax),
            (text.replace(start, "\u{2014} a+b"), Fault::Note),
            (text.replace(data, &data[..4]), Fault::Base64),
            (text.replace(data, "AAAA&"), Fault::Base64),
            (text.replace(data, "AAAAAA=="), Fault::Base64),
            (text.replace(data, &format!("{data}=")), Fault::Base64),
            (format!("\u{feff}{text}"), Fault::NotText),
            (String::new(), Fault::Truncated),
        ] {
            assert_eq!(Note::parse(&bad).unwrap_err().fault, fault, "{bad:?}");
        }
        let many: Vec<String> = (0..17)
            .map(|n| format!("\u{2014} w{n} AAAAAAA=\n"))
            .collect();
        let many = many.concat();
        let body = text.split_inclusive('\n').take(4).collect::<String>();
        assert_eq!(
            Note::parse(&format!("{body}{many}")).unwrap_err().fault,
            Fault::TooMany
        );
    }

    #[test]
    fn only_the_keys_that_may_sign_do_and_all_of_them() {
        let ((origin, old), (_, other)) = (key(1), key(2));
        let new = SigningKey::of_log(&origin, &Seed::new([3; 32])).unwrap();
        let later = SigningKey::of_log(&origin, &Seed::new([4; 32])).unwrap();
        let fault = |note: &Note, keys: &[&PublicKey]| note.check(keys).unwrap_err().fault;
        let state = || checkpoint(&origin);
        let both = state().sign(&[&old, &new]);
        assert_eq!(both.check(&[old.public(), new.public()]), Ok(()));
        assert_eq!(fault(&both, &[old.public()]), Fault::SignatureForeign);
        assert_eq!(
            fault(&state().sign(&[&old]), &[old.public(), new.public()]),
            Fault::SignatureMissing
        );
        assert_eq!(
            fault(&state().sign(&[&new, &old]), &[old.public(), new.public()]),
            Fault::SignatureTwice
        );
        assert_eq!(
            fault(&state().sign(&[&later]), &[old.public()]),
            Fault::SignatureForeign
        );
        // Another log's signature says nothing, whatever it is of.
        assert_eq!(
            fault(&state().sign(&[&other]), &[old.public()]),
            Fault::SignatureMissing
        );
        let mut wrong = state();
        wrong.size += 1;
        let moved = Note::new(state(), wrong.sign(&[&old]).signatures).unwrap();
        assert_eq!(fault(&moved, &[old.public()]), Fault::Signature);
    }

    #[test]
    fn a_signature_is_64_bytes() {
        let (origin, key) = key(1);
        for bytes in [vec![0], vec![0; 63], vec![0; 65], vec![0; 72]] {
            let line = SignatureLine::new(key.public(), bytes);
            let note = Note::new(checkpoint(&origin), vec![line]).unwrap();
            assert_eq!(
                note.check(&[key.public()]).unwrap_err().fault,
                Fault::Signature
            );
        }
    }

    #[test]
    fn a_witness_signs_a_time_and_only_its_own_line_counts() {
        let (origin, key) = key(1);
        let (anna, ben) = (witness("friend.test/anna"), witness("friend.test/ben"));
        let note = checkpoint(&origin)
            .sign(&[&key])
            .cosign(&anna, 1_700_000_000)
            .unwrap();
        let note = Note::parse(&note.to_string()).unwrap();
        assert_eq!(note.check(&[key.public()]), Ok(()));
        assert_eq!(
            note.cosigned(anna.public(), u64::MAX),
            Ok(Some(1_700_000_000))
        );
        assert_eq!(note.cosigned(ben.public(), u64::MAX), Ok(None));
        assert!(note.cosigned(anna.public(), 1_699_999_999).is_err());
        assert!(
            note.clone().cosign(&anna, 5).is_err(),
            "the same witness twice"
        );
    }

    #[test]
    fn cosignatures_that_are_not_the_witnesss_are_rejected() {
        let (origin, key) = key(1);
        let anna = witness("friend.test/anna");
        let state = checkpoint(&origin);
        let signed = || state.clone().sign(&[&key]);
        let rejected = |bytes: Vec<u8>| {
            let line = SignatureLine::new(anna.public(), bytes);
            signed()
                .with(line)
                .unwrap()
                .cosigned(anna.public(), u64::MAX)
                .unwrap_err()
                .fault
        };
        let good = cosignature(&state, &anna, 1000).bytes;
        // Another time, none at all, one beyond numbers, another length.
        for (at, bit) in [(0, 0x80), (7, 1), (8, 1), (71, 1)] {
            let mut bytes = good.clone();
            bytes[at] ^= bit;
            assert_eq!(rejected(bytes), Fault::Cosignature);
        }
        assert_eq!(
            rejected(cosignature(&state, &anna, 0).bytes),
            Fault::Cosignature
        );
        assert_eq!(rejected(good[..71].to_vec()), Fault::Cosignature);
        // A plain signature over the checkpoint, replayed as a cosignature.
        let plain = anna.sign(state.to_string().as_bytes());
        let replayed = [1000_u64.to_be_bytes().as_slice(), &plain].concat();
        assert_eq!(rejected(replayed), Fault::Cosignature);
        // One over another log's state of the same size and root.
        let other = Checkpoint {
            origin: self::key(9).0,
            ..state.clone()
        };
        assert_eq!(
            rejected(cosignature(&other, &anna, 1000).bytes),
            Fault::Cosignature
        );
        // And a cosignature replayed as the log's own signature.
        let line = SignatureLine::new(key.public(), good[8..].to_vec());
        let note = Note::new(state.clone(), vec![line]).unwrap();
        assert_eq!(
            note.check(&[key.public()]).unwrap_err().fault,
            Fault::Signature
        );
    }
}
