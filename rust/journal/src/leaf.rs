//! Commitments to fields, and the leaf text that holds them.

use ring::hmac;

use crate::digest::{Hash, push_base64};
use crate::entry::Kind;
use crate::origin::Origin;
use crate::tree;

/// 16 bytes that keep a commitment from being guessed.
pub type Salt = [u8; 16];

/// The salt of the field called `name`: disclosing it discloses no other field's.
pub(crate) fn field_salt(record_salt: &hmac::Key, name: &str) -> Salt {
    let tag = hmac::sign(record_salt, name.as_bytes());
    let mut salt = [0; 16];
    for (to, from) in salt.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    salt
}

/// The key that [`field_salt`] wants.
pub(crate) fn salt_key(record_salt: &Salt) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, record_salt)
}

/// Makes commitments to the values of fields, in memory that is asked for once.
#[derive(Debug, Default)]
pub(crate) struct Commitments(String);

impl Commitments {
    /// The commitment to a value with this salt.
    pub(crate) fn of(&mut self, name: &str, salt: &Salt, value: &str) -> Hash {
        self.begin(name);
        push_base64(&mut self.0, salt);
        self.end(value)
    }

    /// The same, of a salt that is text already.
    pub(crate) fn of_text(&mut self, name: &str, salt: &str, value: &str) -> Hash {
        self.begin(name);
        self.0.push_str(salt);
        self.end(value)
    }

    fn begin(&mut self, name: &str) {
        self.0.clear();
        self.0.push_str(name);
        self.0.push('\n');
    }

    fn end(&mut self, value: &str) -> Hash {
        self.0.push('\n');
        self.0.push_str(value);
        Hash::of(&[self.0.as_bytes()])
    }
}

/// The text of a leaf, built up field by field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct LeafText(String);

impl LeafText {
    /// The beginning of the leaf at `index`.
    pub(crate) fn new(origin: &Origin, index: u64, kind: Kind, session: Option<u64>) -> Self {
        let mut text = String::with_capacity(1024);
        text.push_str(origin.as_str());
        text.push_str("/entry/v1\nindex ");
        text.push_str(&index.to_string());
        text.push_str("\nkind ");
        text.push_str(kind.as_str());
        text.push_str("\nsession ");
        push_session(&mut text, session);
        text.push('\n');
        Self(text)
    }

    /// Adds a field.
    pub(crate) fn push(&mut self, name: &str, commitment: &Hash) {
        self.0.push_str(name);
        self.0.push(' ');
        push_base64(&mut self.0, commitment.as_bytes());
        self.0.push('\n');
    }

    /// The leaf's hash in the tree.
    pub(crate) fn hash(&self) -> Hash {
        tree::leaf_hash(self.0.as_bytes())
    }
}

/// Appends a session as signed text has it.
pub(crate) fn push_session(out: &mut String, session: Option<u64>) {
    match session {
        Some(session) => out.push_str(&session.to_string()),
        None => out.push('-'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::encode_base64;
    use crate::key::{Seed, SigningKey};

    #[test]
    fn commitments_are_those_of_the_specification() {
        // Worked with Python's hmac and hashlib.
        let key = salt_key(&[7; 16]);
        let salt = field_salt(&key, "remote");
        assert_eq!(encode_base64(&salt), "8CvuXRF9XEnQGKHmkePX8g==");
        assert_eq!(
            Commitments::default()
                .of("remote", &salt, "203.0.113.7:443")
                .to_base64(),
            "C8TAAS+X7J5YLyrBzZE3qf3y/aaF858WyAgAoOMaN68="
        );
        assert_eq!(
            Commitments::default().of_text("remote", &encode_base64(&salt), "203.0.113.7:443"),
            Commitments::default().of("remote", &salt, "203.0.113.7:443"),
        );
        assert_ne!(field_salt(&key, "local"), salt);
    }

    #[test]
    fn a_leaf_names_its_log_its_place_and_its_fields() {
        let (origin, _) = SigningKey::first(&Seed::new([1; 32])).unwrap();
        let mut leaf = LeafText::new(&origin, 512, Kind::Mark, Some(3));
        leaf.push("time", &Hash::new([0; 32]));
        assert_eq!(
            leaf.0,
            format!(
                "{origin}/entry/v1\nindex 512\nkind mark\nsession 3\n\
                 time AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            )
        );
        let without = LeafText::new(&origin, 0, Kind::Epoch, None);
        assert!(without.0.ends_with("session -\n"));
    }
}
