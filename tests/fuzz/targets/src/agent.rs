//! Files of the agent's own: settings that people write, and what it remembers.

use portlog_agent::{MAX_INTERVAL, MIN_INTERVAL, ParseError, Settings};
use portlog_model::Platform;
use portlog_watch::{History, Scope, Watch};

/// A settings file.
///
/// Holds: intervals that are accepted are within their bounds, a refusal is one line, and reading
/// again gives the same.
pub fn settings(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let parsed = Settings::parse(text);
    match &parsed {
        Ok(settings) => {
            for interval in [settings.interval, settings.idle_interval]
                .into_iter()
                .flatten()
            {
                assert!((MIN_INTERVAL..=MAX_INTERVAL).contains(&interval));
            }
        }
        Err(ParseError::Newer(version)) => assert!(*version > 1),
        Err(error) => {
            let said = error.to_string();
            assert!(!said.is_empty() && !said.contains('\n'), "{said:?}");
        }
    }
    assert_eq!(Settings::parse(text), parsed);
}

/// The engine's memory, as its state file holds it.
///
/// Holds: an engine takes whatever can be read, brings it within its bounds, and what it then
/// remembers is the same after being written and read.
pub fn history(data: &[u8]) {
    let Ok(history) = serde_json::from_slice::<History>(data) else {
        return;
    };
    let settings = portlog_watch::Settings::new(Platform::Android, Scope::Firmware);
    let watch = Watch::new(settings.clone(), history);
    let kept = watch.history();
    let written = serde_json::to_vec(kept).expect("a history can be written");
    let read: History = serde_json::from_slice(&written).expect("and read");
    assert_eq!(&read, kept);
    assert_eq!(Watch::new(settings, read).history(), kept);
}
