//! The operator's words, into the log of a running watch.

use anyhow::Error;
use portlog_agent::testimony::{Client, Mark};

use crate::args::MarkArgs;
use crate::exit::{Outcome, with_way_out};
use crate::output::Output;

/// Writes the mark; it is durable when this ends.
pub(crate) fn run(args: &MarkArgs) -> Result<Outcome, Error> {
    let mark = match (args.preset, &args.text) {
        (Some(preset), _) => Mark::Preset(preset.preset()),
        (None, Some(text)) if !text.trim().is_empty() => Mark::Words(text.clone()),
        (None, _) => anyhow::bail!("a mark needs words; --preset NAME has some of its own"),
    };
    let client = Client::connect(&args.folder)?.ok_or_else(|| {
        with_way_out(
            portlog_agent::Error::NoWatch {
                folder: args.folder.clone(),
            },
            "a mark says when something was done while somebody looked: start 'portlog watch \
             --journal DIR' first",
        )
    })?;
    let index = client.mark(&mark)?;
    Output::open()?.write(format!("marked: entry {index}\n").as_bytes())?;
    Ok(Outcome::Done)
}
