//! The stages of `cargo xtask test`, in the order in which they run: what fails soonest first.

use std::process::Command;

use anyhow::Result;

use crate::{apk, jvm, native, process, tools, workspace};

/// One step that passes or fails.
#[derive(Debug)]
pub(crate) struct Stage {
    /// What it is called in `--only`.
    pub(crate) name: &'static str,
    /// What it checks, in a line.
    pub(crate) what: &'static str,
    /// The stage that runs this one anyway; it is then run by itself only when asked for.
    pub(crate) part_of: Option<&'static str>,
    /// The step.
    pub(crate) run: fn() -> Result<()>,
}

/// Every stage.
pub(crate) static STAGES: [Stage; 19] = [
    Stage {
        name: "fmt",
        what: "the code is formatted as rustfmt does",
        part_of: None,
        run: fmt,
    },
    Stage {
        name: "clippy",
        what: "no warning of the compiler or of clippy, in code, tests and benches",
        part_of: None,
        run: clippy,
    },
    Stage {
        name: "doc",
        what: "the documentation builds, private items too, and every link in it leads somewhere",
        part_of: None,
        run: doc,
    },
    Stage {
        name: "deny",
        what: "licences, bans and sources of all dependencies (cargo-deny)",
        part_of: None,
        run: deny,
    },
    Stage {
        name: "test",
        what: "all tests of the workspace, the handset in a network namespace among them",
        part_of: None,
        run: test,
    },
    Stage {
        name: "rooms",
        what: "which crate may use which, by the workspace's metadata",
        part_of: Some("test"),
        run: rooms,
    },
    Stage {
        name: "handset",
        what: "end to end: the real program against real sockets of many users",
        part_of: Some("test"),
        run: handset,
    },
    Stage {
        name: "report",
        what: "the report's page in a real browser: it fits, can be read, prints, and runs nothing",
        part_of: None,
        run: report,
    },
    Stage {
        name: "fuzz-replay",
        what: "every fuzz target's properties over the committed corpus",
        part_of: None,
        run: fuzz_replay,
    },
    Stage {
        name: "bits",
        what: "every bit of every golden file of the signed log turned around: none is free",
        part_of: None,
        run: bits,
    },
    Stage {
        name: "32-bit",
        what: "tests of the pure crates as 32-bit programs",
        part_of: None,
        run: thirty_two_bit,
    },
    Stage {
        name: "miri",
        what: "unit tests of the pure crates under Miri, which finds undefined behaviour",
        part_of: None,
        run: miri,
    },
    Stage {
        name: "apk",
        what: "the app is built, from a copy of the sources byte for byte the same, signed and read again",
        part_of: None,
        run: apk::stage,
    },
    Stage {
        name: "calls",
        what: "the check of the app's calls refuses what it must, and nothing else",
        part_of: None,
        run: jvm::calls_stage,
    },
    Stage {
        name: "bridge",
        what: "the Kotlin and the Rust side of the bridge, on a JVM that checks every call",
        part_of: None,
        run: jvm::bridge_stage,
    },
    Stage {
        name: "shell",
        what: "the app on the frameworks of Android 6 to 15 (Robolectric), over the real Rust core",
        part_of: None,
        run: jvm::shell_stage,
    },
    Stage {
        name: "shell-shipped",
        what: "the same tests over the code that is shipped, turned back from classes.dex",
        part_of: None,
        run: jvm::shell_shipped_stage,
    },
    Stage {
        name: "native",
        what: "libportlog.so for phones and emulators, linked to what Android 4.4 has, and checked",
        part_of: None,
        run: native::stage,
    },
    Stage {
        name: "emulated",
        what: "libportlog.so run on the C libraries of Android 4.4 and 6, on an emulated processor",
        part_of: None,
        run: native::emulated_stage,
    },
];

/// The 32-bit platform whose programs run on every x86-64 Linux without any library installed.
const TARGET_32: &str = "i686-unknown-linux-musl";

fn fmt() -> Result<()> {
    tools::components()?;
    process::run(&mut process::command("cargo fmt --all --check"))?;
    process::run(&mut process::command(
        "cargo fmt --check --manifest-path tests/fuzz/Cargo.toml --package portlog-fuzz \
         --package portlog-fuzz-targets",
    ))
}

fn clippy() -> Result<()> {
    tools::components()?;
    process::run(&mut process::command(
        "cargo clippy --workspace --all-targets --locked -- -D warnings",
    ))?;
    process::run(&mut fuzz_workspace(
        "cargo clippy --manifest-path tests/fuzz/Cargo.toml --package portlog-fuzz-targets \
         --all-targets --locked -- -D warnings",
    ))
}

