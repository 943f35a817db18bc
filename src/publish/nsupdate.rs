//! A script for BIND's nsupdate (RFC 2136): one message a step, each with
//! prerequisites, so that it changes what was looked at or nothing.
//!
//! nsupdate goes on behind a message that was refused. So each step demands
//! that the one before stands.

use super::presentation::{absolute, quoted};
use super::{Action, Form, NameChange, Plan, RenderError, RenderOptions, TextFault, notes};
use crate::dns::Txt;

/// Octets of a message at most, with room for its header and a signature.
const MESSAGE_OCTETS: usize = 65_000;
/// Octets of a record besides its owner and its data: type, class, TTL, length.
const RECORD_OCTETS: usize = 10;
/// Octets of a record's strings as text at most: nsupdate takes what is beyond
/// 128 KiB of a line for a line of its own.
const TEXT_OCTETS: usize = 120_000;

/// The script.
pub(super) fn render(plan: &Plan, options: &RenderOptions) -> Result<String, RenderError> {
    let mut text = String::new();
    let mut comments = vec![
        notes::title(plan),
        String::from("Send it with: nsupdate -k KEYFILE THIS-FILE"),
        String::from("Each step is done as a whole, or refused where other records stand there."),
    ];
    if !plan.looked_at {
        comments
            .push(String::from("What stands at the names was not looked at: they are taken to"));
        comments.push(String::from("hold no TXT record, and a step is refused where one does."));
    }
    comment(&mut text, &comments);
    text.push_str(&format!("zone {}\n", absolute(&options.dns_zone)));

    let mut done = 0;
    done += step(&mut text, "Records that nothing leads to yet.", &[], &plan.chunks)?;
    done += step(&mut text, "The policy's own record.", &plan.chunks, &plan.own)?;
    comment(&mut text, &notes::old(plan, options));
    if options.drop_old {
        done += step(&mut text, "Records that nothing leads to any more.", &plan.own, &plan.old)?;
    }
    if done == 0 {
        comment(&mut text, &[String::from("There is nothing to send: all of it stands there.")]);
    }
    Ok(text)
}

/// Writes one message where there is something to change, and says how many
/// names change. What the step before wrote has to stand.
fn step(
    text: &mut String,
    title: &str,
    ahead: &[NameChange],
    changes: &[NameChange],
) -> Result<usize, RenderError> {
    let to_do: Vec<&NameChange> =
        changes.iter().filter(|change| change.action() != Action::Keep).collect();
    if to_do.is_empty() {
        return Ok(0);
    }
    comment(text, &[title.to_owned()]);
    let mut message = Message::default();
    for change in ahead {
        message.demand(change, &change.standing_after())?;
    }
    for change in &to_do {
        message.demand(change, &change.standing_before())?;
    }
    for change in &to_do {
        message.change(change)?;
    }
    if message.octets > MESSAGE_OCTETS {
        let (octets, most) = (message.octets, MESSAGE_OCTETS);
        return Err(RenderError::LargeMessage { form: Form::Nsupdate, octets, most });
    }
    text.push_str(&message.lines);
    text.push_str("send\n");
    Ok(to_do.len())
}

/// Lines of comments. There is no empty one: it would send what stands before.
fn comment(text: &mut String, lines: &[String]) {
    for line in lines {
        text.push_str(&format!("; {line}\n"));
    }
}

/// An update message as lines, and about how many octets it has.
#[derive(Default)]
struct Message {
    lines: String,
    octets: usize,
}

impl Message {
    /// Demands that these and no other TXT records stand at the name.
    fn demand(&mut self, change: &NameChange, standing: &[Txt]) -> Result<(), RenderError> {
        let name = absolute(&change.name);
        if standing.is_empty() {
            self.line(change, 0, &format!("prereq nxrrset {name} IN TXT"));
        }
        for record in standing {
            let strings = strings(change, record)?;
            let line = format!("prereq yxrrset {name} IN TXT {strings}");
            self.line(change, record.rdata_octets(), &line);
        }
        Ok(())
    }

    /// Deletes the records as they are published, and adds the new one.
    fn change(&mut self, change: &NameChange) -> Result<(), RenderError> {
        let name = absolute(&change.name);
        let after = change.after.as_ref().map(Txt::new);
        for record in change.before.iter().filter(|record| Some(*record) != after.as_ref()) {
            let line = format!("update delete {name} IN TXT {}", strings(change, record)?);
            self.line(change, record.rdata_octets(), &line);
        }
        if let Some(record) = &after {
            let line =
                format!("update add {name} {} IN TXT {}", change.ttl, strings(change, record)?);
            self.line(change, record.rdata_octets(), &line);
        }
        Ok(())
    }

    fn line(&mut self, change: &NameChange, data: usize, line: &str) {
        self.octets += change.name.wire_octets() + RECORD_OCTETS + data;
        self.lines.push_str(line);
        self.lines.push('\n');
    }
}

fn strings(change: &NameChange, record: &Txt) -> Result<String, RenderError> {
    let fault = match quoted(record) {
        Some(text) if text.len() <= TEXT_OCTETS => return Ok(text),
        Some(_) => TextFault::Long(TEXT_OCTETS),
        None => TextFault::Empty,
    };
    Err(RenderError::Text { form: Form::Nsupdate, name: change.name.clone(), fault })
}
