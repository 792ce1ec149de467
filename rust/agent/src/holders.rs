//! Which process holds a socket: the one that has its inode open, else those of the same UID, of
//! which it must be one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portlog_model::{Connection, Inode, Owner, Platform, Program, Uid};
use portlog_owners::{Directory, Programs};

/// What was found for the sockets of one look.
pub(crate) struct Holders<'a> {
    programs: Option<&'a mut Programs>,
    found: BTreeMap<Inode, Program>,
    candidates: BTreeMap<Uid, Vec<Program>>,
    told: Option<&'a BTreeMap<Uid, Vec<Program>>>,
}

impl<'a> Holders<'a> {
    /// Looks for the holders of `wanted`, where programs are looked up at all.
    pub(crate) fn find(
        mut programs: Option<&'a mut Programs>,
        wanted: impl Iterator<Item = Inode>,
    ) -> Self {
        let found = programs.as_mut().map_or_else(BTreeMap::new, |programs| {
            let wanted: BTreeSet<Inode> = wanted.collect();
            if wanted.is_empty() {
                BTreeMap::new()
            } else {
                programs.find(&wanted)
            }
        });
        Self {
            programs,
            found,
            candidates: BTreeMap::new(),
            told: None,
        }
    }

    /// The same, with processes of which somebody else told.
    pub(crate) fn told(self, told: &'a BTreeMap<Uid, Vec<Program>>) -> Self {
        Self {
            told: Some(told),
            ..self
        }
    }

    /// Who has `connection`.
    pub(crate) fn owner(
        &mut self,
        directory: &mut Directory,
        connection: &Connection,
    ) -> Arc<Owner> {
        let Some(uid) = connection.uid else {
            return directory.owner(None);
        };
        if let Some(program) = connection.inode.and_then(|inode| self.found.get(&inode)) {
            return directory.owner_of_program(connection.uid, program.clone());
        }
        match &mut self.programs {
            Some(programs) if is_shared_by_programs(uid, directory.platform()) => {
                let candidates = self
                    .candidates
                    .entry(uid)
                    .or_insert_with(|| programs.candidates(uid));
                directory.owner_with_candidates(connection.uid, candidates.clone())
            }
            _ => match self.told.and_then(|told| told.get(&uid)) {
                Some(candidates) if is_shared_by_programs(uid, directory.platform()) => {
                    directory.owner_with_candidates(connection.uid, candidates.clone())
                }
                _ => directory.owner(connection.uid),
            },
        }
    }
}

/// Whether the UID alone leaves open which program it is: on a phone an app's UID does not.
fn is_shared_by_programs(uid: Uid, platform: Platform) -> bool {
    const FIRST_APP: u32 = 10_000;
    match platform {
        Platform::Android => uid.app_id().get() < FIRST_APP,
        Platform::Linux => true,
    }
}
