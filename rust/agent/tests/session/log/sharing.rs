//! What leaves the phone: previews, exports, and files that others made.

use super::*;

#[test]
fn what_is_exported_is_what_was_previewed_and_checks() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let session = &scripted.session;
    let choice = ShareChoice {
        preset: SharePreset::Firmware,
        ..ShareChoice::default()
    };
    let preview = preview_of(session, LogRequest::Preview(choice.clone()));
    assert_eq!(preview.problem, "");
    assert_eq!(
        preview.first_lines[0],
        "Unchanged since it was signed. Signer: unknown."
    );
    assert_eq!(preview.first_lines_text[0], preview.first_lines[0]);
    assert!(
        preview
            .owners
            .iter()
            .any(|owner| owner.contains("com.example.sync"))
    );
    assert!(
        preview.hosts.contains(&"192.0.2.77:443".to_owned()),
        "{:?}",
        preview.hosts
    );
    let local = "The phone's own addresses are withheld.".to_owned();
    assert!(preview.withheld.contains(&local), "{:?}", preview.withheld);
    assert!(status(session).exported.is_none(), "a preview is no export");

    let path = folder.path().join("out.portlog.txt");
    let done = export(session, choice, &path);
    assert!(done.done, "{}", done.text);
    assert_eq!(done.shown, preview.shown);
    let bytes = fs::read(&path).unwrap();
    assert_eq!(done.bytes, u64::try_from(bytes.len()).unwrap());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(done.sha256.len(), 64);
    assert!(status(session).exported.is_some());
    assert!(!folder.path().join("out.portlog.txt.part").exists());

    let stranger = tempfile::tempdir().unwrap();
    let other = open(stranger.path());
    let found = check(&other.session, &path);
    assert!(found.unchanged, "{found:?}");
    assert_eq!(
        (found.found, found.level.as_str()),
        (FoundFile::Bundle, "L0")
    );
    assert_eq!(found.shown, done.shown);
    assert!(
        found
            .rows
            .iter()
            .any(|row| { row.kind == LogKind::Alert && row.text.contains("com.example.sync") })
    );
    assert_eq!(check(session, &path).level, "L1");

    let mut changed = bytes.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    fs::write(&path, &changed).unwrap();
    let found = check(&other.session, &path);
    assert!(!found.unchanged && found.first_lines.is_empty());
    assert!(
        found.lines[0].starts_with("The file is not what was signed"),
        "{:?}",
        found.lines
    );
}

#[test]
fn what_is_redacted_is_told_by_no_preview_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let choice = ShareChoice {
        preset: SharePreset::Everything,
        redact: vec!["remote".to_owned(), "owner".to_owned()],
        ..ShareChoice::default()
    };
    let preview = preview_of(&scripted.session, LogRequest::Preview(choice.clone()));
    assert!(preview.hosts.is_empty(), "{:?}", preview.hosts);
    assert!(
        preview
            .withheld
            .contains(&"Remote addresses are withheld.".to_owned())
    );
    assert!(!preview.warnings.is_empty());
    let path = folder.path().join("out.portlog.txt");
    assert!(export(&scripted.session, choice, &path).done);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("192.0.2.77") && !text.contains("com.example.sync"));
}

#[test]
fn an_export_that_cannot_be_written_says_why_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = watched(folder.path());
    let path = folder.path().join("missing/out.portlog.txt");
    let not = export(&scripted.session, ShareChoice::default(), &path);
    assert!(
        !not.done && not.text.contains("No such file"),
        "{}",
        not.text
    );
}

#[test]
fn files_that_are_no_bundle_are_told_apart() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (phone, friend) = (watched(here.path()), watched(there.path()));
    let path = here.path().join("given.txt");
    let own = checkpoint(&phone.session, LogRequest::Checkpoint);
    assert!(own.code.is_some());
    let kinds = |text: &str| {
        fs::write(&path, text).unwrap();
        (
            check(&phone.session, &path).found,
            check(&friend.session, &path).found,
        )
    };
    assert_eq!(
        kinds(&own.text),
        (FoundFile::OwnCheckpoint, FoundFile::Checkpoint)
    );
    assert_eq!(kinds("hello"), (FoundFile::Nothing, FoundFile::Nothing));
    assert_eq!(kinds(""), (FoundFile::Nothing, FoundFile::Nothing));
    let bundle = "portlog/bundle@v1\nnot one\n";
    assert_eq!(kinds(bundle), (FoundFile::Bundle, FoundFile::Bundle));
    let missing = LogRequest::Verify(here.path().join("none").to_str().unwrap().to_owned());
    assert!(phone.session.log(&missing).is_err());

    // After a reset: another log, which names the one before.
    let named = outcome(&friend.session, LogRequest::Predecessor(own.text.clone()));
    assert!(named.done, "{}", named.text);
    let text = status(&friend.session).predecessor_text;
    assert!(text.contains(own.text.lines().next().unwrap()), "{text}");
    let own_again = outcome(&phone.session, LogRequest::Predecessor(own.text));
    assert!(!own_again.done);
}