fn doc() -> Result<()> {
    // The library libportlog.so and the program portlog have one name, and so one folder: the
    // library's pages are checked first, and the program's stay.
    for packages in ["--package portlog-jni", "--workspace --exclude portlog-jni"] {
        process::run(
            process::command(&format!(
                "cargo doc {packages} --no-deps --document-private-items --locked"
            ))
            .env("RUSTDOCFLAGS", "-D warnings"),
        )?;
    }
    Ok(())
}

fn deny() -> Result<()> {
    let cargo_deny = tools::cargo_deny()?;
    println!(
        "Advisories are not part of this check: their database is a git repository that would \
         have to be fetched first; `cargo deny check advisories` does it by hand."
    );
    let mut check = Command::new(cargo_deny);
    check
        .args(["--locked", "check", "--hide-inclusion-graph"])
        .args(["licenses", "bans", "sources"])
        .current_dir(workspace::root());
    process::run(&mut check)
}

fn test() -> Result<()> {
    tools::system_programs()?;
    tools::python()?;
    tools::go()?;
    say_what_needs_root();
    process::run(
        process::command("cargo test --workspace --locked")
            .env("PORTLOG_NEEDS_MVT", "1")
            .env("PORTLOG_NEEDS_GO", "1"),
    )
}

fn rooms() -> Result<()> {
    process::run(&mut process::command(
        "cargo test --package portlog-tests --test rooms --locked",
    ))
}

fn handset() -> Result<()> {
    tools::system_programs()?;
    say_what_needs_root();
    process::run(&mut process::command(
        "cargo test --package portlog --test handset --locked",
    ))
}

fn report() -> Result<()> {
    let chromium = tools::chromium()?;
    process::run(
        process::command("cargo test --package portlog --test report --locked looks")
            .env("PORTLOG_CHROMIUM", chromium),
    )
}

fn fuzz_replay() -> Result<()> {
    process::run(&mut fuzz_workspace(
        "cargo test --manifest-path tests/fuzz/Cargo.toml --package portlog-fuzz-targets --locked",
    ))
}

fn bits() -> Result<()> {
    // Some two million verifications: in a release build, or not at all.
    process::run(&mut process::command(
        "cargo test --release --package portlog-journal --test journal --locked -- --ignored \
         no_bit_of_any_golden_file_is_free",
    ))
}

fn thirty_two_bit() -> Result<()> {
    tools::target(TARGET_32)?;
    let test = |what: &str| {
        // The toolchain's own linker and the C library that comes with the target: no C compiler for
        // 32 bits is needed.
        let mut command =
            process::command(&format!("cargo test --locked --target {TARGET_32} {what}"));
        command.env("CARGO_TARGET_I686_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
        command
    };
    process::run(
        test("--tests").args(workspace::PURE_CRATES.map(|name| format!("--package={name}"))),
    )?;
    // Its core; the other tests need a TUN device and a resolver.
    process::run(&mut test("--lib --package=portlog-tap"))
}

/// Tests that Miri would run for minutes: they judge whole phones' lists, or walk every UID, port or
/// pair of rows. The crates have no unsafe code of their own, and shorter tests reach that of their
/// dependencies.
const TOO_LONG_FOR_MIRI: [&str; 8] = [
    "directory::tests",
    "list::tests",
    "pinned::tests::a_file_past_its_bound_is_not_read",
    "role::tests::every_platform_go_between",
    "table::tests::bytes_are_bounded_and_given_back",
    "table::direction::tests",
    "table::first::tests",
    "table::recent::tests::the_memory_is_bounded",
];

fn miri() -> Result<()> {
    let toolchain = tools::miri()?;
    process::run(
        process::command(&format!(
            "rustup run {toolchain} cargo miri test --locked --lib"
        ))
        .args(workspace::PURE_CRATES.map(|name| format!("--package={name}")))
        .arg("--")
        .args(TOO_LONG_FOR_MIRI.map(|name| format!("--skip={name}")))
        .env("CARGO_TARGET_DIR", workspace::target_dir().join("miri"))
        .env("MIRIFLAGS", "-Zmiri-disable-isolation")
        .env("PROPTEST_CASES", "2"),
    )
}

/// A command on the fuzz targets' own workspace, which shares what is built with this one.
fn fuzz_workspace(line: &str) -> Command {
    let mut command = process::command(line);
    command.env("CARGO_TARGET_DIR", workspace::target_dir());
    command
}

fn say_what_needs_root() {
    if !tools::is_root() {
        println!(
            "Not root: the tests that build network namespaces and change to other users skip \
             themselves, each saying so. `sudo -E env \"PATH=$PATH\" cargo xtask test` runs them."
        );
    }
}
