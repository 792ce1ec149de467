//! What leaves the phone: previews, bundles, checkpoints, and what has to be done before a reset.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::num::NonZeroUsize;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use portlog_journal::entry::{Kind, Value};
use portlog_journal::verify::{Observed, Options};
use portlog_journal::{Report, UtcOffset};
use portlog_model::fault::chain;
use portlog_model::{Level, WallTime};
use portlog_words::log::LogSentence;
use portlog_words::report;

use super::bundle::{self, Checked};
use super::views::{
    BeforeReset, CheckpointView, Exported, QrCode, ResetCheck, ShareChoice, SharePreset,
    SharePreview,
};
use super::{Circumstances, LogBook};
use crate::Error;
use crate::session::render::Voice;
use crate::testimony::{Choice, LoggedRow, Preset, Reader, qr};

/// Names of fields that a choice may have.
const MOST_REDACTED: usize = 256;
/// Witnesses of which a reset needs answers.
const WITNESSES: NonZeroUsize = NonZeroUsize::new(2).unwrap();
/// So many entries are looked through for a match; what lies further back is asked for again in any case.
const MOST_SINCE: u64 = 50_000;

/// What came since a state of the log that is off the phone.
#[derive(Clone, Copy, Debug)]
struct Since {
    entries: u64,
    what: News,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum News {
    /// Nothing that matters much.
    Little,
    /// A match.
    Match,
    /// More than is looked through.
    Much,
}

impl Since {
    /// Whether the state still serves.
    fn is_little(self) -> bool {
        self.what == News::Little
    }
}

impl LogBook {
    pub(super) fn preview(
        &self,
        choice: &ShareChoice,
        about: &Circumstances,
    ) -> Result<SharePreview, Error> {
        let voice = about.voice;
        let nothing = |problem: String| SharePreview {
            first_lines: Vec::new(),
            first_lines_text: Vec::new(),
            shown: 0,
            size: 0,
            kinds: Vec::new(),
            owners: Vec::new(),
            more_owners: 0,
            hosts: Vec::new(),
            more_hosts: 0,
            withheld: Vec::new(),
            warnings: Vec::new(),
            bytes: 0,
            problem,
        };
        let Some(reader) = self.reader()? else {
            return Ok(nothing(voice.of_log(&LogSentence::None)));
        };
        let file = Temporary(self.state_folder.join("log-preview.portlog.txt"));
        let made = write_state(&reader, &of_view(choice), &file.0)
            .and_then(|bytes| Ok((bytes, made_sure(&file.0, about)?)));
        let (bytes, checked) = match made {
            Ok(made) => made,
            Err(error) => return Ok(nothing(chain(&error))),
        };
        let Checked { report, contents } = checked;
        let ((owners, more_owners), (hosts, more_hosts)) = (contents.owners(), contents.hosts());
        let mut warnings = Vec::new();
        if choice.preset == SharePreset::Everything {
            warnings.push(voice.of_log(&LogSentence::ShowsEverything));
        }
        if choice.with_local {
            warnings.push(voice.of_log(&LogSentence::ShowsLocal));
        }
        if contents.shows_marks() {
            warnings.push(voice.of_log(&LogSentence::ShowsMarks));
        }
        Ok(SharePreview {
            first_lines: report.first_lines(),
            first_lines_text: first_lines(&report, voice),
            shown: report.shown,
            size: report.size(),
            kinds: contents.kinds(voice),
            owners,
            more_owners,
            hosts,
            more_hosts,
            withheld: contents.withheld(voice),
            warnings,
            bytes,
            problem: String::new(),
        })
    }

    pub(super) fn export(
        &self,
        choice: &ShareChoice,
        path: &Path,
        about: &Circumstances,
    ) -> Result<Exported, Error> {
        let voice = about.voice;
        let not_done = |text: String| Exported {
            done: false,
            text,
            path: String::new(),
            shown: 0,
            size: 0,
            bytes: 0,
            sha256: String::new(),
        };
        let Some(reader) = self.reader()? else {
            return Ok(not_done(voice.of_log(&LogSentence::None)));
        };
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = Temporary(PathBuf::from(part));
        let made = || -> Result<Exported, Error> {
            let file = create(&part.0)?;
            let exported = reader.export(&of_view(choice), BufWriter::new(&file))?;
            file.sync_all()
                .map_err(|source| unwritten(&part.0, source))?;
            // What is handed out is what a stranger's check says yes to.
            let checked = made_sure(&part.0, about)?;
            let bytes = length(&part.0)?;
            fs::rename(&part.0, path).map_err(|source| unwritten(path, source))?;
            let shown = report::Line::Shown {
                shown: checked.report.shown,
                of: checked.report.size(),
            };
            Ok(Exported {
                done: true,
                text: report::line(&shown, voice.language),
                path: path.display().to_string(),
                shown: exported.shown,
                size: exported.of,
                bytes,
                sha256: checked.report.sha256.to_hex(),
            })
        };
        Ok(made().unwrap_or_else(|error| not_done(chain(&error))))
    }

