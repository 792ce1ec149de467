//! What a reader of the folder has to know.

use std::fmt::Write as _;

use portlog_journal::Report;

use super::TESTED_WITH;

/// The file, from the report of the bundle.
pub(super) fn text(report: &Report) -> String {
    let mut out = String::from("# Made by Portlog. This is not Android's own log.\n\n");
    for line in report.first_lines() {
        let _ = writeln!(out, "> {line}\n>");
    }
    let version = env!("CARGO_PKG_VERSION");
    let (origin, sha256) = (report.origin(), report.sha256.to_hex());
    let _ = write!(
        out,
        "
Portlog {version} wrote this folder from a signed bundle of its own log of connections. Nothing in it
was written by Android's intrusion logging, and it is no acquisition of androidqf: it has their form
so that MVT can read it. Nothing in it is signed. What it says is checked in the bundle it was made
from, with `portlog log verify FILE`:

- log: `{origin}`
- SHA-256 of the bundle: `{sha256}`

## Use

    mvt-android check-androidqf --iocs INDICATORS.stix2 --output RESULTS THIS-FOLDER
    mvt-android check-intrusion-logs --iocs INDICATORS.stix2 --output RESULTS THIS-FOLDER/intrusion_logs

Tried with MVT {TESTED_WITH}.

## What is in it

- `intrusion_logs/portlog.txt`: one JSON object a line for each entry that is shown, the first line for
  the whole.
  - `connect_event`: an outgoing TCP connection that was established. One for each connection, from the
    first entry that shows it so. Attempts without an answer, incoming connections, UDP and connections
    of which the bundle withholds what they were are no such events.
  - `dns_event`: a name that an owner asked for, by the DNS tap: one for each alert about a name alone, and
    one behind a `connect_event` for each name of its peer that the same owner had asked for. `time_is_of`
    says whose time it has.
  - `agent_event`: everything else. MVT says that it does not know this type, and passes over it.
  - `portlog` has the whole entry, as docs/EVENTS.md of Portlog describes it.
  - `package_name` of a UID that several packages share is Android's name for it, such as
    `android.uid.system:1000` (`shared-uid:N` where Android's name is not known); who shares it stands in
    `packages`. `uid:N` has no package, and `unknown` is not known or withheld.
  - `observed`: where it says NOT OBSERVED LIVE, the connection was not seen on a running kernel.
- `packages.json`: the packages of those UIDs that the bundle discloses, and no other. Installers and
  files are not known to Portlog.
- `getprop.txt`: what the phone said of itself when the log was last told.

## What it does not say

- A connection is not its content: nothing here shows what was sent, or that anything was.
- One address may serve many hosts. MVT calls each indicator that is found CRITICAL; that is a word
  about the indicator, not about this connection.
- No indicator found means little: the sharer chose what is shown, Portlog sees addresses and seldom
  host names, most published indicators are host names, and this version of MVT has no IPv6 ones.
- Times are by the phone's clock. MVT says them in UTC here, as the log has no name of a time zone.
"
    );
    out
}
