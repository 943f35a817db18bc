//! The pages: all of it without a script, and hostile text as text.

use super::*;
use proptest::prelude::*;

/// A text as it stands in a query.
fn query(text: &str) -> String {
    text.bytes().map(|octet| format!("%{octet:02X}")).collect()
}

/// What stands between these two, with the escapes of HTML read.
fn between(page: &str, before: &str, behind: &str) -> String {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("{before}: {page}"));
    let (own, _) = rest.split_once(behind).unwrap_or_else(|| panic!("{behind}: {page}"));
    let (_, own) = own.split_once('>').unwrap_or_else(|| panic!("{own}"));
    own.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[test]
fn a_policy_is_looked_at_without_a_script() {
    run(async {
        let asked = local();
        let said = asked.get("/").await;
        assert_eq!((said.status, said.kind.as_str()), (StatusCode::OK, "text/html; charset=utf-8"));
        let said = asked.get("/?policy=example.com&ip=198.51.100.7").await;
        for words in [
            "Mail from 198.51.100.7",
            "1 of 10",
            "include:p.example",
            "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/25 -all",
            "v=spf1 exists:%{ir}.%{v}._spf.example.com -all",
        ] {
            assert!(said.text.contains(words), "{words}: {}", said.text);
        }
        let broken = format!("/?policy={}", query("v=spf1 ip4:192.0.2.0/33 -all"));
        let said = asked.get(&broken).await;
        assert!(said.text.contains("ip4:192.0.2.0<mark>/33</mark>"), "{}", said.text);
        for wrong in ["/?policy=a..b", "/?policy=example.com&ip=x"] {
            let said = asked.get(wrong).await;
            assert_eq!(said.status, StatusCode::OK);
            assert!(said.text.contains("This cannot be looked at"), "{}", said.text);
        }
        // Nothing of another place, and no script but the one.
        let page = said.text;
        assert_eq!(page.matches("<script").count(), 1);
        assert!(!page.contains("style=") && !page.contains("onclick") && !page.contains("http://"));
    });
}

#[test]
fn a_source_has_a_page() {
    run(async {
        let asked = local();
        assert!(asked.get("/").await.text.contains("<a href=\"/domains/office\">office</a>"));
        let said = asked.get("/domains/office").await;
        assert!(
            said.text.contains("spfc accept office --since 1970-01-01T00:00:08Z"),
            "{}",
            said.text
        );
        let said = asked.get("/domains/other").await;
        assert_eq!(
            (said.status, said.kind.as_str()),
            (StatusCode::NOT_FOUND, "text/html; charset=utf-8")
        );
        for (path, kind) in [
            ("/style.css", "text/css; charset=utf-8"),
            ("/page.js", "text/javascript; charset=utf-8"),
            ("/icon.svg", "image/svg+xml"),
        ] {
            let said = asked.get(path).await;
            assert_eq!((said.status, said.kind.as_str()), (StatusCode::OK, kind));
        }
    });
}

#[test]
fn pages_are_small() {
    run(async {
        let asked = local();
        let mut octets = 0;
        for path in ["/?policy=example.com", "/style.css", "/page.js"] {
            octets += asked.get(path).await.text.len();
        }
        assert!(octets < 300 << 10, "{octets}");
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_text_reads_back(text in "[\\PC\n\r\t<>\"'&]{1,60}") {
        prop_assume!(!text.trim().is_empty());
        let page = run(async { local().get(&format!("/?policy={}", query(&text))).await.text });
        // A parser of HTML leaves out a line end at the beginning, and reads others alike.
        prop_assert_eq!(between(&page, "<textarea", "</textarea>"), text.clone());
        prop_assert_eq!(page.matches("<script").count(), 1);
        prop_assert_eq!(page.matches("</textarea>").count(), 1);
    }
}
