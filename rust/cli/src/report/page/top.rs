//! What the check found, and what the phone says of itself.

use std::time::Duration;

use portlog_journal::bundle::Mode;
use portlog_journal::verify::{EvidenceLevel, NOT_LIVE, Observed};
use portlog_words::Language;
use portlog_words::report::{Line, Phrase};

use super::Page;
use super::parts::{Caption, Voice, fact, facts, left_out, meaning, table, time, told, value};
use crate::report::html::Html;
use crate::report::stamp::Stamp;
use crate::report::told::Told;

/// The verdict, and which file it is about.
pub(super) fn verdict(html: &mut Html, page: &Page<'_>, voice: Voice) {
    html.element("div", &[("class", "verdict")], |html| {
        if voice.language != Language::English {
            translated(html, page, voice);
            html.leaf(
                "p",
                &[("class", "original")],
                voice.phrase(Phrase::InEnglish),
            );
        }
        html.element("div", &[("lang", "en"), ("class", "fixed")], |html| {
            for line in page.report.first_lines() {
                let not_live = line.starts_with(NOT_LIVE);
                let class = if not_live { "not-live" } else { "line" };
                html.leaf("p", &[("class", class)], line);
            }
        });
    });
    let report = page.report;
    facts(html, |html| {
        fact(html, voice.phrase(Phrase::EvidenceLevel), |html| {
            html.text(voice.phrase(match report.level() {
                EvidenceLevel::SelfConsistent => Phrase::LevelSelf,
                EvidenceLevel::Pinned => Phrase::LevelPinned,
                EvidenceLevel::Witnessed => Phrase::LevelWitnessed,
            }));
            witnesses(html, page, voice);
        });
        fact(
            html,
            voice.phrase(Phrase::PeriodShown),
            |html| match &page.facts.timeline {
                None => html.text(voice.phrase(Phrase::NoPeriod)),
                Some(timeline) => {
                    let (from, to) = (timeline.from.full(), timeline.to.full());
                    html.text(&voice.line(&Line::Period {
                        from: &from,
                        to: &to,
                    }));
                }
            },
        );
        fact(html, voice.phrase(Phrase::File), |html| {
            value(html, page.file);
        });
        fact(html, voice.phrase(Phrase::FileDigest), |html| {
            html.leaf("code", &[], report.sha256.to_hex());
        });
        fact(html, voice.phrase(Phrase::Origin), |html| {
            html.leaf("code", &[], report.origin().to_string());
        });
        fact(html, voice.phrase(Phrase::Mode), |html| {
            html.text(voice.phrase(match report.mode {
                Mode::Sparse => Phrase::ModeSparse,
                Mode::Full => Phrase::ModeFull,
            }));
        });
        for (label, stated) in [
            (Phrase::Case, &page.facts.case),
            (Phrase::Operator, &page.facts.operator),
        ] {
            if *stated != Told::Nothing {
                fact(html, voice.phrase(label), |html| told(html, stated, voice));
            }
        }
    });
    html.leaf(
        "p",
        &[("class", "note")],
        voice.phrase(Phrase::ByThePhonesClock),
    );
}

/// The fixed lines in the reader's language.
fn translated(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let report = page.report;
    let latest = report.seen.iter().map(|seen| seen.time).max();
    let day = latest.map(day);
    let seen = u64::try_from(report.seen.len()).unwrap_or(u64::MAX);
    let unchanged = Line::Unchanged {
        known: report.pinned,
        seen: day.as_deref().map(|day| (seen, day)),
    };
    html.leaf("p", &[("class", "line")], voice.line(&unchanged));
    html.leaf(
        "p",
        &[("class", "line")],
        voice.phrase(Phrase::DoesNotProve),
    );
    let shown = Line::Shown {
        shown: report.shown,
        of: report.size(),
    };
    html.leaf("p", &[("class", "line")], voice.line(&shown));
    if report.obtained.observed() == Observed::NotLive {
        html.leaf(
            "p",
            &[("class", "not-live")],
            voice.line(&Line::NotLive(report.obtained.not_live())),
        );
    }
}

fn witnesses(html: &mut Html, page: &Page<'_>, voice: Voice) {
    for seen in &page.report.seen {
        let on = day(seen.time);
        let line = voice.line(&Line::WitnessSaw {
            name: &seen.witness,
            size: seen.size,
            of: page.report.size(),
            on: &on,
        });
        html.leaf("p", &[], line);
    }
    if page.report.unchecked_signatures > 0 {
        let line = Line::UncheckedSignatures(page.report.unchecked_signatures);
        html.leaf("p", &[], voice.line(&line));
    }
}

