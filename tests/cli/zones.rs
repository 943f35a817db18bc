//! `spfc image` and `spfc query`: the zones of a configuration, offline.

use serde_json::Value;
use spfc::image::decode;

use crate::folder::Folder;
use crate::support::{Ran, example, keys, spfc_in};

const ZONE: &str = "[[zone]]\nrecord = 'v=spf1 exists:%{ir}.%{v}._spf.example.com ~all'\n\
                    ns = ['ns1.example.net']\nsource = 'mail'\nimage = 'mail.image'\n";
const TENANTS: &str = "[[zone]]\nrecord = 'include:%{ir}.%{v}.%{d}._spf.example.net'\n\
                       ns = ['ns1.example.net']\nimage = 'tenants.image'\ntenants-file = 'tenants'\n\
                       tenants = { 'example.com' = 'mail', 'b.example' = 'mail' }\n";

/// A folder with a configuration of these tables, its sources beside it.
fn folder(zones: &[&str]) -> Folder {
    let folder = Folder::new();
    folder.write("world.json", &std::fs::read_to_string(example()).unwrap());
    folder.write("networks", "# ours\n192.0.2.0/24\n2001:db8::/32 ; all\n192.0.2.7\n");
    folder.write("tenants", "a.example networks\n# more\nc.example networks\n");
    let sources = "[source.mail]\ndomain = 'example.com'\nrecording = 'world.json'\n\
                   [source.networks]\ncidrs = 'networks'\n";
    folder.write("spfc.toml", &[sources, &zones.concat()].concat());
    folder
}

fn run(folder: &Folder, args: &[&str]) -> Ran {
    let path = folder.file("");
    spfc_in(std::path::Path::new(&path), args)
}

