//! A report as a source of rows: one look, and nothing more.

use portlog_model::{Provenance, SourceKind};
use portlog_sockets::{Batch, Error, Polled, Source};

use super::Import;
use crate::{News, Remote};

/// Gives what a report has, once.
#[derive(Debug)]
pub struct ImportSource {
    import: Import,
    is_given: bool,
    is_told: bool,
}

impl ImportSource {
    /// A source of what `import` has.
    pub const fn new(import: Import) -> Self {
        Self {
            import,
            is_given: false,
            is_told: false,
        }
    }
}

impl Source for ImportSource {
    fn provenance(&self) -> Provenance {
        Provenance::Import
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Import
    }

    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, Error> {
        batch.clear();
        if self.is_given {
            return Ok(Polled::Finished);
        }
        self.is_given = true;
        batch.clone_from(&self.import.batch);
        Ok(Polled::At(self.import.at))
    }
}

impl Remote for ImportSource {
    fn news(&mut self, news: &mut Vec<News>) {
        if self.is_told {
            return;
        }
        self.is_told = true;
        news.push(News::Device(self.import.device.clone()));
        if let Some(packages) = &self.import.packages {
            news.push(News::Packages(packages.clone()));
        }
    }
}
