//! What comes from outside: bundles and checkpoints of other logs, and the answers of witnesses.

use std::path::Path;

use portlog_journal::verify::{Comparison, EvidenceLevel, Options};
use portlog_journal::{
    Answer, Error as JournalError, Note, Origin, Random as _, SystemRandom, Witnessed,
};
use portlog_words::log::LogSentence;
use portlog_words::report::{Line, line};

use super::bundle::{self, Checked};
use super::sharing::{code, date, first_lines, fixed, seconds};
use super::views::{FoundFile, Outcome, Verdict, Witnessing};
use super::witness::key_name;
use super::{Circumstances, LogBook};
use crate::Error;
use crate::files::read_bounded;
use crate::session::render::Voice;
use crate::testimony::{KnownBy, PredecessorReason};

/// Bytes of a checkpoint or an answer.
const MAX_TEXT: u64 = 192 << 10;
/// Seconds by which a witness's clock may be ahead.
const CLOCKS_DIFFER: u64 = 86_400;

/// The state of a log that this phone signed last, where it signed one.
type Remembered = Result<Option<Note>, Error>;

impl LogBook {
    pub(super) fn take_answer(&self, text: &str, about: &Circumstances) -> Result<Outcome, Error> {
        let not_done = |sentence| outcome(false, None, &sentence, about.voice);
        let Ok(answer) = Answer::parse(&as_lines(text)) else {
            return Ok(not_done(LogSentence::NoAnswer));
        };
        let not_after = seconds(about).saturating_add(CLOCKS_DIFFER);
        if answer.check(not_after).is_err() {
            return Ok(not_done(LogSentence::AnswerNotSigned));
        }
        let Some(recorder) = self.recorder() else {
            return Ok(not_done(self.why_not_written()));
        };
        let nonce = Some(answer.nonce.as_str());
        match recorder.cosigned(&answer.note, &answer.witness, nonce) {
            Ok(index) => {
                let key = answer.witness.to_string();
                let size = answer.note.checkpoint().size;
                self.say(|kept| kept.witness(key, size))?;
                let done = LogSentence::Answered {
                    name: answer.witness.name(),
                    size,
                };
                Ok(outcome(true, Some(index), &done, about.voice))
            }
            Err(Error::NotOurCheckpoint) => Ok(not_done(LogSentence::AnswerForAnother)),
            Err(error) => Err(error),
        }
    }

    pub(super) fn predecessor(&self, text: &str, about: &Circumstances) -> Result<Outcome, Error> {
        let not_done = |sentence| outcome(false, None, &sentence, about.voice);
        let text = as_lines(text);
        let note = match Answer::parse(&text) {
            Ok(answer) => Some(answer.note),
            Err(_) => Note::parse(&text).ok(),
        };
        let Some(note) = note else {
            return Ok(not_done(LogSentence::NoCheckpoint));
        };
        if self.own_origin()?.as_ref() == Some(&note.checkpoint().origin) {
            return Ok(not_done(LogSentence::OwnCheckpoint));
        }
        let Some(recorder) = self.recorder() else {
            return Ok(not_done(self.why_not_written()));
        };
        let index = recorder.predecessor(&note, KnownBy::Copy, PredecessorReason::Reset)?;
        let origin = note.checkpoint().origin.as_str();
        self.say(|kept| origin.clone_into(&mut kept.predecessor))?;
        Ok(outcome(
            true,
            Some(index),
            &LogSentence::PredecessorNamed,
            about.voice,
        ))
    }

    pub(super) fn verify(&self, path: &Path, about: &Circumstances) -> Result<Verdict, Error> {
        if let Some(found) = self.short_text(path)? {
            let sentence = match found {
                FoundFile::OwnCheckpoint => LogSentence::OwnCheckpoint,
                FoundFile::Checkpoint => LogSentence::OthersCheckpoint,
                FoundFile::Answer => LogSentence::IsAnswer,
                FoundFile::Bundle | FoundFile::Nothing => LogSentence::Nothing,
            };
            return Ok(Verdict {
                lines: vec![about.voice.of_log(&sentence)],
                ..no_verdict(found)
            });
        }
        let (options, remembered) = self.options(path, about)?;
        let mut told = match bundle::check(path, &options, about.voice)? {
            Ok(checked) => verdict(checked, about.voice),
            Err(error) => rejected(&error, about.voice),
        };
        if remembered.is_err() {
            let sentence = about.voice.of_log(&LogSentence::MemoryUnreadable);
            told.details.push(sentence);
        }
        Ok(told)
    }

