//! What is said of single mistakes: their class, their place and their fix.

use super::found;
use crate::lint::finding::FixKind;
use crate::lint::rules::grammar::mistake::Class;

/// Terms with one mistake: its class, the octets shown, and what the fix makes
/// of the term; behind a question mark where it is only offered, nothing where
/// there is none.
type Case = (&'static str, Class, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (terms, class, under, meant) in cases {
        let text = format!("v=spf1 {terms}").into_bytes();
        let found = found(&text);
        let [mistake] = found.as_slice() else { panic!("{terms}: {found:#?}") };
        let shown = String::from_utf8_lossy(mistake.span.of(&text)).into_owned();
        let fix = mistake.fix.as_ref().map_or_else(String::new, |fix| {
            let sign = if fix.kind == FixKind::Offered { "?" } else { "" };
            format!("{sign}{}", fix.text)
        });
        assert_eq!(
            (mistake.class, shown.as_str(), fix.as_str()),
            (*class, *under, *meant),
            "{terms}"
        );
    }
}

#[test]
fn unknown_mechanisms() {
    check(&[
        ("ipv4:192.0.2.1 -all", Class::Mechanism, "ipv4", "ip4:192.0.2.1"),
        ("ip4=192.0.2.1 -ip4=192.0.2.1", Class::Mechanism, "ip4=", "-ip4:192.0.2.1"),
        ("ip4;192.0.2.1", Class::Mechanism, "ip4;", "ip4:192.0.2.1"),
        ("ip4.1.2.3.4", Class::Mechanism, "ip4.", "ip4:1.2.3.4"),
        ("ip4192.0.2.1", Class::Mechanism, "ip4", "ip4:192.0.2.1"),
        ("ip4-192.0.2.1/24", Class::Mechanism, "ip4-", "ip4:192.0.2.1/24"),
        ("nclude:x.example ~all", Class::Mechanism, "nclude", "include:x.example"),
        ("inlcude:x.example", Class::Mechanism, "inlcude", "include:x.example"),
        ("includes:x.example", Class::Mechanism, "includes", "include:x.example"),
        ("-include=x.example", Class::Mechanism, "include=", "-include:x.example"),
        ("incude:x.example", Class::Mechanism, "incude", "include:x.example"),
        ("include;x.example;~all", Class::Mechanism, "include;", "include:x.example ~all"),
        ("include;x.example", Class::Mechanism, "include;", "include:x.example"),
        ("include.x.example", Class::Mechanism, "include.", "?include:x.example"),
        ("include_spf.x.example", Class::Mechanism, "include", "?include:_spf.x.example"),
        ("includespf.x.example", Class::Mechanism, "include", "?include:spf.x.example"),
        ("al", Class::Mechanism, "al", "?~all"),
        ("~al", Class::Mechanism, "al", "~all"),
        ("-al", Class::Mechanism, "al", "-all"),
        ("-all.", Class::Mechanism, "all.", "-all"),
        ("~allCOPY", Class::Mechanism, "allCOPY", "~all"),
        ("--all", Class::Mechanism, "--", "-all"),
        ("all-", Class::Mechanism, "-", "-all"),
        ("a~allx", Class::Mechanism, "a~allx", ""),
        ("redirect:x.example", Class::Mechanism, "redirect:", "redirect=x.example"),
        ("exp:x.example", Class::Mechanism, "exp:", "exp=x.example"),
        ("spf2.0/pra", Class::Mechanism, "spf2.0/pra", "?"),
        ("_all", Class::Mechanism, "_", "?-all"),
        ("=all", Class::Mechanism, "=", "?-all"),
        ("*all", Class::Mechanism, "*", ""),
        ("~-all", Class::Mechanism, "~-", "?-all"),
        ("~all~", Class::Mechanism, "~", "~all"),
        ("-a1l", Class::Mechanism, "a1l", "-all"),
        ("-alll", Class::Mechanism, "alll", "-all"),
        ("xm", Class::Mechanism, "xm", "?mx"),
        ("mail:x.example", Class::Mechanism, "mail", ""),
        ("https://example.com", Class::Mechanism, "https", ""),
        ("user@example.com", Class::Mechanism, "user@example.com", ""),
        ("foo", Class::Mechanism, "foo", ""),
        ("-redirect=x.example", Class::Mechanism, "-redirect=", "?redirect=x.example"),
        ("+redirect=x.example", Class::Mechanism, "+redirect=", "redirect=x.example"),
        ("host:mail.example.com", Class::Mechanism, "host", "?a:mail.example.com"),
        ("a/mail.example.com", Class::Mechanism, "a/", "a:mail.example.com"),
        ("ip4/192.0.2.1", Class::Mechanism, "ip4/", "ip4:192.0.2.1"),
        ("?all.", Class::Mechanism, "all.", "?all"),
        ("redirect;x.example", Class::Mechanism, "redirect;", "redirect=x.example"),
        ("inc:x.example", Class::Mechanism, "inc", "include:x.example"),
        ("spf:x.example", Class::Mechanism, "spf", "include:x.example"),
        ("+al", Class::Mechanism, "al", "?+all"),
        ("?al", Class::Mechanism, "al", "?all"),
        ("~ll", Class::Mechanism, "ll", "~all"),
    ]);
}

