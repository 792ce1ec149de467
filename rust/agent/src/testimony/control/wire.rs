//! What goes over the socket: one line of JSON each way, and behind the answer to an export its bytes.
//!
//! ```text
//! {"version":1,"request":{"rows":{"from":0,"to":100,"most":50}}}
//! {"ok": ...}   or   {"error": "why"}
//! ```
//!
//! The bytes of an export are pieces, each behind its length (four bytes, big-endian); a length of 0 ends
//! them, and a last line says what was exported, or why it broke off. Times are milliseconds since
//! 1970.

use std::borrow::Cow;
use std::collections::BTreeSet;

use portlog_journal::bundle::{Choice, Mode, Preset};
use portlog_journal::entry::Kind;
use portlog_journal::{Checkpoint, Hash, Origin, PublicKey};
use portlog_model::WallTime;
use serde::{Deserialize, Serialize};

use crate::testimony::{
    Exported, LastExport, LastWitnessed, LoggedRow, Mark, MarkPreset, Page, Status,
};

/// The version of these forms.
pub(super) const VERSION: u32 = 1;
/// The most bytes of a request's line.
pub(super) const MAX_REQUEST: u64 = 64 * 1024;
/// The most bytes of an answer's line.
pub(super) const MAX_ANSWER: u64 = 64 << 20;
/// Bytes of rows after which a page ends, however many were asked for.
const PAGE_BYTES: usize = 8 << 20;
/// The most bytes of a piece of an export.
pub(super) const MAX_PIECE: usize = 64 * 1024;

/// A request with the version of its form.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope<R> {
    pub(super) version: u32,
    pub(super) request: R,
}

/// What can be asked.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Request {
    /// Answered by a [`StatusForm`].
    Status,
    /// Answered by a [`PageForm`].
    Rows { from: u64, to: u64, most: usize },
    /// Answered by a text or null.
    Owner { index: u64, uid: u32 },
    /// Answered by a note, as text.
    Checkpoint,
    /// Answered by null, pieces, and the size.
    State,
    /// Answered by an [`ExportedForm`].
    Preview(ChoiceForm),
    /// Answered by null, pieces, and an [`ExportedForm`].
    Export(ChoiceForm),
    /// Answered by the index of the entry.
    Mark(MarkForm),
    /// An answer of a witness, as text. Answered by the index of the entry.
    Answer(String),
}

/// What is answered.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reply<T> {
    Ok(T),
    Error(String),
}

