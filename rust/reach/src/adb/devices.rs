//! Which phones `adb` sees: the text of `adb devices -l`.

use std::fmt;

/// A phone that `adb` sees.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attached {
    /// Its serial, as `--serial` takes it: what adb calls it by.
    pub serial: String,
    /// What adb can do with it.
    pub state: State,
    /// The model as adb knows it, without asking the phone.
    pub model: Option<String>,
}

/// What `adb` can do with a phone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    /// A shell can be had.
    Ready,
    /// The phone has not agreed to be debugged by this computer.
    Unauthorized,
    /// Anything else, in adb's words.
    Other(String),
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ready => "ready",
            Self::Unauthorized => "unauthorized",
            Self::Other(state) => state,
        })
    }
}

/// The phones in the output of `adb devices -l`; at most 256.
///
/// A line is a serial, white space, a state, and facts as `key:value`. The state `no permissions` is
/// followed by an explanation in brackets or parentheses. Lines that begin with `*` speak of the
/// server.
pub fn parse_devices(text: &str) -> Vec<Attached> {
    text.lines().filter_map(attached).take(256).collect()
}

fn attached(line: &str) -> Option<Attached> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('*') || line.starts_with("List of devices") {
        return None;
    }
    let (serial, rest) = line.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let state = if rest.starts_with("no permissions") {
        State::Other("no permissions".to_owned())
    } else {
        match rest.split_whitespace().next()? {
            "device" => State::Ready,
            "unauthorized" => State::Unauthorized,
            other => State::Other(other.chars().take(40).collect()),
        }
    };
    let model = rest
        .split_whitespace()
        .find_map(|fact| fact.strip_prefix("model:"))
        .map(|model| model.replace('_', " "));
    Some(Attached {
        serial: serial.to_owned(),
        state,
        model,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_a_phone_is_told() {
        let text = "\
* daemon not running; starting now at tcp:5037
* daemon started successfully
List of devices attached
0123abcd               device usb:1-2 product:armani model:Example_One device:armani transport_id:3
198.51.100.7:5555      offline
emulator-5554          unauthorized usb:1-1 transport_id:2
????????????           no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-3
x

";
        let phones = parse_devices(text);
        let told: Vec<(&str, String)> = phones
            .iter()
            .map(|phone| (phone.serial.as_str(), phone.state.to_string()))
            .collect();
        assert_eq!(
            told,
            [
                ("0123abcd", "ready".to_owned()),
                ("198.51.100.7:5555", "offline".to_owned()),
                ("emulator-5554", "unauthorized".to_owned()),
                ("????????????", "no permissions".to_owned()),
            ]
        );
        assert_eq!(phones[0].model.as_deref(), Some("Example One"));
        assert_eq!(phones[1].model, None);
    }
}