    pub(super) fn witness(
        &self,
        path: &Path,
        name: &str,
        about: &Circumstances,
    ) -> Result<Witnessing, Error> {
        let voice = about.voice;
        let refused = |verdict: Verdict, sentence: &LogSentence<'_>| Witnessing {
            signed: false,
            lines: vec![voice.of_log(sentence)],
            answer: String::new(),
            code: None,
            verdict,
        };
        let (options, remembered) = self.options(path, about)?;
        let checked = match bundle::check(path, &options, voice)? {
            Ok(checked) => checked,
            Err(error) => {
                return Ok(refused(rejected(&error, voice), &LogSentence::DoesNotCheck));
            }
        };
        let report = checked.report.clone();
        let verdict = verdict(checked, voice);
        if self.own_origin()?.as_ref() == Some(report.origin()) {
            return Ok(refused(verdict, &LogSentence::RefusedOwn));
        }
        let Some(name) = key_name(name) else {
            return Ok(refused(verdict, &LogSentence::WitnessNeedsName));
        };
        let Ok(remembered) = remembered else {
            return Ok(refused(verdict, &LogSentence::MemoryUnreadable));
        };
        let key = self.witness_desk().key(&name)?;
        let now = seconds(about);
        let fault = |source: JournalError| Error::Journal {
            folder: path.to_owned(),
            source,
        };
        let signature = match portlog_journal::witness(&report, remembered.as_ref(), &key, now) {
            Ok(Witnessed::Signed(signature)) => signature,
            // No key of this log signed what stands there.
            Err(_) => return Ok(refused(verdict, &LogSentence::MemoryUnreadable)),
            Ok(Witnessed::Refused(why)) => {
                let sentence = match why {
                    Comparison::Fork(_) => LogSentence::RefusedFork,
                    Comparison::RolledBack { .. } => LogSentence::RefusedRolledBack,
                    _ => LogSentence::RefusedNotShown,
                };
                return Ok(refused(verdict, &sentence));
            }
        };
        let note = only_the_logs_own(&report.checkpoint)
            .with(signature)
            .map_err(|rejection| fault(rejection.into()))?;
        // Before the answer is out: what was signed must not be forgotten.
        self.witness_desk().remember(&report.checkpoint)?;
        let mut random = [0; 16];
        SystemRandom.fill(&mut random).map_err(fault)?;
        let nonce = format!("{:032x}", u128::from_be_bytes(random));
        let answer = Answer::new(key.public().clone(), &nonce, note)
            .map(|answer| answer.to_string())
            .unwrap_or_default();
        let signed = LogSentence::Signed {
            size: report.size(),
        };
        Ok(Witnessing {
            signed: true,
            lines: vec![voice.of_log(&signed)],
            code: code(&answer),
            answer,
            verdict,
        })
    }

    /// What this phone knows of the log that a file claims to be of, and the state it remembers, where
    /// that can be read.
    fn options(&self, path: &Path, about: &Circumstances) -> Result<(Options, Remembered), Error> {
        let mut options = Options::at(seconds(about));
        let mut remembered = Ok(None);
        if let Some(origin) = bundle::claimed_origin(path)? {
            remembered = self.witness_desk().remembered(&origin);
            let known = remembered.as_ref().ok().and_then(Option::as_ref);
            options
                .states_at
                .extend(known.map(|note| note.checkpoint().size));
            if known.is_some() || self.own_origin()?.as_ref() == Some(&origin) {
                options.pinned = Some(origin);
            }
        }
        Ok((options, remembered))
    }

    fn own_origin(&self) -> Result<Option<Origin>, Error> {
        match self.reader()? {
            Some(reader) => Ok(Some(reader.status()?.origin)),
            None => Ok(None),
        }
    }

    /// What a file is that is no bundle; `None` for one that claims to be a bundle.
    fn short_text(&self, path: &Path) -> Result<Option<FoundFile>, Error> {
        use std::io::Read as _;
        let mut start = Vec::new();
        bundle::open(path)?
            .take(64)
            .read_to_end(&mut start)
            .map_err(|source| Error::Read {
                path: path.to_owned(),
                source,
            })?;
        if start.starts_with(b"portlog/bundle@") {
            return Ok(None);
        }
        let text = match read_bounded(path, MAX_TEXT) {
            Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
            Err(Error::TooLarge { .. }) => String::new(),
            Err(error) => return Err(error),
        };
        let text = as_lines(&text);
        if Answer::parse(&text).is_ok() {
            return Ok(Some(FoundFile::Answer));
        }
        Ok(Some(match Note::parse(&text) {
            Ok(note) if self.own_origin()?.as_ref() == Some(&note.checkpoint().origin) => {
                FoundFile::OwnCheckpoint
            }
            Ok(_) => FoundFile::Checkpoint,
            Err(_) => FoundFile::Nothing,
        }))
    }
}

