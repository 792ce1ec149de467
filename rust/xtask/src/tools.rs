//! Tools that stages need: found, else installed where that is possible, else named.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::{process, workspace};

/// The nightly toolchain that Miri runs on: dated, so that every machine runs the same Miri.
pub(crate) const NIGHTLY: &str = "nightly-2026-05-20";

const CARGO_DENY: &str = "0.20.2";

/// Programs that the end-to-end tests start, and the Debian package that has each.
const SYSTEM_PROGRAMS: [(&str, &str); 12] = [
    ("ip", "iproute2"),
    ("ss", "iproute2"),
    ("netstat", "net-tools"),
    // The DNS tap: a resolver behind it, and one who asks.
    ("dnsmasq", "dnsmasq-base"),
    ("dig", "bind9-dnsutils"),
    // A router's capture, beside a log.
    ("tcpdump", "tcpdump"),
    // The signed log's verifier in Python, which has openssl check signatures.
    ("python3", "python3"),
    ("openssl", "openssl"),
    // A desktop that watches phones: adb, and the shells and commands that phones have.
    ("adb", "adb"),
    ("mksh", "mksh"),
    ("toybox", "toybox"),
    ("busybox", "busybox"),
];

/// Makes sure that the pinned toolchain has what it takes to format and lint.
pub(crate) fn components() -> Result<()> {
    let wanted = [
        ("cargo fmt --version", "rustfmt"),
        ("cargo clippy --version", "clippy"),
    ];
    for (probe, component) in wanted {
        if process::output(&mut process::command(probe)).is_none() {
            rustup(&format!("rustup component add {component}"))?;
        }
    }
    Ok(())
}

/// Makes sure that the pinned toolchain can build for `target`.
pub(crate) fn target(target: &str) -> Result<()> {
    let installed = process::output(&mut process::command("rustup target list --installed"));
    if installed.is_some_and(|list| list.lines().any(|line| line == target)) {
        return Ok(());
    }
    rustup(&format!("rustup target add {target}"))
}

/// Makes sure that the source of Rust's standard library is there, and answers its folder.
pub(crate) fn rust_source() -> Result<PathBuf> {
    let sysroot = process::read(&mut process::command("rustc --print sysroot"))?;
    let source = Path::new(sysroot.trim()).join("lib/rustlib/src/rust");
    if !source.join("library").is_dir() {
        rustup("rustup component add rust-src")?;
    }
    Ok(source)
}

/// Makes sure that Miri is there, and answers the toolchain that has it.
pub(crate) fn miri() -> Result<&'static str> {
    if has_miri(NIGHTLY) {
        return Ok(NIGHTLY);
    }
    let install =
        format!("rustup toolchain install {NIGHTLY} --profile minimal --component miri,rust-src");
    match rustup(&install) {
        Ok(()) => Ok(NIGHTLY),
        Err(_) if has_miri("nightly") => {
            println!("{NIGHTLY} is not to be had: the installed `nightly` is used instead");
            Ok("nightly")
        }
        Err(error) => Err(error),
    }
}

/// The path of cargo-deny, which is built once and kept in the target folder.
///
/// Built without optimisation: it runs for seconds, an optimised build takes minutes.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    let found_in_path = PathBuf::from("cargo-deny");
    let root = workspace::target_dir().join("tools");
    let built = root.join("bin/cargo-deny");
    for candidate in [&built, &found_in_path] {
        let version = process::output(Command::new(candidate).arg("--version"));
        if version.is_some_and(|text| text.trim().ends_with(CARGO_DENY)) {
            return Ok(candidate.clone());
        }
    }
    let mut install = process::command(&format!(
        "cargo install --quiet --locked --debug cargo-deny@{CARGO_DENY} --root"
    ));
    install
        .arg(&root)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_TARGET_DIR", root.join("build"));
    process::run(&mut install).with_context(|| {
        format!(
            "cargo-deny {CARGO_DENY} could not be built: it needs the crate registry and a C \
             compiler; install it by hand, or leave this stage out with --only"
        )
    })?;
    // Hundreds of megabytes that nothing reads again.
    fs::remove_dir_all(root.join("build")).ok();
    Ok(built)
}

/// Makes sure that the programs which end-to-end tests start are there.
pub(crate) fn system_programs() -> Result<()> {
    programs("the end-to-end tests", &SYSTEM_PROGRAMS)
}

/// Makes sure that Chromium is there, with a font, and answers where.
pub(crate) fn chromium() -> Result<PathBuf> {
    let wanted = ("chromium", "chromium fonts-dejavu-core");
    programs("looking at the report in a browser", &[wanted])?;
    in_path(wanted.0).context("Chromium was installed and is not in the path")
}

