//! The report: one page that a stranger reads, made from a file that checks.
//!
//! The evidence is the file; the page says what stands in it, what could be looked at, what else could
//! explain it, and how to check. It is made in two steps: [`facts`] gathers what the entries say, in
//! memory that does not grow with the file, and [`mod@page`] writes it. The page loads nothing and runs
//! nothing, whatever the file says: text gets in by one function, in [`html`]. Whatever the page has no
//! room for it counts, and says that the file has it.

mod destination;
mod facts;
mod finding;
mod html;
mod owner;
mod page;
mod stamp;
mod timeline;
mod told;
mod word;

use std::io::BufRead;

use portlog_journal::verify::entries;
use portlog_journal::{Error, Report};
use portlog_words::Language;

use self::facts::Gather;
use self::page::Page;

/// The page about the bundle behind `reader`, which `report` is about.
///
/// An error is a file that cannot be read again, or is another than the one that was verified: nothing
/// of it may then be shown.
pub(crate) fn page(
    reader: impl BufRead,
    file: &str,
    report: &Report,
    language: Language,
) -> Result<String, Error> {
    let mut gather = Gather::new(report);
    entries(reader, report, |entry| gather.read(entry))?;
    let facts = gather.finish();
    let page = Page {
        file,
        report,
        facts: &facts,
    };
    Ok(page::written(&page, language))
}
