//! Owners, each rendered once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use portlog_model::{Owner, Sentence};

use super::Object;
use super::writer::string;
use crate::speech::english;

/// Appends the object of an owner.
pub(crate) fn write_owner(out: &mut Vec<u8>, owner: &Owner) {
    let mut object = Object::new(out);
    object.string("kind", owner.kind.as_str());
    {
        let mut packages = object.array("packages");
        for package in &owner.packages {
            packages.string(package.as_str());
        }
    }
    let program = owner.program.as_ref();
    object.string_or_null("program", program.map(|program| &*program.name));
    object.string("name", &owner.name);
    object.string("firmware", owner.firmware.as_str());
    {
        let mut roles = object.array("roles");
        for role in owner.roles.iter() {
            roles.string(role.as_str());
        }
    }
    string(
        object.key("why"),
        &english(&Sentence::OwnerReason(&owner.why)),
    );
    object.number_or_null("pid", program.map(|program| u64::from(program.pid)));
    let mut candidates = object.array("candidates");
    for program in &owner.candidates {
        let mut object = candidates.object();
        object.string("name", &program.name);
        object.number("pid", u64::from(program.pid));
    }
}

/// Owners as they were rendered before, found by the identity of their `Arc`.
///
/// A socket table has thousands of sockets and a few dozen owners, and the reason of an owner is a
/// sentence, so rendering it anew for each socket would cost more than the rest of the socket.
#[derive(Debug)]
pub(crate) struct Owners {
    /// The device of which they are, as a JSON value.
    device: Vec<u8>,
    bytes: Vec<u8>,
    /// Keeps the `Arc`, so that its address is not given to another owner meanwhile.
    known: BTreeMap<usize, (Arc<Owner>, Range<usize>)>,
}

impl Default for Owners {
    /// Those of no device in particular.
    fn default() -> Self {
        Self::of_device(None)
    }
}

impl Owners {
    /// The owners of a phone over adb, by its serial.
    pub(crate) fn of_device(serial: Option<&str>) -> Self {
        let mut device = Vec::new();
        match serial {
            Some(serial) => string(&mut device, serial),
            None => device.extend_from_slice(b"null"),
        }
        Self {
            device,
            bytes: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// The device of which they are, as a JSON value.
    pub(crate) fn device(&self) -> &[u8] {
        &self.device
    }

    /// Owners kept at a time. A watch meets new ones for as long as it runs (each program is one),
    /// so beyond this all are forgotten and rendered anew.
    const MAX: usize = 1024;

    /// The JSON object of `owner`.
    pub(crate) fn render(&mut self, owner: &Arc<Owner>) -> &[u8] {
        let address = Arc::as_ptr(owner).addr();
        let range = match self.known.get(&address) {
            Some((_, range)) => range.clone(),
            None => self.add(address, owner),
        };
        self.bytes.get(range).unwrap_or_default()
    }

    fn add(&mut self, address: usize, owner: &Arc<Owner>) -> Range<usize> {
        if self.known.len() >= Self::MAX {
            self.known.clear();
            self.bytes.clear();
        }
        let start = self.bytes.len();
        write_owner(&mut self.bytes, owner);
        let range = start..self.bytes.len();
        self.known
            .insert(address, (Arc::clone(owner), range.clone()));
        range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Arc<Owner> {
        Arc::new(Owner {
            name: Arc::from(name),
            ..Owner::unnamed()
        })
    }

    #[test]
    fn an_owner_is_found_again_and_not_mistaken() {
        let mut owners = Owners::default();
        let first = named("first");
        let before = owners.render(&first).to_vec();
        for number in 0..Owners::MAX * 2 {
            let other = named(&number.to_string());
            let rendered = String::from_utf8(owners.render(&other).to_vec()).unwrap();
            assert!(
                rendered.contains(&format!("\"name\":\"{number}\"")),
                "{rendered}"
            );
        }
        assert_eq!(owners.render(&first), before);
        assert!(owners.known.len() <= Owners::MAX);
    }
}
