//! Two logs as wholes: how they are related, and what differs before any destination does.

use super::*;

#[test]
fn a_log_that_names_the_other_says_so_and_the_operator_says_the_rest() {
    let mut old = Watch::begin(1);
    let before = old.quiet(1).bundle();
    let state = latest(&old.log).checkpoint().clone();
    let named = |size: &str, root: &str, seed| {
        let mut watch = Watch::begin(seed);
        let predecessor = entry(
            Kind::Predecessor,
            watch.now,
            &[
                ("origin", state.origin.as_str()),
                ("size", size),
                ("root", root),
                ("known_by", "qr"),
                ("reason", "reset"),
            ],
        );
        watch.add(&predecessor);
        half(&watch.quiet(1).bundle())
    };
    let (size, root) = (state.size.to_string(), state.root.to_base64());
    let before = half(&before);
    let says = |is_its_state| Relation::LaterNamesEarlier { is_its_state };
    assert_eq!(relate(&before, &named(&size, &root, 2)), says(Some(true)));
    let other = portlog_journal::Hash::of(&[b"another"]).to_base64();
    assert_eq!(relate(&before, &named(&size, &other, 3)), says(Some(false)));
    assert_eq!(relate(&before, &named("2", &root, 4)), says(None));
    assert_eq!(
        relate(&named(&size, &root, 5), &before),
        Relation::EarlierNamesLater
    );
    let stranger = half(&Watch::begin(6).bundle());
    assert_eq!(relate(&before, &stranger), Relation::Stated);
}

#[test]
fn differences_of_the_phone_the_lists_and_the_tier_are_facts() {
    let side = |seed, provenance, build: &str, sha: &[u8]| {
        let mut watch = Watch::begin_with(seed, provenance, &[SYNC]);
        let device = entry(
            Kind::Device,
            watch.now,
            &[("model", "Phone X"), ("fingerprint", build)],
        );
        watch.add(&device);
        let list = entry(Kind::List, watch.now, &[("name", "mine.txt")]);
        let list = list
            .with("sha256", Value::hex(portlog_journal::Hash::of(&[sha])))
            .unwrap();
        watch.add(&list);
        watch.quiet(1);
        redacted(&mut watch, |_, _| true, |_, name, _| name != "model")
    };
    let before = half(&side(1, "live", "build 1", b"one"));
    let after = half(&side(2, "simulated", "build 2", b"two"));
    let (facts, _) = compare(&before, &after);
    let fact = |name| facts.iter().find(|fact| fact.name == name).unwrap();
    let build = fact("device.fingerprint");
    assert!(!build.is_same() && !build.is_uncertain());
    assert_eq!(build.before, [Told::Value("build 1".into())]);
    let model = fact("device.model");
    assert!(model.is_uncertain());
    assert_eq!(model.after, [Told::Withheld]);
    assert!(!fact("started.provenance").is_same());
    assert!(fact("started.interval_ms").is_same());
    assert_ne!(before.lists(), after.lists());
    assert_eq!(before.lists().len(), 1);
}

#[test]
fn a_file_that_is_another_than_the_verified_one_gives_nothing() {
    let (one, other) = (Watch::begin(1).bundle(), Watch::begin(2).bundle());
    let report = verify(one.as_bytes(), &options()).unwrap();
    assert!(read(other.as_bytes(), &report, 0..u64::MAX).is_err());
}
