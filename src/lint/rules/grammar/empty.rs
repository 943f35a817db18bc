//! SPF012: signs and names with nothing behind them.

use crate::lint::finding::FixKind;

use super::mistake::{Class, Repair};
use super::written::{pieces, separator, shown};

/// A qualifier by itself, or a mechanism or modifier that lacks its argument.
pub(super) fn empty(term: &str) -> Option<Repair> {
    if !term.is_empty() && term.bytes().all(|octet| b"+-~?".contains(&octet)) {
        let message = format!("{} stands alone, without a mechanism", shown(term));
        return Some(Repair::new(Class::Empty, message).text(FixKind::Offered, ""));
    }
    let pieces = pieces(term);
    let name = pieces.name.to_ascii_lowercase();
    let sign = separator(&name)?;
    let bare = match name.as_str() {
        "all" => return None,
        "a" | "mx" | "ptr" => pieces.sign == ":",
        _ => matches!(pieces.sign, "" | ":" | "="),
    };
    let network = matches!(name.as_str(), "ip4" | "ip6");
    let nothing = pieces.argument.is_empty()
        || pieces.sign == ":" && pieces.argument.starts_with('/') && name != "include";
    if !bare || !nothing {
        return None;
    }
    let what = if network { "address" } else { "domain name" };
    let message = format!("{} has no {what}", shown(term));
    let repair = Repair::new(Class::Empty, message).at(0, term.len());
    Some(match name.as_str() {
        "a" | "mx" | "ptr" => {
            let own = format!("{}{}{}", pieces.qualifier, pieces.name, pieces.argument);
            repair.text(FixKind::Offered, own)
        }
        _ => repair
            .help(format!(
                "write the {what} behind '{name}{sign}' without a blank, or delete the term: until \
                 then all mail gets permerror"
            ))
            .text(FixKind::Offered, ""),
    })
}