/// A text that went through a clipboard or a messenger, with the line ends that it had: spaces around
/// it are no part of it. Signed lines themselves are taken as they are.
fn as_lines(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").trim().to_owned();
    text.push('\n');
    text
}

/// The checkpoint without what other witnesses said: an answer is for one.
fn only_the_logs_own(note: &Note) -> Note {
    let body = note.checkpoint().to_string();
    let origin = note.checkpoint().origin.as_str();
    let mut text = format!("{body}\n");
    for signature in note.signatures() {
        if signature.name() == origin {
            text.push_str(&signature.to_string());
            text.push('\n');
        }
    }
    Note::parse(&text).unwrap_or_else(|_| note.clone())
}

fn outcome(done: bool, index: Option<u64>, sentence: &LogSentence<'_>, voice: Voice) -> Outcome {
    Outcome {
        done,
        text: voice.of_log(sentence),
        index,
    }
}

const fn no_verdict(found: FoundFile) -> Verdict {
    Verdict {
        found,
        unchanged: false,
        first_lines: Vec::new(),
        lines: Vec::new(),
        level: String::new(),
        details: Vec::new(),
        origin: String::new(),
        shown: 0,
        size: 0,
        rows: Vec::new(),
    }
}

fn rejected(error: &JournalError, voice: Voice) -> Verdict {
    Verdict {
        lines: vec![voice.of_log(&LogSentence::DoesNotCheck), error.to_string()],
        ..no_verdict(FoundFile::Bundle)
    }
}

fn verdict(checked: Checked, voice: Voice) -> Verdict {
    let Checked { report, contents } = checked;
    let language = voice.language;
    let level = report.level();
    let level_phrase = match level {
        EvidenceLevel::SelfConsistent => fixed!(LevelSelf, language),
        EvidenceLevel::Pinned => fixed!(LevelPinned, language),
        EvidenceLevel::Witnessed => fixed!(LevelWitnessed, language),
    };
    let mut details = vec![level_phrase.to_owned()];
    for seen in &report.seen {
        details.push(line(
            &Line::WitnessSaw {
                name: &seen.witness,
                size: seen.size,
                of: report.size(),
                on: &date(seen.time),
            },
            language,
        ));
    }
    if report.unchecked_signatures > 0 {
        let unchecked = Line::UncheckedSignatures(report.unchecked_signatures);
        details.push(line(&unchecked, language));
    }
    let watched = &report.watched;
    if watched.heartbeats > 0 {
        for (label, span) in [
            (fixed!(Watched, language), watched.watched),
            (fixed!(Asleep, language), watched.asleep),
            (fixed!(Denied, language), watched.denied),
            (fixed!(Stopped, language), watched.stopped),
        ] {
            let span = line(&Line::Span(span), language);
            details.push(format!("{label}: {span}"));
        }
    }
    if watched.dropped > 0 {
        details.push(line(&Line::Dropped(watched.dropped), language));
    }
    details.extend(contents.withheld(voice));
    Verdict {
        found: FoundFile::Bundle,
        unchanged: true,
        first_lines: report.first_lines(),
        lines: first_lines(&report, voice),
        level: level.as_str().to_owned(),
        details,
        origin: report.origin().as_str().to_owned(),
        shown: report.shown,
        size: report.size(),
        rows: contents.rows(),
    }
}