#[test]
fn bare_arguments() {
    check(&[
        (
            "spf.hosted.example.co.uk",
            Class::Bare,
            "spf.hosted.example.co.uk",
            "?include:spf.hosted.example.co.uk",
        ),
        ("_spf.example.com", Class::Bare, "_spf.example.com", "?include:_spf.example.com"),
        ("mail.example.com", Class::Bare, "mail.example.com", "?a:mail.example.com"),
        ("mail.example.com.", Class::Bare, "mail.example.com.", "?a:mail.example.com."),
        ("+192.0.2.1", Class::Bare, "192.0.2.1", "+ip4:192.0.2.1"),
        ("-mail.example.com", Class::Bare, "mail.example.com", "?-a:mail.example.com"),
        ("a mail.example.com -all", Class::Bare, "mail.example.com", "?a:mail.example.com"),
        (
            "192.0.2.1-192.0.2.9",
            Class::Bare,
            "192.0.2.1-192.0.2.9",
            "ip4:192.0.2.1 ip4:192.0.2.2/31 ip4:192.0.2.4/30 ip4:192.0.2.8/31",
        ),
        ("192.0.2.*", Class::Bare, "192.0.2.*", "ip4:192.0.2.0/24"),
    ]);
}

#[test]
fn blanks_in_terms() {
    check(&[
        ("include: x.example", Class::Blank, "include: x.example", "include:x.example"),
        ("ip4: 192.0.2.1", Class::Blank, "ip4: 192.0.2.1", "ip4:192.0.2.1"),
        ("ip4 192.0.2.1", Class::Blank, "ip4 192.0.2.1", "ip4:192.0.2.1"),
        ("include x.example", Class::Blank, "include x.example", "include:x.example"),
        ("redirect x.example", Class::Blank, "redirect x.example", "redirect=x.example"),
        ("redirect = x.example", Class::Blank, "redirect = x.example", "redirect=x.example"),
        ("ip4:192.0.2.1~ all", Class::Blank, "ip4:192.0.2.1~ all", "ip4:192.0.2.1 ~all"),
        ("mx- a", Class::Blank, "mx- a", "?mx -a"),
        ("- all", Class::Blank, "- all", "-all"),
        ("~ all", Class::Blank, "~ all", "~all"),
        ("+ all", Class::Blank, "+ all", "?+all"),
        ("ip4:192.0.2.0 /24", Class::Blank, "ip4:192.0.2.0 /24", "ip4:192.0.2.0/24"),
        ("ip4:192.0.2.0/ 24", Class::Blank, "ip4:192.0.2.0/ 24", "ip4:192.0.2.0/24"),
        (
            "include:_spf. google.com",
            Class::Blank,
            "include:_spf. google.com",
            "include:_spf.google.com",
        ),
        ("ip4:192.0.2.1 ipv4: 192.0.2.2", Class::Blank, "ipv4: 192.0.2.2", "ip4:192.0.2.2"),
        (
            "include:spf .example.com",
            Class::Blank,
            "include:spf .example.com",
            "include:spf.example.com",
        ),
        ("ip4:192.0.2 .1", Class::Blank, "ip4:192.0.2 .1", "ip4:192.0.2.1"),
    ]);
}

