//! What a witness gives back, as text: small enough for a QR code, safe to send by any way.
//!
//! ```text
//! portlog/answer@v1
//! vkey NAME+ID+KEY
//! nonce TEXT
//!
//! the checkpoint, as it was shown, with the witness's line behind the log's own
//! ```
//!
//! It carries the whole checkpoint so that the machine that has the log need not guess which of its
//! states was seen.

use std::fmt;

use portlog_journal::{KeyType, Note, PublicKey};

use crate::Error;

/// The first line.
const FIRST_LINE: &str = "portlog/answer@v1";
/// The most bytes of a nonce.
const MAX_NONCE: usize = 128;
/// The most bytes of a text in which an answer is looked for.
const MAX_TEXT: usize = 512 * 1024;

/// A witness's answer: the checkpoint with its line, its key, and what makes the answer new.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The checkpoint that was shown, with the witness's line.
    pub note: Note,
    /// The witness's key.
    pub witness: PublicKey,
    /// Letters and digits that nobody could know before.
    pub nonce: Option<String>,
}

impl Answer {
    /// Reads the answer that stands in `text`; what stands before and behind it is not looked at.
    ///
    /// That it was read says nothing of the signatures in it; [`super::Recorder::cosigned`] checks
    /// them.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |detail: &str| Error::BadAnswer {
            detail: detail.to_owned(),
        };
        if text.len() > MAX_TEXT {
            return Err(bad("the text is longer than any answer"));
        }
        let mut lines = text
            .lines()
            .map(str::trim_end)
            .skip_while(|line| *line != FIRST_LINE)
            .skip(1);
        let mut field = |name: &str| {
            lines
                .next()
                .and_then(|line| line.strip_prefix(name)?.strip_prefix(' '))
        };
        let vkey = field("vkey")
            .ok_or_else(|| bad("it has no line 'portlog/answer@v1' with a vkey below"))?;
        let nonce = field("nonce").ok_or_else(|| bad("the line with the nonce is missing"))?;
        if lines.next() != Some("") {
            return Err(bad("an empty line belongs before the checkpoint"));
        }
        let witness = PublicKey::parse(vkey).map_err(|error| bad(&error.to_string()))?;
        if witness.key_type() != KeyType::Cosignature {
            return Err(bad("its key is not a witness's"));
        }
        let is_nonce = nonce.len() <= MAX_NONCE
            && !nonce.is_empty()
            && (nonce == "-" || nonce.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !is_nonce {
            return Err(bad("a nonce has letters and digits"));
        }
        Ok(Self {
            note: note(lines).map_err(|error| bad(&error.to_string()))?,
            witness,
            nonce: Some(nonce.to_owned()).filter(|nonce| nonce != "-"),
        })
    }
}

/// The note that the next lines are: three, an empty one, and signatures.
fn note<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Note, portlog_journal::Rejection> {
    let mut text = String::new();
    for (at, line) in lines.enumerate() {
        // The fourth line is the empty one within the note; the next one ends it.
        if at > 3 && !line.starts_with('\u{2014}') {
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    Note::parse(&text)
}

/// The text, its last line ended.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nonce = self.nonce.as_deref().unwrap_or("-");
        write!(
            f,
            "{FIRST_LINE}\nvkey {}\nnonce {nonce}\n\n{}",
            self.witness, self.note
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portlog_journal::{Checkpoint, Hash, Seed, SigningKey};

    fn answer() -> Answer {
        let (origin, key) = SigningKey::first(&Seed::new([1; 32])).unwrap();
        let witness = SigningKey::new(
            "friend.test/anna",
            KeyType::Cosignature,
            &Seed::new([2; 32]),
        )
        .unwrap();
        let checkpoint = Checkpoint {
            origin,
            size: 1000,
            root: Hash::of(&[b"root"]),
        };
        Answer {
            note: checkpoint
                .sign(&[&key])
                .cosign(&witness, 1_777_902_306)
                .unwrap(),
            witness: witness.public().clone(),
            nonce: Some("3f2a".to_owned()),
        }
    }

    #[test]
    fn an_answer_reads_back_from_a_letter_and_with_other_line_ends() {
        let answer = answer();
        let text = answer.to_string();
        assert!(text.len() < 800, "{}", text.len());
        assert_eq!(Answer::parse(&text).unwrap(), answer);
        let letter = format!("Hello,\n\n{text}\nbye\n");
        assert_eq!(Answer::parse(&letter).unwrap(), answer);
        assert_eq!(
            Answer::parse(&letter.replace('\n', "\r\n")).unwrap(),
            answer
        );
        let without = Answer {
            nonce: None,
            ..answer
        };
        assert_eq!(Answer::parse(&without.to_string()).unwrap(), without);
    }

    #[test]
    fn what_is_no_answer_is_refused_with_the_reason() {
        let text = answer().to_string();
        let log_key = SigningKey::first(&Seed::new([1; 32])).unwrap().1;
        let vkey = answer().witness.to_string();
        for (bad, says) in [
            (String::new(), "portlog/answer@v1"),
            (text.replace("@v1", "@v2"), "portlog/answer@v1"),
            (text.replace("nonce 3f2a", "nonce a b"), "letters"),
            (text.replace("nonce 3f2a\n", ""), "nonce"),
            (text.replace(&vkey, "x"), "R25"),
            (
                text.replace(&vkey, &log_key.public().to_string()),
                "witness",
            ),
            (text.replace("\n1000\n", "\n01000\n"), "R06"),
            (format!("{}{text}", "x".repeat(600_000)), "longer"),
        ] {
            let error = Answer::parse(&bad).unwrap_err().to_string();
            assert!(error.contains(says), "{says} in {error}");
        }
    }
}
