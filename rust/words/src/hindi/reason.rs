//! Why an owner is said to be what it is, and what makes a claim weaker.

use portlog_model::{Category, Firmware, OwnerReason, Role, Weakening};

use super::counted;
use crate::data::quoted;

pub(super) fn owner_reason(reason: &OwnerReason) -> String {
    match reason {
        OwnerReason::NoOwnerInRow => {
            "कर्नेल ने कोई स्वामी नहीं बताया: सॉकेट बंद हो रहा था, या बहुत जल्दी चला गया".to_owned()
        }
        OwnerReason::PlatformId { name } => {
            format!("Android यह id {} के लिए सुरक्षित रखता है", quoted(name))
        }
        OwnerReason::PlatformRange { range } => {
            format!("यह id उस सीमा में है जिसे Android सुरक्षित रखता है ({range})")
        }
        OwnerReason::AdbShell => "adb शेल: adb से दिए गए आदेश".to_owned(),
        OwnerReason::OnFirmwarePartition {
            package,
            path: Some(path),
        } => format!("{package} फ़र्मवेयर के पार्टिशन पर है ({})", quoted(path)),
        OwnerReason::OnFirmwarePartition {
            package,
            path: None,
        } => format!("{package} पर सिस्टम का हिस्सा होने का चिह्न है"),
        OwnerReason::UpdatedFirmware { package } => {
            format!("{package} ऐसे पैकेज का अपडेट है जो फ़ोन के साथ आया था")
        }
        OwnerReason::InstalledInData { package } => format!("{package} को /data में इंस्टॉल किया गया"),
        OwnerReason::InDataByPathAlone { package } => {
            format!(
                "{package} /data में है, यह केवल पाथ से पता चलता है; पहले से इंस्टॉल ऐप का अपडेट भी ऐसा ही दिखता है"
            )
        }
        OwnerReason::SignedAsFirmware { package } => {
            format!("{package} /data में है और इस पर फ़र्मवेयर के किसी पैकेज के प्रमाणपत्र से हस्ताक्षर हैं")
        }
        OwnerReason::PresentSinceFirstBoot { package } => {
            format!("{package} पहली बार चालू होने के समय से /data में है, और इंस्टॉल करने वाले का नाम नहीं है")
        }
        OwnerReason::MixedPackages { firmware, of } => {
            format!("इस UID के {of} में से {firmware} पैकेज के बारे में ज्ञात है कि वे फ़र्मवेयर हैं")
        }
        OwnerReason::MarkedAsSystem { package } => {
            format!(
                "{package} पर सिस्टम का हिस्सा होने का चिह्न है, पर वह ऐसे फ़ोल्डर में है जो फ़र्मवेयर के फ़ोल्डर के रूप में ज्ञात नहीं"
            )
        }
        OwnerReason::InstalledElsewhere { package, path } => {
            format!(
                "{package} को बाद में जोड़े गए स्टोरेज पर इंस्टॉल किया गया ({})",
                quoted(path)
            )
        }
        OwnerReason::UnknownPlace { package, path } => format!(
            "{package} {} में है, जो न /data है, न फ़र्मवेयर का कोई ज्ञात पार्टिशन",
            quoted(path)
        ),
        OwnerReason::NoPathKnown { package } => {
            format!("सूची नहीं बताती कि {package} कहाँ है")
        }
        OwnerReason::IsolatedProcess => {
            "अलग रखी गई प्रोसेस की अपनी id होती है, जिसका नाम किसी सूची में नहीं होता".to_owned()
        }
        OwnerReason::SandboxOf { app } => format!("UID {app} वाले ऐप का SDK सैंडबॉक्स"),
        OwnerReason::NotInPackageList => {
            "यह किसी ऐप की id है जो पैकेज सूची में नहीं है; हो सकता है कि ऐप हटा दिया गया हो".to_owned()
        }
        OwnerReason::PackageListUnreadable => {
            "यह किसी ऐप की id है, और पैकेज सूची पढ़ी नहीं जा सकी".to_owned()
        }
        OwnerReason::PackageListShort { packages } => format!(
            "यह किसी ऐप की id है, और पैकेज सूची ({packages} पैकेज) इतनी छोटी है कि उसमें न होने से कोई निष्कर्ष नहीं निकलता"
        ),
        OwnerReason::PackageListDamaged { bad } => format!(
            "यह किसी ऐप की id है; हो सकता है कि वह पैकेज सूची की न पढ़ी जा सकी {} में हो",
            counted(u64::from(*bad), "पंक्ति", "पंक्तियों")
        ),
        OwnerReason::PackageListWithoutUids { packages } => {
            format!("यह किसी ऐप की id है, और पैकेज सूची {packages} पैकेज के नाम उनके UID के बिना देती है")
        }
        OwnerReason::UserNotListed { user } => {
            format!("यह Android उपयोगकर्ता {user} के किसी ऐप की id है, जिसके बारे में पैकेज सूची कुछ नहीं कहती")
        }
        OwnerReason::NoPackageList => "यह किसी ऐप की id है, और कोई पैकेज सूची नहीं दी गई".to_owned(),
        OwnerReason::UnassignedRange => "यह id उस सीमा में है जिसे Android प्रोसेस को नहीं देता".to_owned(),
        OwnerReason::OverflowId => {
            "किसी दूसरे उपयोगकर्ता नेमस्पेस की id के बदले कर्नेल का मान: वह किसकी है, यह नहीं कहा जा सकता"
                .to_owned()
        }
        OwnerReason::Account { name } => format!("खाता सूची इस UID को {} कहती है", quoted(name)),
        OwnerReason::NoAccount => "खाता सूची में यह UID नहीं है".to_owned(),
        OwnerReason::AccountsNotGiven => "कोई खाता सूची नहीं दी गई".to_owned(),
        OwnerReason::AccountsUnreadable => "खाता सूची पढ़ी नहीं जा सकी".to_owned(),
    }
}

