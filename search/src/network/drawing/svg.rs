//! Writes the drawing.

use super::layout::{Layout, Rect, framed, heading};
use super::outline::{Group, Item};
use std::fmt::Write;

const STYLE: &str = "\
.nascent-graph{color:#24292f;font:11px ui-sans-serif,system-ui,sans-serif}\
.nascent-graph text{fill:currentColor;text-anchor:middle}\
.nascent-graph .heading{text-anchor:start;opacity:.75}\
.nascent-graph .title{text-anchor:start;font-size:14px;font-weight:600}\
.nascent-graph .shape{opacity:.65;font-size:10px}\
.nascent-graph rect{stroke:currentColor;stroke-opacity:.35;rx:6}\
.nascent-graph .frame{fill:currentColor;fill-opacity:.035;stroke-dasharray:4 3}\
.nascent-graph path{fill:none;stroke:currentColor;stroke-opacity:.4}\
.nascent-graph .weights{fill:#3b82f6;fill-opacity:.2}\
.nascent-graph .pool{fill:#f59e0b;fill-opacity:.22}\
.nascent-graph .pass{fill:#10b981;fill-opacity:.2}\
.nascent-graph .open{fill:#a855f7;fill-opacity:.25}\
.nascent-graph .glue{fill:currentColor;fill-opacity:.07}\
@media (prefers-color-scheme:dark){.nascent-graph{color:#e6edf3}}";

pub(super) fn write(groups: &[Group], layout: &Layout, title: &str) -> String {
    let mut svg = String::with_capacity(4096);
    let (width, height) = (layout.width, layout.height);
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"nascent-graph\" role=\"img\" width=\"{width:.0}\" \
         height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\"><title>{title}</title><style>{STYLE}</style>\
         <text class=\"title\" x=\"20\" y=\"28\">{title}</text>",
        title = escape(title)
    );
    for (group, frame) in groups.iter().zip(&layout.frames).filter(|(group, _)| framed(group)) {
        framing(&mut svg, group, frame);
    }
    for (index, group) in groups.iter().enumerate() {
        for (item, block) in group.items.iter().enumerate() {
            let to = layout.at((index, item));
            for source in &block.inputs {
                let from = layout.at(*source);
                match index - source.0 {
                    0 => line(&mut svg, from, to, &layout.gaps(index, source.1, item)),
                    1 => line(&mut svg, from, to, &[]),
                    _ => around(&mut svg, layout.lane, from, to),
                }
            }
        }
    }
    for (group, rows) in groups.iter().zip(&layout.groups) {
        group.items.iter().zip(&rows.boxes).for_each(|(item, at)| boxed(&mut svg, item, at));
    }
    svg.push_str("</svg>\n");
    svg
}

fn framing(svg: &mut String, group: &Group, frame: &Rect) {
    let Rect { x, y, width, height } = frame;
    let _ = write!(
        svg,
        "<rect class=\"frame\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>\
         <text class=\"heading\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        x + 10.0,
        y + 17.0,
        escape(&heading(group))
    );
}

/// A curve from the bottom of a box to the top of another, through the gaps in the rows between.
fn line(svg: &mut String, from: Rect, to: Rect, gaps: &[Rect]) {
    let _ = write!(svg, "<path d=\"M{:.1} {:.1}", from.middle(), from.bottom());
    let (mut x0, mut y0) = (from.middle(), from.bottom());
    for stop in gaps.iter().chain(std::iter::once(&to)) {
        let (x1, y1) = (stop.middle(), stop.y);
        let bend = (y1 - y0) / 2.0;
        let _ = write!(svg, "C{x0:.1} {:.1} {x1:.1} {:.1} {x1:.1} {y1:.1}", y0 + bend, y1 - bend);
        if stop != &to {
            let _ = write!(svg, "V{:.1}", stop.bottom());
        }
        (x0, y0) = (x1, stop.bottom());
    }
    svg.push_str("\"/>");
}

/// A line left of the groups that it passes by.
fn around(svg: &mut String, lane: f64, from: Rect, to: Rect) {
    let (x0, y0, x1, y1) = (from.middle(), from.bottom(), to.middle(), to.y);
    // Lines that start at one place share a lane, lines of different places keep apart.
    let lane = lane - 6.0 - (y0 / 20.0) % 4.0 * 6.0;
    let (down, up) = (y0 + 16.0, y1 - 16.0);
    let _ = write!(
        svg,
        "<path d=\"M{x0:.1} {y0:.1}C{x0:.1} {down:.1} {lane:.1} {y0:.1} {lane:.1} {:.1}V{:.1}\
         C{lane:.1} {y1:.1} {x1:.1} {up:.1} {x1:.1} {y1:.1}\"/>",
        y0 + 30.0,
        y1 - 30.0
    );
}

fn boxed(svg: &mut String, item: &Item, at: &Rect) {
    let Rect { x, y, width, height } = at;
    let middle = at.middle();
    let _ = write!(
        svg,
        "<g><title>{}</title><rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>\
         <text x=\"{middle:.1}\" y=\"{:.1}\">{}</text><text class=\"shape\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text></g>",
        escape(&item.tooltip),
        class(&item.operator),
        y + 16.0,
        escape(&item.operator),
        y + 30.0,
        item.shape
    );
}

/// Colour of an operator; everything that is not known here is taken to have weights.
fn class(operator: &str) -> &'static str {
    match operator {
        "input" | "sum" | "concat" | "norm" => "glue",
        "skip_connect" | "skip" | "none" => "pass",
        name if name.starts_with("choice") => "open",
        name if name.contains("pool") => "pool",
        _ => "weights",
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no place for other control characters.
            letter if letter.is_control() && !matches!(letter, '\n' | '\t') => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}
