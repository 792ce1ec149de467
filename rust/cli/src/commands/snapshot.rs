//! Every socket, once.

use std::io;
use std::sync::Arc;

use anyhow::{Context as _, Error, bail};
use portlog_agent::{Elsewhere, Look, Snapshot, Subject};
use portlog_model::{Coverage, CoverageItem, CoverageStatus};

use crate::args::{SnapshotArgs, SnapshotFormat};
use crate::exit::Outcome;
use crate::output::{Output, notice};
use crate::text::coverage::{not_live, remarks};
use crate::text::packages::write_listed;
use crate::text::paint::Paint;
use crate::text::sockets::write_snapshot;
use crate::time::LocalTime;
use crate::{csv, inputs, json, lists};

/// Prints every socket.
pub(crate) fn run(args: &SnapshotArgs) -> Result<Outcome, Error> {
    let mut phones = inputs::phones(&args.source)?;
    let phone = phones.pop();
    if !phones.is_empty() {
        bail!("a snapshot is of one phone: name one with --serial");
    }
    let device = phone
        .as_ref()
        .map(|(_, source)| Arc::clone(&source.phone().serial));
    let (source, proc_root) = inputs::source(&args.source)?;
    if inputs::helper(&args.source)?.is_some() {
        bail!("a helper takes a moment to come: use 'portlog watch --source helper'");
    }
    let packages = inputs::packages(args.source.packages.as_deref())?;
    let (lists, names) = lists::in_force(&args.lists.lists, &args.lists.content_networks)?;
    let listed = packages
        .as_ref()
        .map(|packages| lists::listed_packages(packages, &lists))
        .unwrap_or_default();
    let subject = Subject {
        elsewhere: match phone {
            Some((adb, source)) => Some(Elsewhere::adb(adb, source)),
            None => inputs::import(&args.source)?.map(Elsewhere::import),
        },
        source,
        proc_root,
        packages,
        programs: args.programs,
        lists,
        names,
        ..Subject::this_machine()
    };
    let look = Look::at(subject).context("cannot take a snapshot")?;
    let is_blind = nothing_readable(&look.coverage);
    let mut output = Output::open()?;
    match args.format {
        SnapshotFormat::Json => {
            json::snapshot::print(look, device.as_deref(), &listed, &mut output)?;
        }
        SnapshotFormat::Csv => {
            let snapshot = look.into_snapshot();
            let mut text = String::new();
            csv::write_snapshot(&mut text, &snapshot);
            output.write(text.as_bytes())?;
            tell_beside(&snapshot);
            let mut text = String::new();
            write_listed(&mut text, &listed, &LocalTime::system());
            text.lines().for_each(notice);
        }
        SnapshotFormat::Table => {
            let snapshot = look.into_snapshot();
            let mut text = String::new();
            let paint = Paint::of(&io::stdout());
            let local = LocalTime::system();
            write_snapshot(&mut text, &snapshot, paint, &local);
            write_listed(&mut text, &listed, &local);
            output.write(text.as_bytes())?;
        }
    }
    if !is_blind {
        return Ok(Outcome::Done);
    }
    bail!(
        "no socket table could be read: the coverage says why of each; run it as another user, or \
         name a tree that has net/tcp with --proc"
    )
}

/// What a format without a place for it must say elsewhere.
fn tell_beside(snapshot: &Snapshot) {
    if let Some(warning) = not_live(snapshot.provenance) {
        notice(warning);
    }
    for remark in remarks(&snapshot.coverage, Paint::OFF) {
        notice(remark);
    }
}

fn nothing_readable(coverage: &[Coverage]) -> bool {
    !coverage.iter().any(|coverage| {
        matches!(coverage.item, CoverageItem::Table(_))
            && matches!(
                coverage.status,
                CoverageStatus::Readable | CoverageStatus::Untrusted
            )
    })
}
