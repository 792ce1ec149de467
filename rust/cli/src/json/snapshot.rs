//! A snapshot, one object.

use anyhow::Error;
use portlog_agent::Snapshot;

use super::Object;
use super::event::write_coverage;
use super::owner::Owners;
use super::socket::write_observed;
use super::writer::string;
use crate::output::Output;
use crate::time::rfc3339;

/// Prints `snapshot`, each socket on a line of its own.
pub(crate) fn print(snapshot: &Snapshot, output: &mut Output) -> Result<(), Error> {
    let mut buffer = Vec::with_capacity(Output::CHUNK + 4096);
    write(snapshot, &mut buffer, |buffer| output.write_chunk(buffer))?;
    output.write(&buffer)
}

/// Appends `snapshot`; `between` may empty the buffer after each socket.
fn write(
    snapshot: &Snapshot,
    out: &mut Vec<u8>,
    mut between: impl FnMut(&mut Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    out.extend_from_slice(b"{\"time\":");
    string(out, &rfc3339(snapshot.at.wall));
    out.extend_from_slice(b",\"platform\":");
    string(out, snapshot.platform.as_str());
    out.extend_from_slice(b",\"provenance\":");
    string(out, snapshot.provenance.as_str());
    out.extend_from_slice(b",\"coverage\":[");
    for (number, coverage) in snapshot.coverage.iter().enumerate() {
        out.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
        write_coverage(&mut Object::new(out), coverage);
    }
    out.extend_from_slice(b"\n],\"sockets\":[");
    let mut owners = Owners::default();
    for (number, observed) in snapshot.sockets.iter().enumerate() {
        out.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
        write_observed(out, observed, &mut owners);
        between(out)?;
    }
    out.extend_from_slice(b"\n]}\n");
    Ok(())
}

#[cfg(test)]
pub(crate) fn rendered(snapshot: &Snapshot) -> String {
    let mut out = Vec::new();
    write(snapshot, &mut out, |_| Ok(())).unwrap();
    String::from_utf8(out).unwrap()
}
