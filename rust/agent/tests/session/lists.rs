//! The shelf of lists.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use portlog_agent::Error;
use portlog_agent::session::{ListChange, ListLine, Session, SessionState, ToldKind};
use portlog_model::Category;

use crate::support::Step;
use crate::world::{Scripted, everything, feed, fetch, has, live, package, row};

fn file(folder: &Path, text: &str) -> String {
    let path = folder.join("incoming");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn import(
    session: &Session,
    folder: &Path,
    name: &str,
    text: &str,
) -> Result<Vec<ListLine>, Error> {
    session.set_lists(&ListChange::Import {
        name: name.to_owned(),
        category: None,
        path: file(folder, text),
    })
}

#[test]
fn lists_are_imported_replaced_switched_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    assert_eq!(session.set_lists(&ListChange::Look).unwrap(), []);
    let lines = import(
        &session,
        folder.path(),
        "My\u{202e} list\n",
        "0.0.0.0 tracker.test\n0.0.0.0 192.0.2.1\nno entry at all\n",
    )
    .unwrap();
    let [line] = lines.as_slice() else {
        panic!("{lines:#?}");
    };
    assert_eq!(line.name, "My\u{fffd} list");
    assert_eq!((line.id, line.enabled), (1, true));
    assert_eq!((line.category, line.rules), (Category::Tracker, 1));
    assert_eq!((line.bad_lines, line.bad.len()), (2, 2));
    assert_eq!(line.bad[1].line, 3);
    assert!(line.age_text.contains("today"), "{}", line.age_text);
    assert_eq!(line.problem, "");
    let copy = folder.path().join("lists/1.list");
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );

    let again = import(&session, folder.path(), "My\u{202e} list", "192.0.2.7\n").unwrap();
    assert_eq!(
        again[1].name, "My\u{fffd} list (2)",
        "claims tell lists apart by name"
    );
    let replaced = session
        .set_lists(&ListChange::Replace {
            id: 1,
            path: file(folder.path(), "a.test\nb.test\n"),
        })
        .unwrap();
    assert_eq!((replaced[0].rules, replaced[0].bad_lines), (2, 0));
    assert_eq!(
        replaced[0].category,
        Category::Tracker,
        "the category stays"
    );
    let changed = session
        .set_lists(&ListChange::Categorise {
            id: 1,
            category: Category::Threat,
        })
        .unwrap();
    assert_eq!(changed[0].category, Category::Threat);
    let off = session
        .set_lists(&ListChange::Enable {
            id: 1,
            enabled: false,
        })
        .unwrap();
    assert!(!off[0].enabled);
    drop(session);

    let session = Session::open(live(folder.path())).unwrap();
    let lines = session.set_lists(&ListChange::Look).unwrap();
    assert_eq!(lines.len(), 2);
    assert!(!lines[0].enabled && lines[0].rules == 2 && lines[0].category == Category::Threat);
    let left = session.set_lists(&ListChange::Remove { id: 1 }).unwrap();
    assert_eq!(left.len(), 1);
    assert!(!copy.exists());
    let third = import(&session, folder.path(), "third", "c.test\n").unwrap();
    assert_eq!(third[1].id, 3, "ids are never given twice");
    assert!(matches!(
        session.set_lists(&ListChange::Remove { id: 1 }),
        Err(Error::NoSuchList { id: 1 })
    ));
}

#[test]
fn what_is_no_list_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    import(&session, folder.path(), "good", "192.0.2.7\n").unwrap();
    let error = import(&session, folder.path(), "page", "<html> a page </html>\n").unwrap_err();
    assert!(matches!(error, Error::EmptyList { .. }), "{error}");
    let error = import(&session, folder.path(), "zip", "PK\u{3}\u{4}").unwrap_err();
    assert!(matches!(error, Error::List { .. }), "{error}");
    let error = session
        .set_lists(&ListChange::Replace {
            id: 1,
            path: folder.path().join("missing").to_str().unwrap().to_owned(),
        })
        .unwrap_err();
    assert!(matches!(error, Error::Read { .. }), "{error}");
    let lines = session.set_lists(&ListChange::Look).unwrap();
    assert_eq!((lines.len(), lines[0].rules), (1, 1));
}

#[test]
fn an_old_list_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    let lines = import(
        &session,
        folder.path(),
        "old",
        "# Last modified: 2014-08-01\n192.0.2.7\n",
    )
    .unwrap();
    assert!(lines[0].date.is_some());
    assert!(
        lines[0].age_text.contains("look for a newer"),
        "{}",
        lines[0].age_text
    );
}