pub(super) const fn weakening(weakening: Weakening) -> &'static str {
    match weakening {
        Weakening::Category(Category::Own) => "प्रविष्टि आपकी अपनी सूची की है",
        Weakening::Category(Category::Threat) => "प्रविष्टि खतरों की सूची की है",
        Weakening::Category(Category::Tracker) => {
            "प्रविष्टि ट्रैकर की सूची की है, जिसे केवल दर्ज किया जाता है"
        }
        Weakening::Category(Category::VendorService) => {
            "प्रविष्टि निर्माताओं और प्लैटफ़ॉर्म की सेवाओं की सूची की है, जिसे केवल दर्ज किया जाता है"
        }
        Weakening::Category(Category::Reported) => {
            "प्रविष्टि पहले कभी दर्ज हुई थी और अब किसी और के पास हो सकती है, इसलिए उसे केवल दर्ज किया जाता है"
        }
        Weakening::OwnerUnknown => "सॉकेट किसका है, यह ज्ञात नहीं",
        Weakening::FirmwareUncertain(Firmware::Mixed) => "इस UID के केवल कुछ पैकेज फ़र्मवेयर हैं",
        Weakening::FirmwareUncertain(
            Firmware::No | Firmware::Preloaded | Firmware::Unknown | Firmware::Yes,
        ) => "स्वामी फ़र्मवेयर है या नहीं, यह निश्चित नहीं",
        Weakening::Role(Role::GoBetween) => "स्वामी दूसरों के लिए सामग्री लाता है",
        Weakening::Role(Role::UserFacing) => "स्वामी वहाँ जाता है जहाँ उसका उपयोगकर्ता जाता है",
        Weakening::Datagram => "डेटाग्राम सॉकेट कोई कनेक्शन नहीं है",
        Weakening::NotEstablished => "कनेक्शन बनते नहीं देखा गया",
        Weakening::Inbound => "शुरुआत दूसरे पक्ष ने की",
        Weakening::DirectionUnknown => "शुरुआत किस पक्ष ने की, यह ज्ञात नहीं",
        Weakening::PinnedAnswer => "यह पता उस नाम के लिए कहीं और, पहले देखा गया था",
        Weakening::AskedByAnother => "नाम के बारे में किसी दूसरे UID ने पूछा था",
        Weakening::AskerUnknown => "नाम के बारे में किसने पूछा, यह ज्ञात नहीं",
        Weakening::NotAskedJustBefore => "कनेक्शन से ठीक पहले नाम के बारे में नहीं पूछा गया था",
        Weakening::NameAlone => "केवल नाम पूछा गया; कोई कनेक्शन ज्ञात नहीं है",
        Weakening::OutOfScope => "स्वामी फ़र्मवेयर नहीं है, और दायरे में केवल फ़र्मवेयर है",
        Weakening::ContentNetwork => {
            "यह पता किसी कंटेंट नेटवर्क या क्लाउड का है, जहाँ एक ही पते से कई सेवाएँ चलती हैं"
        }
        Weakening::PackageNameAlone => "केवल पैकेज का नाम समान है, और यह नाम कोई भी पैकेज रख सकता है",
    }
}
