//! Phones that witness each other, and what must be off the phone before a reset.

use super::*;

#[test]
fn two_phones_witness_each_other_and_a_cut_log_is_refused() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let phone = watched(here.path());
    let friend = watched(there.path());
    let path = here.path().join("out.portlog.txt");
    let old = here.path().join("old.portlog.txt");
    assert!(export(&phone.session, ShareChoice::default(), &old).done);
    let before = checks(&phone.session, LogRequest::BeforeReset);
    assert!(!before.ready && before.checks.iter().all(|check| !check.done));

    outcome(&phone.session, LogRequest::Mark(MarkView::SimIn));
    assert!(export(&phone.session, ShareChoice::default(), &path).done);
    let own = witness(&phone.session, &path, "me");
    assert!(!own.signed && own.answer.is_empty());
    let unnamed = witness(&friend.session, &path, "  ");
    assert!(!unnamed.signed, "{unnamed:?}");

    let signed = witness(&friend.session, &path, "Anna");
    assert!(signed.signed, "{:?}", signed.lines);
    assert!(signed.code.is_some());
    // A messenger may change the ends of lines and put spaces around.
    let brought = format!("  {}\r\n", signed.answer.replace('\n', "\r\n"));
    let taken = outcome(&phone.session, LogRequest::Answer(brought));
    assert!(taken.done, "{}", taken.text);
    let now = status(&phone.session);
    let seen = now.witnessed.unwrap();
    assert_eq!(seen.name, "Anna");
    assert!(seen.since > 0 && now.witnessed_text.contains("Anna"));
    assert!(!now.witness_due);

    // The friend now knows the log, and remembers how far it was.
    assert_eq!(check(&friend.session, &path).level, "L1");
    let cut = witness(&friend.session, &old, "Anna");
    assert!(
        !cut.signed && cut.lines[0].contains("later state"),
        "{:?}",
        cut.lines
    );
    let wrong = outcome(&friend.session, LogRequest::Answer(signed.answer.clone()));
    assert_eq!(wrong.text, "This answer is for another log.");
    let forged = signed.answer.replace("witness Anna", "witness Bert");
    assert!(!outcome(&phone.session, LogRequest::Answer(forged)).done);
    let nothing = outcome(&phone.session, LogRequest::Answer("hello".to_owned()));
    assert!(nothing.text.contains("no answer"), "{}", nothing.text);

    // What the log says next shows the witness; the newer file continues what the friend saw.
    assert!(export(&phone.session, ShareChoice::default(), &path).done);
    assert!(witness(&friend.session, &path, "Anna").signed);
    checks(&phone.session, LogRequest::Saved);
    checks(&phone.session, LogRequest::PasswordsKnown(true));
    let one_left = checks(&phone.session, LogRequest::BeforeReset);
    assert_eq!(
        one_left
            .checks
            .iter()
            .map(|check| check.done)
            .collect::<Vec<_>>(),
        [true, false, true]
    );
    assert!(checks(&phone.session, LogRequest::HeldByTwo(true)).ready);
    drop(phone);
    let phone = open(here.path());
    assert!(checks(&phone.session, LogRequest::BeforeReset).ready);
}

