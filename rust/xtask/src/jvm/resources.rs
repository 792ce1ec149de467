//! The app's resources and manifest, compiled by the aapt2 that comes in apktool's library, against
//! the framework's resources that come with it.
//!
//! Android Studio's conventions are kept so that both builds read the same files: the manifest names
//! no package, `${applicationId}` in it is the application's id, and android/src/debug/res lies over
//! android/src/main/res in a debug build.

mod manifest;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Jdk, Place, shown, told};
use crate::native::Abi;
use crate::stamp::{self, Inputs};
use crate::{maven, tools, workspace};

/// The package of the classes, whatever the application is called.
const NAMESPACE: &str = "org.portlog";
/// The oldest Android that the app runs on (4.4).
pub(crate) const MIN_SDK: &str = "19";
/// The Android whose rules the app is written for (15).
const TARGET_SDK: &str = "35";

/// Which app is built: both can be installed side by side.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Variant {
    /// Signed with a key that every machine makes for itself.
    Debug,
    /// Signed with the key that the environment names.
    Release,
}

impl Variant {
    /// Its name in the names of files.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    /// What Android knows the app by.
    pub(crate) fn application_id(self) -> &'static str {
        match self {
            Self::Debug => "org.portlog.debug",
            Self::Release => "org.portlog",
        }
    }
}

/// Linked resources.
#[derive(Clone, Debug)]
pub(crate) struct Linked {
    /// An APK of the manifest and the resources alone.
    pub(crate) apk: PathBuf,
    /// The folder of R.java.
    pub(crate) java: PathBuf,
    /// ProGuard's rules for the classes that the manifest and the layouts name.
    pub(crate) rules: PathBuf,
    /// The manifest as it was given to aapt2.
    pub(crate) manifest: PathBuf,
}

/// Compiles and links the resources, unless that was done.
pub(crate) fn link(jdk: &Jdk, place: &Place, variant: Variant) -> Result<Linked> {
    let source = place.main().join("AndroidManifest.xml");
    if !source.is_file() {
        bail!(
            "{} is missing: without a manifest there is no app",
            shown(place, &source)
        );
    }
    let text = fs::read_to_string(&source)
        .with_context(|| format!("{} could not be read", source.display()))?;
    let manifest = manifest(&text, variant)
        .with_context(|| format!("{} cannot be used", shown(place, &source)))?;
    linked(jdk, place, variant, variant.as_str(), &manifest)
}

/// The numbers of the resources (R.java), which do not depend on the manifest: answers the folder of
/// its source.
pub(crate) fn identifiers(jdk: &Jdk, place: &Place) -> Result<PathBuf> {
    let manifest = manifest("<manifest/>", Variant::Release)?;
    Ok(linked(jdk, place, Variant::Release, "identifiers", &manifest)?.java)
}

fn linked(
    jdk: &Jdk,
    place: &Place,
    variant: Variant,
    name: &str,
    manifest: &str,
) -> Result<Linked> {
    let version = Version::of(&place.workspace)?;
    let aapt2 = Aapt2::find(jdk, &place.workspace)?;
    let mut folders = vec![place.main().join("res")];
    if variant == Variant::Debug {
        folders.push(place.workspace.join("android/src/debug/res"));
    }
    folders.retain(|folder| folder.is_dir());
    let assets = place.main().join("assets");

    let mut inputs = Inputs::default();
    inputs.text("version", &format!("{version:?}"));
    inputs.text("manifest", manifest);
    inputs.text("aapt2", &aapt2.program.to_string_lossy());
    for folder in &folders {
        inputs.tree("resources", folder)?;
    }
    inputs.tree("assets", &assets)?;

    let out = place.out.join("resources").join(name);
    let linked = Linked {
        apk: out.join("resources.apk"),
        java: out.join("java"),
        rules: out.join("rules.pro"),
        manifest: out.join("AndroidManifest.xml"),
    };
    stamp::unless_done(&out, &inputs, |out| {
        println!("resources: linking ({name})");
        fs::create_dir_all(&linked.java).context("a folder could not be made")?;
        fs::write(&linked.manifest, manifest).context("the manifest could not be written")?;
        let mut command = aapt2.command();
        command.arg("link").arg("-I").arg(&aapt2.framework);
        command.arg("--manifest").arg(&linked.manifest);
        command.arg("-o").arg(&linked.apk);
        command.arg("--java").arg(&linked.java);
        command.arg("--proguard").arg(&linked.rules);
        command.args(["--min-sdk-version", MIN_SDK]);
        command.args(["--target-sdk-version", TARGET_SDK]);
        // Else aapt2 writes the platform that the framework's file says it is of, which is an old one.
        command.args(["--compile-sdk-version-code", TARGET_SDK]);
        command.args(["--compile-sdk-version-name", "15"]);
        command.args(["--version-code", &version.code.to_string()]);
        command.args(["--version-name", &version.name]);
        command.args(["--rename-manifest-package", variant.application_id()]);
        command.arg("--auto-add-overlay");
        if assets.is_dir() {
            command.arg("-A").arg(&assets);
        }
        for (number, folder) in folders.iter().enumerate() {
            let file = out.join(format!("compiled-{number}.zip"));
            aapt2.compile(place, folder, &file)?;
            if number > 0 {
                command.arg("-R");
            }
            command.arg(file);
        }
        let advice = "it names the file and line above";
        print!("{}", told(&mut command, "aapt2 link", advice)?);
        Ok(())
    })?;
    Ok(linked)
}