#[test]
fn a_list_that_cannot_be_used_any_more_is_shown_with_its_problem() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    import(&session, folder.path(), "one", "192.0.2.7\n").unwrap();
    import(&session, folder.path(), "two", "192.0.2.8\n").unwrap();
    drop(session);
    fs::write(folder.path().join("lists/1.list"), b"\xFF\xFEa\0").unwrap();
    fs::remove_file(folder.path().join("lists/2.list")).unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    session.start().unwrap();
    let lines = session.set_lists(&ListChange::Look).unwrap();
    assert!(lines[0].problem.contains("UTF-16"), "{:?}", lines[0]);
    assert!(lines[1].problem.contains("cannot read"), "{:?}", lines[1]);
    assert!(lines.iter().all(|line| line.enabled));
    let text = session.board(&everything()).watched_text;
    assert!(
        text.contains("no list is in force") || text.contains("starting"),
        "{text}"
    );
}

#[test]
fn a_damaged_index_is_put_aside_and_the_lists_are_found_again_switched_off() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    import(&session, folder.path(), "one", "192.0.2.7\n").unwrap();
    import(&session, folder.path(), "two", "a.test\n").unwrap();
    drop(session);
    let index = folder.path().join("lists/index.json");
    fs::write(&index, "{\"version\": 1, oops").unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    let told = fetch(&session, |told| has(told, ToldKind::Coverage));
    assert!(told[0].text.contains("index of your lists"), "{told:#?}");
    let lines = session.set_lists(&ListChange::Look).unwrap();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| !line.enabled && line.rules == 1));
    let aside = fs::read_dir(folder.path().join("lists"))
        .unwrap()
        .filter_map(|file| file.unwrap().file_name().into_string().ok())
        .filter(|name| name.starts_with("index.json.damaged-"))
        .count();
    assert_eq!(aside, 1);
    drop(session);

    fs::write(&index, "{\"version\": 2, \"shape\": \"unknown\"}").unwrap();
    let error = Session::open(live(folder.path())).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 2, .. }), "{error}");
    assert!(fs::read_to_string(&index).unwrap().contains("unknown"));
}

#[test]
fn a_list_speaks_of_connections_that_are_open_as_soon_as_it_is_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = Scripted::open(folder.path(), [Step::Rows(Vec::new())]);
    scripted
        .session
        .set_packages(feed(vec![package("com.example.sync", 10_087, true)]))
        .unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(10_087, 40_001, "192.0.2.7:443", 1)]));
    scripted.look(2);
    assert_eq!(scripted.session.alerts(false).len(), 0);
    scripted
        .session
        .set_lists(&ListChange::Import {
            name: "mine".to_owned(),
            category: Some(Category::Own),
            path: file(folder.path(), "192.0.2.0/24\n"),
        })
        .unwrap();
    scripted.look(2);
    let alerts = scripted.session.alerts(false);
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].entry, "192.0.2.0/24");
    let board = scripted.session.board(&everything());
    assert_eq!(board.state, SessionState::Watching);
    assert!(board.connections[0].level.is_some());
    scripted
        .session
        .set_lists(&ListChange::Enable {
            id: 1,
            enabled: false,
        })
        .unwrap();
    scripted.look(2);
    let board = scripted.session.board(&everything());
    assert_eq!(board.connections[0].level, None);
}

/// The files of the shelf, without its index.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("lists"))
        .unwrap()
        .filter_map(|file| file.unwrap().file_name().into_string().ok())
        .filter(|name| name != "index.json")
        .collect();
    names.sort();
    names
}

#[test]
fn a_list_is_compiled_on_import_and_mapped_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    let text = "# Date: 2026-05-01\na.test\n192.0.2.7\nno entry at all\n";
    let imported = import(&session, folder.path(), "one", text).unwrap();
    assert_eq!(files(folder.path()), ["1.lines", "1.list", "1.plist"]);
    let compiled = folder.path().join("lists/1.plist");
    let before = fs::metadata(&compiled).unwrap();
    assert_eq!(before.permissions().mode() & 0o777, 0o600);
    drop(session);

    let session = Session::open(live(folder.path())).unwrap();
    session.start().unwrap();
    let lines = session.set_lists(&ListChange::Look).unwrap();
    assert_eq!(lines, imported, "its lines that could not be used, too");
    assert_eq!((lines[0].rules, lines[0].bad.len()), (2, 1));
    let after = fs::metadata(&compiled).unwrap();
    assert_eq!(
        (before.ino(), before.modified().unwrap()),
        (after.ino(), after.modified().unwrap()),
        "nothing is compiled again"
    );
}

