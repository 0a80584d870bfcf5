//! URIs and addresses: what is read, what is refused, what is the same.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_sip::{Fault, Host, HostPort, NameAddr, SipUri, Transport, Uri, limits};

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

#[test]
fn uris_print_as_they_were_read() {
    for text in [
        "sip:example.com",
        "sip:alice@example.com",
        "sips:alice:secret@example.com:5061;transport=tcp?subject=x&priority=urgent",
        "sip:alice;day=tuesday@atlanta.com",
        "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sip:1212@[2001:db8::10]:5070;transport=tls",
        "sip:[2001:db8::10]",
        "sip:user@host;ob;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "sip:%61lice%20b@example.com;n%61me=v%25",
        "sip:*69#@example.com",
        "tel:+1-201-555-0123;phone-context=example.com;ext=12",
        "tel:7042;phone-context=+1914555",
        "tel:*31#0301234567",
        "urn:service:sos",
        "http://www.example.com/a?b=c#d",
        "isbn:2983792873",
    ] {
        assert_eq!(uri(text).to_string(), text);
    }
    assert_eq!(uri("SIPS:a@B.example").to_string(), "sips:a@B.example");
    assert_eq!(uri("sip:a@b;;lr;").to_string(), "sip:a@b;lr");
}

#[test]
fn the_parts_of_a_uri_are_found() {
    let Uri::Sip(sip) = uri("sips:al%20ice:pw@[::1]:5061;transport=TCP;lr?Replaces=a%40b%3Bto-tag%3D1") else {
        panic!("not sip");
    };
    assert!(sip.secure && sip.is_loose_router());
    assert_eq!(
        (sip.user_text().as_deref(), sip.password.as_deref()),
        (Some("al ice"), Some("pw"))
    );
    assert_eq!((sip.host.to_string().as_str(), sip.port), ("[::1]", Some(5061)));
    assert_eq!(sip.transport(), Some(Transport::Tcp));
    assert_eq!(
        sip.decoded_headers(),
        [("Replaces".to_owned(), "a@b;to-tag=1".to_owned())]
    );
    assert_eq!(uri("sip:a@b;transport=carrier-pigeon").sip().unwrap().transport(), None);
    assert_eq!(uri("tel:+49-30-1").user().as_deref(), Some("+49-30-1"));
    // An `@` in a value, though it should be escaped, does not move the host.
    assert_eq!(uri("sip:bob@h;x=a@b").host().unwrap().to_string(), "h");
}

#[test]
fn what_is_no_uri_is_refused() {
    for text in [
        "",
        "sip:",
        "sip",
        "alice@example.com",
        "sip:@example.com",
        "sip:a@",
        "sip:a@b:port",
        "sip:a@b:99999",
        "sip:a@b:",
        "sip:a@2001:db8::1",
        "sip:a@[2001:db8::1",
        "sip:a@[::1]x",
        "sip:a b@c",
        "sip:a@b\r\n",
        "sip:a@b\0",
        "sip:%4@b",
        "sip:%zz@b",
        "sip:a@-_!",
        "sip:a@b..c",
        "<sip:a@b>",
        "sip:a@b>",
        "sip:\"a\"@b",
        "tel:",
        "tel:alice",
        "tel:+",
        "tel:1+2",
        "1a:b",
        "x:",
        "sip:a@b;=c",
        "sip:a@b?c",
        "sip:a@b;%1=c",
    ] {
        assert_eq!(Uri::parse(text), Err(Fault::Uri), "{text}");
    }
    assert_eq!(
        Uri::parse(&format!("sip:{}@b", "a".repeat(limits::URI))),
        Err(Fault::UriTooLong)
    );
    // As long as that when its characters are escaped.
    let long = format!("sip:a;x={}@b", "\u{fc}".repeat(700));
    assert_eq!(Uri::parse(&long), Err(Fault::UriTooLong));
    assert_eq!(
        Uri::parse(&format!("sip:a@b{}", ";p".repeat(limits::PARAMS + 1))),
        Err(Fault::Uri)
    );
}

