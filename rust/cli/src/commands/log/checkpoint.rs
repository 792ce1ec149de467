//! The signed state of a log, for somebody else to keep; and what a witness answered.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _, stdout};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Error, anyhow};
use portlog_agent::SystemClock;
use portlog_agent::testimony::{Access, Device, Recorder, Testimony, qr};
use portlog_journal::Answer;

use super::export::written_whole;
use super::journal;
use crate::args::CheckpointArgs;
use crate::exit::{Outcome, with_way_out};
use crate::output::{Output, notice};
use crate::text;

/// The most bytes of an answer: a checkpoint and two lines.
const MAX_ANSWER: u64 = 256 * 1024;

/// Prints the state, writes it for a witness, or takes a witness's answer in.
pub(crate) fn run(args: &CheckpointArgs) -> Result<Outcome, Error> {
    if let Some(answer) = &args.answer {
        return take_in(&args.folder, answer);
    }
    let access = journal::open(&args.folder)?;
    if let Some(output) = &args.output {
        let size = written_whole(output, |out| Ok(access.state(out)?))?;
        notice(format!(
            "the state of {size} entries, and none of them, is in {}",
            output.display()
        ));
        notice(format!(
            "on another machine: portlog log witness {} > answer.txt",
            output.display()
        ));
        return Ok(Outcome::Done);
    }
    let status = access.status()?;
    let text = access.checkpoint()?.to_string();
    notice(format!(
        "the signed state of a log whose first vkey is {}; whoever keeps these lines can show later that \
         it was cut or changed (portlog log verify FILE --against THESE)",
        status.first
    ));
    notice(
        "they carry no proof; what a witness signs is the file that -o state.portlog.txt writes",
    );
    let mut out = text.clone();
    if !args.no_qr && stdout().is_terminal() {
        out.push('\n');
        text::qr::write(&mut out, &qr(&text)?);
    }
    Output::open()?.write(out.as_bytes())?;
    Ok(Outcome::Done)
}

fn take_in(folder: &Path, path: &Path) -> Result<Outcome, Error> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MAX_ANSWER).read_to_string(&mut text))
        .with_context(|| format!("cannot read {}", path.display()))
        .map_err(|error| with_way_out(error, "--answer takes what 'log witness' printed"))?;
    let answer = Answer::parse(&text).map_err(|rejection| {
        with_way_out(
            anyhow!("{} is no answer of a witness: {rejection}", path.display()),
            "--answer takes what 'log witness' printed, and nothing else",
        )
    })?;
    let index = match journal::open(folder)? {
        Access::Running(client) => client.cosigned(&answer)?,
        Access::Alone(reader) => {
            // Whoever writes has to have it alone.
            drop(reader);
            let testimony = Testimony::new(folder.to_owned(), Device::of_this_machine());
            let recorder = Recorder::open(testimony, Arc::new(SystemClock))?;
            let index = recorder.cosigned(&answer.note, &answer.witness, Some(&answer.nonce))?;
            recorder.close()?;
            index
        }
    };
    let said = format!(
        "entry {index}: {} has seen the state of {} entries\n",
        answer.witness.name(),
        answer.note.checkpoint().size
    );
    Output::open()?.write(said.as_bytes())?;
    Ok(Outcome::Done)
}