#[test]
fn what_is_damaged_or_missing_is_compiled_again_from_what_came() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    let text = "0.0.0.0 a.test\n0.0.0.0 b.test\nno entry at all\n";
    let imported = import(&session, folder.path(), "one", text).unwrap();
    drop(session);
    let place = |name: &str| folder.path().join("lists").join(name);
    let whole = fs::read(place("1.plist")).unwrap();
    let damages: [(&str, &dyn Fn()); 7] = [
        ("a byte of the index", &|| {
            let mut bytes = whole.clone();
            bytes[700] ^= 1;
            fs::write(place("1.plist"), bytes).unwrap();
        }),
        ("another version", &|| {
            let mut bytes = whole.clone();
            bytes[8] = 1;
            fs::write(place("1.plist"), bytes).unwrap();
        }),
        ("cut off", &|| {
            fs::write(place("1.plist"), &whole[..300]).unwrap();
        }),
        ("emptied", &|| fs::write(place("1.plist"), "").unwrap()),
        ("gone", &|| fs::remove_file(place("1.plist")).unwrap()),
        ("lines gone", &|| fs::remove_file(place("1.lines")).unwrap()),
        ("lines damaged", &|| {
            fs::write(place("1.lines"), b"\xFF\n1").unwrap();
        }),
    ];
    for (what, damage) in damages {
        damage();
        let session = Session::open(live(folder.path())).unwrap();
        let lines = session.set_lists(&ListChange::Look).unwrap();
        assert_eq!(lines, imported, "{what}");
        let compiled = fs::metadata(place("1.plist")).unwrap();
        assert_eq!(compiled.len(), whole.len() as u64, "{what}");
        let session = Session::open(live(folder.path())).unwrap();
        assert_eq!(session.set_lists(&ListChange::Look).unwrap(), imported);
        let again = fs::metadata(place("1.plist")).unwrap();
        assert_eq!(compiled.ino(), again.ino(), "{what}: once");
    }
}

#[test]
fn a_refused_file_leaves_the_list_and_nothing_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    import(&session, folder.path(), "one", "a.test\n").unwrap();
    for text in ["", "<html>\n", "PK\u{3}\u{4}"] {
        session
            .set_lists(&ListChange::Replace {
                id: 1,
                path: file(folder.path(), text),
            })
            .unwrap_err();
    }
    // More than a list may have; a hole takes no room.
    let large = folder.path().join("large");
    fs::File::create(&large)
        .unwrap()
        .set_len((48 << 20) + 1)
        .unwrap();
    let error = session
        .set_lists(&ListChange::Replace {
            id: 1,
            path: large.to_str().unwrap().to_owned(),
        })
        .unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    assert_eq!(files(folder.path()), ["1.lines", "1.list", "1.plist"]);
    let lines = session.set_lists(&ListChange::Look).unwrap();
    assert_eq!((lines[0].rules, lines[0].problem.as_str()), (1, ""));
    drop(session);

    // What an import that was killed leaves behind goes when the shelf is opened.
    fs::write(folder.path().join("lists/2.plist.new"), "half").unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    assert_eq!(files(folder.path()), ["1.lines", "1.list", "1.plist"]);
    session.set_lists(&ListChange::Remove { id: 1 }).unwrap();
    assert_eq!(files(folder.path()), [] as [&str; 0]);
}

#[test]
fn a_list_that_was_replaced_while_the_watch_has_it_open_answers_anew() {
    let folder = tempfile::tempdir().unwrap();
    let rows = Step::Rows(vec![row(10_087, 40_001, "192.0.2.7:443", 1)]);
    let scripted = Scripted::open(folder.path(), [rows]);
    scripted
        .session
        .set_packages(feed(vec![package("com.example.sync", 10_087, true)]))
        .unwrap();
    let import = ListChange::Import {
        name: "mine".to_owned(),
        category: Some(Category::Own),
        path: file(folder.path(), "198.51.100.7\n"),
    };
    scripted.session.set_lists(&import).unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    assert_eq!(
        scripted.session.board(&everything()).connections[0].level,
        None
    );
    scripted
        .session
        .set_lists(&ListChange::Replace {
            id: 1,
            path: file(folder.path(), "192.0.2.0/24\n"),
        })
        .unwrap();
    scripted.look(2);
    assert!(
        scripted.session.board(&everything()).connections[0]
            .level
            .is_some()
    );
}