/// Maven and the JDK that it brings files for.
pub(crate) const MAVEN: (&str, &str) = ("mvn", "maven");
/// The JDK's programs: Robolectric runs Android 15 on 17 and later.
pub(crate) const JDK: [(&str, &str); 4] = [
    ("java", "openjdk-17-jdk-headless"),
    ("javac", "openjdk-17-jdk-headless"),
    ("jar", "openjdk-17-jdk-headless"),
    ("keytool", "openjdk-17-jdk-headless"),
];

/// Makes sure that the programs `wanted`, each with the Debian package that has it, are there for
/// `what`: as root they are installed, else those that are missing are named.
pub(crate) fn programs(what: &str, wanted: &[(&str, &str)]) -> Result<()> {
    let mut packages: Vec<&str> = missing(wanted).map(|(_, package)| package).collect();
    packages.dedup();
    if packages.is_empty() {
        return Ok(());
    }
    let packages = packages.join(" ");
    install(&packages)?;
    let missing: Vec<&str> = missing(wanted).map(|(program, _)| program).collect();
    if !missing.is_empty() {
        bail!(
            "{} needed for {what} and not found here; install the packages {packages} (Debian's \
             names), or run this command as root, which installs them",
            match missing.as_slice() {
                [one] => format!("{one} is"),
                several => format!("{} are", several.join(", ")),
            }
        );
    }
    Ok(())
}

/// Makes sure that Python is there and can make an environment of its own: the tests install MVT into
/// one.
pub(crate) fn python() -> Result<()> {
    let what = "the tests with MVT";
    programs(what, &[("python3", "python3")])?;
    if !has_venv() {
        install("python3-venv")?;
    }
    if !has_venv() {
        bail!(
            "Python's modules venv and ensurepip are needed for {what} and not found here; install the \
             package python3-venv (Debian's name), or run this command as root, which installs it"
        );
    }
    Ok(())
}

/// Makes sure that Go is there, 1.19 or later, and its project's packages for signed notes and transparent
/// logs: of Debian, or, where they are not, as `go` fetches them.
pub(crate) fn go() -> Result<()> {
    let packages = Path::new("/usr/share/gocode/src/golang.org/x/mod");
    if !packages.exists() {
        install("golang-golang-x-mod-dev")?;
    }
    programs(
        "the check of the signed log by Go's own packages",
        &[("go", "golang-go")],
    )
}

fn has_venv() -> bool {
    let mut probe = Command::new("python3");
    probe.args(["-c", "import venv, ensurepip"]);
    process::output(&mut probe).is_some()
}

/// Installs Debian's `packages`, separated by spaces, where this process may do so.
fn install(packages: &str) -> Result<()> {
    if !is_root() || in_path("apt-get").is_none() {
        return Ok(());
    }
    for line in [
        "apt-get update --quiet=2".to_owned(),
        format!("apt-get install --yes --quiet=2 --no-install-recommends {packages}"),
    ] {
        process::run(process::command(&line).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    Ok(())
}

/// Makes `file` a program that can be started.
pub(crate) fn executable(file: &Path) -> Result<()> {
    let change = || -> std::io::Result<()> {
        let mut permissions = fs::metadata(file)?.permissions();
        permissions.set_mode(0o755);
        fs::set_permissions(file, permissions)
    };
    change().with_context(|| format!("{} could not be made a program", file.display()))
}

/// Whether this process may do what the tests in network namespaces do.
pub(crate) fn is_root() -> bool {
    process::output(&mut process::command("id -u")).is_some_and(|id| id.trim() == "0")
}

fn has_miri(toolchain: &str) -> bool {
    process::output(&mut process::command(&format!(
        "rustup run {toolchain} cargo miri --version"
    )))
    .is_some()
}

fn rustup(line: &str) -> Result<()> {
    process::run(&mut process::command(line)).with_context(|| {
        "rustup could not bring what this stage needs; run the command by hand once with a \
         network (Rust must have been installed with rustup), or leave the stage out with --only"
    })
}

fn missing<'a>(wanted: &[(&'a str, &'a str)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    wanted
        .iter()
        .copied()
        .filter(|(program, _)| in_path(program).is_none())
}

/// Where `program` lies; the folders for administrators count too, as `ip` is in one of them and
/// they are not in the path of everyone.
pub(crate) fn in_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file: &PathBuf| Path::is_file(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_where_they_lie() {
        assert!(in_path("sh").is_some_and(|path| path.ends_with("sh")));
        assert_eq!(in_path("portlog-no-such-program"), None);
    }
}
