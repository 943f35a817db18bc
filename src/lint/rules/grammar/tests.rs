use super::mistake::*;
use crate::syntax::parse_record;
#[test]
fn dump() {
    let lines = std::fs::read_to_string("/tmp/gram_terms.txt").unwrap();
    for line in lines.lines() {
        let text = format!("v=spf1 {}", line.replace("\\u{a0}", "\u{a0}").replace("\\t","\t"));
        let errors = parse_record(text.as_bytes()).errors;
        println!("{line}   [{} errors]", errors.len());
        for m in mistakes(text.as_bytes(), &errors) {
            println!("    {:?} <{}> {}", m.class, String::from_utf8_lossy(m.span.of(text.as_bytes())), m.message);
            println!("        {} {}", m.help, m.fix.map_or(String::new(), |f| format!("   [{:?} '{}']", f.kind, f.text)));
        }
    }
}
