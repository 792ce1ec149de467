//! The languages, and how a device names them.

/// A language that sentences can be put into.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese in simplified characters, as written on the mainland.
    SimplifiedChinese,
    /// Chinese in traditional characters, as written in Taiwan.
    TraditionalChinese,
    /// Hindi.
    Hindi,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [
        Self::English,
        Self::SimplifiedChinese,
        Self::TraditionalChinese,
        Self::Hindi,
    ];

    /// The language behind a BCP 47 tag such as `zh-Hant-HK`, `zh-TW`, `zh` or `hi-IN` (and behind
    /// Java's form `zh_TW`); English for what is not known here. Where a Chinese tag names a script,
    /// that decides; else the region does: Taiwan, Hong Kong and Macau write traditional characters.
    pub fn from_tag(tag: &str) -> Self {
        let mut subtags = tag
            .split(['-', '_', '#'])
            .filter(|subtag| !subtag.is_empty())
            .map(str::to_ascii_lowercase);
        match subtags.next().as_deref() {
            Some("hi") => Self::Hindi,
            Some("zh") => {
                // What follows a single letter is an extension: `zh-u-sd-twtpe` says no region.
                let known: Vec<String> = subtags.take_while(|subtag| subtag.len() > 1).collect();
                let has = |wanted: &[&str]| known.iter().any(|it| wanted.contains(&it.as_str()));
                if has(&["hans"]) {
                    Self::SimplifiedChinese
                } else if has(&["hant", "tw", "hk", "mo"]) {
                    Self::TraditionalChinese
                } else {
                    Self::SimplifiedChinese
                }
            }
            _ => Self::English,
        }
    }

    /// Its BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::SimplifiedChinese => "zh-Hans",
            Self::TraditionalChinese => "zh-Hant",
            Self::Hindi => "hi",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_lead_to_the_language_that_their_reader_reads() {
        for (tag, language) in [
            ("zh", Language::SimplifiedChinese),
            ("zh-CN", Language::SimplifiedChinese),
            ("zh-SG", Language::SimplifiedChinese),
            ("zh-Hans-HK", Language::SimplifiedChinese),
            ("zh_CN_#Hans", Language::SimplifiedChinese),
            ("zh_HK_#Hans", Language::SimplifiedChinese),
            ("zh-u-sd-twtpe", Language::SimplifiedChinese),
            ("zh-TW", Language::TraditionalChinese),
            ("zh_TW", Language::TraditionalChinese),
            ("zh-HK", Language::TraditionalChinese),
            ("zh-MO", Language::TraditionalChinese),
            ("ZH-hant", Language::TraditionalChinese),
            ("zh-Hant-CN", Language::TraditionalChinese),
            ("zh-Hant-TW-u-ca-roc", Language::TraditionalChinese),
            ("hi", Language::Hindi),
            ("hi-IN", Language::Hindi),
            ("en-IN", Language::English),
            ("zha", Language::English),
            ("hil", Language::English),
            ("de", Language::English),
            ("", Language::English),
            ("-", Language::English),
        ] {
            assert_eq!(Language::from_tag(tag), language, "{tag:?}");
        }
    }

    #[test]
    fn a_languages_own_tag_leads_back_to_it() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), language);
        }
    }
}
