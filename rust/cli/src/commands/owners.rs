//! Who UIDs are.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Error;
use portlog_model::{Coverage, CoverageStatus, Owner, Platform, Sentence, Uid};

use crate::args::{OwnersArgs, TextFormat};
use crate::exit::Outcome;
use crate::inputs;
use crate::json::Object;
use crate::json::event::{write_coverage, write_named_owner};
use crate::json::list::write_listed_packages;
use crate::lists::{self, ListedPackage};
use crate::output::{Output, notice};
use crate::speech::english;
use crate::text::clean::clean;
use crate::text::coverage::write_item;
use crate::text::packages::write_listed;
use crate::text::paint::Paint;
use crate::text::words;
use crate::time::LocalTime;

/// Prints who each UID is, in the order asked.
pub(crate) fn run(args: &OwnersArgs) -> Result<Outcome, Error> {
    let packages = inputs::packages(args.packages.as_deref())?;
    let listed = match &packages {
        Some(packages) => lists::listed_packages(packages, &lists::set(&args.lists)?),
        None => Vec::new(),
    };
    let mut directory = portlog_agent::directory(packages, Path::new("/proc"), true);
    let coverage = directory.coverage();
    let platform = directory.platform();
    let owners: Vec<Arc<Owner>> = args
        .uids
        .iter()
        .map(|uid| directory.owner(Some(Uid::new(*uid))))
        .collect();
    let mut out = Vec::new();
    match args.format {
        TextFormat::Json => {
            write_json(&mut out, platform, &coverage, &owners, &listed);
            out.push(b'\n');
        }
        TextFormat::Text => {
            let mut text = String::new();
            for owner in &owners {
                write_text(&mut text, owner, platform);
            }
            write_listed(&mut text, &listed, &LocalTime::system());
            out = text.into_bytes();
            if coverage.status != CoverageStatus::Readable
                || coverage.bad_rows > 0
                || !coverage.details.is_empty()
            {
                let mut text = String::new();
                write_item(&mut text, &coverage, Paint::OFF);
                notice(text);
            }
        }
    }
    Output::open()?.write(&out)?;
    Ok(Outcome::Done)
}

pub(crate) fn write_json(
    out: &mut Vec<u8>,
    platform: Platform,
    coverage: &Coverage,
    owners: &[Arc<Owner>],
    listed: &[ListedPackage],
) {
    let mut object = Object::new(out);
    object.string("platform", platform.as_str());
    write_coverage(&mut object.object("packages"), coverage);
    {
        let mut array = object.array("owners");
        for owner in owners {
            write_named_owner(&mut array.object(), owner);
        }
    }
    write_listed_packages(&mut object.array("listed_packages"), listed);
}

fn write_text(out: &mut String, owner: &Owner, platform: Platform) {
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{}: {}, {}",
        owner
            .uid
            .map_or_else(|| "no uid".to_owned(), |uid| uid.to_string()),
        clean(&owner.name),
        owner.kind
    );
    if let Some(user) = owner.user {
        let _ = write!(out, ", user {user}");
    }
    if platform == Platform::Android {
        let _ = write!(
            out,
            ", firmware: {}",
            words::firmware_label(owner, platform)
        );
    }
    let why = english(&Sentence::OwnerReason(&owner.why));
    let _ = write!(out, "\n    {}\n", clean(&why));
    for package in &owner.packages {
        let _ = writeln!(out, "    package {package}");
    }
}
