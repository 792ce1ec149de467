//! Short labels for columns. What makes a claim comes from portlog-words instead.

use std::fmt::Write as _;

use portlog_model::{Connection, Direction, Level, Match, Owner, Platform, Program, SourceKind};

use super::clean::clean;
use super::paint::Tone;

/// Who an owner is, in one column: `com.example.sync (10012)`, `fetcher[4242], maria (1000)`.
pub(crate) fn owner_label(owner: &Owner) -> String {
    let mut label = String::new();
    // Writing to a string cannot fail.
    if let Some(program) = &owner.program {
        let _ = write!(label, "{}, ", program_label(program));
    }
    label.push_str(&clean(&owner.name));
    if let Some(uid) = owner.uid
        && *owner.name != *uid.to_string()
    {
        let _ = write!(label, " ({uid})");
    }
    if owner.program.is_none()
        && let Some((first, rest)) = owner.candidates.split_first()
    {
        let _ = if rest.is_empty() {
            write!(label, ", perhaps {}", program_label(first))
        } else {
            write!(label, ", one of {} processes", owner.candidates.len())
        };
    }
    label
}

fn program_label(program: &Program) -> String {
    format!("{}[{}]", clean(&program.name), program.pid)
}

/// Which way a connection goes, between its two ends.
pub(crate) const fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Out => "->",
        Direction::In => "<-",
        Direction::Unknown => "--",
    }
}

/// The peer, or `*` for what has none.
pub(crate) fn peer(connection: &Connection) -> String {
    if connection.remote.is_unset() && connection.remote.port() == 0 {
        "*".to_owned()
    } else {
        connection.remote.to_string()
    }
}

/// A state without the kernel's underscores.
pub(crate) fn state(connection: &Connection) -> &'static str {
    use portlog_model::SocketState as S;
    match connection.state {
        S::Established => "established",
        S::SynSent => "syn sent",
        S::SynRecv | S::NewSynRecv => "syn received",
        S::FinWait1 => "fin wait 1",
        S::FinWait2 => "fin wait 2",
        S::TimeWait => "time wait",
        S::Close if connection.is_listener() => "open",
        S::Close => "closed",
        S::CloseWait => "close wait",
        S::LastAck => "last ack",
        S::Listen => "listening",
        S::Closing => "closing",
        S::BoundInactive => "bound",
    }
}

/// The interface's name for people.
pub(crate) const fn source(source: SourceKind) -> &'static str {
    match source {
        SourceKind::Procfs => "procfs",
        SourceKind::Diag => "sock_diag",
        SourceKind::Helper => "helper",
        SourceKind::Adb => "adb",
        SourceKind::Import => "import",
        SourceKind::Packages => "packages",
        SourceKind::Tap => "DNS answers",
    }
}

/// What the owner column says beside the name: `firmware` and the roles. Empty on plain Linux,
/// where neither has a meaning.
pub(crate) fn firmware_label(owner: &Owner, platform: Platform) -> String {
    if platform == Platform::Linux {
        return String::new();
    }
    let mut label = owner.firmware.as_str().to_owned();
    for role in owner.roles.iter() {
        // Writing to a string cannot fail.
        let _ = write!(label, ", {role}");
    }
    label
}

/// The strongest of a socket's matches.
pub(crate) fn strongest(matches: &[Match]) -> Option<&Match> {
    matches.iter().max_by_key(|matched| matched.level)
}

/// How a level is toned.
pub(crate) const fn level_tone(level: Level) -> Tone {
    match level {
        Level::Match => Tone::Alarm,
        Level::Possible => Tone::Caution,
        Level::Noted => Tone::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use std::sync::Arc;

    #[test]
    fn an_owner_is_named_with_what_is_known() {
        assert_eq!(
            owner_label(&fixtures::firmware_app()),
            "com.example.sync (10012)"
        );
        assert_eq!(
            owner_label(&fixtures::account()),
            "fetcher[4242], maria (1000)"
        );
        assert_eq!(owner_label(&Owner::unnamed()), "unknown");

        let mut one_of = fixtures::account();
        one_of.candidates.extend(one_of.program.take());
        assert_eq!(owner_label(&one_of), "maria (1000), perhaps fetcher[4242]");
        one_of.candidates.extend(fixtures::account().program);
        assert_eq!(owner_label(&one_of), "maria (1000), one of 2 processes");

        let mut number = fixtures::account();
        number.program = None;
        number.name = Arc::from("1000");
        assert_eq!(owner_label(&number), "1000");
    }

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        let mut owner = fixtures::account();
        owner.program = Some(Program {
            name: Arc::from("a\u{1b}[2J"),
            pid: 1,
        });
        assert_eq!(owner_label(&owner), "a\\u{1b}[2J[1], maria (1000)");
    }
}
