//! Witnesses: somebody else's machine that remembers a log's last state and signs the next.
//!
//! A witness needs to understand nothing of what a log says. That it never signs a state that does not
//! continue the one it signed before makes a tail that was cut, or a history that was rewritten, provable.

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
