//! A report as a source of rows: one look, and nothing more.

use portlog_model::{Moment, Provenance, SourceKind};
use portlog_sockets::{Batch, Error, Polled, Source};

use super::Import;
use crate::{News, Remote};

/// Gives what a report has, once.
#[derive(Debug)]
pub struct ImportSource {
    at: Moment,
    /// Until they are given.
    batch: Option<Batch>,
    news: Vec<News>,
}

impl ImportSource {
    /// A source of what `import` has.
    pub fn new(import: Import) -> Self {
        let mut news = vec![News::Device(import.device)];
        news.extend(import.packages.map(News::Packages));
        Self {
            at: import.at,
            batch: Some(import.batch),
            news,
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
        let Some(given) = self.batch.take() else {
            return Ok(Polled::Finished);
        };
        *batch = given;
        Ok(Polled::At(self.at))
    }
}

impl Remote for ImportSource {
    fn news(&mut self, news: &mut Vec<News>) {
        news.append(&mut self.news);
    }
}