#[test]
fn uris_are_equivalent_as_rfc_3261_has_it() {
    for (a, b) in [
        (
            "sip:%61lice@atlanta.com;transport=TCP",
            "sip:alice@AtLanTa.CoM;Transport=tcp",
        ),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0::1]"),
        ("tel:+1-212-555.0101", "tel:+1(212)5550101"),
        (
            "tel:7042;phone-context=Example.com",
            "tel:7042;PHONE-CONTEXT=example.com",
        ),
        ("URN:x", "urn:x"),
        // What should have been escaped goes out escaped, and is still the same address.
        ("sip:a@b;x=1=2", "sip:a@b;x=1%3D2"),
        ("urn:a^b", "urn:a%5Eb"),
        // Twice the same parameter is wrong, but an address is the same as itself.
        ("sip:a@b;user=phone;user=ip", "sip:a@b;user=phone;user=ip"),
    ] {
        assert!(uri(a).equivalent(&uri(b)) && uri(b).equivalent(&uri(a)), "{a} {b}");
    }
    for (a, b) in [
        (
            "SIP:ALICE@AtLanTa.CoM;Transport=udp",
            "sip:alice@AtLanTa.CoM;Transport=UDP",
        ),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        (
            "sip:carol@chicago.com;security=on",
            "sip:carol@chicago.com;security=off",
        ),
        ("sip:a@b", "sips:a@b"),
        ("sip:a%3Bb@c", "sip:a;b@c"),
        ("sip:a%253Bb@c", "sip:a%3Bb@c"),
        ("sip:a:b@c", "sip:a@c"),
        ("tel:+1212", "tel:1212"),
        ("tel:7042;phone-context=a.com", "tel:7042"),
        ("sip:1212@x", "tel:1212"),
    ] {
        assert!(!uri(a).equivalent(&uri(b)) && !uri(b).equivalent(&uri(a)), "{a} {b}");
    }
}

#[test]
fn a_uri_made_of_parts_escapes_what_people_type() {
    let host = Host::parse("example.com").unwrap();
    let made = SipUri::new(host)
        .with_user("büro 5%@x:\r\n")
        .with_port(5080)
        .with_param("transport", Some("tcp"));
    assert_eq!(
        made.to_string(),
        "sip:b%C3%BCro%205%25%40x%3A%0D%0A@example.com:5080;transport=tcp"
    );
    assert_eq!(made.user_text().as_deref(), Some("büro 5%@x:\r\n"));
    assert_eq!(uri(&made.to_string()), Uri::Sip(made));
}

#[test]
fn nothing_breaks_out_of_a_printed_uri() {
    let mut hostile = SipUri::new(Host::Name("a.b\r\nX: y".to_owned())).with_param("p\r\n", Some("v>\r\n,<"));
    hostile.user = Some("u>\"\r\n@".to_owned());
    hostile.headers.push(("h\r\n".to_owned(), "v &?".to_owned()));
    let printed = hostile.to_string();
    assert_eq!(
        printed,
        "sip:u%3E%22%0D%0A%40@a.bXy;p%0D%0A=v%3E%0D%0A%2C%3C?h%0D%0A=v%20%26?"
    );
    assert_eq!(SipUri::new(Host::Name("\r\n".to_owned())).to_string(), "sip:invalid");
}

#[test]
fn hosts_know_their_kinds() {
    assert_eq!(Host::parse("192.0.2.1").unwrap().ip().unwrap().to_string(), "192.0.2.1");
    assert_eq!(Host::parse("[::1]").unwrap(), Host::parse_lenient("::1").unwrap());
    assert_eq!(Host::parse("Example.COM."), Host::parse("example.com."));
    for wrong in ["::1", "", ".", "a..b", "a b", "[192.0.2.1]", "[::1", "ex!ample"] {
        assert_eq!(Host::parse(wrong), None, "{wrong}");
    }
    let address: std::net::SocketAddr = "[2001:db8::1]:5061".parse().unwrap();
    assert_eq!(HostPort::from(address).to_string(), "[2001:db8::1]:5061");
    assert_eq!(HostPort::parse("[2001:db8::1]:5061"), Some(HostPort::from(address)));
}

