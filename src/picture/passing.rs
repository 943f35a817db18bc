//! The picture of what a policy passes, coloured by who answers for it.

use super::canvas::{Canvas, clipped, shown, shows_special};
use super::cells::{Cells, Part};
use super::legend::{Row, Sign, dynamic, elsewhere, errors, grid, ip6};
use super::marks::MARKER;
use super::palette::PROVIDERS;
use super::scene::{Fill, Scene};
use super::view::{Rectangle, View};
use super::{Style, provider};
use crate::addr::Range;
use crate::counts::{counted, counted_all};
use crate::policy::{Passed, PassedRange};

/// Draws what a policy passes. `domain` is what the picture calls it.
pub fn passing(passed: &Passed, domain: &str, style: &Style) -> Scene {
    let view = style.view;
    let ranked = Ranked::new(passed, &view);
    let addresses: u128 = ranked.shown.iter().sum();
    let title = format!("IPv4 senders of {domain}");
    let verb = if addresses == 1 { "passes" } else { "pass" };
    let all = counted_all(addresses, "address");
    let mut canvas = Canvas::new(style, &title, &format!("{all} {verb} in {}", shown(&view)));
    let cells = Cells::new(&view, &ranked.parts(passed, &view), MARKER);
    let mut rows = Vec::new();
    for (rank, name, count) in ranked.rows(passed) {
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

/// Branches by how much they pass in all, so that a provider has one colour
/// whatever part of the space is shown.
struct Ranked {
    /// The branches that have a colour of their own, in the order of their ranks.
    own: Vec<usize>,
    /// How many addresses of each branch are shown.
    shown: Vec<u128>,
}

impl Ranked {
    fn new(passed: &Passed, view: &View) -> Ranked {
        let count = |measure: &dyn Fn(Range<u32>) -> u128| {
            let mut counts = vec![0_u128; passed.branches.len()];
            for part in &passed.ip4 {
                if let Some(count) = counts.get_mut(part.branch) {
                    *count += measure(part.range);
                }
            }
            counts
        };
        let all = count(&|range| range.addresses());
        let shown =
            count(&|range| clipped(range, view).map_or(0, |range| Range::addresses(&range)));
        let mut own: Vec<usize> = (0..all.len()).filter(|branch| all[*branch] > 0).collect();
        own.sort_by_key(|branch| (std::cmp::Reverse(all[*branch]), *branch));
        own.truncate(PROVIDERS);
        Ranked { own, shown }
    }

    /// What is shown, by the rank of who passes it; others share the last one.
    fn parts(&self, passed: &Passed, view: &View) -> Vec<Part> {
        let mut ranks = vec![PROVIDERS; passed.branches.len()];
        for (rank, branch) in self.own.iter().enumerate() {
            ranks[*branch] = rank;
        }
        let part = |part: &PassedRange<u32>| {
            Some(Part { range: clipped(part.range, view)?, class: *ranks.get(part.branch)? })
        };
        passed.ip4.iter().filter_map(part).collect()
    }

    /// The ranks that are shown, each with its name and its addresses.
    fn rows(&self, passed: &Passed) -> Vec<(usize, String, u128)> {
        let own = self.own.iter().enumerate().filter_map(|(rank, branch)| {
            Some((rank, provider(passed.branches.get(*branch)?), *self.shown.get(*branch)?))
        });
        let mut rows: Vec<(usize, String, u128)> = own.filter(|(.., count)| *count > 0).collect();
        let others = self.shown.iter().enumerate();
        let others = others.filter(|(branch, count)| **count > 0 && !self.own.contains(branch));
        let others: Vec<u128> = others.map(|(_, count)| *count).collect();
        if !others.is_empty() {
            rows.push((PROVIDERS, counted(others.len(), "other"), others.iter().sum()));
        }
        rows
    }
}
