//! What a phone says of itself at the beginning: its make, its clocks, its ports.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::frames::Section;
use crate::DeviceFacts;
use crate::remote::word;

/// A phone's answer to the first questions; `None` and empty words where it says nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PhoneFacts {
    /// What it is.
    pub device: DeviceFacts,
    /// The UID that the shell runs as: 2000, or 0 where adb runs as root.
    pub uid: Option<u32>,
    /// Time since boot.
    pub uptime: Option<Duration>,
    /// Its wall clock, in milliseconds since 1970.
    pub wall_millis: Option<i64>,
    /// From where its kernel takes local ports for outgoing connections.
    pub ports: Option<RangeInclusive<u16>>,
}

impl PhoneFacts {
    /// What `sections` say; others than the first questions' are left.
    pub fn read(sections: &[Section]) -> Self {
        let mut facts = Self::default();
        for section in sections {
            let Some(text) = section.done() else { continue };
            let text = String::from_utf8_lossy(text);
            let first = text.lines().next().unwrap_or_default();
            match section.word.as_str() {
                "id" => facts.uid = uid(first),
                "props" => facts.properties(&text),
                "boot" => facts.device.boot_id = boot_id(first),
                "kernel" => facts.device.kernel = release(first),
                "up" => facts.uptime = uptime(first),
                "clock" => facts.wall_millis = parse_clock(&text),
                "ports" => facts.ports = ports(first),
                "selinux" => facts.device.selinux = word(first),
                _ => {}
            }
        }
        facts
    }

    fn properties(&mut self, text: &str) {
        for line in text.lines() {
            if let Some((name, value)) = line.split_once('=') {
                self.device.take_property(name, value);
            }
        }
    }
}

/// A wall clock as `date +%s` gives it, in milliseconds; a second line with a fraction, as mksh's
/// `EPOCHREALTIME` has, is more exact and wins.
pub fn parse_clock(text: &str) -> Option<i64> {
    let mut lines = text.lines().map(str::trim);
    let seconds: i64 = lines.next()?.parse().ok()?;
    let whole = seconds.checked_mul(1000)?;
    let exact = lines.next().and_then(|line| {
        let (seconds, fraction) = line.split_once(['.', ','])?;
        let seconds: i64 = seconds.parse().ok()?;
        let millis: i64 = fraction.get(..3)?.parse().ok()?;
        seconds.checked_mul(1000)?.checked_add(millis)
    });
    // Without a fraction, half a second is the best guess.
    Some(exact.unwrap_or(whole.checked_add(500)?))
}

/// `uid=2000(shell) gid=...`.
fn uid(line: &str) -> Option<u32> {
    let digits = line.strip_prefix("uid=")?;
    let end = digits.find(|c: char| !c.is_ascii_digit());
    digits.get(..end.unwrap_or(digits.len()))?.parse().ok()
}

fn boot_id(line: &str) -> Option<Arc<str>> {
    let id = line.trim();
    let plausible = id.len() <= 64 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    (plausible && !id.is_empty()).then(|| Arc::from(id))
}

/// `Linux version 3.4.0-gd8 (...) ...`.
fn release(line: &str) -> Arc<str> {
    word(line.split_whitespace().nth(2).unwrap_or_default())
}

/// `350735.47 234388.90`.
fn uptime(line: &str) -> Option<Duration> {
    let seconds: f64 = line.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn ports(line: &str) -> Option<RangeInclusive<u16>> {
    let mut ports = line.split_whitespace().map(str::parse::<u16>);
    match (ports.next()?, ports.next()?) {
        (Ok(low), Ok(high)) if low <= high => Some(low..=high),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(word: &str, text: &str) -> Section {
        Section {
            word: word.to_owned(),
            text: text.as_bytes().to_vec(),
            status: Some(0),
            truncated: false,
        }
    }

    #[test]
    fn a_phone_of_2014_is_known_by_its_answers() {
        let facts = PhoneFacts::read(&[
            section(
                "id",
                "uid=2000(shell) gid=2000(shell) groups=1003(graphics)\n",
            ),
            section(
                "props",
                "ro.product.manufacturer=Example\nro.product.model=One\u{1b}[2J\nro.build.version.release=4.4.4\nro.build.version.sdk=19\nro.build.tags=release-keys\n",
            ),
            section("boot", "0f9c2a3e-1d2b-4c5d-8e9f-001122334455\n"),
            section(
                "kernel",
                "Linux version 3.4.0-gd8 (builder@example) (gcc version 4.7)\n",
            ),
            section("up", "350735.47 234388.90\n"),
            section("clock", "1400000000\n\n"),
            section("ports", "32768\t61000\n"),
        ]);
        assert_eq!(facts.uid, Some(2000));
        assert_eq!(&*facts.device.model, "One[2J");
        assert_eq!(facts.device.sdk, 19);
        assert_eq!(&*facts.device.kernel, "3.4.0-gd8");
        assert_eq!(facts.uptime, Some(Duration::from_millis(350_735_470)));
        assert_eq!(facts.wall_millis, Some(1_400_000_000_500));
        assert_eq!(facts.ports, Some(32_768..=61_000));
        assert!(facts.device.boot_id.is_some());
    }

    #[test]
    fn nonsense_is_nothing() {
        let facts = PhoneFacts::read(&[
            section("id", "id: not found"),
            section("boot", "cat: no such file"),
            section("up", "-3 x"),
            section("ports", "9 3"),
            section("clock", "date: bad format"),
            section("props", "sh: getprop: not found\n=\n"),
        ]);
        assert_eq!(facts, PhoneFacts::default());
        assert_eq!(
            parse_clock("1400000000\n1400000001.250000\n"),
            Some(1_400_000_001_250)
        );
        assert_eq!(parse_clock("9223372036854775807\n"), None);
    }
}