#[test]
fn glued_terms() {
    check(&[
        (
            "ip4:192.0.2.0/24ip4:198.51.100.0/24",
            Class::Glued,
            "ip4:198.51.100.0/24",
            "ip4:192.0.2.0/24 ip4:198.51.100.0/24",
        ),
        ("ip4:192.0.2.4~all", Class::Glued, "~all", "ip4:192.0.2.4 ~all"),
        ("include:a.example~all", Class::Glued, "~all", "include:a.example ~all"),
        (
            "include:a.exampleip4:192.0.2.1",
            Class::Glued,
            "ip4:192.0.2.1",
            "include:a.example ip4:192.0.2.1",
        ),
        ("mx~all", Class::Glued, "~all", "mx ~all"),
        ("mx-all", Class::Glued, "-all", "mx -all"),
        ("ip4:192.0.2.1,192.0.2.2", Class::Glued, ",", "ip4:192.0.2.1 ip4:192.0.2.2"),
        ("ip4:192.0.2.1,ip4:192.0.2.2", Class::Glued, ",", "ip4:192.0.2.1 ip4:192.0.2.2"),
        ("ip4:192.0.2.1;ip4:192.0.2.2;-all", Class::Glued, ";", "ip4:192.0.2.1 ip4:192.0.2.2 -all"),
        (
            "ip4:10.0.0.1ip6:2001:db8::1-all",
            Class::Glued,
            "ip6:2001:db8::1",
            "ip4:10.0.0.1 ip6:2001:db8::1 -all",
        ),
        ("ip4:192.0.2.4all", Class::Glued, "all", "?ip4:192.0.2.4 all"),
        ("ip4:192.0.2.4+all", Class::Glued, "+all", "?ip4:192.0.2.4 +all"),
        ("mx,a:mail.example.com", Class::Glued, ",", "mx a:mail.example.com"),
        ("ip4:192.0.2.1&ip4:192.0.2.2", Class::Glued, "&", "ip4:192.0.2.1 ip4:192.0.2.2"),
    ]);
}

#[test]
fn addresses_of_the_other_family() {
    check(&[
        ("ip6:192.0.2.1", Class::Family, "192.0.2.1", "ip4:192.0.2.1"),
        ("ip4:2001:db8::1", Class::Family, "2001:db8::1", "ip6:2001:db8::1"),
        ("ip4:::ffff:192.0.2.1", Class::Family, "::ffff:192.0.2.1", "ip4:192.0.2.1"),
    ]);
}

#[test]
fn bad_lengths() {
    check(&[
        ("ip4:192.0.2.0/255.255.255.0", Class::Length, "/255.255.255.0", "ip4:192.0.2.0/24"),
        ("ip4:192.0.2.0/0.0.0.255", Class::Length, "/0.0.0.255", "?ip4:192.0.2.0/24"),
        ("ip4:192.0.2.0/024", Class::Length, "/024", "ip4:192.0.2.0/24"),
        ("ip4:192.0.2.0/33", Class::Length, "/33", ""),
        ("ip4:192.0.2.0/64", Class::Length, "/64", ""),
        ("ip4:192.0.2.0/", Class::Length, "/", "?ip4:192.0.2.0"),
        ("ip4:192.0.2.0//24", Class::Length, "//24", "?ip4:192.0.2.0/24"),
        ("ip4:192.0.2.0/24/32", Class::Length, "/24/32", "?ip4:192.0.2.0/24"),
        ("a/24/64", Class::Length, "/24/64", "a/24//64"),
        (
            "a:mail.example.com/255.255.255.0",
            Class::Length,
            "/255.255.255.0",
            "a:mail.example.com/24",
        ),
        ("a/64", Class::Length, "/64", "?a//64"),
        ("ip6:2001:db8::/129", Class::Length, "/129", ""),
        ("include:x.example/24", Class::Length, "/24", "?include:x.example"),
        ("ip4:192.0.2.0\\24", Class::Length, "\\24", "ip4:192.0.2.0/24"),
        ("all/0", Class::Length, "/0", "?~all"),
        ("ip4:192.0.2.1/24/", Class::Length, "/24/", "?ip4:192.0.2.1/24"),
    ]);
}

