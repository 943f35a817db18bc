//! What is said.

use super::*;
use crate::dns::Recording;
use crate::history::{History, Version, Why};
use crate::name::DomainName;
use crate::refresh::PolicySource;

#[test]
fn policies_are_checked_compiled_and_compared() {
    run(async {
        let asked = local();
        let policy = json!({"domain": "example.com"});
        let said = asked
            .post("/api/v1/check", &json!({"ip": "198.51.100.7", "domain": "example.com"}))
            .await;
        assert_eq!(
            (said.status, said.json()["result"].as_str()),
            (StatusCode::OK, Some("pass")),
            "{said:?}"
        );
        let said = asked.post("/api/v1/tree", &policy).await;
        assert_eq!(said.json()["terms"][0]["target"]["domain"], "p.example");
        let said = asked.post("/api/v1/lint", &json!({"policy": policy})).await;
        assert!(said.json()["diagnostics"].is_array(), "{said:?}");
        let said = asked.post("/api/v1/flatten", &json!({"policy": policy})).await;
        let text = "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/25 -all";
        assert_eq!(said.json()["records"][0]["text"], text, "{said:?}");
        let zone = json!({"policy": policy, "zone": "_spf.example.com"});
        let said = asked.post("/api/v1/macro", &zone).await;
        assert_eq!(
            said.json()["record"],
            "v=spf1 exists:%{ir}.%{v}._spf.example.com -all",
            "{said:?}"
        );
        let same = json!({"a": policy, "b": {"domain": "example.com", "record": text}});
        assert_eq!(asked.post("/api/v1/verify", &same).await.json()["equal"], true);
        let other = json!({"a": policy, "b": {"domain": "example.com", "record": "v=spf1 -all"}});
        assert_eq!(asked.post("/api/v1/verify", &other).await.json()["equal"], false);
        let broken = json!({"policy": {"domain": "broken.example"}});
        let said = asked.post("/api/v1/flatten", &broken).await;
        assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(said.json()["detail"].as_str().unwrap().contains("nowhere.example"), "{said:?}");
    });
}

#[test]
fn a_served_policy_is_checked_without_a_question() {
    run(async {
        let domain = DomainName::parse("example.com").unwrap();
        let file = DnsFile::read(br#"{"example.com": {"TXT": ["v=spf1 ip4:203.0.113.0/24 exists:%{i}.x.example -all"]}}"#);
        let file = file.unwrap();
        let question = Question::new(domain.clone(), crate::dns::RecordType::Txt);
        let answer = file.lookup(&question).unwrap();
        let answers = Arc::new(Recording::new("now", [domain.clone()], [(question, answer)]));
        let policy = PolicySource { domain, source: None, recording: None, record: None };
        let policy = Some(ServedPolicy { version: 1, policy, answers });
        let asked = asked(Server { policy, ..Server::default() }, "127.0.0.1:80", None);
        let said =
            asked.post("/api/v1/check", &json!({"ip": "203.0.113.7", "served": "office"})).await;
        assert_eq!(said.json()["result"], "pass", "{said:?}");
        // A term that only a message decides asks for something else.
        let said =
            asked.post("/api/v1/check", &json!({"ip": "192.0.2.7", "served": "office"})).await;
        assert_eq!(said.status, StatusCode::CONFLICT, "{said:?}");
        let said =
            asked.post("/api/v1/check", &json!({"ip": "192.0.2.7", "served": "other"})).await;
        assert_eq!(said.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn the_history_is_told() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let (mut history, _) = History::open(&path).unwrap();
        for (number, record) in
            [(1, "v=spf1 ip4:192.0.2.0/24 -all"), (2, "v=spf1 ip4:192.0.2.0/25 -all")]
        {
            let lock = format!(
                "{{\"spfc_lock\":1,\"schema\":1,\"taken\":\"now\",\"domains\":[\"example.com\"],\"answers\":[\
                 {{\"name\":\"example.com\",\"type\":\"TXT\",\"records\":[\"{record}\"]}}]}}"
            );
            let version = Version {
                source: "office".to_owned(),
                number,
                time: 7,
                domain: "example.com".to_owned(),
                record: None,
                why: Why::First,
                sentence: "for a test".to_owned(),
                lock: Some(lock),
                ip4: 256,
                ip6: 0,
                changes: Vec::new(),
            };
            history.add(&version).unwrap();
        }
        let asked =
            asked(Server { history: Some(path), ..Server::default() }, "127.0.0.1:80", None);
        let said = asked.get("/api/v1/domains/EXAMPLE.com/versions").await;
        assert_eq!(said.json()["versions"].as_array().unwrap().len(), 2, "{said:?}");
        let said = asked.get("/api/v1/domains/office/versions/2").await;
        assert!(said.json()["lock"].as_str().unwrap().contains("192.0.2.0/25"), "{said:?}");
        assert_eq!(
            asked.get("/api/v1/domains/office/versions/3").await.status,
            StatusCode::NOT_FOUND
        );
        let said = asked.get("/api/v1/domains/office/changes?from=1&to=2").await;
        assert_eq!(said.json()["lost"][0]["range"], "192.0.2.128/25", "{said:?}");
    });
}

#[test]
fn metrics_are_what_prometheus_reads() {
    run(async {
        let said = local().get("/metrics").await;
        assert!(said.kind.starts_with("application/openmetrics-text"), "{}", said.kind);
        for line in [
            "spfc_udp_total 3",
            "spfc_ready 1",
            "spfc_source_health{source=\"office\",health=\"held\"} 1",
            "spfc_source_health{source=\"office\",health=\"fine\"} 0",
            "spfc_source_ip4_addresses{source=\"office\",domain=\"example.com\"} 256.0",
        ] {
            assert!(said.text.lines().any(|own| own == line), "{line}\n{}", said.text);
        }
        assert!(said.text.ends_with("# EOF\n"));
    });
}
