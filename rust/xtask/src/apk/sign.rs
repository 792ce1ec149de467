//! Alignment, keys and signatures.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::jvm::{self, Jdk, MIN_SDK, Variant};

/// The variables that name a release key.
const VARIABLES: [&str; 3] = [
    "PORTLOG_KEYSTORE",
    "PORTLOG_KEYSTORE_PASSWORD",
    "PORTLOG_KEY_ALIAS",
];
/// Where apksigner and keytool read the password: an environment, which other users cannot read, and
/// no command line, which they can.
const PASSWORD: &str = "PORTLOG_KEYSTORE_PASSWORD";

/// How apksigner begins the digest of a certificate, after a signer's number.
const DIGEST: &str = "certificate SHA-256 digest: ";

/// A key to sign with.
#[derive(Clone, Debug)]
pub(super) struct Key {
    keystore: PathBuf,
    alias: OsString,
    password: OsString,
    variant: Variant,
}

impl Key {
    /// The key for `variant`: this machine's own, made on first use, or the one that the environment
    /// names. `variable` answers the environment's variables.
    pub(super) fn of(
        variant: Variant,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self> {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        match variant {
            Variant::Debug => Self::debug(&data_folder(value)?),
            Variant::Release => {
                let key = Self::release(value)?;
                key.check()?;
                Ok(key)
            }
        }
    }

    /// That the key store opens and has the key.
    fn check(&self) -> Result<()> {
        let output = self
            .keytool(&self.keystore)?
            .arg("-list")
            .output()
            .context("keytool could not be started")?;
        if output.status.success() {
            return Ok(());
        }
        // One line, `keytool error: java.io.IOException: keystore password was incorrect`.
        let said = String::from_utf8_lossy(&output.stdout);
        let said = said.trim().rsplit(": ").next().unwrap_or_default();
        bail!(
            "PORTLOG_KEYSTORE_PASSWORD or PORTLOG_KEY_ALIAS does not fit the key store {}: {said}",
            self.keystore.display()
        )
    }

    /// keytool, told which key in `keystore` is meant.
    fn keytool(&self, keystore: &Path) -> Result<Command> {
        let mut command = Jdk::find()?.program("keytool");
        command
            .arg("-alias")
            .arg(&self.alias)
            .args(["-storepass:env", PASSWORD])
            .arg("-keystore")
            .arg(keystore)
            .env(PASSWORD, &self.password);
        Ok(command)
    }

    fn debug(folder: &Path) -> Result<Self> {
        let key = Self {
            keystore: folder.join("debug.keystore"),
            alias: "debug".into(),
            // As for every debug key: what protects it is that the file is the user's own, and that
            // nothing is signed with it but an app of another id than the released one.
            password: "android".into(),
            variant: Variant::Debug,
        };
        if !key.keystore.is_file() {
            key.make()?;
        }
        Ok(key)
    }

    fn release(value: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let missing: Vec<&str> = VARIABLES
            .into_iter()
            .filter(|name| value(name).is_none())
            .collect();
        let [Some(keystore), Some(password), Some(alias)] = VARIABLES.map(value) else {
            bail!(
                "a release is signed with your own key, and {} {} not set; without --release a debug \
                 key is made and used",
                missing.join(", "),
                if missing.len() == 1 { "is" } else { "are" }
            );
        };
        let keystore = PathBuf::from(keystore);
        if !keystore.is_file() {
            bail!(
                "PORTLOG_KEYSTORE names {}, which is no file",
                keystore.display()
            );
        }
        Ok(Self {
            keystore,
            alias,
            password,
            variant: Variant::Release,
        })
    }

    /// Which key it is, for people.
    pub(super) fn shown(&self) -> String {
        let keystore = self.keystore.display();
        match self.variant {
            Variant::Debug => format!(
                "this machine's debug key, {keystore}; an update must be signed by the same, so keep it \
                 as long as an app signed with it is installed somewhere"
            ),
            Variant::Release => format!("{} in {keystore}", self.alias.display()),
        }
    }

    fn make(&self) -> Result<()> {
        let folder = self.keystore.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .with_context(|| format!("{} could not be made", folder.display()))?;
        println!("key: making a debug key in {}", self.keystore.display());
        // Made beside it, so that an interrupted keytool leaves no half key behind.
        let partial = folder.join(format!(".debug.keystore.{}", std::process::id()));
        let mut command = self.keytool(&partial)?;
        command
            .args(["-genkeypair", "-storetype", "PKCS12", "-keyalg", "RSA"])
            .args(["-keysize", "3072", "-validity", "10950"])
            .args(["-dname", "CN=Portlog debug key of one machine"]);
        let advice = "a JDK's keytool could not make a key";
        jvm::told(&mut command, "keytool", advice)?;
        fs::set_permissions(&partial, fs::Permissions::from_mode(0o600))
            .and_then(|()| fs::rename(&partial, &self.keystore))
            .with_context(|| format!("{} could not be written", self.keystore.display()))
    }
}

/// Aligns what Android maps into memory.
pub(super) fn align(packed: &Path, into: &Path) -> Result<()> {
    let mut command = Command::new("zipalign");
    command.args(["-f", "-p", "4"]).arg(packed).arg(into);
    jvm::told(&mut command, "zipalign", "the disk may be full").map(|_| ())
}

/// Signs `unsigned` into `apk` in the three forms that Android 4.4 to 16 read, has it verified, and
/// answers the SHA-256 digest of the certificate that phones will know the app by.
pub(super) fn sign(jdk: &Jdk, key: &Key, unsigned: &Path, apk: &Path) -> Result<String> {
    println!("sign: {}", apk.display());
    let mut command = apksigner(jdk);
    command
        .args(["sign", "--min-sdk-version", MIN_SDK])
        .args([
            "--v1-signing-enabled",
            "true",
            "--v2-signing-enabled",
            "true",
        ])
        .args([
            "--v3-signing-enabled",
            "true",
            "--v4-signing-enabled",
            "false",
        ])
        .arg("--ks-key-alias")
        .arg(&key.alias)
        .args(["--ks-pass", &format!("env:{PASSWORD}")])
        .arg("--ks")
        .arg(&key.keystore)
        .arg("--out")
        .arg(apk)
        .arg(unsigned)
        .env(PASSWORD, &key.password);
    jvm::told(
        &mut command,
        "apksigner sign",
        "the key store, its password or the alias may be wrong",
    )?;
    let mut command = apksigner(jdk);
    command
        .args([
            "verify",
            "--verbose",
            "--print-certs",
            "--min-sdk-version",
            MIN_SDK,
        ])
        .arg(apk);
    let said = jvm::told(
        &mut command,
        "apksigner verify",
        "Android would refuse this file",
    )?;
    for line in said.lines().filter(|line| worth_showing(line)) {
        println!("sign: {line}");
    }
    for scheme in ["v1 scheme", "v2 scheme", "v3 scheme"] {
        if !verified(&said, scheme) {
            bail!("apksigner did not verify the signature of the {scheme}");
        }
    }
    let certificate = certificate(&said).context("apksigner did not say who signed the app")?;
    Ok(certificate.to_owned())
}

fn apksigner(jdk: &Jdk) -> Command {
    let mut command = Command::new("apksigner");
    command.env("JAVA_HOME", jdk.home());
    command
}

fn worth_showing(line: &str) -> bool {
    line.starts_with("WARNING") || line.contains(DIGEST)
}

fn certificate(said: &str) -> Option<&str> {
    said.lines()
        .find_map(|line| line.split_once(DIGEST))
        .map(|(_, digest)| digest)
}

fn verified(said: &str, scheme: &str) -> bool {
    said.lines().any(|line| {
        line.strip_prefix("Verified using ")
            .is_some_and(|rest| rest.starts_with(scheme) && rest.ends_with(": true"))
    })
}

/// Where a user's programs keep what must last: a key that vanished with the build's folder would make
/// the next app one that cannot be installed over this one.
fn data_folder(value: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf> {
    let base = value("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| value("HOME").map(|home| PathBuf::from(home).join(".local/share")))
        .context("neither XDG_DATA_HOME nor HOME is set: there is no place for a key")?;
    Ok(base.join("portlog"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(value: impl Fn(&str) -> Option<&'static str>) -> String {
        let key = Key::of(Variant::Release, |name| value(name).map(OsString::from));
        key.unwrap_err().to_string()
    }

    #[test]
    fn a_release_names_what_is_not_set() {
        let error = release(|_| None);
        for name in VARIABLES {
            assert!(error.contains(name), "{error}");
        }
        for empty in [None, Some("")] {
            let error = release(|name| match name {
                "PORTLOG_KEY_ALIAS" => empty,
                _ => Some("x"),
            });
            assert!(
                error.contains("and PORTLOG_KEY_ALIAS is not set"),
                "{error}"
            );
        }
        let error = release(|_| Some("/nowhere/key"));
        assert!(error.contains("/nowhere/key, which is no file"), "{error}");
    }

    #[test]
    fn a_debug_key_lies_where_a_user_s_data_lies() {
        let folder = |set: &[(&str, &str)]| {
            let found = |name: &str| set.iter().find(|(key, _)| *key == name);
            data_folder(|name| found(name).map(|(_, value)| OsString::from(value)))
        };
        let both = [("HOME", "/home/a"), ("XDG_DATA_HOME", "/data")];
        assert_eq!(folder(&both).unwrap(), Path::new("/data/portlog"));
        let home = folder(&both[..1]).unwrap();
        assert_eq!(home, Path::new("/home/a/.local/share/portlog"));
        assert!(folder(&[]).is_err());
    }

    #[test]
    fn a_scheme_counts_as_verified_only_where_it_says_true() {
        let said = "Verifies\nVerified using v1 scheme (JAR signing): true\n\
                    Verified using v2 scheme (APK Signature Scheme v2): false\n";
        assert!(verified(said, "v1 scheme"));
        assert!(!verified(said, "v2 scheme"));
        assert!(!verified(said, "v3 scheme"));
    }

    #[test]
    fn a_certificate_is_known_by_its_digest() {
        let said = "Signer #1 certificate DN: CN=a\nSigner #1 certificate SHA-256 digest: 0a1b\n\
                    Signer #1 certificate SHA-1 digest: 2c3d\n";
        assert_eq!(certificate(said), Some("0a1b"));
        assert_eq!(certificate("Verifies\n"), None);
    }
}
