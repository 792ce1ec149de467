//! The phones that adb sees, and what could be seen of each.

use std::fmt::Write as _;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Error;
use portlog_agent::adb::{Adb, AdbSource, Attached, Phone, State};
use portlog_agent::{Elsewhere, Look, Subject};
use portlog_model::{CoverageCounts, CoverageItem, CoverageStatus};

use crate::args::{DevicesArgs, TextFormat};
use crate::exit::Outcome;
use crate::inputs;
use crate::json::Object;
use crate::output::Output;
use crate::text::clean::clean;

/// Prints every phone that adb sees.
pub(crate) fn run(args: &DevicesArgs) -> Result<Outcome, Error> {
    let adb = inputs::adb(args.adb.as_deref());
    let attached = adb.devices()?;
    // A phone may take seconds, so all are asked at once.
    let asked: Vec<_> = attached
        .into_iter()
        .map(|phone| {
            let adb = adb.clone();
            thread::spawn(move || ask(adb, phone))
        })
        .collect();
    let devices: Vec<Device> = asked
        .into_iter()
        .filter_map(|thread| thread.join().ok())
        .collect();
    let mut output = Output::open()?;
    match args.format {
        TextFormat::Json => {
            let mut out = Vec::new();
            write_json(&mut out, &devices);
            out.push(b'\n');
            output.write(&out)?;
        }
        TextFormat::Text => output.write(text(&devices).as_bytes())?,
    }
    Ok(Outcome::Done)
}

/// What is known of a phone.
pub(crate) struct Device {
    attached: Attached,
    answer: Option<Result<Answer, String>>,
}

/// What a phone answered.
pub(crate) struct Answer {
    phone: Phone,
    tables: CoverageCounts,
    packages: CoverageStatus,
}

fn ask(adb: Adb, attached: Attached) -> Device {
    let answer = (attached.state == State::Ready)
        .then(|| answer(adb, &attached.serial).map_err(|error| crate::exit::one_line(&error)));
    Device { attached, answer }
}

fn answer(adb: Adb, serial: &str) -> Result<Answer, Error> {
    let source = AdbSource::connect(adb.clone(), Some(serial))?;
    let phone = source.phone().clone();
    let look = Look::at(Subject {
        elsewhere: Some(Elsewhere::adb(adb, source)),
        ..Subject::this_machine()
    })?;
    let packages = look
        .coverage
        .iter()
        .find(|coverage| coverage.item == CoverageItem::Packages)
        .map_or(CoverageStatus::Absent, |coverage| coverage.status);
    Ok(Answer {
        phone,
        tables: CoverageCounts::of(&look.coverage),
        packages,
    })
}

/// What a tier could see on a phone.
struct Tier {
    name: &'static str,
    sees: &'static str,
    why: &'static str,
}

/// The tiers on a phone of this API level (0: not known), of which adb's was tried.
fn tiers(sdk: u32, tables: CoverageCounts) -> [Tier; 3] {
    let app = match sdk {
        0 => ("unknown", "the phone does not tell its version of Android"),
        1..19 => ("nothing", "the app needs Android 4.4"),
        19..29 => ("every socket", "Android 4.4 to 9 lets apps read the tables"),
        _ => (
            "nothing",
            "from Android 10 on no app may read the tables; see the helper",
        ),
    };
    let helper = match sdk {
        0 => ("unknown", "the phone does not tell its version of Android"),
        1..19 => ("nothing", "the app needs Android 4.4"),
        19..29 => (
            "every socket",
            "not needed: the app itself may read the tables",
        ),
        _ => (
            "every socket",
            "started once over adb; ends when the phone restarts or debugging is switched off",
        ),
    };
    let adb = match (tables.readable, tables.unseen()) {
        (0, _) => ("nothing", "no table could be read just now"),
        (_, 0) => (
            "every socket",
            "tried just now, while the phone is connected",
        ),
        _ => ("a part", "tried just now; not every table could be read"),
    };
    let tier = |name, (sees, why)| Tier { name, sees, why };
    [tier("app", app), tier("helper", helper), tier("adb", adb)]
}

fn text(devices: &[Device]) -> String {
    let mut out = String::new();
    if devices.is_empty() {
        out.push_str(
            "adb sees no phone. Plug one in with USB debugging on (Settings, Developer options), and \
             look at its screen for a question.\n",
        );
    }
    for device in devices {
        let Attached {
            serial,
            state,
            model,
        } = &device.attached;
        // Writing to a string cannot fail.
        let _ = write!(out, "{}  {state}", clean(serial));
        match (&device.answer, model) {
            (Some(Ok(answer)), _) => {
                let facts = &answer.phone.facts;
                let _ = writeln!(out, "  {}", clean(&facts.device.to_string()));
                let tables = answer.tables;
                let _ = writeln!(
                    out,
                    "    tables: {} read, {} denied, {} absent; package list: {}",
                    tables.readable,
                    tables.unseen(),
                    tables.absent,
                    answer.packages
                );
                for Tier { name, sees, why } in tiers(facts.device.sdk, tables) {
                    let _ = writeln!(out, "    {name:<7} {sees}: {why}");
                }
                if facts.uid == Some(0) {
                    out.push_str("    adb runs as root on this phone\n");
                }
            }
            (Some(Err(error)), _) => {
                let _ = writeln!(out, "\n    {}", clean(error));
            }
            (None, model) => {
                let model = model.as_deref().map(clean).unwrap_or_default();
                let _ = writeln!(out, "  {model}\n    {}", way_out(state));
            }
        }
    }
    out
}

