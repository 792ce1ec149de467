//! The kinds of processor that Android runs on, and what a build has to know of each.

use std::str::FromStr;

use anyhow::{Result, bail};

/// An application binary interface, as Android names it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Abi {
    /// 64-bit ARM: phones since about 2015.
    Arm64V8a,
    /// 32-bit ARM: the phones of 2014, and some cheap ones long after.
    ArmeabiV7a,
    /// 64-bit x86: emulators.
    X86_64,
}

impl Abi {
    /// Every ABI that the library can be built for.
    pub(crate) const ALL: [Self; 3] = [Self::Arm64V8a, Self::ArmeabiV7a, Self::X86_64];

    /// The ABIs of phones, which an APK holds unless it is told otherwise.
    pub(crate) const PHONES: [Self; 2] = [Self::Arm64V8a, Self::ArmeabiV7a];

    /// Android's name, which is that of the folder in an APK.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Arm64V8a => "arm64-v8a",
            Self::ArmeabiV7a => "armeabi-v7a",
            Self::X86_64 => "x86_64",
        }
    }
}

impl FromStr for Abi {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|abi| abi.as_str() == name) {
            Some(abi) => Ok(abi),
            None => bail!(
                "no ABI is called {name:?}; there are {}",
                Self::ALL.map(Self::as_str).join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for abi in Abi::ALL {
            assert_eq!(abi.as_str().parse::<Abi>().unwrap(), abi);
        }
        let error = "armeabi".parse::<Abi>().unwrap_err().to_string();
        assert_eq!(
            error,
            "no ABI is called \"armeabi\"; there are arm64-v8a, armeabi-v7a, x86_64"
        );
    }
}
