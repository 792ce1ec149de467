//! One line of a list: which format it is in, and what it says.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::network::{parse_address, parse_entry};
use crate::{HostError, LineError, Network, Shown, Unsupported, host};

/// The longest line in bytes. Adblock rules with thousands of domains come near it.
pub(crate) const MAX_LINE: usize = 65_536;

/// The longest entry in bytes: any name in any script with what may stand around it.
pub(crate) const MAX_ENTRY: usize = 2_048;

/// What a line says.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Line<'a> {
    Blank,
    /// A comment, with its sign.
    Comment(&'a [u8]),
    /// `[Adblock Plus 2.0]` and the like.
    AdblockHeader,
    /// The names of a hosts line that leads them nowhere.
    Hosts(&'a str),
    /// A hosts line that names only the machine itself.
    Local,
    Rule(Rule<'a>),
    Unsupported(Unsupported),
    Bad(LineError),
}

/// A line that is one rule.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Rule<'a> {
    /// The entry as it stands in the list.
    pub(crate) text: &'a str,
    pub(crate) form: Form,
    pub(crate) exception: bool,
    pub(crate) target: Target<'a>,
}

/// How a rule is written.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Form {
    Hosts,
    Adblock,
    Address,
    Domain,
    /// An indicator of a bundle.
    Stix,
}

/// What a rule is about.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Target<'a> {
    /// An address (written without a length) or a network.
    Network { network: Network, is_address: bool },
    /// A name in canonical form, and all names below it.
    Domain(Cow<'a, str>),
}

/// Reads one line, without its line feed. In a file that has shown itself as an Adblock list,
/// `##…` is a rule and not a comment.
pub(crate) fn read(line: &[u8], is_adblock: bool) -> Line<'_> {
    let line = line.trim_ascii();
    match line {
        [] => Line::Blank,
        [b'!', b'#', letter, ..] if letter.is_ascii_alphabetic() => {
            Line::Unsupported(Unsupported::Directive)
        }
        [b'#', ..] if is_adblock && is_cosmetic(line) => Line::Unsupported(Unsupported::Cosmetic),
        [b'#' | b'!' | b';', ..] => Line::Comment(line),
        _ if line.len() > MAX_LINE => Line::Bad(LineError::TooLong(MAX_LINE)),
        _ => content(line, is_adblock).unwrap_or_else(|fault| match fault {
            Fault::Bad(reason) => Line::Bad(reason),
            Fault::Unsupported(reason) => Line::Unsupported(reason),
        }),
    }
}

/// Whether `name` on a hosts line stands for the machine itself or its networks, as in the hosts
/// files that systems come with.
pub(crate) fn is_local_name(name: &str) -> bool {
    const LOCAL: [&str; 18] = [
        "localhost",
        "localhost.localdomain",
        "localhost4",
        "localhost4.localdomain4",
        "localhost6",
        "localhost6.localdomain6",
        "localdomain",
        "local",
        "loopback",
        "broadcasthost",
        "ip6-localhost",
        "ip6-loopback",
        "ip6-localnet",
        "ip6-mcastprefix",
        "ip6-allnodes",
        "ip6-allrouters",
        "ip6-allhosts",
        "0.0.0.0",
    ];
    // Nearly every name differs in its first letter.
    matches!(
        name.bytes().next(),
        Some(b'l' | b'L' | b'b' | b'B' | b'i' | b'I' | b'0')
    ) && LOCAL
        .iter()
        .any(|local| name.trim_end_matches('.').eq_ignore_ascii_case(local))
}

enum Fault {
    Bad(LineError),
    Unsupported(Unsupported),
}

impl From<LineError> for Fault {
    fn from(reason: LineError) -> Self {
        Self::Bad(reason)
    }
}

impl From<Unsupported> for Fault {
    fn from(reason: Unsupported) -> Self {
        Self::Unsupported(reason)
    }
}

