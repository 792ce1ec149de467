//! `portlog list cdn`: what files of the ranges of content networks hold.

use std::fmt::Write as _;

use anyhow::Error;
use portlog_blocklist::ContentSource;

use crate::args::{ListCdnArgs, TextFormat};
use crate::exit::Outcome;
use crate::json::Object;
use crate::lists;
use crate::output::Output;
use crate::text::clean::clean;
use crate::time::{LocalTime, rfc3339};

/// Prints a line for each file.
pub(crate) fn run(args: &ListCdnArgs) -> Result<Outcome, Error> {
    let networks = lists::content_networks(&args.files)?;
    let mut out = Vec::new();
    match args.format {
        TextFormat::Json => {
            write_json(&mut out, networks.sources());
            out.push(b'\n');
        }
        TextFormat::Text => {
            let local = LocalTime::system();
            let mut text = String::new();
            for source in networks.sources() {
                // Writing to a string cannot fail.
                let _ = writeln!(
                    text,
                    "{}: networks {}, not used {}, {}, sha256 {}",
                    clean(&source.name),
                    source.networks,
                    source.bad,
                    source.date.map_or_else(
                        || "undated".to_owned(),
                        |date| format!("dated {}", local.date(date))
                    ),
                    source.sha256
                );
            }
            out = text.into_bytes();
        }
    }
    Output::open()?.write(&out)?;
    let has_bad = networks.sources().iter().any(|source| source.bad > 0);
    Ok(if has_bad { Outcome::Bad } else { Outcome::Done })
}

/// Appends what the files hold, without a line's end.
pub(crate) fn write_json(out: &mut Vec<u8>, sources: &[ContentSource]) {
    let mut object = Object::new(out);
    let mut array = object.array("files");
    for source in sources {
        let mut object = array.object();
        object.string("name", &source.name);
        object.string_or_null("date", source.date.map(rfc3339).as_deref());
        object.string("sha256", &source.sha256.to_string());
        object.number("networks", source.networks);
        object.number("bad", source.bad);
    }
}
