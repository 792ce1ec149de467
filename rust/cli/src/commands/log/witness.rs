//! Somebody else's machine remembers a log's state and signs it.

use std::io::{IsTerminal as _, stdout};

use anyhow::{Context as _, Error};
use portlog_journal::bundle::Parser;
use portlog_journal::verify::{Options, state};
use portlog_journal::{
    Answer, Hash, Note, Origin, Random as _, Rejection, Report, SigningKey, SystemRandom,
    Witnessed, witness,
};

use super::against::{Copy, Told, write_proof};
use super::bundle_file::{BundleFile, now, reader};
use super::memory::Memory;
use crate::args::WitnessArgs;
use crate::exit::Outcome;
use crate::output::{Output, notice};
use crate::text::clean::clean;
use crate::text::qr;

/// Checks a log's state against the one that it remembers, and signs it.
pub(crate) fn run(args: &WitnessArgs) -> Result<Outcome, Error> {
    let file = BundleFile::new(&args.file);
    let memory = Memory::open(args.state.as_deref())?;
    let key = memory.key(args.name.as_deref())?;
    let Some(origin) = origin(&file)? else {
        // What is wrong with it, the one way through says.
        return match file.verify(&reader()?)? {
            Err(rejection) => refuse(&rejected(&rejection)),
            Ok(_) => refuse("the file changed meanwhile"),
        };
    };
    let remembered =
        match memory.log(&origin)? {
            Some(kept) => Some(Copy::read(kept.path(), &reader()?).with_context(|| {
                format!("what this witness remembers of {origin} cannot be used")
            })?),
            None => None,
        };
    let options = Options {
        states_at: remembered.iter().map(Copy::size).collect(),
        ..reader()?
    };
    let report = match file.verify(&options)? {
        Ok(report) => report,
        Err(rejection) => return refuse(&rejected(&rejection)),
    };
    if let Some(copy) = &remembered {
        let told = copy.compare(&report, &reader()?)?;
        if !told.is_consistent() {
            return refuse_history(args, &file, &report, copy, &told);
        }
    }
    let answer = match signed(&report, remembered.as_ref().map(Copy::note), &key)? {
        Ok(answer) => answer,
        Err(why) => return refuse(&why),
    };
    // It remembers first: a signature that it forgets is one that it could contradict.
    memory.remember(&origin, &state(file.open()?, &report)?)?;
    say(&report, remembered.as_ref(), &answer, args)?;
    Ok(Outcome::Done)
}

/// The log that a file says it is of; `None` where its head is not that of a bundle.
fn origin(file: &BundleFile) -> Result<Option<Origin>, Error> {
    match Parser::new(file.open()?) {
        Ok(parser) => Ok(Some(parser.header().origin.clone())),
        Err(portlog_journal::Error::Rejected(_)) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.path().display())),
    }
}

/// The answer, or why there is none.
fn signed(
    report: &Report,
    remembered: Option<&Note>,
    key: &SigningKey,
) -> Result<Result<Answer, String>, Error> {
    let line = match witness(report, remembered, key, now()?) {
        Ok(Witnessed::Signed(line)) => line,
        Ok(Witnessed::Refused(comparison)) => {
            return Ok(Err(Told::States(comparison).to_string()));
        }
        Err(rejection) => return Ok(Err(Told::NotSigned(rejection).to_string())),
    };
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes)?;
    let nonce: String = Hash::of(&[b"nonce\n", &bytes])
        .to_hex()
        .chars()
        .take(32)
        .collect();
    // The log's own lines and this one: others' signatures are theirs to give.
    let note = report.checkpoint.to_string();
    let origin = report.origin().as_str();
    let own: String = note
        .split_inclusive('\n')
        .filter(|text| !text.starts_with('\u{2014}') || text.split(' ').nth(1) == Some(origin))
        .collect();
    let note = Note::parse(&format!("{own}{line}\n"))?;
    Ok(Answer::new(key.public().clone(), &nonce, note)
        .ok_or_else(|| "the nonce is none".to_owned()))
}

fn say(
    report: &Report,
    remembered: Option<&Copy>,
    answer: &Answer,
    args: &WitnessArgs,
) -> Result<(), Error> {
    let before = match remembered.map(Copy::size) {
        None => "it saw this log for the first time, so it says nothing of who signs it".to_owned(),
        Some(size) if size == report.size() => "it has seen this state before".to_owned(),
        Some(size) => format!("it continues the state of {size} entries that it remembered"),
    };
    notice(format!(
        "signed the state of {} entries of {}; {before}",
        report.size(),
        report.origin()
    ));
    notice(format!(
        "people who know this witness check with --witness {}",
        answer.witness
    ));
    notice("what follows goes back: portlog log checkpoint DIR --answer FILE, or the app");
    let text = answer.to_string();
    let mut out = text.clone();
    if args.qr && stdout().is_terminal() {
        out.push('\n');
        qr::write(&mut out, &portlog_agent::testimony::qr(&text)?);
    }
    Output::open()?.write(out.as_bytes())
}

fn rejected(rejection: &Rejection) -> String {
    format!("the file is not what was signed: {rejection}")
}

/// Two histories, or a shorter one than it remembers.
fn refuse_history(
    args: &WitnessArgs,
    file: &BundleFile,
    report: &Report,
    copy: &Copy,
    told: &Told,
) -> Result<Outcome, Error> {
    let proof = match told.fork() {
        Some(fork) => {
            let proof = copy.proof(fork, file, report)?;
            let path = write_proof(&proof, file.path(), args.fork_proof.as_deref())?;
            format!("; the proof is in {}", path.display())
        }
        None => String::new(),
    };
    refuse(&format!(
        "compared with the state of {} entries that this witness signed: {told}{proof}",
        copy.size()
    ))
}

fn refuse(why: &str) -> Result<Outcome, Error> {
    Output::open()?.write(format!("NOT SIGNED: {}\n", clean(why)).as_bytes())?;
    Ok(Outcome::Bad)
}
