//! What could be looked at, for how long, and with which lists.

use portlog_model::Sentence;
use portlog_words::report::{Line, Phrase};

use super::Page;
use super::parts::{Caption, Voice, category, left_out, table, told};
use super::seen::{digest, list_date};
use crate::report::html::Html;

/// The whole section.
pub(super) fn coverage(html: &mut Html, page: &Page<'_>, voice: Voice) {
    hours(html, page, voice);
    html.leaf(
        "p",
        &[("class", "note")],
        voice.phrase(Phrase::CoverageNote),
    );
    tables(html, page, voice);
    lists(html, page, voice);
}

/// The report's own account: what is withheld is not in it.
fn hours(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let watched = &page.report.watched;
    let heads = [Phrase::What, Phrase::Duration, Phrase::Means].map(|head| voice.phrase(head));
    let rows = [
        (Phrase::Watched, watched.watched, Phrase::WatchedMeans),
        (Phrase::Asleep, watched.asleep, Phrase::AsleepMeans),
        (Phrase::Denied, watched.denied, Phrase::DeniedMeans),
        (Phrase::Stopped, watched.stopped, Phrase::StoppedMeans),
    ];
    table(
        html,
        Caption::Shown(voice.phrase(Phrase::HoursTable)),
        &heads,
        rows,
        |html, at, it| match at {
            0 => html.text(voice.phrase(it.0)),
            1 => html.text(&voice.span(it.1)),
            _ => html.text(voice.phrase(it.2)),
        },
    );
    if watched.dropped > 0 {
        html.leaf("p", &[], voice.line(&Line::Dropped(watched.dropped)));
    }
}

fn tables(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let gathered = &page.facts.tables;
    if gathered.is_empty() {
        html.leaf("p", &[], voice.phrase(Phrase::CoverageNotShown));
        return;
    }
    let heads = [Phrase::What, Phrase::Status, Phrase::Denied].map(|head| voice.phrase(head));
    let rows = gathered.values();
    table(
        html,
        Caption::Shown(voice.phrase(Phrase::TablesTable)),
        &heads,
        rows,
        |html, at, it| match at {
            0 => told(html, &it.name, voice),
            1 => {
                if let Some(coverage) = &it.coverage {
                    let sentence = Sentence::CoverageOf(coverage, page.facts.platform);
                    html.text(&voice.say(&sentence));
                } else {
                    told(html, &it.source, voice);
                    html.text(": ");
                    told(html, &it.status, voice);
                }
            }
            _ if it.denied > 0 => html.text(&voice.line(&Line::TimesDenied(it.denied))),
            _ => html.text("0"),
        },
    );
}

fn lists(html: &mut Html, page: &Page<'_>, voice: Voice) {
    let gathered = &page.facts.lists;
    if gathered.rows.is_empty() {
        html.leaf("p", &[], voice.phrase(Phrase::NoLists));
        return;
    }
    let heads = [
        Phrase::ListName,
        Phrase::Category,
        Phrase::ListDated,
        Phrase::Rules,
        Phrase::BadLines,
        Phrase::ListDigest,
    ];
    let heads = heads.map(|head| voice.phrase(head));
    let rows = &gathered.rows;
    table(
        html,
        Caption::Shown(voice.phrase(Phrase::ListsTable)),
        &heads,
        rows,
        |html, at, it| match at {
            0 => told(html, &it.name, voice),
            1 => category(html, &it.category, voice),
            2 => list_date(html, &it.date, voice),
            3 => told(html, &it.rules, voice),
            4 => told(html, &it.bad_lines, voice),
            _ => digest(html, &it.sha256, voice),
        },
    );
    left_out(html, gathered.left_out, voice);
}
