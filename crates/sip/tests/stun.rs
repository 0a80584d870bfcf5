//! STUN Binding, with the vectors of RFC 5769.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
use parley_sip::stun::{self, Stun};

const ID: [u8; 12] = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

/// RFC 5769 section 2.1.
const REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae8022001053 54554e207465737420636c69656e74\
    002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020\
    000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
/// RFC 5769 section 2.2.
const V4: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220\
    002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
/// RFC 5769 section 2.3.
const V6: &str = "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220\
    002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(char::is_ascii_hexdigit).collect();
    let octet = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(octet).collect()
}

#[test]
fn the_vectors_of_rfc_5769_are_read() {
    assert_eq!(stun::parse(&octets(REQUEST)), Some(Stun::BindingRequest { id: ID }));
    let success = |mapped: &str| {
        Some(Stun::BindingSuccess {
            id: ID,
            mapped: mapped.parse().unwrap(),
        })
    };
    assert_eq!(stun::parse(&octets(V4)), success("192.0.2.1:32853"));
    assert_eq!(
        stun::parse(&octets(V6)),
        success("[2001:db8:1234:5678:11:2233:4455:6677]:32853")
    );
}

#[test]
fn what_we_write_is_read_again() {
    let request = stun::binding_request(&ID);
    assert_eq!((request.len(), request.len() % 4), (28, 0));
    assert_eq!(stun::parse(&request), Some(Stun::BindingRequest { id: ID }));
    for mapped in ["192.0.2.1:5060", "[2001:db8::9]:40000"] {
        let mapped = mapped.parse().unwrap();
        let answer = stun::binding_success(&ID, mapped);
        assert_eq!(stun::parse(&answer), Some(Stun::BindingSuccess { id: ID, mapped }));
    }
}

#[test]
fn a_server_of_rfc_3489_is_understood() {
    let mut answer = octets("0101000c2112a442b7e7a701bc34d686fa87dfae");
    answer.extend(octets("00010008 0001 13c4 c0000201"));
    let mapped = "192.0.2.1:5060".parse().unwrap();
    assert_eq!(stun::parse(&answer), Some(Stun::BindingSuccess { id: ID, mapped }));
}

#[test]
fn an_error_is_an_answer_too() {
    let mut answer = octets("011100082112a442b7e7a701bc34d686fa87dfae");
    answer.extend(octets("00090004 00000414"));
    assert_eq!(stun::parse(&answer), Some(Stun::BindingError { id: ID, code: 420 }));
}

#[test]
fn every_damaged_octet_and_every_cut_is_refused() {
    for whole in [octets(REQUEST), octets(V4), octets(V6)] {
        for length in 0..whole.len() {
            assert_eq!(stun::parse(&whole[..length]), None, "cut to {length}");
        }
        // Without the two octets that say that the last attribute is a fingerprint.
        let said = [whole.len() - 8, whole.len() - 7];
        for at in (0..whole.len()).filter(|at| !said.contains(at)) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            // The fingerprint covers everything.
            assert_eq!(stun::parse(&damaged), None, "octet {at}");
        }
    }
    assert_eq!(stun::parse(&vec![0; 4000]), None);
}

#[test]
fn sip_and_keep_alives_are_never_taken_for_stun() {
    for sip in [
        "REGISTER sip:pbx.example SIP/2.0\r\n\r\n",
        "SIP/2.0 200 OK\r\n\r\n",
        "\r\n",
        "\r\n\r\n",
        "",
    ] {
        assert!(!stun::is_stun(sip.as_bytes()), "{sip:?}");
    }
    assert!(stun::is_stun(&stun::binding_request(&ID)));
}
