//! The practice alert, link by link.

use portlog_model::{LinkState, PracticeLink};

pub(super) const fn link(link: PracticeLink, state: LinkState) -> &'static str {
    match (link, state) {
        (PracticeLink::Row, LinkState::Pending) => "सॉकेट तालिका: अभी नहीं दिखा",
        (PracticeLink::Row, LinkState::Passed) => "सॉकेट तालिका: अभ्यास का कनेक्शन इसमें दिखा",
        (PracticeLink::Row, LinkState::Failed) => {
            "सॉकेट तालिका: अभ्यास का कनेक्शन इसमें नहीं दिखा। देखें कि क्या-क्या पढ़ा जा सकता है: Android 10 और उसके बाद के वर्शन पर कोई ऐप ये तालिकाएँ नहीं देख सकता, पर कंप्यूटर से एक बार शुरू करने पर Portlog की सहायक प्रक्रिया देख सकती है (\"सभी कनेक्शन देखें\")।"
        }
        (PracticeLink::Owner, LinkState::Pending) => "स्वामी: यहाँ तक अभी नहीं पहुँचा",
        (PracticeLink::Owner, LinkState::Passed) => {
            "स्वामी: कनेक्शन को Portlog के अपने कनेक्शन के रूप में पहचाना गया"
        }
        (PracticeLink::Owner, LinkState::Failed) => {
            "स्वामी: कनेक्शन दिखा, पर Portlog के कनेक्शन के रूप में नहीं पहचाना गया। Portlog को ऐप की सूची देखने दें, और फिर से कोशिश करें।"
        }
        (PracticeLink::List, LinkState::Pending) => "सूची: यहाँ तक अभी नहीं पहुँचा",
        (PracticeLink::List, LinkState::Passed) => "सूची: अभ्यास की प्रविष्टि से मिलान हुआ",
        (PracticeLink::List, LinkState::Failed) => {
            "सूची: अभ्यास की प्रविष्टि से मिलान नहीं हुआ। फिर से कोशिश करें; दोबारा न हो, तो इसे Portlog की खराबी के रूप में बताएँ।"
        }
        (PracticeLink::Alert, LinkState::Pending) => "अलर्ट: यहाँ तक अभी नहीं पहुँचा",
        (PracticeLink::Alert, LinkState::Passed) => "अलर्ट: दिया गया, अभ्यास के चिह्न के साथ",
        (PracticeLink::Alert, LinkState::Failed) => {
            "अलर्ट: नहीं दिया गया। देखें कि Portlog या अभ्यास म्यूट तो नहीं है, और फिर से कोशिश करें।"
        }
        (PracticeLink::Notification, LinkState::Pending) => "सूचना: यहाँ तक अभी नहीं पहुँचा",
        (PracticeLink::Notification, LinkState::Passed) => "सूचना: सिस्टम इसे दिखा रहा है",
        (PracticeLink::Notification, LinkState::Failed) => {
            "सूचना: सिस्टम इसे नहीं दिखा रहा है। Portlog के लिए सूचनाओं की अनुमति दें, और \"मिलान\" वाला सूचना चैनल चालू करें।"
        }
        (PracticeLink::SeenAndHeard, LinkState::Pending) => "देखा और सुना: क्या आपने सूचना देखी और सुनी?",
        (PracticeLink::SeenAndHeard, LinkState::Passed) => "देखा और सुना: आपने पुष्टि की",
        (PracticeLink::SeenAndHeard, LinkState::Failed) => {
            "देखा और सुना: आपने नहीं। सिस्टम की सेटिंग में Portlog के लिए तैरती सूचनाओं, लॉक स्क्रीन की सूचनाओं और ध्वनि की अनुमति दें, आवाज़ और \"परेशान न करें\" मोड जाँचें, और फिर से कोशिश करें।"
        }
    }
}
