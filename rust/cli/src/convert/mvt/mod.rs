//! A bundle as a folder that MVT reads (`mvt-android check-androidqf` and `check-intrusion-logs`), so
//! that those who check phones with published indicators can check our log in the same run.
//!
//! MVT has no form for what a foreign watch saw; it reads Android's intrusion log, one JSON object a
//! line, in a folder as androidqf leaves it, keeps keys that it does not know, and passes over events
//! whose type it does not know. So only what such a log would have as well becomes one of its events,
//! and every file says first that it was made by Portlog: it must not pass as Android's own.

mod device;
mod event;
mod package_name;
mod packages;
mod readme;

use std::io::{BufRead, Write as _};
use std::path::Path;

use anyhow::Error;
use portlog_journal::Report;

use self::device::Device;
use self::event::Events;
use self::packages::Packages;
use super::draft::{cannot_write, finish, new_folder, write_file, writer};
use super::each;
use super::meaning::Meaning;

/// The version of MVT that the tests run on such a folder.
pub(super) const TESTED_WITH: &str = "2026.10.26";

/// Where MVT looks for intrusion logs in what androidqf acquired.
const LOGS: &str = "intrusion_logs";

/// Fills the empty folder `to` with what the bundle shows that `report` is about.
pub(super) fn write(bundle: impl BufRead, report: &Report, to: &Path) -> Result<(), Error> {
    let logs = to.join(LOGS);
    new_folder(&logs).map_err(|error| cannot_write(error, &logs))?;
    let path = logs.join("portlog.txt");
    let mut log = writer(&path)?;
    let mut put = |bytes: &[u8]| {
        log.write_all(bytes)
            .map_err(|error| cannot_write(error, &path))
    };
    let mut line = Vec::new();
    event::write_about(&mut line, report);
    put(&line)?;
    let mut meaning = Meaning::default();
    let mut events = Events::default();
    let mut device = Device::default();
    let mut packages = Packages::default();
    each(bundle, report, |entry| {
        meaning.read(entry);
        device.read(entry);
        packages.read(entry);
        line.clear();
        events.write(&mut line, entry, &meaning);
        put(&line)
    })?;
    finish(log, &path)?;
    write_file(&to.join("getprop.txt"), device.text().as_bytes())?;
    write_file(&to.join("packages.json"), &packages.text())?;
    write_file(&to.join("README.md"), readme::text(report).as_bytes())
}
