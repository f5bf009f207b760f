//! Where the boxes stand: ranks by longest way inside a group, groups from top to bottom.

use super::outline::{Group, Item, Place};
use std::collections::BTreeMap;

pub(super) const BOX_HEIGHT: f64 = 38.0;
const GAP: f64 = 14.0;
const RANK_GAP: f64 = 30.0;
const GROUP_GAP: f64 = 34.0;
/// Room inside a group's frame, and for its name.
const PADDING: f64 = 14.0;
const HEADING: f64 = 22.0;
/// Distance between lines that pass groups by, left of everything.
const LANE: f64 = 9.0;
const MARGIN: f64 = 20.0;
const TITLE: f64 = 30.0;

/// A rectangle: left, top, width, height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    /// Horizontal middle.
    pub fn middle(&self) -> f64 {
        self.x + self.width / 2.0
    }

    /// Lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

pub(super) struct Layout {
    pub width: f64,
    pub height: f64,
    /// Frames of the groups.
    pub frames: Vec<Rect>,
    pub groups: Vec<Rows>,
    /// Left ends of the lanes for lines that pass a group by.
    pub lane: f64,
}

impl Layout {
    /// The rectangle of a box.
    pub fn at(&self, place: Place) -> Rect {
        self.groups[place.0].boxes[place.1]
    }

    /// Gaps, from top to bottom, that a line between two items of a group goes through.
    pub fn gaps(&self, group: usize, from: usize, to: usize) -> Vec<Rect> {
        let rows = &self.groups[group];
        let between = rows.ranks[from] + 1..rows.ranks[to];
        between.filter_map(|rank| rows.gaps.get(&(from, rank)).copied()).collect()
    }
}

/// The boxes of one group in rows.
pub(super) struct Rows {
    pub boxes: Vec<Rect>,
    ranks: Vec<usize>,
    /// Gaps in a row, for lines from an item further up to items further down: by item and row.
    gaps: BTreeMap<(usize, usize), Rect>,
    width: f64,
    height: f64,
}

impl Rows {
    fn moved(mut self, x: f64, y: f64) -> Rows {
        for rect in self.boxes.iter_mut().chain(self.gaps.values_mut()) {
            rect.x += x;
            rect.y += y;
        }
        self
    }
}

/// Whether a group has a frame with its name.
pub(super) fn framed(group: &Group) -> bool {
    group.items.len() > 1 || group.alike > 1
}

/// What stands above a group: its name, or the names of the first and the last of several alike.
pub(super) fn heading(group: &Group) -> String {
    match group.alike {
        1 => group.name.clone(),
        alike => format!("{} to {} ({alike} alike)", group.name, group.last),
    }
}

pub(super) fn lay_out(groups: &[Group], title: &str) -> Layout {
    let inner: Vec<Rows> = groups.iter().enumerate().map(|(index, group)| rows(index, group)).collect();
    let passing = groups.iter().enumerate().flat_map(|(index, group)| passing(index, group)).count();
    let lane = MARGIN + LANE * passing.min(6) as f64;
    let outer = |group: &Group, rows: &Rows| match framed(group) {
        true => rows.width.max(text_width(&heading(group))) + 2.0 * PADDING,
        false => rows.width,
    };
    let widest = groups.iter().zip(&inner).map(|(group, rows)| outer(group, rows)).fold(text_width(title), f64::max);
    let (mut frames, mut placed) = (Vec::new(), Vec::new());
    let mut y = MARGIN + TITLE;
    for (group, rows) in groups.iter().zip(inner) {
        let (padding, heading) = if framed(group) { (PADDING, HEADING) } else { (0.0, 0.0) };
        let width = outer(group, &rows);
        let x = lane + (widest - width) / 2.0;
        let frame = Rect { x, y, width, height: rows.height + 2.0 * padding + heading };
        placed.push(rows.moved(lane + widest / 2.0, y + padding + heading));
        y = frame.bottom() + GROUP_GAP;
        frames.push(frame);
    }
    Layout { width: lane + widest + MARGIN, height: y - GROUP_GAP + MARGIN, frames, groups: placed, lane }
}