    pub(super) fn checkpoint(&self, about: &Circumstances) -> Result<CheckpointView, Error> {
        let voice = about.voice;
        let Some(reader) = self.reader()? else {
            return Ok(CheckpointView {
                text: String::new(),
                code: None,
                size: 0,
                explanation: voice.of_log(&LogSentence::None),
            });
        };
        let note = reader.checkpoint()?;
        let text = note.to_string();
        Ok(CheckpointView {
            code: code(&text),
            text,
            size: note.checkpoint().size,
            explanation: voice.of_log(&LogSentence::CheckpointIsFor),
        })
    }

    /// The user says that the latest export is kept off the phone.
    pub(super) fn saved(&self, about: &Circumstances) -> Result<(), Error> {
        let exported = match self.reader()? {
            Some(reader) => reader.status()?.exported,
            None => None,
        };
        let now = about.now.wall;
        match exported {
            Some(export) => self.say(|kept| kept.saved = Some((now, export.size))),
            // Nothing was exported that could be saved.
            None => Ok(()),
        }
    }

    /// The user says whether two others keep the checkpoint.
    pub(super) fn held_by_two(&self, held: bool) -> Result<(), Error> {
        let size = match self.reader()? {
            Some(reader) => reader.size()?,
            None => 0,
        };
        self.say(|kept| kept.held_by_two = held.then_some(size))
    }

    pub(super) fn before_reset(&self, about: &Circumstances) -> Result<BeforeReset, Error> {
        let voice = about.voice;
        let reader = self.reader()?;
        let status = match &reader {
            Some(reader) => Some(reader.status()?),
            None => None,
        };
        let kept = self.kept(status.as_ref().map_or("", |status| status.origin.as_str()));
        let came_since = |then| match &reader {
            Some(reader) => since(reader, then),
            None => Ok(Since {
                entries: 0,
                what: News::Little,
            }),
        };
        let saved = match kept.saved {
            Some((at, then)) => Some((at, came_since(then)?)),
            None => None,
        };
        let signed = kept.signed_by(WITNESSES);
        let held = match signed.max(kept.held_by_two) {
            Some(then) => Some(came_since(then)?),
            None => None,
        };
        let witnesses = u64::try_from(kept.witnesses.len()).unwrap_or(u64::MAX);
        let check = |done, title: LogSentence<'_>, text: LogSentence<'_>| ResetCheck {
            done,
            title: voice.of_log(&title),
            text: voice.of_log(&text),
        };
        let checks = vec![
            check(
                saved.is_some_and(|(_, since)| since.is_little()),
                LogSentence::ResetExport,
                match saved {
                    Some((at, since)) if since.is_little() => LogSentence::ResetExportDone {
                        at,
                        since: since.entries,
                    },
                    Some((at, since)) => LogSentence::ResetExportStale {
                        at,
                        since: since.entries,
                        matched: since.what == News::Match,
                    },
                    None => LogSentence::ResetExportTodo,
                },
            ),
            check(
                held.is_some_and(Since::is_little),
                LogSentence::ResetHeld,
                match held {
                    None => LogSentence::ResetHeldTodo { witnesses },
                    Some(since) if !since.is_little() => LogSentence::ResetHeldStale {
                        since: since.entries,
                        matched: since.what == News::Match,
                    },
                    Some(since) if signed >= kept.held_by_two => LogSentence::ResetHeldDone {
                        witnesses,
                        since: since.entries,
                    },
                    Some(since) => LogSentence::ResetHeldSaid {
                        since: since.entries,
                    },
                },
            ),
            check(
                kept.passwords,
                LogSentence::ResetPasswords,
                if kept.passwords {
                    LogSentence::ResetPasswordsSaid
                } else {
                    LogSentence::ResetPasswordsTodo
                },
            ),
        ];
        Ok(BeforeReset {
            ready: checks.iter().all(|check| check.done),
            checks,
        })
    }
}

/// A file that is gone when it is done with.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A fixed phrase of the report in a language. Each is looked up when this is compiled: else all of the
/// report's would be in the app.
macro_rules! fixed {
    ($phrase:ident, $language:expr) => {{
        use portlog_words::Language;
        use portlog_words::report::{Phrase, phrase};
        match $language {
            Language::English => const { phrase(Phrase::$phrase, Language::English) },
            Language::SimplifiedChinese => {
                const { phrase(Phrase::$phrase, Language::SimplifiedChinese) }
            }
            Language::TraditionalChinese => {
                const { phrase(Phrase::$phrase, Language::TraditionalChinese) }
            }
            Language::Hindi => const { phrase(Phrase::$phrase, Language::Hindi) },
        }
    }};
}
pub(super) use fixed;

/// The fixed first lines in the session's language.
pub(super) fn first_lines(report: &Report, voice: Voice) -> Vec<String> {
    use report::{Line, line};
    let language = voice.language;
    let latest = report.seen.iter().map(|seen| seen.time).max();
    let on = latest.map(date);
    let count = u64::try_from(report.seen.len()).unwrap_or(u64::MAX);
    let mut lines = vec![
        line(
            &Line::Unchanged {
                known: report.pinned,
                seen: on.as_deref().map(|on| (count, on)),
            },
            language,
        ),
        fixed!(DoesNotProve, language).to_owned(),
        line(
            &Line::Shown {
                shown: report.shown,
                of: report.size(),
            },
            language,
        ),
    ];
    if report.obtained.observed() == Observed::NotLive {
        let not_live = report.obtained.not_live();
        lines.push(line(&Line::NotLive(not_live), language));
    }
    lines
}

/// A day as `2026-05-04`, in UTC as in the fixed lines.
pub(super) fn date(seconds: u64) -> String {
    let time = Value::time(of_seconds(seconds), UtcOffset::UNKNOWN);
    time.as_str().chars().take(10).collect()
}

/// Seconds since 1970.
fn of_seconds(seconds: u64) -> WallTime {
    WallTime::from_millis(i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX))
}