/// Checks what Android will read of a finished APK with libraries for `abis`, and answers that in a
/// few lines.
pub(crate) fn badging(
    jdk: &Jdk,
    place: &Place,
    apk: &Path,
    variant: Variant,
    abis: &[Abi],
) -> Result<String> {
    let aapt2 = Aapt2::find(jdk, &place.workspace)?;
    let dump = |what: &[&str]| {
        let mut command = aapt2.command();
        command.arg("dump").args(what).arg(apk);
        told(&mut command, "aapt2 dump", "Android would refuse this file")
    };
    let said = dump(&["badging"])?;
    let version = Version::of(&place.workspace)?;
    let mut abis: Vec<&str> = abis.iter().map(|abi| abi.as_str()).collect();
    abis.sort_unstable();
    let package = format!(
        "package: name='{}' versionCode='{}' versionName='{}' ",
        variant.application_id(),
        version.code,
        version.name
    );
    let libraries = format!("native-code: '{}'", abis.join("' '"));
    for (key, wanted) in [("package:", &package), ("native-code:", &libraries)] {
        let mut lines = said.lines();
        let read = lines.find(|line| line.starts_with(key)).unwrap_or_default();
        // Of the package, more follows on the build.
        if read != wanted && !(wanted.ends_with(' ') && read.starts_with(wanted)) {
            bail!("Android would read {read:?} in the APK, and not {wanted:?}");
        }
    }
    let tree = dump(&["xmltree", "--file", "AndroidManifest.xml"])?;
    if let Some(difference) = manifest::difference(&tree, &dump(&["resources"])?) {
        bail!("the manifest in the APK is not as rust/xtask promises: {difference}");
    }
    let shown = ["package:", "application-label:", "native-code:"];
    let lines = said
        .lines()
        .filter(|line| shown.iter().any(|word| line.starts_with(word)));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// The version of the workspace, in the two forms that Android wants.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Version {
    /// Shown to people: the text in Cargo.toml.
    name: String,
    /// Compared by Android: three digits each for the second and third part.
    code: u32,
}

impl Version {
    fn of(workspace: &Path) -> Result<Self> {
        let file = workspace.join("Cargo.toml");
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} could not be read", file.display()))?;
        let table: toml::Table = text
            .parse()
            .with_context(|| format!("{} is no TOML", file.display()))?;
        let version = || {
            table
                .get("workspace")?
                .get("package")?
                .get("version")?
                .as_str()
        };
        Self::parse(version().context("Cargo.toml has no workspace.package.version")?)
    }

    fn parse(text: &str) -> Result<Self> {
        // A pre-release (`1.2.3-beta`) sorts with its release: Android compares numbers alone.
        let numbers = text.split('-').next().unwrap_or(text);
        let parts: Vec<u32> = numbers
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .with_context(|| format!("the version {text:?} is not three numbers"))?;
        match parts[..] {
            [major @ 0..=2000, minor @ 0..=999, patch @ 0..=999] if major + minor + patch > 0 => {
                Ok(Self {
                    name: text.to_owned(),
                    code: major * 1_000_000 + minor * 1_000 + patch,
                })
            }
            _ => bail!(
                "the version {text:?} is not three numbers of which the last two are below 1000"
            ),
        }
    }
}

