//! What else could explain it, what this does not show, how to check, what to ask.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use portlog_model::{Explanation, Sentence};
use portlog_words::report::{Line, Phrase};

use super::Page;
use super::parts::{Caption, Voice, left_out, number, table};
use super::seen::shown_alerts;
use crate::report::finding::Finding;
use crate::report::html::Html;
use crate::report::told::Told;

/// The most pairs of an owner and a peer to ask about.
const MAX_QUESTIONS: usize = 20;

/// Each explanation once, with the alerts to which it applies.
pub(super) fn explanations(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let mut applies: BTreeMap<Explanation, Vec<u64>> = BTreeMap::new();
    for (at, finding) in shown_alerts(page) {
        for explanation in finding.explanations() {
            applies.entry(explanation).or_default().push(at);
        }
    }
    if applies.is_empty() {
        html.leaf("p", &[], voice.phrase(Phrase::NoAlerts));
        return;
    }
    html.leaf(
        "p",
        &[("class", "note")],
        voice.phrase(Phrase::OtherExplanationsNote),
    );
    let heads = [Phrase::Explanation, Phrase::AppliesTo].map(|head| voice.phrase(head));
    let caption = Caption::Heard(voice.phrase(Phrase::OtherExplanations));
    table(
        html,
        caption,
        &heads,
        applies,
        |html, at, (explanation, alerts)| match at {
            0 => html.text(&voice.say(&Sentence::Explanation(*explanation))),
            _ => {
                for (position, alert) in alerts.iter().enumerate() {
                    if position > 0 {
                        html.text(", ");
                    }
                    let title = voice.line(&Line::AlertNumber(*alert));
                    html.leaf("a", &[("href", &format!("#alert-{alert}"))], title);
                }
            }
        },
    );
}

/// What does not follow from the file.
pub(super) fn limits(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let report = page.report;
    html.element("ul", &[], |html| {
        for phrase in [
            Phrase::LimitTruth,
            Phrase::LimitContent,
            Phrase::LimitWho,
            Phrase::LimitProvoked,
            Phrase::LimitHost,
        ] {
            html.leaf("li", &[], voice.phrase(phrase));
        }
        if report.shown < report.size() {
            html.leaf("li", &[], voice.phrase(Phrase::LimitChosen));
        }
        if report.withheld_fields > 0 {
            html.leaf(
                "li",
                &[],
                voice.line(&Line::FieldsWithheld(report.withheld_fields)),
            );
        }
        if let Some(millis) = page.facts.interval {
            let line = Line::ShortConnections(Duration::from_millis(millis));
            html.leaf("li", &[], voice.line(&line));
        }
        html.leaf("li", &[], voice.phrase(Phrase::LimitSilence));
        html.leaf("li", &[], voice.phrase(Phrase::LimitTail));
        html.leaf("li", &[], voice.phrase(Phrase::LimitTime));
        if report.obtained.packages_overridden > 0 {
            html.leaf("li", &[], voice.phrase(Phrase::LimitOverridden));
        }
    });
}

/// The commands by which anyone checks the file.
pub(super) fn check(html: &mut Html, page: &Page<'_>, voice: Voice) {
    html.leaf("p", &[("class", "note")], voice.phrase(Phrase::CheckNote));
    let file = quoted(page.file);
    let origin = page.report.origin();
    let steps = [
        (
            Phrase::CheckDigest,
            format!("sha256sum {file}\n{}", page.report.sha256.to_hex()),
        ),
        (Phrase::CheckVerify, format!("portlog log verify {file}")),
        (
            Phrase::CheckKey,
            format!("portlog log verify {file} --key {origin}"),
        ),
        (
            Phrase::CheckByHand,
            "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in body -sigfile sig"
                .to_owned(),
        ),
    ];
    html.element("ol", &[("class", "steps")], |html| {
        for (phrase, command) in steps {
            html.element("li", &[], |html| {
                html.leaf("p", &[], voice.phrase(phrase));
                html.element("pre", &[], |html| html.leaf("code", &[], command));
            });
        }
    });
}

/// A file's name as a shell takes it for one word.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    if !name.is_empty() && !name.starts_with('-') && name.chars().all(plain) {
        return name.to_owned();
    }
    let name = name.replace('\'', "'\\''");
    if name.starts_with('-') {
        format!("'./{name}'")
    } else {
        format!("'{name}'")
    }
}

/// What to ask the maker: the same questions of each owner and peer.
pub(super) fn questions(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let mut pairs: BTreeSet<(String, String)> = BTreeSet::new();
    let in_question =
        page.facts.findings.alerts.iter().filter(|finding| {
            finding.who.may_come_with_the_phone() && finding.who.short().is_some()
        });
    for finding in in_question {
        if let Some(pair) = pair(finding, voice) {
            pairs.insert(pair);
        }
    }
    if pairs.is_empty() {
        html.leaf("p", &[], voice.phrase(Phrase::QuestionsNone));
        return;
    }
    html.leaf(
        "p",
        &[("class", "note")],
        voice.phrase(Phrase::QuestionsNote),
    );
    html.element("ul", &[], |html| {
        for (owner, peer) in pairs.iter().take(MAX_QUESTIONS) {
            html.leaf("li", &[], voice.line(&Line::AskAbout { owner, peer }));
        }
    });
    left_out(
        html,
        number(pairs.len().saturating_sub(MAX_QUESTIONS)),
        voice,
    );
    html.element("ol", &[], |html| {
        for phrase in [
            Phrase::AskWhich,
            Phrase::AskData,
            Phrase::AskWhy,
            Phrase::AskOff,
            Phrase::AskSince,
        ] {
            html.leaf("li", &[], voice.phrase(phrase));
        }
    });
}

fn pair(finding: &Finding, voice: Voice) -> Option<(String, String)> {
    let peer = match finding.told("remote") {
        Told::Value(remote, _) => remote.to_string(),
        Told::Nothing => voice.phrase(Phrase::NotSaid).to_owned(),
        Told::Withheld => voice.phrase(Phrase::Withheld).to_owned(),
    };
    Some((finding.who.short()?, peer))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_name_is_one_word_of_a_shell() {
        for (name, word) in [
            ("a.portlog.txt", "a.portlog.txt"),
            ("a b", "'a b'"),
            ("it's $(x)", "'it'\\''s $(x)'"),
            ("-rf", "'./-rf'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(name), word);
        }
    }
}
