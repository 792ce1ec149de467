//! The signed log: bundles, notes and rows.

use portlog_journal::bundle::seal;
use portlog_journal::store::Row;
use portlog_journal::verify::{Options, entries, fork, is_fork};
use portlog_journal::{Note, PublicKey, Seed, SigningKey, verify};

/// A bundle or a fork file as it is, and with its end made anew, so that what is behind the digest is
/// reached. What verifies has as many entries as it says, gives the same report again, and has nothing
/// behind its end; two sides of a fork that verifies differ.
///
/// # Panics
///
/// If one of these does not hold.
pub fn bundle(data: &[u8]) {
    whole(data);
    let text = std::str::from_utf8(data).ok();
    if let Some((body, _)) = text.and_then(|text| text.rsplit_once("\nend ")) {
        let mut sealed = body.to_owned();
        seal(&mut sealed);
        whole(sealed.as_bytes());
    }
}

fn whole(data: &[u8]) {
    let options = Options::at(1_777_988_700);
    if is_fork(data) {
        if let Ok(report) = fork(data, &options) {
            let (one, other) = (report.smaller.checkpoint(), report.larger.checkpoint());
            assert_eq!(one.origin, other.origin);
            assert!(one.size <= other.size && one.root != other.root);
            assert_eq!(fork(data, &options).ok(), Some(report));
        }
        assert!(verify(data, &options).is_err());
        return;
    }
    let Ok(report) = verify(data, &options) else {
        return;
    };
    let mut shown = 0;
    entries(data, &report, |entry| {
        shown += 1;
        assert!(entry.index() < report.size());
    })
    .expect("what was verified is read again");
    assert_eq!(shown, report.shown);
    assert!(report.shown <= report.size());
    assert_eq!(verify(data, &options).ok(), Some(report));
    let longer = [data, b"\n"].concat();
    assert!(verify(longer.as_slice(), &options).is_err());
}

/// A note or a key, which are written as they were read, and which nobody signed whose key was not asked.
///
/// # Panics
///
/// If one of these does not hold.
pub fn note(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(key) = PublicKey::parse(text) {
        assert_eq!(key.to_string(), text);
        assert!(!key.verifies(b"a message that nobody signed", &[0; 64]));
    }
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
        let (_, stranger) = SigningKey::first(&Seed::new([201; 32])).expect("a key");
        assert!(note.check(&[stranger.public()]).is_err());
        assert!(
            note.check(&[]).is_err()
                || note
                    .signatures()
                    .iter()
                    .all(|line| { line.name() != note.checkpoint().origin.as_str() })
        );
    }
}

/// A row's bytes, which are those that the row is written as, with a value for each field of its kind.
///
/// # Panics
///
/// If one of these does not hold.
pub fn row(data: &[u8]) {
    if let Ok(row) = Row::decode(data) {
        assert_eq!(row.encode(), data);
        assert!(row.kind.may_have(row.values().count()));
        for (name, _) in row.kind.fields() {
            let _ = row.value(name);
        }
    }
}
