//! Who is the same owner in two logs.

use super::*;

#[test]
fn owners_are_known_again_by_their_packages_and_not_by_their_uid() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let moved = "10099 app yes - com.example.sync Sync";
    let taken = "10012 app no - org.example.game Game";
    let mut watch = Watch::begin_with(2, "live", &[moved, taken]);
    watch.busy(5, "10099", HOST);
    let after = watch.bundle();
    let owners = laid(&before, &after);
    assert_eq!(owners.len(), 1);
    assert!(matches!(
        owners[0].rows[0].verdict,
        Verdict::StillThere { .. }
    ));
    let uids = |facts: &Option<portlog_journal::compare::OwnerFacts>| {
        facts
            .as_ref()
            .unwrap()
            .uids
            .iter()
            .copied()
            .collect::<Vec<u64>>()
    };
    assert_eq!(uids(&owners[0].before), [10_012]);
    assert_eq!(uids(&owners[0].after), [10_099]);
    // The UID is another's now.
    let mut watch = Watch::begin_with(3, "live", &[moved, taken]);
    let after = watch.busy(5, "10012", HOST).bundle();
    let owners = laid(&before, &after);
    let gone = owners
        .iter()
        .flat_map(|owner| &owner.rows)
        .find(|row| row.verdict == Verdict::NotSeenAgain)
        .unwrap();
    assert_eq!(gone.also_by.len(), 1);
}

#[test]
fn an_update_that_adds_a_package_does_not_make_another_owner() {
    let before = Watch::begin(1).busy(5, "10012", HOST).bundle();
    let grown = "10012 shared yes - com.example.sync,com.example.sync.push Sync";
    let after = Watch::begin_with(2, "live", &[grown])
        .busy(5, "10012", HOST)
        .bundle();
    let owners = laid(&before, &after);
    assert_eq!(owners.len(), 1);
    assert!(matches!(
        owners[0].rows[0].verdict,
        Verdict::StillThere { .. }
    ));
    let Some(OwnerKey::Packages { packages, .. }) = owners[0].later.as_deref() else {
        panic!("{owners:#?}");
    };
    assert_eq!(&**packages, "com.example.sync,com.example.sync.push");
}

#[test]
fn an_owner_that_a_file_does_not_name_cannot_be_compared_across_logs() {
    let before = Watch::begin_with(1, "live", &[])
        .busy(5, "10012", HOST)
        .bundle();
    let after = Watch::begin_with(2, "live", &[]).quiet(5).bundle();
    let owners = laid(&before, &after);
    assert_eq!(*owners[0].owner, OwnerKey::Unnamed(10_012));
    assert_eq!(
        row(&owners, PLACE).verdict,
        Verdict::NotComparable(Uncertain::OwnerNotKnown)
    );
}

#[test]
fn in_one_log_a_uid_that_is_named_anywhere_is_that_owner() {
    let mut watch = Watch::begin_with(1, "live", &[]);
    watch.busy(5, "10012", HOST);
    let at = watch.add(&mark(watch.now, "update"));
    watch.owners(&[SYNC]);
    watch.busy(1, "10012", HOST);
    let bundle = watch.bundle();
    let report = check(&bundle).unwrap();
    let part = |range| read(bundle.as_bytes(), &report, range).unwrap();
    let (_, owners) = compare(&part(0..at + 1), &part(at + 1..u64::MAX));
    assert_eq!(owners.len(), 1, "{owners:#?}");
    assert!(matches!(*owners[0].owner, OwnerKey::Packages { .. }));
    assert!(matches!(
        owners[0].rows[0].verdict,
        Verdict::StillThere { .. }
    ));
}

#[test]
fn a_log_that_may_not_keep_the_owner_shows_nothing_of_it() {
    let before = Watch::begin(1).busy(5, "10087", HOST).bundle();
    let after = Watch::begin(2).quiet(5).bundle();
    assert_eq!(
        row(&laid(&before, &after), PLACE).verdict,
        Verdict::NotComparable(Uncertain::NotRecorded)
    );
    for (recorded, verdict) in [
        (
            "firmware-and-unknown",
            Verdict::NotComparable(Uncertain::NotRecorded),
        ),
        ("everyone", Verdict::NotSeenAgain),
    ] {
        let mut watch = Watch::begin(2);
        let config = entry(
            Kind::Config,
            watch.now,
            &[("name", "recorded"), ("value", recorded)],
        );
        watch.add(&config);
        let after = watch.quiet(5).bundle();
        assert_eq!(row(&laid(&before, &after), PLACE).verdict, verdict);
    }
    let mut watch = Watch::begin(2);
    watch.opens("10087", "198.51.100.1:443");
    assert_eq!(
        row(&laid(&before, &watch.quiet(5).bundle()), PLACE).verdict,
        Verdict::NotSeenAgain
    );
}
