//! Small policies on which flatteners go wrong: what each compiles to, word for
//! word, or why it is refused.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

use serde_json::{Value, json};
use spfc::compile::{
    CompileError, Compiled, FlattenOptions, Halt, MacroOptions, MacroStyle, compile_macro, flatten,
};
use spfc::dns::ZoneMap;
use spfc::image::Order;
use spfc::name::DomainName;
use spfc::outcome::Qualifier;

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn options() -> FlattenOptions {
    FlattenOptions::new(name("p.test"))
}

fn compile(zones: &Value, options: &FlattenOptions) -> Result<Compiled, CompileError> {
    let zones = ZoneMap::read(zones.to_string().as_bytes()).unwrap();
    flatten(&zones, options).map(|flat| flat.compiled).map_err(|halt| match halt {
        Halt::Refuse(error) => *error,
        Halt::Need(questions) => panic!("needs {}", questions[0]),
    })
}

/// The policy's own record.
fn flat(zones: Value) -> String {
    compile(&zones, &options()).unwrap().records[0].text.clone()
}

fn refused(zones: Value) -> String {
    compile(&zones, &options()).unwrap_err().to_string()
}

/// A policy of this record, an included one, a host and a third policy.
fn with(own: &str, included: &str) -> Value {
    json!({
        "p.test": {"TXT": [own], "MX": ["10 h.test"]},
        "c.test": {"TXT": [included]},
        "h.test": {"A": ["192.0.2.10"], "AAAA": ["2001:db8::10"]},
        "r.test": {"TXT": ["v=spf1 ip4:198.51.100.0/24 -all"]},
    })
}

#[test]
fn an_include_matches_exactly_when_its_target_passes() {
    let own = "v=spf1 include:c.test ip4:10.0.0.0/8 ~all";
    // What the child excludes goes on in the parent.
    assert_eq!(
        flat(with(own, "v=spf1 -ip4:10.9.0.0/16 ip4:10.9.0.0/16 ip4:192.0.2.1 -all")),
        "v=spf1 ip4:10.0.0.0/8 ip4:192.0.2.1 ~all"
    );
    assert_eq!(
        flat(with(own, "v=spf1 ?ip4:192.0.2.0/25 ip4:192.0.2.0/24 +all")),
        "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/2 ip4:192.0.0.0/23 ip4:192.0.2.128/25 ip4:192.0.3.0/24 ip4:192.0.4.0/22 ip4:192.0.8.0/21 ip4:192.0.16.0/20 ip4:192.0.32.0/19 ip4:192.0.64.0/18 ip4:192.0.128.0/17 ip4:192.1.0.0/16 ip4:192.2.0.0/15 ip4:192.4.0.0/14 ip4:192.8.0.0/13 ip4:192.16.0.0/12 ip4:192.32.0.0/11 ip4:192.64.0.0/10 ip4:192.128.0.0/9 ip4:193.0.0.0/8 ip4:194.0.0.0/7 ip4:196.0.0.0/6 ip4:200.0.0.0/5 ip4:208.0.0.0/4 ip4:224.0.0.0/3 ip6:::/0 ~all"
    );
}

#[test]
fn the_qualifier_of_an_include_is_what_a_match_gives() {
    assert_eq!(
        flat(with("v=spf1 ?include:c.test ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.0/25 -all")),
        "v=spf1 ip4:192.0.2.128/25 ?ip4:192.0.2.0/25 -all"
    );
}

