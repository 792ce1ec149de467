//! Whether the watch runs, and what it has looked at.

use portlog_model::{WatchState, Watched};

use super::{counted, span};

/// What was looked at. It never says more than that: to find nothing shows nothing.
pub(super) fn watched(watched: &Watched) -> String {
    let so_far = so_far(watched);
    let looked = match watched.state {
        WatchState::Starting => return state(WatchState::Starting).to_owned(),
        WatchState::Running => format!("अब तक निगरानी: {so_far}।"),
        WatchState::Stopped => format!("निगरानी बंद है। अब तक निगरानी: {so_far}।"),
        WatchState::Denied | WatchState::Blind if watched.watched.is_zero() => {
            "कुछ भी देखा नहीं जा सका: सिस्टम दूसरे प्रोग्राम की कोई भी सॉकेट तालिका पढ़ने नहीं देता।".to_owned()
        }
        WatchState::Denied | WatchState::Blind => format!(
            "अभी कुछ भी देखा नहीं जा सकता: सिस्टम दूसरे प्रोग्राम की कोई भी सॉकेट तालिका पढ़ने नहीं देता। \
             उससे पहले निगरानी: {so_far}।"
        ),
    };
    if watched.matches > 0 || watched.possible > 0 {
        format!("{looked} जो मिला, वह प्रमाण नहीं है: देखें कि और किन बातों से यह समझाया जा सकता है।")
    } else {
        format!("{looked} इससे यह नहीं पता चलता कि फ़ोन में सब ठीक है।")
    }
}

fn so_far(watched: &Watched) -> String {
    format!(
        "{}, {}, {}, {}",
        span(watched.watched),
        counted(watched.owners, "सिस्टम प्रोग्राम", "सिस्टम प्रोग्राम"),
        counted(watched.destinations, "गंतव्य", "गंतव्य"),
        found(watched)
    )
}

/// `आपकी 2 सूचियों में इनमें से कोई नहीं`.
fn found(watched: &Watched) -> String {
    let found = match (watched.matches, watched.possible) {
        (0, 0) => None,
        (matches, 0) => Some(format!("{matches} मिलान")),
        (0, possible) => Some(format!("{possible} संभव")),
        (matches, possible) => Some(format!("{matches} मिलान और {possible} संभव")),
    };
    match (found, watched.lists) {
        (None, 0) => "कोई सूची लागू नहीं है: मिलान हो ही नहीं सकता".to_owned(),
        (None, 1) => "आपकी सूची में इनमें से कोई नहीं".to_owned(),
        (None, lists) => format!("आपकी {lists} सूचियों में इनमें से कोई नहीं"),
        (Some(found), 0) => {
            format!("{found}; अभी कोई सूची लागू नहीं है: और मिलान नहीं हो सकता")
        }
        (Some(found), 1) => format!("आपकी सूची से {found}"),
        (Some(found), lists) => format!("आपकी {lists} सूचियों से {found}"),
    }
}

pub(super) const fn state(state: WatchState) -> &'static str {
    match state {
        WatchState::Starting => "निगरानी शुरू हो रही है: अभी कुछ नहीं देखा गया।",
        WatchState::Running => "निगरानी चल रही है।",
        WatchState::Stopped => {
            "निगरानी बंद है: अभी जो होता है, वह नहीं दिखेगा। जारी रखने के लिए इसे शुरू करें।"
        }
        WatchState::Denied => {
            "सिस्टम Portlog को दूसरे ऐप के सॉकेट देखने नहीं देता, हालाँकि Android का यह वर्शन हर ऐप को नहीं रोकता। \
             हो सकता है कि यह कुछ समय के लिए ही हो: फिर से कोशिश करें।"
        }
        WatchState::Blind => {
            "Android 10 से सिस्टम किसी ऐप को दूसरे ऐप के सॉकेट देखने नहीं देता। Portlog की सहायक प्रक्रिया उन्हें देख \
             सकती है: उसे कंप्यूटर से एक बार शुरू करें।"
        }
    }
}
