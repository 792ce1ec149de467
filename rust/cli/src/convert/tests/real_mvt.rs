//! What the real MVT makes of the folder.

use std::env;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Output};

use portlog_journal::bundle::{Choice, Preset};
use serde_json::json;

use super::logs::*;
use super::mvt::sorts;
use super::*;
use crate::convert::mvt::TESTED_WITH;

const REQUIREMENTS: &str = include_str!("../../../../../tests/mvt/requirements.txt");

/// Where it is set, the tests may not do without MVT.
const REQUIRED: &str = "PORTLOG_NEEDS_MVT";

/// Indicators of an invented family, as MVT's feeds have them.
fn indicators() -> Json {
    let patterns = [
        "ipv4-addr:value='203.0.113.7'",
        "ipv4-addr:value='203.0.113.5'",
        "domain-name:value='203.0.113.9'",
        "app:id='org.example.browser'",
        "app:id='com.example.settings'",
        // Those of which nothing established and outgoing is in the log.
        "ipv4-addr:value='198.51.100.1'",
        "ipv4-addr:value='198.51.100.2'",
        "ipv4-addr:value='198.51.100.3'",
        "ipv4-addr:value='198.51.100.4'",
        "ipv4-addr:value='198.51.100.5'",
        "ipv4-addr:value='198.51.100.6'",
        "ipv4-addr:value='203.0.113.200'",
        "ipv4-addr:value='192.0.2.10'",
        "ipv6-addr:value='2001:db8::7'",
        "domain-name:value='listed.example.test'",
        "app:id='uid:0'",
    ];
    let malware = "malware--00000000-0000-4000-8000-000000000001";
    let mut objects = vec![json!({
        "type": "malware", "spec_version": "2.1", "id": malware, "name": "Invented", "is_family": false,
    })];
    for (at, pattern) in patterns.iter().enumerate() {
        let indicator = format!("indicator--00000000-0000-4000-8000-{at:012}");
        objects.push(json!({
            "type": "indicator", "spec_version": "2.1", "id": indicator, "pattern_type": "stix",
            "pattern": format!("[{pattern}]"), "valid_from": "2024-01-01T00:00:00Z",
        }));
        objects.push(json!({
            "type": "relationship", "spec_version": "2.1", "relationship_type": "indicates",
            "id": format!("relationship--00000000-0000-4000-8000-{at:012}"),
            "source_ref": indicator, "target_ref": malware,
        }));
    }
    json!({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000002", "objects": objects})
}

/// What MVT found: level, module, what was found, and where.
type Found = (String, String, String, String);

#[test]
fn the_real_mvt_finds_what_it_must_and_nothing_else() {
    let Some(mvt) = installed() else { return };
    let place = TempDir::new().unwrap();
    let folder = place.path().join("folder");
    converted(&whole(&sorts()), Form::Mvt, &folder).unwrap();
    let iocs = place.path().join("invented.stix2");
    fs::write(&iocs, indicators().to_string()).unwrap();

    let connections = [
        found(
            "CRITICAL",
            "connect_event",
            "203.0.113.7",
            "/203.0.113.7 com.example.sync",
        ),
        found(
            "CRITICAL",
            "connect_event",
            "203.0.113.5",
            "/203.0.113.5 android.uid.system:1000",
        ),
        found(
            "CRITICAL",
            "connect_event",
            "203.0.113.9",
            "/203.0.113.9 org.example.browser",
        ),
        found(
            "CRITICAL",
            "connect_event",
            "org.example.browser",
            "/203.0.113.9 org.example.browser",
        ),
    ];
    let of_packages = [
        found(
            "CRITICAL",
            "aqf_packages",
            "com.example.settings",
            "com.example.settings",
        ),
        found(
            "CRITICAL",
            "aqf_packages",
            "org.example.browser",
            "org.example.browser",
        ),
        found(
            "MEDIUM",
            "aqf_get_prop",
            "",
            "ro.build.version.security_patch",
        ),
    ];

    let results = place.path().join("androidqf");
    let said = run(&mvt, "check-androidqf", &iocs, &results, &folder);
    let mut wanted = [connections.as_slice(), of_packages.as_slice()].concat();
    wanted.sort();
    assert_eq!(alerts(&results), wanted, "{said}");
    assert!(
        !said.contains("ERROR") && !said.contains("Failed to parse"),
        "{said}"
    );

    let results = place.path().join("logs");
    let said = run(
        &mvt,
        "check-intrusion-logs",
        &iocs,
        &results,
        &folder.join("intrusion_logs"),
    );
    let mut wanted = connections.to_vec();
    wanted.sort();
    assert_eq!(alerts(&results), wanted, "{said}");

    // What MVT does not know it keeps and says so; the marks survive into its own output.
    assert!(said.contains("agent_event"), "{said}");
    let kept: Json = read(&results.join("connect_event.json"));
    let kept = kept.as_array().unwrap();
    assert_eq!(kept.len(), 8);
    for event in kept {
        assert!(event["made_by"].as_str().unwrap().starts_with("Portlog"));
        assert_eq!(event["observed"], "live");
    }
    let system = kept
        .iter()
        .find(|event| event["ip_address"] == "/203.0.113.5")
        .unwrap();
    assert_eq!(
        system["packages"],
        json!(["android", "com.example.settings"])
    );
    assert_eq!(system["timestamp"], "2026-05-04 13:45:33.000000");
    let timeline = fs::read_to_string(results.join("timeline.csv")).unwrap();
    let row = "Connection to 203.0.113.7:80 by com.example.sync [Matched IP: 203.0.113.7]";
    assert!(timeline.contains(row), "{timeline}");

    nothing_is_found_in_what_withholds_it(&mvt, &place, &iocs);
}

/// A bundle that withholds peers and owners, and one of which no time is shown.
fn nothing_is_found_in_what_withholds_it(mvt: &Path, place: &TempDir, iocs: &Path) {
    for (name, redact, wanted) in [
        ("peers", ["remote", "owner"].as_slice(), 0),
        ("times", ["time"].as_slice(), 4),
    ] {
        let mut choice = Choice::new(Preset::Everything);
        choice.redact = redact.iter().map(|field| (*field).to_owned()).collect();
        let folder = place.path().join(name);
        converted(&shared(&sorts(), &choice), Form::Mvt, &folder).unwrap();
        let results = place.path().join(format!("{name}-results"));
        let said = run(mvt, "check-androidqf", iocs, &results, &folder);
        let found = alerts(&results);
        let connections = found
            .iter()
            .filter(|(_, module, ..)| module == "connect_event");
        assert_eq!(connections.count(), wanted, "{name} {found:?} {said}");
        let packages = found
            .iter()
            .filter(|(_, module, ..)| module == "aqf_packages");
        assert_eq!(packages.count() == 0, name == "peers", "{found:?}");
    }
}

fn found(level: &str, module: &str, indicator: &str, event: &str) -> Found {
    (level.into(), module.into(), indicator.into(), event.into())
}

/// MVT's own account of its alerts, in order.
fn alerts(results: &Path) -> Vec<Found> {
    let path = results.join("alerts.json");
    if !path.exists() {
        return Vec::new();
    }
    let alerts = read(&path);
    let mut found: Vec<Found> = alerts
        .as_array()
        .unwrap()
        .iter()
        .map(|alert| {
            let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
            let event = &alert["event"];
            let what = match &event["name"] {
                Json::String(name) => name.clone(),
                _ => format!(
                    "{} {}",
                    text(&event["ip_address"]),
                    text(&event["package_name"])
                ),
            };
            (
                text(&alert["level"]),
                text(&alert["module"]),
                text(&alert["matched_indicator"]["value"]),
                what,
            )
        })
        .collect();
    found.sort();
    found
}

fn read(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn run(mvt: &Path, command: &str, iocs: &Path, results: &Path, target: &Path) -> String {
    let home = results.with_extension("home");
    fs::create_dir_all(&home).unwrap();
    let done = Command::new(mvt)
        .args([
            "--disable-update-check",
            "--disable-indicator-update-check",
            command,
        ])
        .arg("--iocs")
        .arg(iocs)
        .arg("--output")
        .arg(results)
        .arg(target)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", &home)
        .env("LANG", "C.UTF-8")
        .env("COLUMNS", "400")
        .output()
        .unwrap();
    let said = both(&done);
    assert!(done.status.success(), "{said}");
    said
}

fn both(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(error)
    )
}

/// MVT's program, installed once below the target folder; `None`, said aloud, where it cannot be.
fn installed() -> Option<PathBuf> {
    match install() {
        Ok(program) => Some(program),
        Err(why) => {
            let why = format!(
                "MVT {TESTED_WITH} could not be installed, and the folder was NOT read with it: {why}; \
                 it needs Python 3.10 or later with its module venv (Debian: python3-venv) and \
                 PyPI; `cargo xtask test --only test`, as root, installs Python's part"
            );
            assert!(env::var_os(REQUIRED).is_none(), "{why}");
            say(&why);
            None
        }
    }
}

fn say(what: &str) {
    eprintln!("SKIPPED: {what}");
}

fn install() -> Result<PathBuf, String> {
    let document = include_str!("../../../../../docs/EVENTS.md");
    assert!(document.contains(&format!("tested with MVT {TESTED_WITH}.")));
    assert!(REQUIREMENTS.contains(&format!("\nmvt=={TESTED_WITH}\n")));
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tools = root.join(target).join("tools");
    fs::create_dir_all(&tools).map_err(|error| error.to_string())?;
    let lock = File::create(tools.join("mvt.lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let place = tools.join("mvt");
    let (ready, program) = (place.join("ready"), place.join("bin/mvt-android"));
    if fs::read_to_string(&ready).is_ok_and(|of| of == REQUIREMENTS) {
        return Ok(program);
    }
    fs::remove_dir_all(&place).ok();
    done(Command::new("python3").args(["-m", "venv"]).arg(&place))?;
    let requirements = tools.join("mvt-requirements.txt");
    fs::write(&requirements, REQUIREMENTS).map_err(|error| error.to_string())?;
    done(
        Command::new(place.join("bin/python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg("--requirement")
            .arg(requirements),
    )?;
    fs::write(ready, REQUIREMENTS).map_err(|error| error.to_string())?;
    Ok(program)
}

fn done(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| {
        format!(
            "{} cannot be started: {error}",
            command.get_program().display()
        )
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(both(&output).trim().replace('\n', " "))
}
