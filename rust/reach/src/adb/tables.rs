//! The tables in an answer: their text, or why there is none.

use portlog_model::{CoverageStatus, Table};

use super::frames::Section;
use super::script::word;

/// The text of a table that was read.
pub(super) fn text_of(sections: &[Section], table: Table) -> Option<&[u8]> {
    sections
        .iter()
        .find(|section| section.word == word(table))
        .filter(|section| refusal(section).is_none())
        .map(|section| section.text.as_slice())
}

/// Why a table has no rows, by what `cat` said in its place: the dialects of toolbox, toybox, busybox
/// and the shells' own `cat` all end in the C library's words.
pub(super) fn refusal(section: &Section) -> Option<(CoverageStatus, Option<i32>)> {
    const SHORT: usize = 512;
    let text = &section.text;
    if section.status == Some(0) && text.len() > SHORT {
        return None;
    }
    let start = text.get(..SHORT).unwrap_or(text);
    let said = String::from_utf8_lossy(start);
    if said.contains("local_address") {
        return None;
    }
    let known = [
        ("Permission denied", CoverageStatus::Denied, Some(13)),
        ("Operation not permitted", CoverageStatus::Denied, Some(1)),
        ("No such file or directory", CoverageStatus::Absent, None),
    ];
    let known = known.into_iter().find(|(words, ..)| said.contains(words));
    match known {
        Some((_, status, errno)) => Some((status, errno)),
        None => (section.status != Some(0)).then_some((CoverageStatus::Denied, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(text: &str, status: i32) -> Section {
        Section {
            word: "net/tcp".to_owned(),
            text: text.as_bytes().to_vec(),
            status: Some(status),
            truncated: false,
        }
    }

    #[test]
    fn a_denial_is_known_in_every_dialect() {
        let denied = Some((CoverageStatus::Denied, Some(13)));
        for said in [
            "/proc/net/tcp: Permission denied",
            "cat: /proc/net/tcp: Permission denied\n",
            "cat: can't open '/proc/net/tcp': Permission denied\n",
            "/system/bin/sh: cat: /proc/net/tcp: Permission denied\n",
        ] {
            assert_eq!(refusal(&section(said, 1)), denied, "{said}");
            assert_eq!(refusal(&section(said, 0)), denied, "{said}");
        }
        let gone = section("cat: /proc/net/tcp: No such file or directory\n", 1);
        assert_eq!(refusal(&gone), Some((CoverageStatus::Absent, None)));
        let broken = section("cat: not found", 127);
        assert_eq!(refusal(&broken), Some((CoverageStatus::Denied, None)));
        let table = section("  sl  local_address rem_address\n", 0);
        assert_eq!(refusal(&table), None);
        let broke_off = section("  sl  local_address rem_address\nPermission denied\n", 1);
        assert_eq!(refusal(&broke_off), None);
    }
}
