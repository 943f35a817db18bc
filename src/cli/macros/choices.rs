//! What the flags of `spfc macro` choose between.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::cli::compiling::OutputForm;

/// What answers for the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Style {
    /// A responder that is given the address sets
    Exists,
    /// The same, with a record for every client: no void lookup
    Include,
    /// An ordinary zone file with wildcards
    ExistsStatic,
    /// An ordinary zone file of small policies, each in one message
    Shard,
}

impl Style {
    /// Whether an ordinary zone file answers.
    pub(super) fn is_static(self) -> bool {
        matches!(self, Style::ExistsStatic | Style::Shard)
    }

    /// What receivers make of a zone that does not answer.
    pub(super) fn unanswered(self) -> &'static str {
        match self {
            Style::Exists | Style::ExistsStatic => "until then none of its addresses pass",
            Style::Include | Style::Shard => {
                "an include of nothing is a permerror for every client"
            }
        }
    }

    /// The style as a flag.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Style::Exists => "--style exists",
            Style::Include => "--style include",
            Style::ExistsStatic => "--style exists-static",
            Style::Shard => "--style shard",
        }
    }
}

/// Which end of the address stands next to the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OrderChoice {
    /// As in reverse lookups: networks are subtrees
    Reversed,
    /// As the address is read
    Forward,
}

/// How the result is printed: as the forms of all records, and one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MacroForm {
    /// The record to publish, and for people what the zone holds; as a zone file
    /// the static zone itself.
    Records(OutputForm),
    /// A data file for rbldnsd.
    Rbldnsd,
}

impl ValueEnum for MacroForm {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: &[MacroForm] = &[
            MacroForm::Records(OutputForm::Txt),
            MacroForm::Records(OutputForm::Zone),
            MacroForm::Rbldnsd,
            MacroForm::Records(OutputForm::Nsupdate),
            MacroForm::Records(OutputForm::Octodns),
            MacroForm::Records(OutputForm::Dnscontrol),
            MacroForm::Records(OutputForm::TerraformRoute53),
            MacroForm::Records(OutputForm::TerraformCloudflare),
            MacroForm::Records(OutputForm::TerraformGoogle),
            MacroForm::Records(OutputForm::Route53),
        ];
        ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            MacroForm::Records(OutputForm::Txt) => Some(
                PossibleValue::new("txt")
                    .help("Name and text of each record, and what the zone holds"),
            ),
            MacroForm::Records(OutputForm::Zone) => Some(PossibleValue::new("zone").help(
                "The static zone as a zone file (RFC 1035); the records to publish without one",
            )),
            MacroForm::Records(form) => form.to_possible_value(),
            MacroForm::Rbldnsd => Some(
                PossibleValue::new("rbldnsd")
                    .help("A data file for rbldnsd, of one address family"),
            ),
        }
    }
}