#[test]
fn an_exclusion_keeps_its_place() {
    assert_eq!(
        flat(with("v=spf1 -ip4:192.0.2.0/25 ip4:192.0.2.0/24 -all", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.128/25 -all"
    );
    assert_eq!(
        flat(with("v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.0/25 -all", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.0/24 -all"
    );
}

#[test]
fn a_redirect_counts_only_without_all() {
    assert_eq!(
        flat(with("v=spf1 a:h.test redirect=r.test", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.10 ip4:198.51.100.0/24 ip6:2001:db8::10 -all"
    );
    assert_eq!(
        flat(with("v=spf1 redirect=r.test ip4:192.0.2.1 ~all", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.1 ~all"
    );
    assert_eq!(
        flat(with("v=spf1 include:c.test -all", "v=spf1 redirect=r.test")),
        "v=spf1 ip4:198.51.100.0/24 -all"
    );
}

#[test]
fn the_default_of_a_record_without_end_is_neutral() {
    assert_eq!(flat(with("v=spf1 ip4:192.0.2.1", "v=spf1 -all")), "v=spf1 ip4:192.0.2.1 ?all");
}

#[test]
fn both_families_have_their_prefix_lengths() {
    assert_eq!(
        flat(with("v=spf1 mx/24//64 -all", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/64 -all"
    );
    assert_eq!(
        flat(with("v=spf1 a:h.test//64 -all", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.10 ip6:2001:db8::/64 -all"
    );
}

#[test]
fn neighbours_merge_and_duplicates_vanish() {
    assert_eq!(
        flat(with(
            "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 ip4:192.0.2.7 ip6:2001:db8::/33 ip6:2001:db8:8000::/33 -all",
            "v=spf1 -all"
        )),
        "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"
    );
}

#[test]
fn mapped_addresses_are_not_ip6() {
    assert_eq!(
        flat(with("v=spf1 ip6:::ffff:192.0.2.1 ip6:::/0 -all", "v=spf1 -all")),
        "v=spf1 ip6:::/0 -all"
    );
    assert_eq!(flat(with("v=spf1 ip6:::ffff:0:0/96 -all", "v=spf1 -all")), "v=spf1 -all");
}

#[test]
fn dynamic_terms_keep_their_place_among_outcomes() {
    // Pass before pass may move, so no DNS is asked for it; softfail may not be lost.
    assert_eq!(
        flat(with("v=spf1 ~ip4:192.0.2.7 exists:%{i}.d.test ip4:192.0.2.0/24 ~all", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.0/29 ip4:192.0.2.8/29 ip4:192.0.2.16/28 ip4:192.0.2.32/27 ip4:192.0.2.64/26 ip4:192.0.2.128/25 ~ip4:192.0.2.7 exists:%{i}.d.test ~all"
            .replace("ip4:192.0.2.0/29 ", "ip4:192.0.2.0/30 ip4:192.0.2.4/31 ip4:192.0.2.6 ")
    );
    assert_eq!(
        flat(with("v=spf1 -exists:%{i}.d.test ip4:192.0.2.0/24 ~all", "v=spf1 -all")),
        "v=spf1 -exists:%{i}.d.test ip4:192.0.2.0/24 ~all"
    );
}

#[test]
fn a_dynamic_term_leaves_an_include_with_its_domain_written_out() {
    let own = "v=spf1 ?include:c.test -all";
    assert_eq!(
        flat(with(own, "v=spf1 exists:%{i}.%{D2}.%{d} ptr ip4:192.0.2.1 -all")),
        "v=spf1 ?ip4:192.0.2.1 ?exists:%{i}.c.test.c.test ?ptr:c.test -all"
    );
    assert_eq!(flat(with(own, "v=spf1 redirect=%{l}.%{d}")), "v=spf1 ?include:%{l}.c.test -all");
}

#[test]
fn an_include_stays_whole_where_its_dynamic_terms_mean_more_inside() {
    // An exclusion before the dynamic term; a term that does not pass before
    // one that does; a name bound to its own domain.
    for included in [
        "v=spf1 -ip4:192.0.2.7 exists:%{i}.d.test -all",
        "v=spf1 -exists:%{i}.d.test ip4:192.0.2.0/24 -all",
        "v=spf1 exists:%{p}.d.test -all",
    ] {
        let flat =
            compile(&with("v=spf1 ip4:198.51.100.1 include:c.test ~all", included), &options())
                .unwrap();
        assert_eq!(
            flat.records[0].text, "v=spf1 ip4:198.51.100.1 include:c.test ~all",
            "{included}"
        );
        assert_eq!(flat.source.kept.len(), 1, "{included}");
    }
    // The exclusion is decided before in the parent: nothing is lost outside.
    assert_eq!(
        flat(with(
            "v=spf1 -ip4:192.0.2.7 include:c.test ~all",
            "v=spf1 -ip4:192.0.2.7 exists:%{i}.d.test -all"
        )),
        "v=spf1 -ip4:192.0.2.7 exists:%{i}.d.test ~all"
    );
}

#[test]
fn a_redirect_stays_where_its_target_is_bound_to_its_domain() {
    let bound = "v=spf1 ip4:192.0.2.1 exists:%{p}.d.test -all";
    assert_eq!(
        flat(with("v=spf1 ip4:198.51.100.1 redirect=c.test", bound)),
        "v=spf1 ip4:198.51.100.1 redirect=c.test"
    );
}

#[test]
fn a_name_bound_to_its_domain_never_moves() {
    let own = "v=spf1 include:c.test -all";
    assert_eq!(flat(with(own, "v=spf1 ptr:%{p1r}.ok.test -all")), own);
}

#[test]
fn what_stays_whole_cannot_leave_terms_out() {
    let included = "v=spf1 -ip4:192.0.2.7 exists:%{i}.d.test ip4:203.0.113.0/24 -all";
    let mut without = options();
    without.source.without = vec![String::from("ip4:203.0.113.0/24")];
    let error = compile(&with("v=spf1 include:c.test -all", included), &without).unwrap_err();
    assert!(matches!(error, CompileError::KeptTerm { .. }), "{error}");
}

#[test]
fn a_moved_record_keeps_its_two_sets_of_chunks() {
    let token = "x".repeat(200);
    let mut zones = with("v=spf1 -all", "v=spf1 -all");
    zones["p.test"]["TXT"] = json!(["v=spf1 redirect=_spf.p.test", token, token, token]);
    zones["_spf.p.test"] = json!({"TXT": ["v=spf1 include:_spf1a.p.test -all"]});
    zones["_spf1a.p.test"] = json!({"TXT": ["v=spf1 ip4:192.0.2.1 -all"]});
    let ranges: String = (0..40).map(|n| format!(" ip4:10.0.{}.0/24", 2 * n)).collect();
    zones["source.test"] = json!({"TXT": [format!("v=spf1{ranges} -all")]});
    let mut source = options();
    source.source.source = Some(name("source.test"));
    let flat = compile(&zones, &source).unwrap();
    assert_eq!(flat.records[0].text, "v=spf1 redirect=_spf.p.test");
    assert!(flat.records[1].text.contains("include:_spf1b.p.test"), "{:?}", flat.records);
}

#[test]
fn a_failing_server_is_no_free_name() {
    let mut zones = with("v=spf1 -all", "v=spf1 -all");
    zones["p.test"] = json!({"RCODE": "SERVFAIL"});
    let mut record = options();
    record.source.record = Some(b"v=spf1 ip4:192.0.2.1 -all".to_vec());
    assert!(compile(&zones, &record).unwrap_err().is_temporary());
}

#[test]
fn a_macro_zone_takes_no_name_that_the_source_reads() {
    let zones = |own: &str| with(own, "v=spf1 ip4:192.0.2.1 -all");
    let refused = |zones: &Value, zone: &str| {
        let zones = ZoneMap::read(zones.to_string().as_bytes()).unwrap();
        let style = MacroStyle::Exists { order: Order::Reversed, version: true };
        let options = MacroOptions::new(name("p.test"), name(zone), style);
        match compile_macro(&zones, &options) {
            Err(Halt::Refuse(error)) => matches!(*error, CompileError::AlreadyOutput { .. }),
            _ => false,
        }
    };
    assert!(refused(&zones("v=spf1 include:c.test -all"), "c.test"));
    assert!(refused(&zones("v=spf1 a:h.test -all"), "h.test"));
    assert!(refused(&zones("v=spf1 exists:%{ir}.%{v}._z.p.test -all"), "_z.p.test"));
    assert!(!refused(&zones("v=spf1 include:c.test -all"), "_z.p.test"));
}

#[test]
fn errors_count_where_an_address_reaches_them() {
    let missing = "p.test, term 'include:nowhere.test': nowhere.test has no SPF record";
    assert_eq!(
        refused(with("v=spf1 ip4:192.0.2.1 include:nowhere.test -all", "v=spf1 -all")),
        missing
    );
    assert_eq!(
        refused(with("v=spf1 ip4:0.0.0.0/1 ip6:::/0 include:nowhere.test -all", "v=spf1 -all")),
        missing
    );
    assert_eq!(
        refused(with("v=spf1 ip4:0.0.0.0/0 include:nowhere.test -all", "v=spf1 -all")),
        missing
    );
    assert_eq!(
        flat(with("v=spf1 ip4:192.0.2.1 -all include:nowhere.test", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.1 -all"
    );
    let covered = "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 ip6:::/0 include:nowhere.test -all";
    assert_eq!(flat(with(covered, "v=spf1 -all")), "v=spf1 ip4:0.0.0.0/0 ip6:::/0 -all");
    assert_eq!(
        flat(with("v=spf1 include:c.test include:nowhere.test -all", "v=spf1 +all")),
        "v=spf1 ip4:0.0.0.0/0 ip6:::/0 -all"
    );
    let syntax = refused(with("v=spf1 include:c.test -all", "v=spf1 ipv4:192.0.2.1 -all"));
    assert!(
        syntax.starts_with(
            "c.test: the record has a syntax error: unknown mechanism: found 'ipv4:192.0.2.1'"
        ),
        "{syntax}"
    );
}

#[test]
fn loops_are_errors_for_those_that_go_round() {
    let words =
        refused(with("v=spf1 ip4:192.0.2.1 include:c.test -all", "v=spf1 include:p.test -all"));
    assert!(
        words.contains("p.test → c.test → p.test") || words.contains("c.test → p.test → c.test"),
        "{words}"
    );
    assert!(refused(with("v=spf1 redirect=p.test", "v=spf1 -all")).contains("never ends"));
    // Everybody is decided before the loop closes.
    let decided = "v=spf1 ip4:0.0.0.0/0 ip6:::/0 include:p.test -all";
    assert_eq!(
        flat(with("v=spf1 include:c.test -all", decided)),
        "v=spf1 ip4:0.0.0.0/0 ip6:::/0 -all"
    );
}

#[test]
fn a_failure_of_dns_is_no_shorter_record() {
    let mut zones = with("v=spf1 a:h.test include:c.test -all", "v=spf1 ip4:192.0.2.1 -all");
    zones["h.test"] = json!({"RCODE": "SERVFAIL"});
    let error = compile(&zones, &options()).unwrap_err();
    assert!(error.is_temporary(), "{error}");
    zones["h.test"] = json!({"A": ["192.0.2.10"], "RCODE": {"AAAA": "TIMEOUT"}});
    assert!(compile(&zones, &options()).unwrap_err().is_temporary());
}

#[test]
fn terms_left_out_are_named_and_counted() {
    let zones = with("v=spf1 ip4:192.0.2.1 include:nowhere.test -all", "v=spf1 -all");
    let mut without = options();
    without.source.without = vec![String::from("include:nowhere.test")];
    let flat = compile(&zones, &without).unwrap();
    assert_eq!(flat.records[0].text, "v=spf1 ip4:192.0.2.1 -all");
    let repaired = flat.repaired.unwrap();
    assert_eq!((repaired.ip4.len(), repaired.ip6.len()), (2, 2));
    without.source.without = vec![String::from("include:elsewhere.test")];
    assert!(matches!(compile(&zones, &without), Err(CompileError::NoSuchTerm(_))));
}

#[test]
fn another_default_is_said_and_counted() {
    let zones = with("v=spf1 ip4:192.0.2.0/25 ?ip4:192.0.2.128/25 redirect=r.test", "v=spf1 -all");
    let changed = FlattenOptions { qualifier: Some(Qualifier::Softfail), ..options() };
    let flat = compile(&zones, &changed).unwrap();
    assert_eq!(
        flat.records[0].text,
        "v=spf1 ip4:192.0.2.0/25 ip4:198.51.100.0/24 ?ip4:192.0.2.128/25 ~all"
    );
    assert_eq!(flat.changed, 5);
}

#[test]
fn the_explanation_is_that_of_the_record_that_fails() {
    assert_eq!(
        flat(with("v=spf1 a:h.test exp=e.%{d} -all", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all exp=e.p.test"
    );
    // Nobody fails, so nothing is explained.
    assert_eq!(
        flat(with("v=spf1 ip4:192.0.2.1 exp=e.%{d} ~all", "v=spf1 -all")),
        "v=spf1 ip4:192.0.2.1 ~all"
    );
    let moved = compile(
        &with("v=spf1 exp=mine.test redirect=c.test", "v=spf1 ip4:192.0.2.1 exp=%{d} -all"),
        &options(),
    )
    .unwrap();
    assert_eq!(moved.records[0].text, "v=spf1 ip4:192.0.2.1 -all exp=c.test");
    assert_eq!(moved.notes.len(), 1, "{:?}", moved.notes);
    // The one that fails here has no explanation of its own: that is said.
    let mixed =
        with("v=spf1 -ip4:10.0.0.1 redirect=c.test", "v=spf1 ip4:192.0.2.1 -all exp=y.test");
    assert_eq!(compile(&mixed, &options()).unwrap().notes.len(), 2);
    // Where the target never fails, its explanation is nobody's.
    let softer =
        with("v=spf1 -ip4:192.0.2.1 redirect=c.test", "v=spf1 ip4:192.0.2.0/24 ~all exp=y.test");
    let softer = compile(&softer, &options()).unwrap();
    assert!(!softer.records[0].text.contains("exp="), "{:?}", softer.records);
}

#[test]
fn an_output_is_no_source() {
    let mut zones = with("v=spf1 include:_spf1a.p.test -all", "v=spf1 -all");
    zones["_spf1a.p.test"] = json!({"TXT": ["v=spf1 ip4:192.0.2.1 -all"]});
    assert!(refused(zones.clone()).contains("already the output"));
    // Read from elsewhere, the change goes to the other set of names.
    zones["source.test"] = json!({"TXT": ["v=spf1 ip4:192.0.2.0/24 mx -all"]});
    let mut source = options();
    source.source.source = Some(name("source.test"));
    source.records.max_message = 92;
    let flat = compile(&zones, &source).unwrap();
    assert!(
        flat.records[0].text.starts_with("v=spf1 include:_spf1b.p.test "),
        "{:?}",
        flat.records
    );
    assert_eq!(flat.records[1].name, name("_spf1b.p.test"));
}

#[test]
fn names_that_are_taken_stay() {
    let mut zones = with("v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 -all", "v=spf1 -all");
    zones["_spf1a.p.test"] = json!({"TXT": ["google-site-verification=x"]});
    let mut small = options();
    small.records.max_message = 95;
    assert!(matches!(compile(&zones, &small), Err(CompileError::NameTaken { .. })));
    small.publication.overwrite = true;
    assert!(compile(&zones, &small).is_ok());
}

#[test]
fn a_full_domain_redirects_to_a_record_of_its_own() {
    let mut zones = with("v=spf1 ip4:192.0.2.0/24 mx include:r.test -all", "v=spf1 -all");
    let token = "x".repeat(200);
    zones["p.test"]["TXT"] =
        json!(["v=spf1 ip4:192.0.2.0/24 mx include:r.test -all", token, token, token]);
    let flat = compile(&zones, &options()).unwrap();
    assert_eq!(flat.records[0].text, "v=spf1 redirect=_spf.p.test");
    assert_eq!(flat.records[1].name, name("_spf.p.test"));
    assert_eq!(flat.notes.len(), 2, "{:?}", flat.notes);
}
