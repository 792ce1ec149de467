//! Names of captured trees.

use jiff::Timestamp;
use portlog_sockets::capture_time;

/// The name of a folder.
///
/// Holds: a time that is read, written by another library, is the name again (decimals and a leap
/// second aside).
pub fn capture_name(data: &[u8]) {
    let Ok(name) = str::from_utf8(data) else {
        return;
    };
    let Some(time) = capture_time(name) else {
        return;
    };
    let millis = time.as_millis();
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        assert_eq!(format!("{millis:0width$}", width = name.len()), name);
        return;
    }
    if name.get(13..15) == Some("60") {
        return;
    }
    let written = Timestamp::from_millisecond(millis)
        .expect("a year of four digits")
        .strftime("%Y%m%dT%H%M%S")
        .to_string();
    assert_eq!(name.get(..15), Some(written.as_str()));
}
