//! What screens say besides.

use std::time::Duration;

use portlog_model::{LinkState, PackagePlace, Remark};

use super::{counted, practice, span};
use crate::data::{clean, quoted};
use crate::time::Zone;

pub(super) fn remark(remark: Remark<'_>, zone: Zone) -> String {
    match remark {
        Remark::ListAge { age, dated, old } => list_age(age, dated, old),
        Remark::MutedOwner(name) => format!("Everything about {}", clean(name)),
        Remark::MutedEntry(entry) => format!("Entry {}, in whichever list", quoted(entry)),
        Remark::MutedRemote(address) => format!("Address {address}"),
        Remark::PackagePlace(place) => package_place(place),
        Remark::InstalledBy(Some(package)) => format!("installed by {}", clean(package)),
        Remark::InstalledBy(None) => "no installer is recorded".to_owned(),
        Remark::Timeline {
            opened,
            alerts,
            hours,
            watched,
        } => format!(
            "In the last 24 hours: {} opened, in {}; {}; watched for {}.",
            counted(opened, "connection", "connections"),
            counted(u64::from(hours), "hour", "hours"),
            counted(alerts, "alert", "alerts"),
            span(watched)
        ),
        Remark::OpenedBetween { after, by } => match after {
            Some(after) => format!("It opened between {} and {}.", zone.time(after), zone.time(by)),
            None => format!("It was there at the first look, at {}.", zone.time(by)),
        },
        Remark::EndedBetween { after, by } => match after {
            Some(after) => format!("It ended between {} and {}.", zone.time(after), zone.time(by)),
            None => format!("It ended by {}.", zone.time(by)),
        },
        Remark::InThatHour(count) => format!(
            "{} like this in that hour.",
            counted(count, "connection", "connections")
        ),
        Remark::HistoryNewer => {
            "History: it was written by a newer Portlog and is left as it is. What happens now is \
             not kept beyond this run. Install the newer Portlog again."
                .to_owned()
        }
        Remark::HistorySetAside => {
            "History: it was damaged. The damaged file was put aside, not deleted, and a new history \
             begins now."
                .to_owned()
        }
        Remark::HistoryUnwritten(error) => format!(
            "History: it cannot be written ({}). What happens now is not kept beyond this run. Look \
             whether there is free space.",
            clean(error)
        ),
        Remark::HistoryBadLines(lines) => format!(
            "History: {} could not be read; the others are there.",
            counted(lines, "line", "lines")
        ),
        Remark::StateSetAside => {
            "Counts, mutes and first sightings were damaged. The damaged file was put aside, not \
             deleted, and they begin anew."
                .to_owned()
        }
        Remark::ShelfSetAside => {
            "The index of your lists was damaged. It was put aside, not deleted; the lists are there under new \
             names, switched off. Look at them, and switch on those that you want."
                .to_owned()
        }
        Remark::AppsWithheld => {
            "Portlog has no permission to see all apps: some owners cannot be named. Allow it to get \
             the list of installed apps."
                .to_owned()
        }
        Remark::StartMissed => {
            "The phone was started, and Portlog was not started with it. Allow it to start by itself \
             (autostart) in the system's settings."
                .to_owned()
        }
        Remark::StartedBy("") => "The watch was started.".to_owned(),
        Remark::StartedBy(by) => format!("The watch was started: {}.", clean(by)),
        Remark::Ended(why) => format!(
            "The watch ended by itself ({}). Start it again.",
            clean(why)
        ),
        Remark::LookedFor { looks, within } => format!(
            "Looked {} in {}.",
            counted(looks, "time", "times"),
            span(within)
        ),
        Remark::PracticeUnopened(error) => format!(
            "The practice connection could not be opened ({}).",
            clean(error)
        ),
        Remark::PracticePassed => "Practice alert: every link held.".to_owned(),
        Remark::PracticeFailed(link) => format!(
            "Practice alert: it failed. {}",
            practice::link(link, LinkState::Failed)
        ),
    }
}

fn list_age(age: Duration, dated: bool, old: bool) -> String {
    const DAY: u64 = 86_400;
    let days = age.as_secs() / DAY;
    let mut text = match (days, dated) {
        (0, true) => "Dated today".to_owned(),
        (0, false) => "Imported today; the list has no date of its own".to_owned(),
        (days, true) => format!("Dated {} ago", counted(days, "day", "days")),
        (days, false) => format!(
            "Imported {} ago; the list has no date of its own",
            counted(days, "day", "days")
        ),
    };
    text.push('.');
    if old {
        text.push_str(" Hosts change hands: look for a newer list.");
    }
    text
}

fn package_place(place: PackagePlace<'_>) -> String {
    match place {
        PackagePlace::Firmware { path } => {
            format!("came with the phone{}", lies(", in ", path))
        }
        PackagePlace::Updated { path, factory } => format!(
            "came with the phone{}; an update was installed{}",
            lies(", in ", factory),
            lies(" in ", path)
        ),
        PackagePlace::Installed { path } => format!("installed later{}", lies(", in ", path)),
    }
}

fn lies(before: &str, path: Option<&str>) -> String {
    path.map_or_else(String::new, |path| format!("{before}{}", clean(path)))
}
