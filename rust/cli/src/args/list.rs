//! `portlog list`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand};
use portlog_model::Category;

use super::TextFormat;

/// Check lists, and ask them
#[derive(Debug, Subcommand)]
pub(crate) enum ListCommand {
    Check(ListCheckArgs),
    Explain(ListExplainArgs),
    Build(ListBuildArgs),
    Diff(ListDiffArgs),
    Bundled(ListBundledArgs),
    Cdn(ListCdnArgs),
    Resolve(ListResolveArgs),
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
    /// Hosts files, domain lists, Adblock rules for hosts, addresses and networks, STIX 2.1 bundles, also
    /// packed (gzip, zip); of a compiled list every byte is checked
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Say which entries of lists speak of an address, a host name or a package
///
/// Ends with status 0 whether there are any or not. Nothing is looked up on the network.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog list explain 203.0.113.7 --list own=mine.txt
  portlog list explain tracker.example.test --list hosts.txt --format json
  portlog list explain com.example.sync --list indicators.stix2
")]
pub(crate) struct ListExplainArgs {
    /// An IPv4 or IPv6 address, a host name, a package's name, or the MD5, SHA-1 or SHA-256 of a
    /// certificate or file
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

/// Ask a resolver for the addresses of a list's names, for phones that never ask
///
/// The one command that connects to another machine: each name of the list goes to the resolver, in
/// clear text, so whoever runs it learns what you watch for, and the network on the way too. Run it
/// on a desktop, through a resolver and from a place that may know; take OUT to the phone. OUT goes
/// wherever a list goes (--list OUT); what it hits is at most possible, and it is not used once it
/// is 14 days old.
///
/// What was answered is kept in OUT.partial until all is done: stop it with Ctrl-C, and run the same
/// command again to go on. Names that the resolver did not say anything of are asked for again then.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog list resolve threat=indicators.txt -o indicators.pinned
  portlog list resolve hosts.txt -o hosts.pinned --resolver 192.0.2.53 --rate 50 --vantage 'Example City, at home'
")]
pub(crate) struct ListResolveArgs {
    /// A list, as --list takes it; not a compiled one, which does not tell its names
    #[arg(value_name = "[CATEGORY=]FILE")]
    pub(crate) file: ListFile,
    /// The file to write
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Whom to ask; without it those whom this system asks (/etc/resolv.conf)
    #[arg(long, value_name = "IP[:PORT]", value_parser = parse_resolver)]
    pub(crate) resolver: Option<SocketAddr>,
    /// From where you ask, in your words; it is written into OUT
    #[arg(long, value_name = "TEXT")]
    pub(crate) vantage: Option<String>,
    /// Questions a second, two for each name
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) rate: u32,
    /// How long to wait for an answer, twice
    #[arg(long = "timeout", value_name = "SPAN", value_parser = portlog_agent::parse_span, default_value = "3s")]
    pub(crate) patience: Duration,
}

/// `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`.
fn parse_resolver(text: &str) -> Result<SocketAddr, String> {
    let with_port = text.parse().ok();
    let alone = || {
        text.parse()
            .ok()
            .map(|address| SocketAddr::new(address, 53))
    };
    with_port.or_else(alone).ok_or_else(|| {
        "an address is needed, such as 192.0.2.53 or [2001:db8::53]:53; a name would have to be looked \
         up itself"
            .to_owned()
    })
}

/// Say what became another from one state of a list to the next
///
/// Rules are compared by what they mean: order, comments, letter case and the way of writing make no
/// difference, and the two may be of different forms.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog list diff hosts-2024-05.txt hosts-2024-06.txt
  portlog list diff hosts.plist hosts.txt --format json
")]
pub(crate) struct ListDiffArgs {
    /// The list as it was
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The list as it is
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Show the lists that come with Portlog: each entry's claim, source, reply and status
///
/// None of them is in force unless it is named, as in --list bundled:reported.
#[derive(Args, Debug)]
pub(crate) struct ListBundledArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
}

/// Check files in which content networks and clouds publish their ranges, as --cdn takes them
///
/// Ends with status 1 if an entry cannot be used.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portlog list cdn ip-ranges.json goog.json ips-v4.txt
")]
pub(crate) struct ListCdnArgs {
    /// JSON of Amazon, Google, Microsoft, Fastly or Cloudflare, or a network on each line
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextFormat,
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
