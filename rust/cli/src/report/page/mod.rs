//! The page: sections in the order in which a stranger asks.

mod closing;
mod coverage;
mod parts;
mod seen;
mod strips;
mod top;

use portlog_journal::Report;
use portlog_words::Language;
use portlog_words::report::Phrase;

use self::parts::Voice;
use super::facts::Facts;
use super::html::Html;

/// What may be loaded and run: nothing but the style that stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// Sections by their anchor, in order.
const SECTIONS: [(&str, Phrase); 9] = [
    ("verdict", Phrase::Verdict),
    ("device", Phrase::Device),
    ("seen", Phrase::Seen),
    ("timeline", Phrase::Timeline),
    ("coverage", Phrase::Coverage),
    ("explanations", Phrase::OtherExplanations),
    ("limits", Phrase::Limits),
    ("check", Phrase::Check),
    ("questions", Phrase::Questions),
];

/// Everything that a page is made from.
pub(crate) struct Page<'a> {
    /// The file's name, without its folder.
    pub(crate) file: &'a str,
    pub(crate) report: &'a Report,
    pub(crate) facts: &'a Facts,
}

/// The page in a language.
pub(crate) fn written(page: &Page<'_>, language: Language) -> String {
    let voice = Voice::new(language, page.facts.timeline.as_ref());
    let mut html = Html::document();
    html.element("html", &[("lang", language.tag())], |html| {
        html.element("head", &[], |html| head(html, page, voice));
        html.element("body", &[], |html| body(html, page, voice));
    });
    html.finish()
}

fn head(html: &mut Html, page: &Page<'_>, voice: Voice) {
    html.void("meta", &[("charset", "utf-8")]);
    html.void(
        "meta",
        &[
            ("http-equiv", "Content-Security-Policy"),
            ("content", POLICY),
        ],
    );
    html.void(
        "meta",
        &[
            ("name", "viewport"),
            ("content", "width=device-width, initial-scale=1"),
        ],
    );
    html.void(
        "meta",
        &[("name", "color-scheme"), ("content", "light dark")],
    );
    html.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
    let title = format!("{}: {}", voice.phrase(Phrase::Title), page.file);
    html.leaf("title", &[], title);
    html.style(include_str!("../style.css"));
}

fn body(html: &mut Html, page: &Page<'_>, voice: Voice) {
    html.element("header", &[], |html| {
        html.leaf("h1", &[], voice.phrase(Phrase::Title));
        html.leaf("p", &[("class", "file")], page.file);
    });
    html.element("main", &[], |html| {
        for (number, (anchor, heading)) in SECTIONS.into_iter().enumerate() {
            html.element(
                "section",
                &[("id", anchor), ("aria-labelledby", label(anchor))],
                |html| {
                    html.leaf("h2", &[("id", label(anchor))], voice.phrase(heading));
                    match number {
                        0 => top::verdict(html, page, voice),
                        1 => top::device(html, page, voice),
                        2 => seen::seen(html, page, voice),
                        3 => strips::timeline(html, page, voice),
                        4 => coverage::coverage(html, page, voice),
                        5 => closing::explanations(html, page, voice),
                        6 => closing::limits(html, page, voice),
                        7 => closing::check(html, page, voice),
                        _ => closing::questions(html, page, voice),
                    }
                },
            );
            if number == 0 {
                contents(html, voice);
            }
        }
    });
    html.element("footer", &[], |html| {
        html.leaf("p", &[], voice.phrase(Phrase::MadeBy));
    });
}

fn contents(html: &mut Html, voice: Voice) {
    html.element("nav", &[("aria-labelledby", "contents")], |html| {
        html.leaf("h2", &[("id", "contents")], voice.phrase(Phrase::Contents));
        html.element("ol", &[], |html| {
            for (anchor, heading) in SECTIONS.into_iter().skip(1) {
                html.element("li", &[], |html| {
                    html.leaf(
                        "a",
                        &[("href", &format!("#{anchor}"))],
                        voice.phrase(heading),
                    );
                });
            }
        });
    });
}

/// The id of a section's heading.
fn label(anchor: &str) -> &'static str {
    match anchor {
        "verdict" => "h-verdict",
        "device" => "h-device",
        "seen" => "h-seen",
        "timeline" => "h-timeline",
        "coverage" => "h-coverage",
        "explanations" => "h-explanations",
        "limits" => "h-limits",
        "check" => "h-check",
        _ => "h-questions",
    }
}