fn content(line: &[u8], is_adblock: bool) -> Result<Line<'_>, Fault> {
    let line = without_comment(line)?;
    let text = std::str::from_utf8(line).map_err(|_| LineError::NotUtf8)?;
    if text.starts_with("@@") || text.starts_with('|') {
        return adblock(text).map(Line::Rule);
    }
    if is_adblock_header(text) {
        return Ok(Line::AdblockHeader);
    }
    match text.split_once([' ', '\t', '\r', '\x0c']) {
        Some((first, names)) => hosts(first, names.trim_ascii_start()),
        None if text.contains("$$") || text.starts_with("[$") => Err(Unsupported::Cosmetic.into()),
        None => plain(text, is_adblock).map(Line::Rule),
    }
}

/// The line without a comment behind it: `;` and `#` anywhere, `!` behind a blank.
fn without_comment(line: &[u8]) -> Result<&[u8], Unsupported> {
    let mut end = line.len();
    let mut before = b' ';
    for (at, &byte) in line.iter().enumerate() {
        match byte {
            b'#' if !before.is_ascii_whitespace() && is_cosmetic(rest(line, at)) => {
                let scope = line.get(..at).unwrap_or_default();
                if !scope.iter().any(u8::is_ascii_whitespace) {
                    return Err(Unsupported::Cosmetic);
                }
            }
            // A rule's conditions may hold either sign; what has no blank before is part of it.
            b'#' | b';' if before.is_ascii_whitespace() || !is_adblock_rule(line) => {}
            b'!' if before.is_ascii_whitespace() => {}
            _ => {
                before = byte;
                continue;
            }
        }
        end = at;
        break;
    }
    Ok(line.get(..end).unwrap_or_default().trim_ascii_end())
}

fn rest(line: &[u8], at: usize) -> &[u8] {
    line.get(at..).unwrap_or_default()
}

const fn is_adblock_rule(line: &[u8]) -> bool {
    matches!(line, [b'|' | b'@', ..])
}

/// Whether this begins as `##`, `#@#`, `#?#`, `#$#`, `#%#`, `#@?#` and their kin do, followed by
/// something that can be a selector or a script.
fn is_cosmetic(text: &[u8]) -> bool {
    let Some(text) = text.strip_prefix(b"#") else {
        return false;
    };
    let text = text.strip_prefix(b"@").unwrap_or(text);
    let text = text
        .iter()
        .position(|byte| !matches!(byte, b'?' | b'$' | b'%'))
        .filter(|signs| *signs <= 2)
        .map_or(&[][..], |signs| rest(text, signs));
    matches!(text, [b'#', next, ..] if !next.is_ascii_whitespace() && *next != b'#')
}

fn is_adblock_header(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) else {
        return false;
    };
    ["adblock", "adguard", "ublock", "uborigin"]
        .iter()
        .any(|name| {
            inner
                .get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        })
}

/// `||host^`, `@@||host^`, and what else begins with `@@` or `|`.
fn adblock(text: &str) -> Result<Rule<'_>, Fault> {
    let (exception, pattern) = match text.strip_prefix("@@") {
        Some(pattern) => (true, pattern),
        None => (false, text),
    };
    let Some(pattern) = pattern.strip_prefix("||") else {
        return Err(Unsupported::Pattern.into());
    };
    if memchr(b'$', pattern.as_bytes()).is_some() {
        return Err(Unsupported::Options.into());
    }
    let closed = pattern.strip_suffix('|').unwrap_or(pattern);
    let Some(host) = closed.strip_suffix('^') else {
        return Err(match pattern {
            p if p.contains('/') => Unsupported::Path,
            p if p.contains('*') => Unsupported::Wildcard,
            p if p.is_empty() || p.contains(['^', '|', ' ', '\t']) => Unsupported::Pattern,
            _ => Unsupported::Open,
        }
        .into());
    };
    if host.contains('/') {
        return Err(Unsupported::Path.into());
    }
    let name = host.strip_prefix("*.").unwrap_or(host);
    if name.contains('*') {
        return Err(Unsupported::Wildcard.into());
    }
    if name.contains(['^', '|', ' ', '\t']) {
        return Err(Unsupported::Pattern.into());
    }
    if name.len() > MAX_ENTRY {
        return Err(LineError::TooLong(MAX_ENTRY).into());
    }
    let target = match parse_entry(name) {
        Some(Ok(network)) => Target::Network {
            network,
            is_address: true,
        },
        Some(Err(LineError::Port(_))) => return Err(Unsupported::Port.into()),
        Some(Err(reason)) => return Err(reason.into()),
        None => Target::Domain(canonical(name)?),
    };
    Ok(Rule {
        text,
        form: Form::Adblock,
        exception,
        target,
    })
}

