//! The report's sentences, in every combination that changes their words.

use std::collections::BTreeMap;
use std::time::Duration;

use portlog_words::Language;
use portlog_words::report::{Line, Phrase, line, phrase};

/// Adds all of them, in the same order in every language.
pub(crate) fn add(language: Language, sentences: &mut Vec<String>) {
    sentences.extend(
        Phrase::ALL
            .iter()
            .map(|it| phrase(*it, language).to_owned()),
    );
    sentences.extend(lines().iter().map(|it| line(it, language)));
}

fn lines() -> Vec<Line<'static>> {
    let name = "anna.test/w1";
    let on = "2026-05-05";
    let mut lines = vec![
        Line::Shown { shown: 3, of: 10 },
        Line::WitnessSaw {
            name,
            size: 7,
            of: 10,
            on,
        },
        Line::AlertNumber(4),
        Line::SharedPackages(5),
        Line::Period {
            from: "2026-05-04 13:45:00",
            to: "2026-05-05 13:45:00",
        },
        Line::ClockJump(-3_600_000),
        Line::Pruned(400),
        Line::Predecessor("portlog/log/00ff"),
        Line::WitnessAnswered { name, size: 7 },
        Line::AskAbout {
            owner: "com.example.sync",
            peer: "203.0.113.7:443",
        },
    ];
    for known in [false, true] {
        for seen in [None, Some((1, on)), Some((2, on))] {
            lines.push(Line::Unchanged { known, seen });
        }
    }
    for count in [0, 1, 2, 100_000] {
        lines.extend([
            Line::NotLive(count),
            Line::UncheckedSignatures(count),
            Line::RowsLeftOut(count),
            Line::CharactersLeftOut(count),
            Line::PackagesLeftOut(count),
            Line::OwnLeftOut(count),
            Line::Dropped(count),
            Line::FieldsWithheld(count),
            Line::TimesDenied(count),
        ]);
    }
    for length in [
        Duration::ZERO,
        Duration::from_millis(500),
        Duration::from_secs(90_061),
        Duration::MAX,
    ] {
        lines.push(Line::Span(length));
        lines.push(Line::ShortConnections(length));
    }
    lines
}

#[test]
fn every_part_of_the_report_has_words_of_its_own_in_every_language() {
    for language in Language::ALL {
        let mut said: BTreeMap<&str, Phrase> = BTreeMap::new();
        for it in Phrase::ALL {
            let words = phrase(*it, language);
            assert!(!words.trim().is_empty(), "{it:?}");
            let english = phrase(*it, Language::English);
            let is_same = language != Language::English && words == english;
            let same_everywhere = matches!(it, Phrase::Selinux | Phrase::Uid);
            assert_eq!(
                is_same,
                same_everywhere && language != Language::English,
                "{words}"
            );
            said.insert(words, *it);
        }
        // Few labels may have the same word in a language: the column and the heading, say.
        let shared = Phrase::ALL.len() - said.len();
        assert!(shared <= 6, "{shared} of {language:?}");
    }
}

#[test]
fn the_verdict_says_in_every_language_that_it_was_not_observed_live() {
    for (language, words) in [
        (Language::English, "NOT OBSERVED LIVE"),
        (Language::SimplifiedChinese, "非实时观察"),
        (Language::TraditionalChinese, "非即時觀察"),
        (Language::Hindi, "लाइव नहीं देखा गया"),
    ] {
        let said = |count| line(&Line::NotLive(count), language);
        assert!(said(3).starts_with(words) && said(0).starts_with(words));
        assert!(said(3).contains('3') && !said(0).contains('0'));
        for how in [
            Phrase::ObtainedImport,
            Phrase::ObtainedReplay,
            Phrase::ObtainedSimulated,
            Phrase::ObtainedUnknown,
        ] {
            let said = phrase(how, language).to_lowercase();
            assert!(said.contains(&words.to_lowercase()), "{said}");
        }
    }
}

#[test]
fn the_english_verdict_is_that_of_the_format() {
    let verdict = |known, seen| line(&Line::Unchanged { known, seen }, Language::English);
    assert_eq!(
        verdict(false, None),
        "Unchanged since it was signed. Signer: unknown."
    );
    assert_eq!(
        verdict(true, Some((2, "2026-05-05"))),
        "Unchanged since it was signed. Signer: known to you, seen by 2 witnesses on 2026-05-05."
    );
    assert_eq!(
        line(&Line::Shown { shown: 3, of: 10 }, Language::English),
        "3 of 10 entries shown, chosen by the sharer."
    );
}
