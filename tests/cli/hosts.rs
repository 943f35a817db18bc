//! `spfc flatten --output` in the forms of DNS hosts.

use std::path::Path;

use crate::support::{example, spfc};

/// The forms, with a line that is in each.
const FORMS: [(&str, &str); 7] = [
    ("nsupdate", "send"),
    ("octodns", "  type: TXT"),
    ("dnscontrol", "D_EXTEND(\"example.com\","),
    ("terraform-route53", "resource \"aws_route53_record\" \"spf_example_com\" {"),
    ("terraform-cloudflare", "resource \"cloudflare_dns_record\" \"spf_example_com\" {"),
    ("terraform-google", "resource \"google_dns_record_set\" \"spf_example_com\" {"),
    ("route53", "        \"Name\": \"example.com.\","),
];

fn flatten(form: &str, more: &[&str]) -> crate::support::Ran {
    let dns = example();
    let args = ["--dns-file", &dns, "flatten", "example.com", "--output", form];
    spfc(&[&args[..], more].concat())
}

#[test]
fn each_form_is_printed() {
    for (form, line) in FORMS {
        let ran = flatten(form, &[]);
        assert_eq!(ran.status, 0, "{form}: {}", ran.stderr);
        assert!(ran.stdout.lines().any(|found| found == line), "{form}: {}", ran.stdout);
        assert_eq!(flatten(form, &[]).stdout, ran.stdout);
        assert_eq!(flatten(form, &["--dns-zone", "example.com"]).stdout, ran.stdout);
    }
    let above = flatten("octodns", &["--dns-zone", "COM."]);
    assert!(above.stdout.lines().any(|line| line == "\"example\":"), "{}", above.stdout);
}

#[test]
fn names_outside_of_the_zone_are_a_mistake_of_the_caller() {
    for (form, _) in FORMS {
        let ran = flatten(form, &["--dns-zone", "example.org"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{form}");
        assert!(ran.stderr.contains("is not in the zone example.org"), "{}", ran.stderr);
    }
    assert_eq!(flatten("nsupdate", &["--dns-zone", "a..b"]).status, 2);
}

/// Every command of the page, as far as its flags and values go.
#[test]
fn commands_of_the_page_are_understood() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/publishing.md");
    let page = std::fs::read_to_string(page).unwrap();
    let commands: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("spfc ")).collect();
    for (form, _) in FORMS {
        let named = format!("--output {form} ");
        assert!(commands.iter().any(|command| command.contains(&named)), "no example of {form}");
    }
    for command in commands {
        let words = command.split('>').next().unwrap().split_whitespace();
        let words: Vec<&str> = words.chain(["--help"]).collect();
        assert_eq!(spfc(&words).status, 0, "{command}");
    }
}

/// While caches lead to the old records, they are not dropped.
#[test]
fn old_records_are_dropped_when_the_new_one_stands() {
    let folder = tempfile::tempdir().unwrap();
    let flatten = |own: &str| {
        let zones = format!(
            r#"{{"example.com":{{"TXT":["{own}","token"]}},"_spf1a.example.com":{{"TXT":["v=spf1 ip4:192.0.2.0/24 -all"]}},"_source.example.com":{{"TXT":["v=spf1 ip4:198.51.100.0/24 -all"]}}}}"#
        );
        let file = folder.path().join("zones.json");
        std::fs::write(&file, zones).unwrap();
        let source = ["--source", "_source.example.com", "--output", "octodns", "--drop-old"];
        let args = [&["--dns-file", file.to_str().unwrap(), "flatten", "example.com"][..], &source];
        let ran = spfc(&args.concat());
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        (ran.stdout.contains("\"_spf1a\":"), ran.stderr.contains("--drop-old deletes nothing yet"))
    };
    assert_eq!(flatten("v=spf1 include:_spf1a.example.com -all"), (true, true));
    assert_eq!(flatten("v=spf1 ip4:198.51.100.0/24 -all"), (false, false));
}
