//! `portlog list`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use portlog_model::Category;

use super::TextFormat;

/// Check lists, and ask them
#[derive(Debug, Subcommand)]
pub(crate) enum ListCommand {
    Check(ListCheckArgs),
    Explain(ListExplainArgs),
    Build(ListBuildArgs),
}

/// Read lists and report every line that cannot be used
///
/// Ends with status 1 if there is any.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog list check hosts.txt
  portlog list check --format json *.txt
")]
pub(crate) struct ListCheckArgs {
    /// Hosts files, domain lists, Adblock rules for hosts, addresses and networks, STIX 2.1 bundles;
    /// of a compiled list every byte is checked
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Say which entries of lists speak of an address or a host name
///
/// Ends with status 0 whether there are any or not. Nothing is looked up on the network.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog list explain 203.0.113.7 --list own=mine.txt
  portlog list explain tracker.example.test --list hosts.txt --format json
")]
pub(crate) struct ListExplainArgs {
    /// An IPv4 or IPv6 address, or a host name
    #[arg(value_name = "HOST-OR-IP")]
    pub(crate) query: String,
    /// A list to ask; may be given several times
    #[arg(long = "list", value_name = "[CATEGORY=]FILE", required = true)]
    pub(crate) lists: Vec<ListFile>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Compile lists, so that millions of rules open at once and need no memory of their own
///
/// A compiled list is mapped, not read; --list takes it as it takes the file it was built from, and gives
/// the same answers. It is written beside OUT and renamed, so that a running watch keeps the old one.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog list build tracker=hosts.txt -o hosts.plist
  portlog list check hosts.plist
  portlog list build *.txt -o lists/
")]
pub(crate) struct ListBuildArgs {
    /// A list, as --list takes it
    #[arg(value_name = "[CATEGORY=]FILE", required = true)]
    pub(crate) files: Vec<ListFile>,
    /// The file to write; for several lists a folder, in which each is NAME.plist
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
}

/// `[CATEGORY=]FILE`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ListFile {
    /// What sort of entries it has, where that was said.
    pub(crate) category: Option<Category>,
    /// The file.
    pub(crate) path: PathBuf,
}

/// A value that is no `[CATEGORY=]FILE`.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct InvalidListFile(String);

impl std::fmt::Display for InvalidListFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidListFile {}

impl FromStr for ListFile {
    type Err = InvalidListFile;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (category, path) = match text.split_once('=') {
            // A path that has a '=' further on, such as ./a=b or lists/a=b, is one.
            Some((word, path)) if word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') => {
                let category = word.parse::<Category>().map_err(|error| {
                    InvalidListFile(format!(
                        "{error}; for a file of that name write ./{word}=..."
                    ))
                })?;
                (Some(category), path)
            }
            _ => (None, text),
        };
        if path.is_empty() {
            return Err(InvalidListFile("no file is named".to_owned()));
        }
        Ok(Self {
            category,
            path: PathBuf::from(path),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_name_its_category() {
        assert_eq!(
            "threat=a.txt".parse(),
            Ok(ListFile {
                category: Some(Category::Threat),
                path: "a.txt".into()
            })
        );
        assert_eq!(
            "vendor-service=x=y".parse(),
            Ok(ListFile {
                category: Some(Category::VendorService),
                path: "x=y".into()
            })
        );
        for plain in ["a.txt", "./own=a", "/lists/own=a.txt", "A=b"] {
            assert_eq!(
                plain.parse(),
                Ok(ListFile {
                    category: None,
                    path: plain.into()
                }),
            );
        }
        let error = "thread=a.txt".parse::<ListFile>().unwrap_err().to_string();
        assert!(error.contains("own, threat, tracker"), "{error}");
        assert!(error.contains("./thread="), "{error}");
        assert!("own=".parse::<ListFile>().is_err());
        assert!("".parse::<ListFile>().is_err());
    }
}