#[test]
fn a_witness_whose_memory_is_damaged_signs_nothing_and_says_so() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (phone, friend) = (watched(here.path()), watched(there.path()));
    let path = here.path().join("out.portlog.txt");
    let old = here.path().join("old.portlog.txt");
    assert!(export(&phone.session, ShareChoice::default(), &old).done);
    outcome(&phone.session, LogRequest::Mark(MarkView::SimIn));
    assert!(export(&phone.session, ShareChoice::default(), &path).done);
    assert!(witness(&friend.session, &path, "Anna").signed);

    let notes: Vec<_> = fs::read_dir(there.path().join("witness"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "note")
        })
        .collect();
    let [note] = &notes[..] else {
        panic!("{notes:?}");
    };
    let good = fs::read_to_string(note).unwrap();
    let root = good.lines().nth(2).unwrap();
    let other_first = if root.starts_with('A') { "B" } else { "A" };
    let other_root = format!("{other_first}{}", &root[1..]);
    for damaged in [
        String::new(),
        "\u{fffd}".to_owned(),
        good.lines().take(2).collect(),
        good.replacen("portlog/log/", "portlog/log/ff", 1),
        good.replacen(root, &other_root, 1),
    ] {
        fs::write(note, &damaged).unwrap();
        for file in [&old, &path] {
            let told = witness(&friend.session, file, "Anna");
            assert!(
                !told.signed && told.answer.is_empty(),
                "{damaged:?}: {told:?}"
            );
            assert!(told.lines[0].contains("cannot be read"), "{:?}", told.lines);
            assert!(told.verdict.unchanged);
        }
        assert_eq!(
            fs::read_to_string(note).unwrap(),
            damaged,
            "nothing is made good in silence"
        );
    }
    fs::remove_file(note).unwrap();
    fs::create_dir(note).unwrap();
    assert!(
        !witness(&friend.session, &old, "Anna").signed,
        "what cannot be read at all"
    );
    let verdict = check(&friend.session, &old);
    assert_eq!(verdict.level, "L0");
    assert!(
        verdict
            .details
            .iter()
            .any(|line| line.contains("cannot be read")),
        "{:?}",
        verdict.details
    );
    fs::remove_dir(note).unwrap();
    fs::write(note, good).unwrap();
    let cut = witness(&friend.session, &old, "Anna");
    assert!(cut.lines[0].contains("later state"), "{:?}", cut.lines);
}

#[test]
fn what_is_off_the_phone_is_asked_for_again_after_a_match() {
    let folder = tempfile::tempdir().unwrap();
    let phone = watched(folder.path());
    let session = &phone.session;
    import(session, folder.path(), "more", "192.0.2.78\n192.0.2.79\n");
    phone.look(2);
    let path = folder.path().join("out.portlog.txt");
    let sees = |remote: &str, port: u16, inode: u64| {
        let rows = vec![row(FIRMWARE, port, remote, inode)];
        phone.script.go_on_with(Step::Rows(rows));
        phone.look(3);
    };
    let done = |checks: &BeforeReset| -> Vec<bool> {
        checks.checks.iter().map(|check| check.done).collect()
    };
    assert!(export(session, ShareChoice::default(), &path).done);
    checks(session, LogRequest::Saved);
    checks(session, LogRequest::PasswordsKnown(true));
    assert!(checks(session, LogRequest::HeldByTwo(true)).ready);

    // What is on no list is no reason to do it again, and is counted.
    sees("203.0.113.10:443", 40_010, 10);
    let quiet = checks(session, LogRequest::BeforeReset);
    assert!(quiet.ready, "{quiet:#?}");
    for check in &quiet.checks[..2] {
        assert!(check.text.contains("came since."), "{}", check.text);
        assert!(!check.text.contains("; 0 entries"), "{}", check.text);
    }

    sees("192.0.2.78:443", 40_011, 11);
    let stale = checks(session, LogRequest::BeforeReset);
    assert_eq!(done(&stale), [false, false, true], "{stale:#?}");
    assert!(!stale.ready);
    for check in &stale.checks[..2] {
        assert!(check.text.contains("a match among them"), "{}", check.text);
    }

    // Two witnesses who sign the state from before the match do not make it good; one who signs the
    // newest one is not two.
    let friends: Vec<_> = ["Anna", "Bert"]
        .into_iter()
        .map(|name| {
            let folder = tempfile::tempdir().unwrap();
            let friend = open(folder.path());
            (name, folder, friend)
        })
        .collect();
    let answer = |file: &Path, at: usize| {
        let (name, _, friend) = &friends[at];
        let signed = witness(&friend.session, file, name);
        assert!(signed.signed, "{:?}", signed.lines);
        assert!(outcome(session, LogRequest::Answer(signed.answer)).done);
        checks(session, LogRequest::BeforeReset)
    };
    assert!(!answer(&path, 0).checks[1].done);
    assert!(!answer(&path, 1).checks[1].done);
    assert!(export(session, ShareChoice::default(), &path).done);
    assert!(checks(session, LogRequest::Saved).checks[0].done);
    assert!(!answer(&path, 0).checks[1].done);
    let both = answer(&path, 1);
    assert!(both.ready, "{both:#?}");
    assert!(
        both.checks[1].text.contains("came since."),
        "{}",
        both.checks[1].text
    );
    sees("192.0.2.79:443", 40_012, 12);
    assert_eq!(
        done(&checks(session, LogRequest::BeforeReset)),
        [false, false, true]
    );
}