/// What of a form cannot be meant.
#[derive(Debug)]
pub(super) struct Unknown(pub(super) &'static str);

/// A [`Choice`].
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoiceForm {
    preset: String,
    since: Option<i64>,
    until: Option<i64>,
    redact: BTreeSet<String>,
    with_local: bool,
}

impl ChoiceForm {
    pub(super) fn of(choice: &Choice) -> Self {
        Self {
            preset: choice.preset.as_str().to_owned(),
            since: choice.since.map(WallTime::as_millis),
            until: choice.until.map(WallTime::as_millis),
            redact: choice.redact.clone(),
            with_local: choice.with_local,
        }
    }

    pub(super) fn read(self) -> Result<Choice, Unknown> {
        let preset = match self.preset.as_str() {
            "alerts" => Preset::Alerts,
            "firmware" => Preset::Firmware,
            "everything" => Preset::Everything,
            _ => return Err(Unknown("preset")),
        };
        Ok(Choice {
            since: self.since.map(WallTime::from_millis),
            until: self.until.map(WallTime::from_millis),
            redact: self.redact,
            with_local: self.with_local,
            ..Choice::new(preset)
        })
    }
}

/// A [`Mark`].
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum MarkForm {
    Words(String),
    Preset(String),
}

impl MarkForm {
    pub(super) fn of(mark: &Mark) -> Self {
        match mark {
            Mark::Words(words) => Self::Words(words.clone()),
            Mark::Preset(preset) => Self::Preset(preset.as_str().to_owned()),
        }
    }

    pub(super) fn read(self) -> Result<Mark, Unknown> {
        match self {
            Self::Words(words) => Ok(Mark::Words(words)),
            Self::Preset(word) => MarkPreset::from_word(&word)
                .map(Mark::Preset)
                .ok_or(Unknown("mark")),
        }
    }
}

/// An [`Exported`].
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ExportedForm {
    full: bool,
    shown: u64,
    of: u64,
    kept: bool,
}

impl ExportedForm {
    pub(super) fn of(exported: &Exported) -> Self {
        Self {
            full: exported.mode == Mode::Full,
            shown: exported.shown,
            of: exported.of,
            kept: exported.kept,
        }
    }

    pub(super) fn read(&self) -> Exported {
        Exported {
            mode: if self.full { Mode::Full } else { Mode::Sparse },
            shown: self.shown,
            of: self.of,
            kept: self.kept,
        }
    }
}

/// A [`Status`].
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct StatusForm {
    origin: String,
    first: String,
    size: u64,
    root: String,
    epoch: u32,
    epochs: usize,
    bytes: u64,
    begun: Option<i64>,
    latest: Option<i64>,
    pruned_below: u64,
    kept: Vec<u64>,
    witnessed: Option<(String, u64, Option<i64>)>,
    exported: Option<(u64, i64)>,
}

impl StatusForm {
    pub(super) fn of(status: Status) -> Self {
        Self {
            origin: status.origin.to_string(),
            first: status.first.to_string(),
            size: status.checkpoint.size,
            root: status.checkpoint.root.to_base64(),
            epoch: status.epoch,
            epochs: status.epochs,
            bytes: status.bytes,
            begun: status.begun.map(WallTime::as_millis),
            latest: status.latest.map(WallTime::as_millis),
            pruned_below: status.pruned_below,
            kept: status.kept,
            witnessed: status
                .witnessed
                .map(|last| (last.name, last.size, last.time.map(WallTime::as_millis))),
            exported: status
                .exported
                .map(|last| (last.size, last.time.as_millis())),
        }
    }

    pub(super) fn read(self) -> Result<Status, Unknown> {
        let origin = Origin::parse(&self.origin).ok_or(Unknown("origin"))?;
        Ok(Status {
            first: PublicKey::parse(&self.first).map_err(|_| Unknown("vkey"))?,
            checkpoint: Checkpoint {
                origin: origin.clone(),
                size: self.size,
                root: Hash::from_base64(&self.root).ok_or(Unknown("root"))?,
            },
            origin,
            epoch: self.epoch,
            epochs: self.epochs,
            bytes: self.bytes,
            begun: self.begun.map(WallTime::from_millis),
            latest: self.latest.map(WallTime::from_millis),
            pruned_below: self.pruned_below,
            kept: self.kept,
            witnessed: self.witnessed.map(|(name, size, time)| LastWitnessed {
                name,
                size,
                time: time.map(WallTime::from_millis),
            }),
            exported: self.exported.map(|(size, time)| LastExport {
                size,
                time: WallTime::from_millis(time),
            }),
        })
    }
}

/// A [`Page`].
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct PageForm {
    rows: Vec<RowForm>,
    next: Option<u64>,
}

#[derive(Debug, Deserialize, Serialize)]
struct RowForm {
    index: u64,
    kind: String,
    session: Option<u64>,
    fields: Vec<(String, String)>,
}

impl PageForm {
    /// The page, or as much of it as one answer has room for.
    pub(super) fn of(page: Page) -> Self {
        let mut form = Self {
            rows: Vec::with_capacity(page.rows.len()),
            next: page.next,
        };
        let mut bytes = 0_usize;
        let mut rows = page.rows.into_iter();
        for row in rows.by_ref() {
            let fields = row.fields.iter().map(|(_, value)| value.len() + 32);
            bytes = bytes.saturating_add(fields.sum());
            form.rows.push(RowForm {
                index: row.index,
                kind: row.kind.as_str().to_owned(),
                session: row.session,
                fields: row
                    .fields
                    .into_iter()
                    .map(|(name, value)| (name.into_owned(), value))
                    .collect(),
            });
            if bytes > PAGE_BYTES {
                break;
            }
        }
        if rows.next().is_some() {
            form.next = form.rows.last().map(|row| row.index);
        }
        form
    }

    pub(super) fn read(self) -> Result<Page, Unknown> {
        let rows = self.rows.into_iter().map(|row| {
            Ok(LoggedRow {
                index: row.index,
                kind: Kind::from_word(&row.kind).ok_or(Unknown("kind"))?,
                session: row.session,
                fields: row
                    .fields
                    .into_iter()
                    .map(|(name, value)| (Cow::Owned(name), value))
                    .collect(),
            })
        });
        Ok(Page {
            rows: rows.collect::<Result<_, Unknown>>()?,
            next: self.next,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_line_and_reads_back() {
        let choice = Choice {
            since: Some(WallTime::from_millis(5)),
            redact: BTreeSet::from(["remote".to_owned()]),
            with_local: true,
            ..Choice::new(Preset::Firmware)
        };
        let envelope = Envelope {
            version: VERSION,
            request: Request::Export(ChoiceForm::of(&choice)),
        };
        let line = serde_json::to_string(&envelope).unwrap();
        assert!(!line.contains('\n'));
        let read: Envelope<Request> = serde_json::from_str(&line).unwrap();
        let Request::Export(form) = read.request else {
            panic!("{read:?}");
        };
        let read = form.read().unwrap();
        assert_eq!(
            (read.preset, read.since, read.until, read.with_local),
            (choice.preset, choice.since, None, true)
        );
        assert_eq!(read.redact, choice.redact);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for bad in [
            r#"{"version":1,"request":"erase"}"#,
            r#"{"version":1,"request":{"rows":{"from":0,"to":1,"most":1,"all":true}}}"#,
            r#"{"version":1,"request":"status","more":1}"#,
            r#"{"version":1,"request":{"rows":{"from":-1,"to":1,"most":1}}}"#,
        ] {
            assert!(
                serde_json::from_str::<Envelope<Request>>(bad).is_err(),
                "{bad}"
            );
        }
        assert!(MarkForm::Preset("lunch".to_owned()).read().is_err());
    }

    #[test]
    fn a_page_ends_where_an_answer_is_full() {
        let row = |index| LoggedRow {
            index,
            kind: Kind::Mark,
            session: None,
            fields: vec![(Cow::Borrowed("text"), "x".repeat(3 << 20))],
        };
        let page = Page {
            rows: (0..6).rev().map(row).collect(),
            next: None,
        };
        let form = PageForm::of(page.clone());
        assert_eq!((form.rows.len(), form.next), (3, Some(3)));
        let read = form.read().unwrap();
        assert_eq!(read.rows, page.rows[..3]);
        let whole = PageForm::of(Page {
            rows: page.rows[4..].to_vec(),
            next: Some(0),
        });
        assert_eq!((whole.rows.len(), whole.next), (2, Some(0)));
    }
}