/// The manifest as aapt2 wants it: with its package, and with the application's id where that is
/// asked for.
fn manifest(text: &str, variant: Variant) -> Result<String> {
    let Some((before, after)) = text.split_once("<manifest") else {
        bail!("it has no <manifest>");
    };
    if !text.contains("android:extractNativeLibs=\"true\"") && text.contains("<application") {
        bail!("its <application> does not say android:extractNativeLibs=\"true\"");
    }
    let head = after.split('>').next().unwrap_or_default();
    if head.contains("package=") {
        bail!("it names a package; that is `{NAMESPACE}`, and the build adds it");
    }
    let text = format!("{before}<manifest package=\"{NAMESPACE}\"{after}");
    let text = text.replace("${applicationId}", variant.application_id());
    // aapt2 completes `android:name` alone, and Android completes what is left by the application's
    // id, which is no package of classes in a debug build.
    let parent = "android:parentActivityName=\"";
    let text = text.replace(&format!("{parent}."), &format!("{parent}{NAMESPACE}."));
    match text.split_once("${") {
        None => Ok(text),
        Some((_, rest)) => bail!(
            "it has the placeholder {:?}; only ${{applicationId}} is known",
            rest.split('}').next().unwrap_or_default()
        ),
    }
}

/// aapt2 and the framework's resources.
#[derive(Clone, Debug)]
struct Aapt2 {
    program: PathBuf,
    framework: PathBuf,
}

impl Aapt2 {
    /// Takes both out of apktool's library, once.
    fn find(jdk: &Jdk, workspace: &Path) -> Result<Self> {
        let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
            ("linux", "x86_64") => "linux",
            ("macos", _) => "macosx",
            (os, arch) => bail!("there is no aapt2 for {os} on {arch} on Maven Central"),
        };
        let library = maven::artifacts(workspace, &["apktool"])?;
        let program = format!("prebuilt/{platform}/aapt2_64");
        let framework = "prebuilt/android-framework.jar";
        let mut inputs = Inputs::default();
        inputs.artifacts(&library);
        let out = workspace::target_dir().join("tools/aapt2");
        stamp::unless_done(&out, &inputs, |out| {
            for library in &library {
                let mut command = jdk.program("jar");
                command
                    .arg("xf")
                    .arg(library)
                    .args([program.as_str(), framework])
                    .current_dir(out);
                told(&mut command, "jar", "apktool's library may be cut off")?;
            }
            tools::executable(&out.join(&program))
        })?;
        Ok(Self {
            program: out.join(program),
            framework: out.join(framework),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::null());
        command
    }

    fn compile(&self, place: &Place, folder: &Path, into: &Path) -> Result<()> {
        let name = shown(place, folder).to_string();
        let mut command = self.command();
        // From the checkout, by a relative path: the path stands in what is compiled.
        command
            .args(["compile", "--dir", &name, "-o"])
            .arg(into)
            .current_dir(&place.workspace);
        let what = format!("aapt2 compile {name}");
        told(&mut command, &what, "it names the file and line above")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_number_that_grows() {
        let code = |text| Version::parse(text).map(|version| version.code);
        assert_eq!(code("0.1.0").unwrap(), 1_000);
        assert_eq!(code("1.2.3").unwrap(), 1_002_003);
        assert_eq!(code("1.2.3-beta").unwrap(), 1_002_003);
        for wrong in ["1.2", "1.2.1000", "a.b.c", "0.0.0", ""] {
            assert!(code(wrong).is_err(), "{wrong}");
        }
        let version = Version::of(workspace::root()).unwrap();
        assert_eq!(version.name, env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn the_manifest_gets_its_package_and_its_id() {
        let text =
            "<?xml?>\n<manifest xmlns:a=\"x\">\n<provider a=\"${applicationId}.p\"/></manifest>";
        let debug = manifest(text, Variant::Debug).unwrap();
        assert!(
            debug.contains("<manifest package=\"org.portlog\" xmlns:a"),
            "{debug}"
        );
        assert!(debug.contains("a=\"org.portlog.debug.p\""), "{debug}");
        let release = manifest(text, Variant::Release).unwrap();
        assert!(release.contains("a=\"org.portlog.p\""), "{release}");
    }

    #[test]
    fn an_activity_above_another_is_of_our_package_whatever_the_id() {
        let text = "<manifest><activity android:parentActivityName=\".screens.A\"/></manifest>";
        let debug = manifest(text, Variant::Debug).unwrap();
        let whole = "android:parentActivityName=\"org.portlog.screens.A\"";
        assert!(debug.contains(whole), "{debug}");
    }

    #[test]
    fn what_the_manifest_must_not_hold_is_refused() {
        for (text, word) in [
            ("<application/>", "no <manifest>"),
            ("<manifest package=\"a\"></manifest>", "names a package"),
            ("<manifest><a b=\"${label}\"/></manifest>", "\"label\""),
        ] {
            let error = manifest(text, Variant::Debug).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