#[test]
fn stray_octets() {
    check(&[
        ("~all;", Class::Stray, ";", "~all"),
        ("-all\"", Class::Stray, "\"", "-all"),
        ("—all", Class::Stray, "—", "-all"),
        ("–all", Class::Stray, "–", "-all"),
        ("-all–", Class::Stray, "–", "?-all"),
        ("include:x.example\u{a0}-all", Class::Stray, "\u{a0}", "include:x.example -all"),
        ("include:x.example \u{a0} -all", Class::Stray, "\u{a0}", ""),
        ("\u{a0}-all", Class::Stray, "\u{a0}", "-all"),
        ("ip4:[192.0.2.1]", Class::Stray, "[", "ip4:192.0.2.1"),
        ("ip6:[2001:db8::1]", Class::Stray, "[", "ip6:2001:db8::1"),
        ("ip4:\"192.0.2.1\"", Class::Stray, "\"", "ip4:192.0.2.1"),
        ("-all:", Class::Stray, ":", "-all"),
        ("include:bücher.example", Class::Stray, "ü", "include:xn--bcher-kva.example"),
        ("include:a–b.example", Class::Stray, "–", "?include:a-b.example"),
        ("ip4:192.0.2.1 , mx", Class::Stray, ",", ""),
        ("ip4:192.0.2.1\t-all", Class::Stray, "\t", "ip4:192.0.2.1 -all"),
        ("mx:mail.example.com:", Class::Stray, ":", "mx:mail.example.com"),
        ("include:<x.example>", Class::Stray, "<", "include:x.example"),
        ("(mx)", Class::Stray, "(", "mx"),
        ("ip4:192.0.2.1/32.", Class::Stray, ".", "ip4:192.0.2.1/32"),
    ]);
}

#[test]
fn empty_terms() {
    check(&[
        ("ptr:", Class::Empty, "ptr:", "?ptr"),
        ("mx:", Class::Empty, "mx:", "?mx"),
        ("a:", Class::Empty, "a:", "?a"),
        ("a:/24", Class::Empty, "a:/24", "?a/24"),
        ("redirect=", Class::Empty, "redirect=", "?"),
        ("exp=", Class::Empty, "exp=", "?"),
        ("include:", Class::Empty, "include:", "?"),
        ("include", Class::Empty, "include", "?"),
        ("include ~all", Class::Empty, "include", "?"),
        ("ip4:", Class::Empty, "ip4:", "?"),
        ("ip4", Class::Empty, "ip4", "?"),
        ("-", Class::Empty, "-", "?"),
        ("exists:", Class::Empty, "exists:", "?"),
        ("exists", Class::Empty, "exists", "?"),
        ("-mx:", Class::Empty, "-mx:", "?-mx"),
    ]);
}

#[test]
fn bad_macros() {
    check(&[
        ("exists:%i.x.example", Class::Macro, "%i", "exists:%{i}.x.example"),
        ("exists:%{i.x.example", Class::Macro, "%{i.x.example", "exists:%{i}.x.example"),
        ("exists:%{i", Class::Macro, "%{i", "exists:%{i}"),
        ("exists:%{x}.x.example", Class::Macro, "x", ""),
        ("exists:%{d0}.x.example", Class::Macro, "%{d0}", ""),
        (
            "exists:%{ir}.%{v.%{d}.spf.example",
            Class::Macro,
            "%{v.%{d}",
            "exists:%{ir}.%{v}.%{d}.spf.example",
        ),
        ("exists:%{ri}.x.example", Class::Macro, "%{ri}", "?exists:%{ir}.x.example"),
        ("exists:%{ip}.x.example", Class::Macro, "%{ip}", "?exists:%{i}.x.example"),
        ("exists:%[ir].x.example", Class::Macro, "%[", "exists:%{ir}.x.example"),
        ("include:%{{i}}.x.example", Class::Macro, "{", "include:%{i}.x.example"),
        ("include:100%.example", Class::Macro, "%.", ""),
        ("exists:%{t}.x.example", Class::Macro, "%{t}", ""),
    ]);
}

