//! Accounts of a plain Linux: `/etc/passwd` (passwd(5)).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use portlog_model::{
    Coverage, CoverageDetail, CoverageItem, CoverageStatus, OwnerReason, Sha256, SourceKind, Uid,
};
use sha2::Digest as _;

use crate::input::{self, BadLines};
use crate::printable::printable;
use crate::{BadLine, Error, LineError};

/// Names of UIDs, or why there are none.
#[derive(Clone, Debug)]
pub struct Accounts {
    names: BTreeMap<Uid, Arc<str>>,
    bad: BadLines,
    sha256: Option<Sha256>,
    source: Source,
}

/// Where the names come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Source {
    List,
    Unreadable { errno: Option<i32> },
    NotGiven,
}

impl Accounts {
    /// More bytes than this are not read.
    pub const MAX_BYTES: usize = 16 << 20;

    /// The accounts in a file of the form of `/etc/passwd`. Never fails as a whole: what cannot be
    /// used is counted. Where lines share a UID, the first one names it, as for getpwuid(3).
    pub fn parse(bytes: &[u8]) -> Self {
        let mut accounts = Self {
            names: BTreeMap::new(),
            bad: BadLines::default(),
            sha256: Some(Sha256::new(sha2::Sha256::digest(bytes).into())),
            source: Source::List,
        };
        let kept = bytes.get(..Self::MAX_BYTES).unwrap_or(bytes);
        let mut last = 0;
        for (line, text) in input::lines(kept, MAX_LINE) {
            last = line;
            match text.and_then(parse_line) {
                Ok(None) => {}
                Ok(Some(_)) if accounts.names.len() >= MAX_ACCOUNTS => {
                    accounts.bad.add(line, LineError::TooMany(MAX_ACCOUNTS));
                }
                Ok(Some((uid, name))) => {
                    accounts.names.entry(uid).or_insert(name);
                }
                Err(reason) => accounts.bad.add(line, reason),
            }
        }
        if bytes.len() > Self::MAX_BYTES {
            accounts.bad.add(last, LineError::CutOff(Self::MAX_BYTES));
        }
        accounts
    }

    /// Reads and parses `path`, usually `/etc/passwd`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Ok(Self::parse(&input::read_bounded(path, Self::MAX_BYTES)?))
    }

    /// A list that could not be read; `errno` as the system gave it.
    pub const fn unreadable(errno: Option<i32>) -> Self {
        Self::without_names(Source::Unreadable { errno })
    }

    /// No list: the UIDs are of a machine whose accounts nobody gave.
    pub const fn not_given() -> Self {
        Self::without_names(Source::NotGiven)
    }

    const fn without_names(source: Source) -> Self {
        Self {
            names: BTreeMap::new(),
            bad: BadLines {
                count: 0,
                first: Vec::new(),
            },
            sha256: None,
            source,
        }
    }

    /// The name of `uid`.
    pub fn name(&self, uid: Uid) -> Option<&Arc<str>> {
        self.names.get(&uid)
    }

    /// Whether a list was read at all.
    pub const fn is_readable(&self) -> bool {
        matches!(self.source, Source::List)
    }

    /// Why a UID that is not among the names has none.
    pub(crate) const fn why_unnamed(&self) -> OwnerReason {
        match self.source {
            Source::List => OwnerReason::NoAccount,
            Source::Unreadable { .. } => OwnerReason::AccountsUnreadable,
            Source::NotGiven => OwnerReason::AccountsNotGiven,
        }
    }

    /// The first lines that could not be used.
    pub fn bad_lines(&self) -> &[BadLine] {
        &self.bad.first
    }

    pub(crate) const fn sha256(&self) -> Option<Sha256> {
        self.sha256
    }

    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.names.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn coverage(&self) -> Coverage {
        let bad = self.bad.count;
        let details = [
            match self.source {
                Source::List => None,
                Source::Unreadable { errno } => errno.map(CoverageDetail::Errno),
                Source::NotGiven => Some(CoverageDetail::NotGiven),
            },
            self.bad.first_line().map(CoverageDetail::FirstBadLine),
            (bad > 0).then_some(CoverageDetail::BadEntries(bad)),
        ];
        Coverage {
            item: CoverageItem::Packages,
            source: SourceKind::Packages,
            status: match self.source {
                Source::List => CoverageStatus::Readable,
                Source::NotGiven
                | Source::Unreadable {
                    errno: Some(ENOENT),
                } => CoverageStatus::Absent,
                Source::Unreadable { .. } => CoverageStatus::Denied,
            },
            rows: self.count(),
            bad_rows: u64::from(bad),
            details: details.into_iter().flatten().collect(),
        }
    }
}

