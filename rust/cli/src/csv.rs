//! Comma-separated values (RFC 4180), for spreadsheets.

use std::fmt::Write as _;

use portlog_model::{PackageName, Role, Sentence};

use portlog_agent::Snapshot;

use crate::speech::english;
use crate::text::words::strongest;
use crate::time::rfc3339;

/// The columns, in order.
const HEADING: &str = "time,provenance,protocol,local,remote,state,direction,uid,user,inode,own,\
                       kind,name,packages,program,pid,firmware,roles,why,level,list,category,entry,\
                       line";

/// Appends the sockets of `snapshot`, one a line, the strongest match with each.
pub(crate) fn write_snapshot(out: &mut String, snapshot: &Snapshot) {
    out.push_str(HEADING);
    out.push_str("\r\n");
    let time = rfc3339(snapshot.at.wall);
    for observed in &snapshot.sockets {
        let connection = &observed.connection;
        let owner = &observed.owner;
        let mut row = Row { out, first: true };
        row.text(&time);
        row.text(snapshot.provenance.as_str());
        row.text(connection.protocol().as_str());
        row.display(connection.local);
        row.display(connection.remote);
        row.text(connection.state.as_str());
        row.text(connection.direction.as_str());
        row.optional(connection.uid);
        row.optional(owner.user);
        row.optional(connection.inode);
        row.text(if connection.own { "true" } else { "false" });
        row.text(owner.kind.as_str());
        row.text(&owner.name);
        let packages: Vec<&str> = owner.packages.iter().map(PackageName::as_str).collect();
        row.text(&packages.join(" "));
        row.text(owner.program.as_ref().map_or("", |program| &program.name));
        row.optional(owner.program.as_ref().map(|program| program.pid));
        row.text(owner.firmware.as_str());
        let roles: Vec<&str> = owner.roles.iter().map(Role::as_str).collect();
        row.text(&roles.join(" "));
        row.text(&english(&Sentence::OwnerReason(&owner.why)));
        match strongest(&observed.matches) {
            Some(matched) => {
                row.text(matched.level.as_str());
                row.text(&matched.hit.list);
                row.text(matched.hit.category.as_str());
                row.text(&matched.hit.entry);
                row.display(matched.hit.line);
            }
            None => (0..5).for_each(|_| row.text("")),
        }
        out.push_str("\r\n");
    }
}

struct Row<'a> {
    out: &'a mut String,
    first: bool,
}

impl Row<'_> {
    fn text(&mut self, text: &str) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        if text.contains([',', '"', '\r', '\n']) {
            self.out.push('"');
            self.out.push_str(&text.replace('"', "\"\""));
            self.out.push('"');
        } else {
            self.out.push_str(text);
        }
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        // Writing to a string cannot fail.
        let _ = write!(self.out, "{value}");
    }

    fn optional(&mut self, value: Option<impl std::fmt::Display>) {
        match value {
            Some(value) => self.display(value),
            None => self.text(""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use portlog_model::{Platform, Provenance};
    use std::sync::Arc;

    #[test]
    fn a_row_has_as_many_fields_as_the_heading_and_quotes_what_it_must() {
        let mut observed = fixtures::observed();
        let mut owner = fixtures::firmware_app();
        owner.name = Arc::from("a \"label\", with all\r\nof it");
        observed.owner = Arc::new(owner);
        let snapshot = Snapshot {
            at: fixtures::moment(0),
            platform: Platform::Android,
            provenance: Provenance::Replay,
            coverage: Vec::new(),
            sockets: vec![observed],
        };
        let mut out = String::new();
        write_snapshot(&mut out, &snapshot);
        let (heading, row) = out.split_once("\r\n").unwrap();
        assert!(
            row.contains(",\"a \"\"label\"\", with all\r\nof it\","),
            "{row}"
        );
        let row = row
            .replace("\"a \"\"label\"\", with all\r\nof it\"", "label")
            .replace("\r\n", "");
        let quoted = row
            .split('"')
            .skip(1)
            .step_by(2)
            .map(|field| field.matches(',').count());
        let commas = row.matches(',').count() - quoted.sum::<usize>();
        assert_eq!(commas, heading.matches(',').count(), "{row}");
        assert!(
            row.starts_with("2026-05-04T13:45:00.250Z,replay,tcp,"),
            "{row}"
        );
        assert!(row.ends_with(",match,mine.txt,own,203.0.113.7,3"), "{row}");
    }
}
