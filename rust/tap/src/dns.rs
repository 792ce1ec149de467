//! As much of a DNS message (RFC 1035, RFC 6891) as relaying it takes: what is asked, how large an
//! answer may be, whether an answer belongs to a question, and what it says of addresses.
//!
//! Messages are read where they lie and never written anew: what is passed on are the bytes that came.

use std::net::IpAddr;

use domain::base::iana::{Opcode, Rcode};
use domain::base::{Message, ParsedName, Rtype};
use domain::rdata::{A, Aaaa, Cname};

use crate::Drop;

/// The bytes of a message's header.
pub(crate) const HEADER: usize = 12;

/// The most bytes of a question. Padded ones have 128 to 512 (RFC 8467).
pub(crate) const MAX_QUESTION: usize = 2_048;

/// What an asker takes over UDP without EDNS (RFC 1035 §2.3.4).
const PLAIN_UDP: u16 = 512;

/// The most records of one answer that are learnt from. Beyond it the table keeps none anyway.
const MAX_ALIASES: usize = 16;
const MAX_ADDRESSES: usize = 64;

/// What a message asks for, as far as the tap cares.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Asked {
    /// The id that the asker chose.
    pub(crate) id: u16,
    /// Where the question, behind the header, ends.
    pub(crate) question_end: usize,
    /// The most bytes of an answer over UDP.
    pub(crate) udp_limit: u16,
    /// Whether it asks for an address of a host.
    pub(crate) for_address: bool,
}

/// Why a message cannot be passed on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unfit {
    /// There is nobody to tell.
    Ignore(Drop),
    /// The asker is told so.
    Refuse(Reply),
}

/// An answer that the tap writes itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reply {
    /// It is not one question.
    FormErr,
    /// It is something that is not relayed: a zone transfer, an update.
    NotImp,
    /// No server answered.
    ServFail,
}

/// Reads a question.
pub(crate) fn asked(message: &[u8]) -> Result<Asked, Unfit> {
    let Ok(parsed) = Message::from_octets(message) else {
        return Err(Unfit::Ignore(Drop::NoQuestion));
    };
    let header = parsed.header();
    if header.qr() {
        return Err(Unfit::Ignore(Drop::NoQuestion));
    }
    if header.opcode() != Opcode::QUERY {
        return Err(Unfit::Refuse(Reply::NotImp));
    }
    let mut questions = parsed.question();
    let (1, Some(Ok(question))) = (parsed.header_counts().qdcount(), questions.next()) else {
        return Err(Unfit::Refuse(Reply::FormErr));
    };
    // A compressed name in the first question could only point into the header.
    let question_end = questions.pos();
    if question.qname().is_compressed() {
        return Err(Unfit::Refuse(Reply::FormErr));
    }
    if matches!(question.qtype(), Rtype::AXFR | Rtype::IXFR) {
        return Err(Unfit::Refuse(Reply::NotImp));
    }
    Ok(Asked {
        id: header.id(),
        question_end,
        udp_limit: parsed
            .opt()
            .map_or(PLAIN_UDP, |opt| opt.udp_payload_size().max(PLAIN_UDP)),
        for_address: matches!(question.qtype(), Rtype::A | Rtype::AAAA | Rtype::HTTPS),
    })
}

/// Whether `answer` is one to `question`, whatever the ids.
///
/// It repeats the question, in whatever letter case. Only a server that refuses the whole message as
/// it does not know EDNS may leave it out (`FORMERR` or `NOTIMP` with nothing but a header).
pub(crate) fn belongs(answer: &[u8], question: &[u8], asked: &Asked) -> bool {
    let Ok(parsed) = Message::from_octets(answer) else {
        return false;
    };
    let header = parsed.header();
    if !header.qr() || header.opcode() != Opcode::QUERY {
        return false;
    }
    let declines = matches!(header.rcode(), Rcode::FORMERR | Rcode::NOTIMP);
    if parsed.header_counts().qdcount() == 0 {
        return declines && answer.len() == HEADER;
    }
    let same = |answer: Option<&[u8]>, question: Option<&[u8]>| match (answer, question) {
        (Some(answer), Some(question)) => answer.eq_ignore_ascii_case(question),
        _ => false,
    };
    // Lengths of labels are below 64 and so no letters.
    parsed.header_counts().qdcount() == 1
        && same(
            answer.get(HEADER..asked.question_end),
            question.get(HEADER..asked.question_end),
        )
}