#[test]
fn images_are_written_and_told() {
    let folder = folder(&[ZONE, TENANTS]);
    let ran = run(&folder, &["image"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("wrote _spf.example.com in mail.image: "), "{}", lines[0]);
    assert!(lines[0].ends_with(" octets, from mail"), "{}", lines[0]);
    assert!(lines[1].contains("tenants.image: 4 names of 2 sets, "), "{}", lines[1]);
    assert!(lines[1].ends_with("from mail, networks"), "{}", lines[1]);
    let json = run(&folder, &["image", "_spf.example.net", "-o", "other", "--format", "json"]);
    let document = json.json();
    assert_eq!(keys(&document), ["images", "schema"]);
    assert_eq!(document["schema"], 1);
    let image = &document["images"][0];
    assert_eq!(
        keys(image),
        [
            "ip4_ranges",
            "ip6_ranges",
            "octets",
            "path",
            "remarks",
            "sets",
            "sources",
            "trees",
            "zone"
        ]
    );
    assert_eq!((&image["trees"], &image["sets"]), (&4.into(), &2.into()));
    // The image says when it was compiled and its answers were taken, and is the same but
    // for that.
    let undated = |name: &str| {
        let image = decode(&std::fs::read(folder.file(name)).unwrap()).unwrap();
        let texts = image.sources.iter().map(|text| {
            let mut text: Value = serde_json::from_str(text.as_ref().unwrap()).unwrap();
            if let Some(lock) = text.get("lock").and_then(Value::as_str) {
                let mut lock: Value = serde_json::from_str(lock).unwrap();
                assert!(lock["taken"].take().is_string());
                text["lock"] = lock;
            }
            text
        });
        (texts.collect::<Vec<_>>(), image.zone)
    };
    assert_eq!(undated("other"), undated("tenants.image"));
}

#[test]
fn nothing_is_written_where_a_zone_cannot_be_compiled() {
    let lost = "[source.lost]\ndomain = 'nowhere.example'\nrecording = 'world.json'\n";
    let zone = "[[zone]]\nrecord = 'exists:%{ir}.lost.example.net'\nns = ['ns.example.org']\n\
                source = 'lost'\nimage = 'lost.image'\n";
    let folder = folder(&[ZONE, lost, zone]);
    let before = folder.files();
    let ran = run(&folder, &["image"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("source 'lost': "), "{}", ran.stderr);
    assert_eq!(folder.files(), before);
    // What is asked for alone does not suffer from others.
    assert_eq!(run(&folder, &["image", "_SPF.example.com."]).status, 0);
    for (args, said) in [
        (&["image", "x.example"][..], "there is no zone x.example, only _spf.example.com, lost"),
        (&["image", "-o", "x"], "with --output, ZONE says which zone is meant"),
        (&["image", "--config", "none.toml"], "cannot read none.toml"),
        (&["--record", "v=spf1 -all", "image"], "--record means nothing to 'spfc image'"),
        (&["image", "_spf.example.com", "-o", "no/folder"], "cannot write no/folder"),
    ] {
        let ran = run(&folder, args);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}");
        assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn a_record_that_does_not_go_with_the_policy_is_refused_or_told() {
    let other = ZONE.replace("~all", "-all");
    let ran = run(&folder(&[&other]), &["image"]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.stderr.contains(
            "compiles to 'v=spf1 exists:%{ir}.%{v}._spf.example.com ~all', and the configuration has"
        ),
        "{}",
        ran.stderr
    );
    let other = ZONE.replace(" exists", " ?exists");
    let ran = run(&folder(&[&other]), &["image"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("gives pass to the addresses of _spf.example.com"));
    assert!(ran.stderr.contains("publish 'v=spf1 exists:%{ir}.%{v}._spf.example.com ~all'"));
}

#[test]
fn an_address_is_explained_by_the_terms_that_pass_it() {
    let folder = folder(&[ZONE]);
    assert_eq!(run(&folder, &["image"]).status, 0);
    let image = ["--image", "mail.image"];
    for more in [&[][..], &image] {
        let query = |address: &str| run(&folder, &[&["query", address], more].concat());
        let passes = query("198.51.100.65");
        assert_eq!(passes.status, 0, "{}", passes.stderr);
        let said = "198.51.100.65 passes: include:_spf.mail.example → include:_netblocks.mail.example → \
                    ip4:198.51.100.64/27\n";
        assert!(passes.stdout.starts_with(said), "{}", passes.stdout);
        assert!(passes.stdout.contains("65.100.51.198.in-addr._spf.example.com A\n"));
        assert!(passes.stdout.contains("mail, the policy of example.com"));
        let fails = query("192.0.2.1");
        let said = "192.0.2.1 does not pass: softfail by ~all of example.com\n";
        assert!(fails.stdout.starts_with(said), "{}", fails.stdout);
        assert!(fails.stdout.contains("answer  NXDOMAIN"), "{}", fails.stdout);
    }
    // Only the configuration knows the address.
    assert!(run(&folder, &["query", "192.0.2.25"]).stdout.contains("answer  A 127.0.0.2"));
    let document = run(&folder, &["query", "::ffff:192.0.2.25", "--format", "json"]).json();
    assert_eq!(keys(&document), ["address", "answers", "domain", "schema", "zone"]);
    assert_eq!(document["address"], "192.0.2.25");
    let answer = &document["answers"][0];
    assert_eq!(keys(answer), ["data", "listed", "name", "outcome", "status", "type", "why"]);
    assert_eq!((&answer["status"], &answer["data"]), (&"answer".into(), &"127.0.0.2".into()));
    assert_eq!(answer["why"]["path"][0]["term"], "ip4:192.0.2.25");
    assert_eq!(answer["why"]["result"], "pass");
}

#[test]
fn tenants_are_asked_by_their_domains() {
    let folder = folder(&[ZONE, TENANTS]);
    assert_eq!(run(&folder, &["image"]).status, 0);
    let query = |args: &[&str]| run(&folder, &[&["query"], args].concat());
    let ran = query(&["192.0.2.7", "--domain", "A.example"]);
    let said = "192.0.2.7 passes: 192.0.2.0/24 in line 2 of ";
    assert!(ran.stdout.starts_with(said), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("asked   7.2.0.192.in-addr.a.example._spf.example.net TXT"));
    assert!(ran.stdout.contains("answer  TXT v=spf1 ip4:192.0.2.7 -all"), "{}", ran.stdout);
    let ran = query(&["192.0.3.7", "--domain", "c.example", "--image", "tenants.image"]);
    assert!(ran.stdout.starts_with("192.0.3.7 does not pass: no line of "), "{}", ran.stdout);
    assert!(ran.stdout.contains("answer  TXT v=spf1 -all"), "{}", ran.stdout);
    for (args, said) in [
        (&["::1"][..], "--zone says which zone is meant: _spf.example.com, _spf.example.net"),
        (&["::1", "--domain", "x.example"], "no zone answers for x.example"),
        (&["::1", "--domain", "example.com"], "--zone says which zone is meant"),
        (&["::1", "--image", "tenants.image"], "--domain says which is meant"),
        (&["::1", "--image", "tenants.image", "--domain", "x.example"], "no zone answers for x"),
        (&["::1", "--image", "mail.image", "--zone", "x.y"], "is the image of _spf.example.com"),
        (&["::1", "--image", "world.json"], "world.json is no image of spfc"),
        (&["x"], "invalid value 'x'"),
    ] {
        let ran = query(args);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}");
        assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn mistakes_of_lists_name_their_lines() {
    let folder = folder(&[TENANTS]);
    folder.write("networks", "192.0.2.0/24\n192.0.2.9/24\n");
    let ran = run(&folder, &["image"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("source 'networks': networks: line 2: "), "{}", ran.stderr);
    folder.write("tenants", "a.example networks\nd.example network\n");
    let ran = run(&folder, &["image"]);
    assert_eq!(ran.status, 2);
    let said = "tenants: line 2: there is no source \"network\" (is 'networks' meant?)";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn a_configuration_is_checked_without_being_served() {
    let folder = folder(&[ZONE, TENANTS]);
    let check = |args: &[&str]| run(&folder, &[&["serve", "--check"], args].concat());
    let world = ["--dns-file", "world.json"];
    let ran = check(&world);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    for said in [
        "listens at no address of the configuration",
        "2 zones, 2 sources",
        "answers exists:%{ir}.%{v}._spf.example.com\n",
        "holds 1 name of 1 set: 15 IPv4 ranges, 5 IPv6 ranges, from mail\n",
        "answers include:%{ir}.%{v}._spf.example.net, for many domains\n",
        "holds 4 names of 2 sets: ",
        "the zone above was not asked how it delegates this one",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    // There is no image yet.
    let ran = check(&["--image-only", "--listen", "127.0.0.1"]);
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stdout.contains("listens at 127.0.0.1:53\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("error: cannot read mail.image"), "{}", ran.stdout);
    assert_eq!(run(&folder, &["image"]).status, 0);
    let ran = check(&["--image-only"]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("from its image"), "{}", ran.stdout);
    // Servers of the system's own are not asked about names of examples: nobody
    // answers here.
    let ran = check(&["--dns", "127.0.0.1:9", "--timeout", "0.2"]);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("mend: it is not known how the zone above delegates"));
}

#[test]
fn a_check_tells_all_that_cannot_be_served_and_ends_as_the_worst() {
    let broken = "[source.lost]\ndomain = 'nowhere.example'\nrecording = 'world.json'\n\
                  [source.loop]\ndomain = 'loop.example'\nrecording = 'loop.json'\n\
                  [source.gone]\ncidrs = 'gone'\n";
    let zone = |source: &str| {
        format!(
            "[[zone]]\nrecord = 'exists:%{{ir}}.{source}.example.net'\nns = ['ns.example.org']\n\
             source = '{source}'\n"
        )
    };
    let many = TENANTS.replace("'b.example' = 'mail'", "'b.example' = 'lost'");
    let image = "[[zone]]\nrecord = 'exists:%{ir}.i.example.net'\nns = ['ns.example.org']\n\
                 image = 'none.image'\n";
    let without_file = ["lost", "loop"].map(zone).concat();
    let folder = folder(&[ZONE, broken, &many, &without_file, &zone("gone"), image]);
    folder.write("loop.json", "{\"loop.example\": {\"TXT\": [\"v=spf1 include:loop.example\"]}}");
    let check = |args: &[&str]| run(&folder, &[&["serve", "--check"], args].concat());
    let ran = check(&["--dns", "127.0.0.1:9", "--timeout", "0.2"]);
    for said in [
        "source lost, the policy of nowhere.example\n  error: the policy is in error: nowhere.example: ",
        "source loop, the policy of loop.example\n  error: the policy is in error: loop.example: the chain \
         loop.example → loop.example never ends\n",
        "source gone, gone\n  error: the file cannot be used: cannot read gone: ",
        "  nothing is there to be served in its place\n",
        "  error: 1 domain not served: b.example\n",
        "  error: its sources give nothing: lost\n",
        "  error: its sources give nothing: loop\n",
        "  error: its sources give nothing: gone\n",
        "  error: cannot read none.image: ",
        "\nnot served: 4 of 6 zones, 3 of 5 sources\n",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    // What is well is told beside it.
    assert!(ran.stdout.contains("holds 1 name of 1 set: 15 IPv4 ranges"), "{}", ran.stdout);
    assert!(ran.stdout.contains("holds 3 names of 2 sets: "), "{}", ran.stdout);
    assert_eq!((ran.status, ran.stderr.as_str()), (2, ""));
    // Without the files that are not there, policies in error are the worst.
    let config = std::fs::read_to_string(folder.file("spfc.toml")).unwrap();
    folder.write("spfc.toml", &config.replace(image, "").replace("'gone'", "'networks'"));
    let ran = check(&["--dns", "127.0.0.1:9", "--timeout", "0.2"]);
    assert_eq!(ran.status, 3, "{}", ran.stdout);
    // An image stands in for sources that give nothing.
    folder.write(
        "spfc.toml",
        &config.replace(image, "").replace(&without_file, "").replace(&many, ""),
    );
    assert_eq!(run(&folder, &["image", "_spf.example.com"]).status, 0);
    folder.write("world.json", "{}");
    let ran = check(&["--dns", "127.0.0.1:9", "--timeout", "0.2"]);
    let said = "  error: its sources give nothing: mail\n  holds 1 name of 1 set: 15 IPv4 ranges, 5 IPv6 \
                ranges, from its image in their place\n";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    assert!(ran.stdout.contains("not served: 1 of 2 zones, 2 of 5 sources"), "{}", ran.stdout);
}

const NETWORKS: &str = "[[zone]]\nrecord = 'exists:%{ir}.%{v}.n.example.net'\n\
                        ns = ['ns1.example.net']\nsource = 'networks'\nimage = 'n.image'\n";

#[test]
fn a_file_of_addresses_passes_them_and_nothing_else() {
    for term in ["-exists:", "?exists:"] {
        let folder = folder(&[&NETWORKS.replace("exists:", term)]);
        let ran = run(&folder, &["image"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{term}");
        assert!(
            ran.stderr.contains("are those that pass, and the record asks '"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn an_image_is_for_the_record_that_it_was_compiled_for() {
    let first = folder(&[NETWORKS]);
    assert_eq!(run(&first, &["image"]).status, 0);
    let check = ["serve", "--check", "--image-only", "--listen", "127.0.0.1:0"];
    let image_only = NETWORKS.replace("source = 'networks'\n", "");
    for (record, fault) in [
        (image_only.replace("exists:", "-exists:"), "was compiled for 'exists:%{ir}.%{v}.n."),
        (image_only.replace("%{v}.n", "%{v}.%{d}.n"), "the record asks the zone itself before"),
        (image_only.clone(), ""),
    ] {
        let second = folder(&[&record]);
        std::fs::copy(first.file("n.image"), second.file("n.image")).unwrap();
        let ran = run(&second, &check);
        let said = ran.stdout + &ran.stderr;
        assert_eq!(ran.status, if fault.is_empty() { 0 } else { 2 }, "{said}");
        assert!(said.contains(fault), "{said}");
    }
}

#[test]
fn a_list_without_a_domain_and_no_file_are_refused() {
    let list = TENANTS.split("tenants = {").next().unwrap();
    let folder = folder(&[list]);
    folder.write("tenants", "# nobody yet\n");
    let ran = run(&folder, &["image"]);
    assert_eq!(ran.status, 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("has no domain: nobody would pass"), "{}", ran.stderr);
    let ran = run(&folder, &["query", "192.0.2.1", "--image", "/dev/zero"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("/dev/zero is no file"), "{}", ran.stderr);
}