/// Inputs of a group's items that come from further up than the group before.
fn passing(index: usize, group: &Group) -> impl Iterator<Item = Place> {
    let inputs = group.items.iter().flat_map(|item| item.inputs.iter().copied());
    inputs.filter(move |source| source.0 + 1 < index)
}

/// What takes room in a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Item(usize),
    /// A gap for lines from this item.
    Gap(usize),
}

/// Rows of one group, the middle of the first at the origin.
fn rows(index: usize, group: &Group) -> Rows {
    let items = &group.items;
    let ranks = ranks(index, items);
    let mut slots: Vec<Vec<Slot>> = vec![Vec::new(); ranks.iter().max().map_or(0, |rank| rank + 1)];
    for (item, rank) in ranks.iter().enumerate() {
        slots[*rank].push(Slot::Item(item));
        for source in items[item].inputs.iter().filter(|source| source.0 == index) {
            for row in &mut slots[ranks[source.1] + 1..*rank] {
                if !row.contains(&Slot::Gap(source.1)) {
                    row.push(Slot::Gap(source.1));
                }
            }
        }
    }
    let mut rows = Rows {
        boxes: vec![Rect::default(); items.len()],
        ranks,
        gaps: BTreeMap::new(),
        width: 0.0,
        height: slots.len() as f64 * (BOX_HEIGHT + RANK_GAP) - RANK_GAP,
    };
    for (rank, mut row) in slots.into_iter().enumerate() {
        // Below the middle of what it reads, where that is in the group.
        row.sort_by(|a, b| {
            wish(*a, rank, index, items, &rows).total_cmp(&wish(*b, rank, index, items, &rows)).then(a.cmp(b))
        });
        place(&row, rank, items, &mut rows);
    }
    rows
}

fn wish(slot: Slot, rank: usize, index: usize, items: &[Item], rows: &Rows) -> f64 {
    let above = |source: usize| rank.checked_sub(1).and_then(|rank| rows.gaps.get(&(source, rank)));
    let middle = |source: usize| above(source).unwrap_or(&rows.boxes[source]).middle();
    match slot {
        Slot::Gap(source) => middle(source),
        Slot::Item(item) => {
            let inside = items[item].inputs.iter().filter(|source| source.0 == index);
            let (sum, count) = inside.fold((0.0, 0.0), |(sum, count), source| (sum + middle(source.1), count + 1.0));
            if count > 0.0 { sum / count } else { 0.0 }
        }
    }
}

fn place(row: &[Slot], rank: usize, items: &[Item], rows: &mut Rows) {
    let width = |slot: &Slot| match slot {
        Slot::Item(item) => box_width(&items[*item]),
        Slot::Gap(_) => 0.0,
    };
    let all = row.iter().map(|slot| width(slot) + GAP).sum::<f64>() - GAP;
    rows.width = rows.width.max(all);
    let (mut x, y) = (-all / 2.0, rank as f64 * (BOX_HEIGHT + RANK_GAP));
    for slot in row {
        let rect = Rect { x, y, width: width(slot), height: BOX_HEIGHT };
        match slot {
            Slot::Item(item) => rows.boxes[*item] = rect,
            Slot::Gap(source) => {
                rows.gaps.insert((*source, rank), rect);
            }
        }
        x += rect.width + GAP;
    }
}

/// Longest way from the group's inputs. Items stand behind what they read.
fn ranks(index: usize, items: &[Item]) -> Vec<usize> {
    let mut ranks: Vec<usize> = Vec::with_capacity(items.len());
    for item in items {
        let before = item.inputs.iter().filter(|source| source.0 == index && source.1 < ranks.len());
        ranks.push(before.map(|source| ranks[source.1] + 1).max().unwrap_or(0));
    }
    ranks
}

fn box_width(item: &Item) -> f64 {
    20.0 + text_width(&item.operator).max(text_width(&item.shape.to_string()))
}

/// About the width of a text in the drawing's letters.
fn text_width(text: &str) -> f64 {
    6.8 * text.chars().count() as f64
}
