//! The picture of what a policy passes, coloured by who answers for it.

use super::canvas::{Canvas, clipped, shown, shows_special};
use super::cells::{Cells, Part};
use super::legend::{Row, Sign, dynamic, elsewhere, errors, grid, ip6};
use super::marks::MARKER;
use super::palette::PROVIDERS;
use super::scene::{Fill, Scene};
use super::view::{Rectangle, View};
use super::{Style, provider};
use crate::counts::{counted, counted_all};
use crate::policy::Passed;

/// Draws what a policy passes. `domain` is what the picture calls it.
pub fn passing(passed: &Passed, domain: &str, style: &Style) -> Scene {
    let view = style.view;
    let ranked = Ranked::new(passed, &view);
    let addresses: u128 = ranked.shares.iter().map(|(_, count)| count).sum();
    let title = format!("IPv4 senders of {domain}");
    let verb = if addresses == 1 { "passes" } else { "pass" };
    let all = counted_all(addresses, "address");
    let mut canvas = Canvas::new(style, &title, &format!("{all} {verb} in {}", shown(&view)));
    let cells = Cells::new(&view, &ranked.parts(passed, &view), MARKER);
    let mut rows = Vec::new();
    for (rank, (name, count)) in ranked.names(passed).into_iter().enumerate() {
        let areas = cells.areas.iter().filter(|(class, _)| *class == rank);
        let areas: Vec<Rectangle> = areas.map(|(_, area)| canvas.placed(*area)).collect();
        let fill = Fill::Solid(canvas.palette.provider(rank));
        canvas.scene.labelled(fill, areas, Some(name.clone()));
        rows.push(Row::new(Sign::Provider(rank), name, counted_all(count, "address")));
    }
    canvas.grid();
    for marker in &cells.markers {
        canvas.framed(canvas.placed(marker.rectangle), &marker.classes);
    }
    let areas: Vec<Rectangle> = cells.areas.iter().map(|(_, area)| canvas.placed(*area)).collect();
    let markers = cells.markers.iter().map(|marker| canvas.placed(marker.rectangle));
    canvas.numbers(&areas, &markers.collect::<Vec<Rectangle>>());
    if !cells.markers.is_empty() {
        let tile = 32 - view.bits_of(MARKER);
        rows.push(Row::new(Sign::Frame, format!("less than half of a /{tile} passes here"), ""));
    }
    if shows_special(&view) {
        rows.push(Row::new(Sign::Special, "kept for a special use", ""));
    }
    canvas.legend(&rows, &remarks(passed, &view, addresses));
    canvas.scene
}

fn remarks(passed: &Passed, view: &View, addresses: u128) -> Vec<String> {
    let shared = (passed.branches.len() > 1)
        .then(|| "An address that several pass belongs to the first in the record.".to_owned());
    let all = [
        grid(view),
        elsewhere(view, passed.addresses_ip4().saturating_sub(addresses)),
        shared,
        Some(ip6(passed)),
        dynamic(&passed.dynamic, ""),
        errors(passed, ""),
    ];
    all.into_iter().flatten().collect()
}

/// Branches by how much of what is shown they pass.
struct Ranked {
    /// Each with its addresses, most first.
    shares: Vec<(usize, u128)>,
    /// How many have a colour of their own.
    own: usize,
}

impl Ranked {
    fn new(passed: &Passed, view: &View) -> Ranked {
        let mut counts = vec![0_u128; passed.branches.len()];
        for part in &passed.ip4 {
            if let (Some(range), Some(count)) =
                (clipped(part.range, view), counts.get_mut(part.branch))
            {
                *count += range.addresses();
            }
        }
        let mut shares: Vec<(usize, u128)> =
            counts.into_iter().enumerate().filter(|(_, count)| *count > 0).collect();
        shares.sort_by_key(|(branch, count)| (std::cmp::Reverse(*count), *branch));
        let own = shares.len().min(PROVIDERS);
        Ranked { shares, own }
    }

    /// What is shown, by the rank of who passes it; others share the last one.
    fn parts(&self, passed: &Passed, view: &View) -> Vec<Part> {
        let mut ranks = vec![self.own; passed.branches.len()];
        for (rank, (branch, _)) in self.shares.iter().take(self.own).enumerate() {
            ranks[*branch] = rank;
        }
        let part = |part: &crate::policy::PassedRange<u32>| {
            Some(Part { range: clipped(part.range, view)?, class: *ranks.get(part.branch)? })
        };
        passed.ip4.iter().filter_map(part).collect()
    }

    /// By rank: the name and the addresses.
    fn names(&self, passed: &Passed) -> Vec<(String, u128)> {
        let (own, others) = self.shares.split_at(self.own);
        let named = |(branch, count): &(usize, u128)| {
            let name = passed.branches.get(*branch).map_or_else(String::new, provider);
            (name, *count)
        };
        let mut names: Vec<(String, u128)> = own.iter().map(named).collect();
        if !others.is_empty() {
            let sum = others.iter().map(|(_, count)| count).sum();
            names.push((counted(others.len(), "other"), sum));
        }
        names
    }
}