/// Now, in seconds since 1970.
pub(super) fn seconds(about: &Circumstances) -> u64 {
    u64::try_from(about.now.wall.as_millis() / 1_000).unwrap_or(0)
}

/// A text as a code; `None` where it is too long for one.
pub(super) fn code(text: &str) -> Option<QrCode> {
    let qr = qr(text).ok()?;
    Some(QrCode {
        side: u32::from(qr.side),
        modules: qr.modules,
    })
}

fn of_view(view: &ShareChoice) -> Choice {
    let preset = match view.preset {
        SharePreset::Alerts => Preset::Alerts,
        SharePreset::Firmware => Preset::Firmware,
        SharePreset::Everything => Preset::Everything,
    };
    Choice {
        since: view.since.map(WallTime::from_millis),
        until: view.until.map(WallTime::from_millis),
        redact: view.redact.iter().take(MOST_REDACTED).cloned().collect(),
        with_local: view.with_local,
        ..Choice::new(preset)
    }
}

/// What the log has that a state of `then` entries has not.
fn since(reader: &Reader, then: u64) -> Result<Since, Error> {
    let size = reader.size()?;
    let entries = size.saturating_sub(then);
    let mut what = News::Little;
    let mut next = Some(size);
    while let Some(end) = next
        && what == News::Little
    {
        if size.saturating_sub(end) >= MOST_SINCE {
            what = News::Much;
            break;
        }
        let page = reader.rows(then..end, Reader::MAX_PAGE)?;
        if page.rows.iter().any(is_match) {
            what = News::Match;
        }
        next = page.next;
    }
    Ok(Since { entries, what })
}

/// Whether a row tells of a match that was none for practice.
fn is_match(row: &LoggedRow) -> bool {
    row.kind == Kind::Alert
        && row.value("level") == Some(Level::Match.as_str())
        && row.value("ours") != Some("practice")
}

/// Writes a bundle of the reader's state that goes nowhere, and so is not noted as an export.
fn write_state(reader: &Reader, choice: &Choice, path: &Path) -> Result<u64, Error> {
    let mut out = BufWriter::new(create(path)?);
    reader.draft(choice, &mut out)?;
    out.flush().map_err(|source| unwritten(path, source))?;
    length(path)
}

fn length(path: &Path) -> Result<u64, Error> {
    let about = fs::metadata(path).map_err(|source| unwritten(path, source))?;
    Ok(about.len())
}

/// The file as a stranger checks it, who knows nothing but the time.
fn made_sure(path: &Path, about: &Circumstances) -> Result<Checked, Error> {
    let options = Options::at(seconds(about));
    bundle::check(path, &options, about.voice)?.map_err(|source| Error::Journal {
        folder: path.to_owned(),
        source,
    })
}

fn create(path: &Path) -> Result<File, Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(unwritten(path, source));
        }
        _ => {}
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| unwritten(path, source))
}

fn unwritten(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}