/// The id of a message of at least two bytes; 0 of a shorter one.
pub(crate) fn id(message: &[u8]) -> u16 {
    message
        .first_chunk()
        .map_or(0, |bytes| u16::from_be_bytes(*bytes))
}

/// Writes an id into a message.
pub(crate) fn set_id(message: &mut [u8], id: u16) {
    if let Some(bytes) = message.first_chunk_mut() {
        *bytes = id.to_be_bytes();
    }
}

/// Whether a server says that it cannot or will not answer, where another one might.
pub(crate) fn declines(answer: &[u8]) -> bool {
    Message::from_octets(answer).is_ok_and(|parsed| {
        matches!(
            parsed.header().rcode(),
            Rcode::SERVFAIL | Rcode::REFUSED | Rcode::NOTIMP
        )
    })
}

/// The head of an answer that is too large: its header with the truncation bit, its question, and
/// where it has one its OPT record (RFC 2181 §9, RFC 6891 §7).
pub(crate) fn truncated(answer: &[u8], asked: &Asked) -> Vec<u8> {
    let end = asked.question_end.min(answer.len());
    let mut head = answer.get(..end).unwrap_or_default().to_vec();
    let opt = opt_record(answer);
    if let Some(flags) = head.get_mut(2) {
        *flags |= 0x02;
    }
    if let Some(counts) = head.get_mut(6..HEADER) {
        counts.copy_from_slice(&[0, 0, 0, 0, 0, u8::from(opt.is_some())]);
    }
    head.extend_from_slice(opt.unwrap_or_default());
    head
}

/// An answer without records to the message `question`.
pub(crate) fn reply(question: &[u8], reply: Reply) -> Vec<u8> {
    let (code, end) = match (reply, asked(question)) {
        (Reply::ServFail, Ok(asked)) => (2, asked.question_end),
        (Reply::ServFail, Err(_)) => (2, HEADER),
        (Reply::FormErr, _) => (1, HEADER),
        (Reply::NotImp, _) => (4, HEADER),
    };
    let mut message = question.get(..end).unwrap_or_default().to_vec();
    if let Some(header) = message.first_chunk_mut::<HEADER>() {
        // An answer; opcode and "recursion desired" as they came; recursion is available.
        header[2] = header[2] & 0b0111_1001 | 0x80;
        header[3] = 0x80 | code;
        header[4..].copy_from_slice(&[0, u8::from(end > HEADER), 0, 0, 0, 0, 0, 0]);
    }
    message
}

/// What an answer says of addresses.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Told {
    pub(crate) aliases: Vec<(String, String, u32)>,
    pub(crate) addresses: Vec<(String, IpAddr, u32)>,
}

/// The name that a question asks for, without the dot at its end; bytes that are not printable stand as
/// `\DDD`.
pub(crate) fn name(question: &[u8]) -> Option<String> {
    let parsed = Message::from_octets(question).ok()?;
    let question = parsed.first_question()?;
    Some(question.qname().to_string())
}

/// The aliases and addresses in the answer section, up to the first record that cannot be read.
pub(crate) fn told(answer: &[u8]) -> Told {
    let mut told = Told::default();
    let Ok(parsed) = Message::from_octets(answer) else {
        return told;
    };
    if parsed.header().rcode() != Rcode::NOERROR {
        return told;
    }
    let Ok(records) = parsed.answer() else {
        return told;
    };
    for record in records {
        let Ok(record) = record else { break };
        let ttl = record.ttl().as_secs();
        let owner = || record.owner().to_string();
        let address = if let Ok(Some(a)) = record.to_record::<A>() {
            IpAddr::V4(a.data().addr())
        } else if let Ok(Some(aaaa)) = record.to_record::<Aaaa>() {
            IpAddr::V6(aaaa.data().addr())
        } else {
            let alias = record.to_record::<Cname<ParsedName<&[u8]>>>();
            if let (Ok(Some(alias)), true) = (alias, told.aliases.len() < MAX_ALIASES) {
                let target = alias.data().cname().to_string();
                told.aliases.push((owner(), target, ttl));
            }
            continue;
        };
        if told.addresses.len() < MAX_ADDRESSES {
            told.addresses.push((owner(), address, ttl));
        }
    }
    told
}

/// The bytes of the OPT record, whose owner is the root and so never compressed.
fn opt_record(answer: &[u8]) -> Option<&[u8]> {
    let parsed = Message::from_octets(answer).ok()?;
    let mut records = parsed.additional().ok()?;
    loop {
        let start = records.pos();
        let record = records.next()?.ok()?;
        if record.rtype() == Rtype::OPT {
            return answer.get(start..records.pos());
        }
    }
}