/// "No such file or directory" on every Linux.
const ENOENT: i32 = 2;
const MAX_LINE: usize = 4096;
const MAX_ACCOUNTS: usize = 262_144;
const MAX_NAME: usize = 256;

/// `name:password:uid:gid:gecos:home:shell`; `None` for what is no account: blank lines, comments,
/// and the `+`/`-` lines by which older systems include NIS.
fn parse_line(line: &str) -> Result<Option<(Uid, Arc<str>)>, LineError> {
    if line.trim().is_empty() || line.starts_with(['#', '+', '-']) {
        return Ok(None);
    }
    let mut fields = line.split(':');
    let name = fields.next().unwrap_or_default();
    let uid = fields.nth(1).ok_or(LineError::Missing("UID"))?;
    let uid = uid.parse().map_err(|_| LineError::BadNumber("UID"))?;
    let name = printable(name, MAX_NAME).ok_or(LineError::Missing("name"))?;
    Ok(Some((Uid::new(uid), name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PASSWD: &[u8] = b"root:x:0:0:root:/root:/bin/bash\n\
        toor:x:0:0::/root:/bin/sh\n\
        # a comment\n\
        \n\
        +::::::\n\
        broken\n\
        alice:x:1000:1000:Alice Example,,,:/home/alice:/bin/bash\r\n\
        bob:x:minus:1:::\n\
        :x:1001:1001:::\n\
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin";

    #[test]
    fn the_first_line_of_a_uid_names_it() {
        let accounts = Accounts::parse(PASSWD);
        assert_eq!(accounts.name(Uid::ROOT).map(|name| &**name), Some("root"));
        assert_eq!(
            accounts.name(Uid::new(1000)).map(|name| &**name),
            Some("alice")
        );
        assert_eq!(accounts.name(Uid::new(1001)), None);
    }

    #[test]
    fn bad_lines_are_counted_with_their_reason() {
        let accounts = Accounts::parse(PASSWD);
        let bad: Vec<_> = accounts
            .bad_lines()
            .iter()
            .map(|bad| (bad.line, bad.reason.clone()))
            .collect();
        assert_eq!(
            bad,
            [
                (6, LineError::Missing("UID")),
                (8, LineError::BadNumber("UID")),
                (9, LineError::Missing("name")),
            ]
        );
        let coverage = accounts.coverage();
        assert_eq!((coverage.rows, coverage.bad_rows), (3, 3));
        assert_eq!(coverage.status, CoverageStatus::Readable);
    }

    #[test]
    fn a_list_that_was_refused_is_not_an_empty_one() {
        assert_eq!(
            Accounts::unreadable(Some(13)).coverage().status,
            CoverageStatus::Denied
        );
        assert_eq!(
            Accounts::unreadable(Some(2)).coverage().status,
            CoverageStatus::Absent
        );
        assert!(!Accounts::unreadable(None).is_readable());
    }

    #[test]
    fn a_missing_file_says_which() {
        let error = Accounts::read(Path::new("/nonexistent/passwd")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read /nonexistent/passwd");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = Accounts::parse(&bytes);
        }

        #[test]
        fn each_account_is_found_again(uids in proptest::collection::btree_set(any::<u32>(), 0..20)) {
            let text: String = uids
                .iter()
                .flat_map(|uid| ["u".to_owned(), uid.to_string(), format!(":x:{uid}:0::/:\n")])
                .collect();
            let accounts = Accounts::parse(text.as_bytes());
            for uid in uids {
                let name = accounts.name(Uid::new(uid)).map(ToString::to_string);
                prop_assert_eq!(name, Some(format!("u{uid}")));
            }
        }
    }
}