const fn way_out(state: &State) -> &'static str {
    match state {
        State::Ready => "",
        State::Unauthorized => {
            "unlock the phone and accept the question for USB debugging, or plug it in again to be \
             asked"
        }
        State::Other(_) => "adb cannot talk to it; plug it in again, or try 'adb reconnect'",
    }
}

pub(crate) fn write_json(out: &mut Vec<u8>, devices: &[Device]) {
    let mut object = Object::new(out);
    let mut array = object.array("devices");
    for device in devices {
        let mut object = array.object();
        object.string("serial", &device.attached.serial);
        let state = match device.attached.state {
            State::Ready => "ready".to_owned(),
            ref other => other.to_string(),
        };
        object.string("state", &state);
        let answer = device
            .answer
            .as_ref()
            .and_then(|answer| answer.as_ref().ok());
        let facts = answer.map(|answer| &answer.phone.facts);
        let told = |word: &Arc<str>| (!word.is_empty()).then(|| word.to_string());
        let model = facts
            .and_then(|facts| told(&facts.device.model))
            .or_else(|| device.attached.model.clone());
        object.string_or_null("model", model.as_deref());
        let word =
            |pick: fn(&Phone) -> &Arc<str>| answer.and_then(|answer| told(pick(&answer.phone)));
        let manufacturer = word(|phone| &phone.facts.device.manufacturer);
        object.string_or_null("manufacturer", manufacturer.as_deref());
        let android = word(|phone| &phone.facts.device.android);
        object.string_or_null("android", android.as_deref());
        let sdk = facts
            .map(|facts| u64::from(facts.device.sdk))
            .filter(|sdk| *sdk > 0);
        object.number_or_null("sdk", sdk);
        let build = word(|phone| &phone.facts.device.build);
        object.string_or_null("build", build.as_deref());
        let kernel = word(|phone| &phone.facts.device.kernel);
        object.string_or_null("kernel", kernel.as_deref());
        object.number_or_null(
            "shell_uid",
            facts.and_then(|facts| facts.uid).map(u64::from),
        );
        object.number_or_null(
            "uptime_ms",
            facts
                .and_then(|facts| facts.uptime)
                .map(|uptime: Duration| u64::try_from(uptime.as_millis()).unwrap_or(u64::MAX)),
        );
        let error = match &device.answer {
            Some(Err(error)) => Some(error.as_str()),
            _ => None,
        };
        object.string_or_null("error", error);
        let mut array = object.array("tiers");
        if let Some(answer) = answer {
            for tier in tiers(answer.phone.facts.device.sdk, answer.tables) {
                let mut object = array.object();
                object.string("tier", tier.name);
                object.string("sees", tier.sees);
                object.string("why", tier.why);
            }
        }
    }
}

#[cfg(test)]
pub(crate) fn examples() -> Vec<Device> {
    use portlog_agent::adb::PhoneFacts;

    let mut facts = PhoneFacts {
        uid: Some(2000),
        uptime: Some(Duration::from_mins(90)),
        ..PhoneFacts::default()
    };
    facts.device.manufacturer = Arc::from("Example");
    facts.device.model = Arc::from("One");
    facts.device.android = Arc::from("4.4.4");
    facts.device.sdk = 19;
    facts.device.build = Arc::from("example/one/one:4.4.4/KTU84P/1:user/release-keys");
    facts.device.kernel = Arc::from("3.4.0-gd8");
    let attached = |serial: &str, state| Attached {
        serial: serial.to_owned(),
        state,
        model: None,
    };
    vec![
        Device {
            attached: attached("0123abcd", State::Ready),
            answer: Some(Ok(Answer {
                phone: Phone {
                    serial: Arc::from("0123abcd"),
                    facts,
                },
                tables: CoverageCounts {
                    readable: 8,
                    denied: 0,
                    absent: 2,
                    untrusted: 0,
                },
                packages: CoverageStatus::Readable,
            })),
        },
        Device {
            attached: attached("89abcdef", State::Unauthorized),
            answer: None,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_of_android_has_its_tiers() {
        let all = CoverageCounts {
            readable: 8,
            ..CoverageCounts::default()
        };
        let sees = |sdk| tiers(sdk, all).map(|tier| tier.sees);
        assert_eq!(sees(17), ["nothing", "nothing", "every socket"]);
        assert_eq!(sees(19), ["every socket"; 3]);
        assert_eq!(sees(28), ["every socket"; 3]);
        assert_eq!(sees(29), ["nothing", "every socket", "every socket"]);
        let none = CoverageCounts {
            denied: 8,
            ..CoverageCounts::default()
        };
        assert_eq!(tiers(35, none)[2].sees, "nothing");
    }

    #[test]
    fn people_read_what_to_do_about_a_phone_that_does_not_answer() {
        let said = text(&examples());
        assert!(
            said.starts_with("0123abcd  ready  Example One, Android 4.4.4 (API 19)"),
            "{said}"
        );
        assert!(said.contains("tables: 8 read, 0 denied, 2 absent; package list: readable"));
        assert!(said.contains("89abcdef  unauthorized"));
        assert!(said.contains("accept the question"));
        assert!(text(&[]).contains("adb sees no phone"));
    }
}
