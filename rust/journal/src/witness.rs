//! Witnesses: somebody else's machine that remembers a log's last state and signs the next.
//!
//! A witness needs to understand nothing of what a log says. That it never signs a state that does not
//! continue the one it signed before makes a tail that was cut, or a history that was rewritten, provable.

use std::fmt;

use crate::entry::{Entry, EntryError, FieldType, Kind, Value};
use crate::key::{PublicKey, SigningKey};
use crate::note::{Checkpoint, Note, SignatureLine, cosignature};
use crate::rejection::{Fault, Rejection};
use crate::verify::{Comparison, Held, Report, compare};

/// What a witness answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Witnessed {
    /// It signed; this goes back to the phone. The report's checkpoint is what it has to remember now.
    Signed(SignatureLine),
    /// It did not: the state does not continue the one that it remembers, or does not show that it
    /// does.
    Refused(Comparison),
}

/// Signs the state of a verified bundle at `now`, in seconds since 1970, if it continues what the
/// witness remembers of the log; `remembered` is `None` where it never saw it.
///
/// The bundle must have been verified with the remembered size among
/// [`crate::verify::Options::states_at`].
pub fn witness(
    report: &Report,
    remembered: Option<&Note>,
    key: &SigningKey,
    now: u64,
) -> Result<Witnessed, Rejection> {
    if let Some(note) = remembered {
        let told = compare(report, &Held::Checkpoint(note.clone()))?;
        if !matches!(told, Comparison::Same | Comparison::Continues { .. }) {
            return Ok(Witnessed::Refused(told));
        }
    }
    let line = cosignature(report.checkpoint.checkpoint(), key, now);
    Ok(Witnessed::Signed(line))
}

/// What a witness gives back to the phone: who it is, a nonce, and the checkpoint with its line.
///
/// ```text
/// portlog/answer@v1
/// witness NAME+ID+KEY
/// nonce TEXT
///
/// the note: three lines of checkpoint, an empty one, signatures
/// ```
///
/// The nonce is one line of 1 to 64 characters `A-Z a-z 0-9 - _`. It is not part of what is signed: it
/// says something because the phone logs it, and the next checkpoint covers that entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The witness's key.
    pub witness: PublicKey,
    /// What the phone shall log.
    pub nonce: String,
    /// The checkpoint, with the witness's line among its signatures.
    pub note: Note,
}

impl Answer {
    /// The first line.
    const VERSION: &str = "portlog/answer@v1";

    /// The answer that says so; `None` where `nonce` is none.
    pub fn new(witness: PublicKey, nonce: &str, note: Note) -> Option<Self> {
        is_nonce(nonce).then(|| Self {
            witness,
            nonce: nonce.to_owned(),
            note,
        })
    }

    /// Whether a text begins as an answer does.
    pub fn is_begun_by(text: &str) -> bool {
        text.starts_with(Self::VERSION)
    }

    /// Reads an answer. That it was read says nothing of its signatures: see [`Self::check`].
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let rest = text
            .strip_prefix(Self::VERSION)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or_else(|| Fault::Version.because("it does not begin as an answer does"))?;
        let (witness, rest) = line_after("witness ", rest)?;
        let (nonce, rest) = line_after("nonce ", rest)?;
        let note = rest
            .strip_prefix('\n')
            .ok_or_else(|| Fault::Syntax.because("no empty line before the checkpoint"))?;
        let (witness, note) = (PublicKey::parse(witness)?, Note::parse(note)?);
        Self::new(witness, nonce, note)
            .ok_or_else(|| Fault::Syntax.because("a nonce has 1 to 64 letters and digits"))
    }

    /// When the witness signed, in seconds since 1970; rejected where it did not, not rightly, or after
    /// `not_after`.
    pub fn check(&self, not_after: u64) -> Result<u64, Rejection> {
        self.note
            .cosigned(&self.witness, not_after)?
            .ok_or_else(|| Fault::Cosignature.because("the witness has not signed it"))
    }
}

/// The answer as text.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (version, witness) = (Self::VERSION, &self.witness);
        writeln!(f, "{version}\nwitness {witness}\nnonce {}\n", self.nonce)?;
        write!(f, "{}", self.note)
    }
}

fn line_after<'a>(word: &str, text: &'a str) -> Result<(&'a str, &'a str), Rejection> {
    text.split_once('\n')
        .and_then(|(line, rest)| Some((line.strip_prefix(word)?, rest)))
        .ok_or_else(|| Fault::Syntax.because(format!("no line with {}", word.trim_end())))
}