/// A line of several words: an address and the names that it is for.
fn hosts<'a>(first: &str, names: &'a str) -> Result<Line<'a>, Fault> {
    // The zone of a link-local address, as in `fe80::1%lo0 localhost`.
    let address = match first.split_once('%') {
        Some((address, _)) => address,
        // As inet_aton reads it.
        None if first == "0" => "0.0.0.0",
        None => first,
    };
    let Some(address) = parse_address(address) else {
        return Err(LineError::SeveralWords.into());
    };
    let address = address?.to_canonical();
    if address.is_unspecified() || address.is_loopback() {
        Ok(Line::Hosts(names))
    } else if names.split_ascii_whitespace().all(is_local_name) {
        Ok(Line::Local)
    } else {
        Err(Unsupported::Redirect.into())
    }
}

/// A line of one word that is no Adblock rule: an address, a network or a domain.
fn plain(text: &str, is_adblock: bool) -> Result<Rule<'_>, Fault> {
    if text.starts_with('/') || text.contains(['^', '$', '|']) {
        return Err(Unsupported::Pattern.into());
    }
    // In an Adblock list a word that is no host for certain is a piece of a URL.
    if is_adblock && !text.starts_with("*.") && is_piece(text) {
        return Err(Unsupported::Pattern.into());
    }
    if text.len() > MAX_ENTRY {
        return Err(LineError::TooLong(MAX_ENTRY).into());
    }
    if let Some(at) = memmem::find(text.as_bytes(), b"://") {
        return Err(LineError::Url(host_of(text.get(at + 3..).unwrap_or(""))).into());
    }
    if let Some(network) = parse_entry(text) {
        return Ok(Rule {
            text,
            form: Form::Address,
            exception: false,
            target: Target::Network {
                network: network?,
                is_address: !text.contains('/'),
            },
        });
    }
    if text.contains('/') {
        return Err(LineError::Path(host_of(text)).into());
    }
    let (name, is_marked) = match text.strip_prefix("*.").or_else(|| text.strip_prefix('.')) {
        Some(name) => (name, text.starts_with('*')),
        None => (text, false),
    };
    if name.contains('*') {
        return Err(Unsupported::Wildcard.into());
    }
    let name = canonical(name)?;
    if !is_marked && !name.contains('.') {
        return Err(LineError::SingleLabel(Shown::new(&name)).into());
    }
    Ok(Rule {
        text,
        form: Form::Domain,
        exception: false,
        target: Target::Domain(name),
    })
}

/// Whether a word in an Adblock list has what host names have not.
fn is_piece(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| matches!(c, '-' | '_' | '.'));
    edge(text.chars().next())
        || edge(text.chars().next_back())
        || !text.contains(['.', ':'])
        || text.contains(['?', '=', '&', ',', '~', '@', '%', '*', '(', ')'])
        || (text.contains('/') && parse_entry(text).is_none())
        || text.starts_with("://")
}

/// The host of what stands behind `https://`.
pub(crate) fn host_of(text: &str) -> Shown {
    let authority = text.split(['/', '?', '#']).next().unwrap_or(text);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = match host
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
    {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or(host),
    };
    Shown::new(host)
}

fn canonical(name: &str) -> Result<Cow<'_, str>, LineError> {
    host::canonical(name).map_err(|reason| host_error(name, reason))
}

/// Why a name on a line is none.
pub(crate) fn host_error(name: &str, reason: HostError) -> LineError {
    LineError::Host {
        name: Shown::new(name),
        reason,
    }
}
