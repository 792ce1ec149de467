//! As much of DNS (RFC 1035) as it takes to ask for an address and to be told one.

use std::net::Ipv4Addr;

const HEADER: usize = 12;
/// Type A, class IN.
const A_IN: [u8; 4] = [0, 1, 0, 1];

/// A query for the IPv4 address of `name`.
pub(crate) fn query(name: &str) -> Vec<u8> {
    // An id, "recursion desired", one question.
    let mut message = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap());
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    message.extend_from_slice(&A_IN);
    message
}

/// The answer to `query`: `address`, for a minute.
pub(crate) fn answer(query: &[u8], address: Ipv4Addr) -> Vec<u8> {
    let mut message = query.to_vec();
    // It is a response, without an error, with one answer.
    message[2] |= 0x80;
    message[7] = 1;
    // The name is the one at the start of the question.
    message.extend_from_slice(&[0xC0, u8::try_from(HEADER).unwrap()]);
    message.extend_from_slice(&A_IN);
    message.extend_from_slice(&[0, 0, 0, 60, 0, 4]);
    message.extend_from_slice(&address.octets());
    message
}

/// The address in an answer as [`answer`] makes it.
pub(crate) fn address(answer: &[u8]) -> Ipv4Addr {
    let octets: [u8; 4] = answer[answer.len() - 4..].try_into().unwrap();
    Ipv4Addr::from(octets)
}