#[test]
fn other_mistakes() {
    check(&[
        ("ip4:192.0.2", Class::Other, "192.0.2", "?ip4:192.0.2.0/24"),
        ("ip4:192.0.2/24", Class::Other, "192.0.2/24", "ip4:192.0.2.0/24"),
        (
            "ip4:192.0.2.1-192.0.2.9",
            Class::Other,
            "192.0.2.1-192.0.2.9",
            "ip4:192.0.2.1 ip4:192.0.2.2/31 ip4:192.0.2.4/30 ip4:192.0.2.8/31",
        ),
        (
            "ip4:192.0.2.1-9",
            Class::Other,
            "192.0.2.1-9",
            "ip4:192.0.2.1 ip4:192.0.2.2/31 ip4:192.0.2.4/30 ip4:192.0.2.8/31",
        ),
        ("ip4:192.0.2.*", Class::Other, "192.0.2.*", "ip4:192.0.2.0/24"),
        ("ip4:192.0.2.x", Class::Other, "192.0.2.x", "ip4:192.0.2.0/24"),
        ("ip4:host.example", Class::Other, "host.example", "?a:host.example"),
        ("ip4:192.0.2.1.example", Class::Other, "192.0.2.1.example", "?a:192.0.2.1.example"),
        ("a:host.example:25", Class::Other, "host.example:25", "a:host.example"),
        ("a:https://host.example/", Class::Other, "https://host.example/", "a:host.example"),
        (
            "include:https://x.example/path",
            Class::Other,
            "https://x.example/path",
            "include:x.example",
        ),
        ("ip4:http://192.0.2.1", Class::Other, "http://192.0.2.1", "ip4:192.0.2.1"),
        ("a:192.0.2.1", Class::Other, "192.0.2.1", "ip4:192.0.2.1"),
        ("include:192.0.2.1", Class::Other, "192.0.2.1", "ip4:192.0.2.1"),
        ("include:192.0.2.0/24", Class::Other, "192.0.2.0/24", "ip4:192.0.2.0/24"),
        ("include:ip4:192.0.2.1", Class::Other, "include:", "ip4:192.0.2.1"),
        ("a:2001:db8::1", Class::Other, "2001:db8::1", "ip6:2001:db8::1"),
        ("ip4:ip4:192.0.2.1", Class::Other, "ip4:", "ip4:192.0.2.1"),
        ("ip4::192.0.2.1", Class::Other, ":", "ip4:192.0.2.1"),
        ("ip4:=192.0.2.1", Class::Other, "=", "ip4:192.0.2.1"),
        ("ip4:192.0.2.256", Class::Other, "192.0.2.256", ""),
        ("ip4:192.0.2.01", Class::Other, "192.0.2.01", "?ip4:192.0.2.1"),
        ("ip4:192,0,2,1", Class::Other, "192,0,2,1", "ip4:192.0.2.1"),
        ("ip4:192.0.2.1:25", Class::Other, "192.0.2.1:25", "ip4:192.0.2.1"),
        ("ip6:2001:db8:/32", Class::Other, "2001:db8:/32", "?ip6:2001:db8::/32"),
        ("-all:x.example", Class::Other, ":x.example", "?-all"),
        ("ptr:~all", Class::Other, "~all", "?ptr ~all"),
        ("include:-all", Class::Other, "-all", "?-all"),
        ("include:localhost", Class::Other, "localhost", ""),
        ("redirect=_spf", Class::Other, "_spf", ""),
        ("a:mailserver", Class::Other, "mailserver", ""),
        ("include:a..", Class::Other, "a..", ""),
        ("include:x.example-", Class::Other, "-", "?include:x.example"),
        ("include:x.example~", Class::Other, "~", "?include:x.example"),
        ("ip4:192.0.2.1%20ip4:192.0.2.2", Class::Other, "192.0.2.1%20ip4:192.0.2.2", ""),
        ("-a:mail.example.com:25", Class::Other, "mail.example.com:25", "-a:mail.example.com"),
        ("ip6:2001:db8::1%eth0", Class::Other, "2001:db8::1%eth0", ""),
        ("ip4:192.0.2.1(mail)", Class::Other, "192.0.2.1(mail)", ""),
        ("include:*.", Class::Other, "*.", ""),
        ("ip4:10/8", Class::Other, "10/8", "ip4:10.0.0.0/8"),
        ("ip4:192.0.2.300/24", Class::Other, "192.0.2.300/24", ""),
        ("a:https://host.example/", Class::Other, "https://host.example/", "a:host.example"),
    ]);
}