fn is_nonce(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Takes a witness's answer: the checkpoint that was shown to it with its line, if the line is right
/// and not of a time after `not_after`.
pub fn answered(
    shown: &Note,
    line: SignatureLine,
    witness: &PublicKey,
    not_after: u64,
) -> Result<Note, Rejection> {
    let note = shown.clone().with(line)?;
    match note.cosigned(witness, not_after)? {
        Some(_) => Ok(note),
        None => Err(Fault::Cosignature.because("the answer is another witness's")),
    }
}

/// The entry that keeps a witness's answer: what comes after it is not older than its nonce. `time` is
/// a moment.
pub fn witness_entry(
    time: Value,
    checkpoint: &Checkpoint,
    witness: &PublicKey,
    line: &SignatureLine,
    nonce: Option<&str>,
) -> Result<Entry, EntryError> {
    let of = |text: &str, of| Value::of(text, of).unwrap_or_else(Value::none);
    let line = line.to_string();
    let data = line.rsplit(' ').next().unwrap_or_default();
    Entry::new(Kind::Witness)
        .with("time", time)?
        .with("name", Value::text(witness.name()))?
        .with("vkey", of(&witness.to_string(), FieldType::Vkey))?
        .with("size", Value::number(checkpoint.size))?
        .with("root", of(&checkpoint.root.to_base64(), FieldType::Hash))?
        .with("cosignature", of(data, FieldType::Cosignature))?
        .with("nonce", Value::text_or_none(nonce))
}

/// The entry by which a new log names the one that it continues. `time` is a moment; `known_by` is `file`,
/// `qr` or `copy`, `reason` is `damaged`, `keys-lost`, `reset` or `restored`.
pub fn predecessor_entry(
    time: Value,
    last: &Note,
    known_by: &str,
    reason: &str,
) -> Result<Entry, EntryError> {
    let of = |text: &str, of| Value::of(text, of).unwrap_or_else(Value::none);
    let state = last.checkpoint();
    let signatures: Vec<String> = last.signatures().iter().map(ToString::to_string).collect();
    Entry::new(Kind::Predecessor)
        .with("time", time)?
        .with("origin", of(state.origin.as_str(), FieldType::Origin))?
        .with("size", Value::number(state.size))?
        .with("root", of(&state.root.to_base64(), FieldType::Hash))?
        .with("signature", Value::text(&signatures.join(" ")))?
        .with("known_by", Value::word(known_by))?
        .with("reason", Value::word(reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Hash;
    use crate::key::{KeyType, Seed};

    fn answer() -> Answer {
        let (origin, key) = SigningKey::first(&Seed::new([1; 32])).unwrap();
        let root = Hash::of(&[b"root"]);
        let state = Checkpoint {
            origin,
            size: 7,
            root,
        };
        let witness = SigningKey::new("anna", KeyType::Cosignature, &Seed::new([2; 32])).unwrap();
        let note = state.sign(&[&key]).cosign(&witness, 1_000).unwrap();
        Answer::new(witness.public().clone(), "n-1", note).unwrap()
    }

    #[test]
    fn an_answer_reads_as_it_is_written_and_holds() {
        let answer = answer();
        let text = answer.to_string();
        assert!(
            Answer::is_begun_by(&text) && text.len() < 700,
            "{}",
            text.len()
        );
        assert_eq!(Answer::parse(&text).as_ref(), Ok(&answer));
        assert_eq!(answer.check(1_000), Ok(1_000));
        assert_eq!(answer.check(999).unwrap_err().fault, Fault::Cosignature);
    }

    #[test]
    fn any_other_form_of_an_answer_is_refused() {
        let text = answer().to_string();
        for (bad, fault) in [
            (text.replace("@v1", "@v2"), Fault::Version),
            (text.replace("witness ", "witness"), Fault::Syntax),
            (text.replace("nonce ", "Nonce "), Fault::Syntax),
            (text.replace("nonce n-1", "nonce n 1"), Fault::Syntax),
            (text.replace("nonce n-1", "nonce "), Fault::Syntax),
            (text.replace("n-1\n\n", "n-1\n"), Fault::Syntax),
            (text.replace('\n', "\r\n"), Fault::Version),
            (format!("{text}\n"), Fault::Syntax),
            (text.trim_end().to_owned(), Fault::Truncated),
        ] {
            assert_eq!(Answer::parse(&bad).unwrap_err().fault, fault, "{bad}");
        }
        let mut other = answer();
        other.witness = SigningKey::new("anna", KeyType::Cosignature, &Seed::new([3; 32]))
            .unwrap()
            .public()
            .clone();
        assert_eq!(other.check(1_000).unwrap_err().fault, Fault::Cosignature);
    }
}