fn address(text: &str) -> NameAddr {
    NameAddr::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

#[test]
fn addresses_are_read_in_all_their_forms() {
    for (text, name, uri, tag) in [
        (
            "\"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s",
            Some("A. G. Bell"),
            "sip:agb@bell-telephone.com",
            Some("a48s"),
        ),
        (
            "sip:+12125551212@server.phone2net.com;tag=887s",
            None,
            "sip:+12125551212@server.phone2net.com",
            Some("887s"),
        ),
        (
            "Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8",
            Some("Anonymous"),
            "sip:c8oqz84zk7z@privacy.org",
            Some("hyh8"),
        ),
        (
            "\"q \\\"x\\\" \\\\ <;,>\"<sip:a@b;lr>",
            Some("q \"x\" \\ <;,>"),
            "sip:a@b;lr",
            None,
        ),
        (
            "Müller (Büro), Köln <sip:m@x>",
            Some("Müller (Büro), Köln"),
            "sip:m@x",
            None,
        ),
        ("\"\" <sip:a@b>", None, "sip:a@b", None),
        ("<tel:+49301234>;tag=", None, "tel:+49301234", None),
        ("<sip:a@b>;tag=(1){ü}|^", None, "sip:a@b", Some("(1){ü}|^")),
        ("sip:a@b ; tag = x", None, "sip:a@b", Some("x")),
    ] {
        let read = address(text);
        assert_eq!(
            (read.name.as_deref(), read.uri.to_string().as_str(), read.tag()),
            (name, uri, tag),
            "{text}"
        );
        assert_eq!(address(&read.to_string()), read, "{text}");
    }
}

#[test]
fn broken_addresses_are_refused() {
    for text in [
        "",
        "<>",
        "\"a <sip:a@b>",
        "\"a\" sip:a@b",
        "<sip:a@b",
        "< sip:a@b >",
        "a\"b <sip:a@b>",
        "<sip:a@b> x",
        "<sip:a@b>;;",
        "<sip:a@b>;=x",
        "sip:a@b?c=d",
        "sip:a@b,sip:c@d",
        "<sip:a@b>;tag=\"x",
        "<sip:a@b>;tag=a b",
        "*",
    ] {
        assert!(NameAddr::parse(text).is_err(), "{text}");
    }
}

#[test]
fn contact_parameters_have_their_types() {
    let contact = address("<sip:a@b>;expires=3600;q=0.7;+sip.instance=\"<urn:uuid:1>\"");
    assert_eq!((contact.expires(), contact.q()), (Some(3600), 700));
    assert_eq!(contact.params.get("+SIP.instance"), Some("<urn:uuid:1>"));
    assert_eq!(
        contact.to_string(),
        "<sip:a@b>;expires=3600;q=0.7;+sip.instance=\"<urn:uuid:1>\""
    );
    for (q, thousandths) in [
        ("1", 1000),
        ("1.0", 1000),
        ("0", 0),
        ("0.33", 330),
        ("0.001", 1),
        ("2", 1000),
        ("x", 1000),
        ("0.1234", 1000),
    ] {
        assert_eq!(address(&format!("<sip:a@b>;q={q}")).q(), thousandths, "{q}");
    }
}

#[test]
fn nothing_breaks_out_of_a_printed_address() {
    let hostile = NameAddr::new(SipUri::new(Host::parse("b").unwrap()))
        .with_name("x\" <sip:evil@c>\r\nX: y\\")
        .with_param("p;\r\n", Some("v\"\r\n;tag=1"))
        .with_tag("t\r\n");
    let printed = hostile.to_string();
    assert!(!printed.contains(['\r', '\n']));
    let again = address(&printed);
    assert_eq!(again.uri.to_string(), "sip:b");
    assert_eq!(again.name.as_deref(), Some("x\" <sip:evil@c>  X: y\\"));
    assert_eq!(again.tag(), Some("t  "));
}
