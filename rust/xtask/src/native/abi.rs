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

    /// Rust's name of the platform.
    pub(super) fn rust_target(self) -> &'static str {
        match self {
            Self::Arm64V8a => "aarch64-linux-android",
            Self::ArmeabiV7a => "armv7-linux-androideabi",
            Self::X86_64 => "x86_64-linux-android",
        }
    }

    /// Clang's name of the platform, with the oldest API level: 19 is Android 4.4, and 64-bit
    /// processors came with 21.
    pub(super) fn clang_target(self) -> &'static str {
        match self {
            Self::Arm64V8a => "aarch64-linux-android21",
            Self::ArmeabiV7a => "armv7a-linux-androideabi19",
            Self::X86_64 => "x86_64-linux-android21",
        }
    }

    /// What `llvm-readelf` calls the processor in an ELF header.
    pub(super) fn elf_machine(self) -> &'static str {
        match self {
            Self::Arm64V8a => "AArch64",
            Self::ArmeabiV7a => "ARM",
            Self::X86_64 => "Advanced Micro Devices X86-64",
        }
    }

    /// What the segments of a library are aligned to, in bytes: Android 15 and later may run 64-bit
    /// kernels with pages of 16 KB; 32-bit ones keep 4 KB.
    pub(super) fn page_size(self) -> u64 {
        match self {
            Self::Arm64V8a | Self::X86_64 => 0x4000,
            Self::ArmeabiV7a => 0x1000,
        }
    }

    /// The most that a library may weigh, in bytes: it is unpacked onto phones with 4 GB of storage
    /// (docs/adr/0011-what-the-library-weighs.md). Emulators have room, and their processor's
    /// instructions and unwind entries take more.
    pub(crate) fn most_bytes(self) -> u64 {
        match self {
            Self::ArmeabiV7a => 2_750_000,
            Self::Arm64V8a => 3_500_000,
            Self::X86_64 => 4_500_000,
        }
    }

    /// Where a C library's headers for this processor lie on Debian. Only declarations of functions
    /// that every C library has are read from them.
    pub(super) fn headers(self) -> &'static [&'static str] {
        match self {
            Self::Arm64V8a => &["/usr/aarch64-linux-gnu/include"],
            Self::ArmeabiV7a => &["/usr/arm-linux-gnueabi/include"],
            Self::X86_64 => &["/usr/include", "/usr/include/x86_64-linux-gnu"],
        }
    }

    /// One of those headers, and the package that has it.
    pub(super) fn header_package(self) -> (&'static str, &'static str) {
        match self {
            Self::Arm64V8a => (
                "/usr/aarch64-linux-gnu/include/stdlib.h",
                "libc6-dev-arm64-cross",
            ),
            Self::ArmeabiV7a => (
                "/usr/arm-linux-gnueabi/include/stdlib.h",
                "libc6-dev-armel-cross",
            ),
            Self::X86_64 => ("/usr/include/stdlib.h", "libc6-dev"),
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
