//! User ids as the kernel stores them and as Android divides them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kernel user id, as in the `uid` column of `/proc/net/tcp`.
///
/// On Android it is `user * 100000 + app id`
/// (`system/core/libcutils/include/private/android_filesystem_config.h`, `AID_USER_OFFSET`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Uid(u32);

impl Uid {
    /// The superuser. A row with inode 0 also says 0 and is not this: see [`crate::SocketRow`].
    pub const ROOT: Self = Self(0);

    /// The kernel's number.
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// The kernel's number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The Android user (profile, second space) that this id belongs to.
    pub const fn user(self) -> UserId {
        UserId(self.0 / AppId::PER_USER)
    }

    /// The part of the id that names the app or the daemon, the same in every Android user.
    pub const fn app_id(self) -> AppId {
        AppId(self.0 % AppId::PER_USER)
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An Android user: 0 is the phone's first, others are profiles, second spaces, guests.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct UserId(u32);

impl UserId {
    /// The first user of the phone.
    pub const FIRST: Self = Self(0);

    /// The user's number.
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// The user's number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The kernel's id of `app` in this user, or `None` where no such id exists.
    pub const fn uid(self, app: AppId) -> Option<Uid> {
        let Some(base) = self.0.checked_mul(AppId::PER_USER) else {
            return None;
        };
        let Some(raw) = base.checked_add(app.0) else {
            return None;
        };
        Some(Uid(raw))
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The part of a [`Uid`] below Android's user offset: 0 to 99,999.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct AppId(u32);

impl AppId {
    /// Android's `AID_USER_OFFSET`.
    pub const PER_USER: u32 = 100_000;

    /// The app id, or `None` at or above Android's user offset.
    pub const fn new(raw: u32) -> Option<Self> {
        if raw < Self::PER_USER {
            Some(Self(raw))
        } else {
            None
        }
    }

    /// The id's number, below 100,000.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_users_app_keeps_its_app_id() {
        let uid = Uid::new(1_010_087);
        assert_eq!(uid.user(), UserId::new(10));
        assert_eq!(uid.app_id(), AppId::new(10_087).unwrap());
        assert_eq!(uid.user().uid(uid.app_id()), Some(uid));
    }

    #[test]
    fn an_app_id_ends_at_the_user_offset() {
        assert_eq!(AppId::new(99_999).map(AppId::get), Some(99_999));
        assert_eq!(AppId::new(100_000), None);
    }

    #[test]
    fn a_user_whose_ids_would_overflow_has_none() {
        let app = AppId::new(10_087).unwrap();
        assert_eq!(UserId::new(u32::MAX).uid(app), None);
        assert_eq!(UserId::new(42_949).uid(AppId::new(99_999).unwrap()), None);
    }
}