/// The day of a time in seconds since 1970, in UTC.
fn day(seconds: u64) -> String {
    let millis = i64::try_from(seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(1000);
    let stamp = Stamp { millis, east: None };
    stamp
        .full()
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// What the phone says of itself, and when it was looked at, and how.
pub(super) fn device(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let gathered = page.facts;
    html.leaf("p", &[("class", "note")], voice.phrase(Phrase::DeviceNote));
    if gathered.device.is_empty() {
        html.leaf("p", &[], voice.phrase(Phrase::DeviceNotShown));
    } else {
        facts(html, |html| {
            for (field, it) in &gathered.device {
                fact(html, device_label(field, voice), |html| {
                    flag_or_told(html, it, voice);
                });
            }
        });
    }
    if !gathered.changes.rows.is_empty() {
        let heads = [Phrase::Time, Phrase::What, Phrase::Before, Phrase::After];
        let heads = heads.map(|head| voice.phrase(head));
        let caption = Caption::Shown(voice.phrase(Phrase::DeviceChanges));
        table(
            html,
            caption,
            &heads,
            &gathered.changes.rows,
            |html, at, it| match at {
                0 => time(html, &it.time, voice),
                1 => html.text(device_label(it.field, voice)),
                2 => flag_or_told(html, &it.before, voice),
                _ => flag_or_told(html, &it.after, voice),
            },
        );
        left_out(html, gathered.changes.left_out, voice);
    }
    if gathered.watches.rows.is_empty() {
        return;
    }
    let heads = [
        Phrase::Time,
        Phrase::Obtained,
        Phrase::Interval,
        Phrase::Scope,
        Phrase::PortlogVersion,
    ];
    let heads = heads.map(|head| voice.phrase(head));
    let caption = Caption::Shown(voice.phrase(Phrase::Watches));
    table(
        html,
        caption,
        &heads,
        &gathered.watches.rows,
        |html, at, it| match at {
            0 => time(html, &it.time, voice),
            1 => {
                provenance(html, &it.provenance, voice);
                if let Some(source) = it.source.whole() {
                    html.text(" (");
                    value(html, source);
                    html.text(")");
                }
            }
            2 => meaning(html, &it.interval, voice, |millis| {
                Some(voice.span(Duration::from_millis(millis.parse().ok()?)))
            }),
            3 => meaning(html, &it.scope, voice, |scope| {
                Some(voice.phrase(scope_phrase(scope, &it.platform)?).to_owned())
            }),
            _ => told(html, &it.version, voice),
        },
    );
    left_out(html, gathered.watches.left_out, voice);
}

fn provenance(html: &mut Html, it: &Told, voice: Voice) {
    let phrase = match it.whole() {
        Some("live") => Phrase::ObtainedLive,
        Some("helper") => Phrase::ObtainedHelper,
        Some("adb") => Phrase::ObtainedAdb,
        Some("import") => Phrase::ObtainedImport,
        Some("replay") => Phrase::ObtainedReplay,
        Some("simulated") => Phrase::ObtainedSimulated,
        _ => Phrase::ObtainedUnknown,
    };
    html.text(voice.phrase(phrase));
}

/// Whose connections raise alerts: on Linux nothing comes with a phone, and every owner is in scope.
fn scope_phrase(scope: &str, platform: &Told) -> Option<Phrase> {
    match (scope, platform.whole()) {
        ("firmware", Some("linux")) | ("all", _) => Some(Phrase::ScopeAll),
        ("firmware", _) => Some(Phrase::ScopeFirmware),
        _ => None,
    }
}

fn flag_or_told(html: &mut Html, it: &Told, voice: Voice) {
    meaning(html, it, voice, |word| match word {
        "yes" => Some(voice.phrase(Phrase::Yes).to_owned()),
        "no" => Some(voice.phrase(Phrase::No).to_owned()),
        _ => None,
    });
}

fn device_label(field: &str, voice: Voice) -> &'static str {
    voice.phrase(match field {
        "model" => Phrase::Model,
        "fingerprint" => Phrase::Fingerprint,
        "tags" => Phrase::Tags,
        "security_patch" => Phrase::SecurityPatch,
        "kernel" => Phrase::Kernel,
        "baseband" => Phrase::Baseband,
        "verified_boot" => Phrase::VerifiedBoot,
        "bootloader" => Phrase::Bootloader,
        "selinux" => Phrase::Selinux,
        "adb" => Phrase::Adb,
        "version" => Phrase::PortlogVersion,
        _ => Phrase::ApkSigner,
    })
}
