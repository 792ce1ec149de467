//! A snapshot, one object.

use anyhow::Error;
use portlog_agent::Look;
use portlog_model::{Coverage, Moment, Observed, Platform, Provenance};

use super::event::write_coverage;
use super::list::write_listed_packages;
use super::owner::Owners;
use super::socket::write_observed;
use super::writer::string;
use super::{Array, Object};
use crate::lists::ListedPackage;
use crate::output::Output;
use crate::time::rfc3339;

/// Prints what `look` saw of `device`, each socket on a line of its own.
pub(crate) fn print(
    mut look: Look,
    device: Option<&str>,
    listed: &[ListedPackage],
    output: &mut Output,
) -> Result<(), Error> {
    let mut buffer = Vec::with_capacity(Output::CHUNK + 4096);
    let coverage = std::mem::take(&mut look.coverage);
    let mut document = Document::begin(
        &mut buffer,
        look.at,
        look.platform,
        look.provenance,
        &coverage,
    );
    document.owners = Owners::of_device(device);
    // Whoever reads may have gone: the rest is then for nobody.
    let mut written = Ok(());
    look.each_socket(|observed| {
        if written.is_ok() {
            document.socket(&observed);
            written = output.write_chunk(document.out);
        }
    });
    written?;
    document.end(listed);
    output.write(&buffer)
}

/// The object, from its head to its last socket.
struct Document<'a> {
    out: &'a mut Vec<u8>,
    owners: Owners,
    first: bool,
}

impl<'a> Document<'a> {
    fn begin(
        out: &'a mut Vec<u8>,
        at: Moment,
        platform: Platform,
        provenance: Provenance,
        coverage: &[Coverage],
    ) -> Self {
        out.extend_from_slice(b"{\"time\":");
        string(out, &rfc3339(at.wall));
        out.extend_from_slice(b",\"platform\":");
        string(out, platform.as_str());
        out.extend_from_slice(b",\"provenance\":");
        string(out, provenance.as_str());
        out.extend_from_slice(b",\"coverage\":[");
        for (number, coverage) in coverage.iter().enumerate() {
            out.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
            write_coverage(&mut Object::new(out), coverage);
        }
        out.extend_from_slice(b"\n],\"sockets\":[");
        Self {
            out,
            owners: Owners::default(),
            first: true,
        }
    }

    fn socket(&mut self, observed: &Observed) {
        self.out
            .extend_from_slice(if self.first { b"\n" } else { b",\n" });
        self.first = false;
        write_observed(self.out, observed, &mut self.owners);
    }

    fn end(self, listed: &[ListedPackage]) {
        self.out.extend_from_slice(b"\n],\"listed_packages\":");
        write_listed_packages(&mut Array::new(self.out), listed);
        self.out.extend_from_slice(b"}\n");
    }
}

#[cfg(test)]
pub(crate) fn rendered(snapshot: &portlog_agent::Snapshot, listed: &[ListedPackage]) -> String {
    let mut out = Vec::new();
    let mut document = Document::begin(
        &mut out,
        snapshot.at,
        snapshot.platform,
        snapshot.provenance,
        &snapshot.coverage,
    );
    for observed in &snapshot.sockets {
        document.socket(observed);
    }
    document.end(listed);
    String::from_utf8(out).unwrap()
}
