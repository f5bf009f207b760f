//! Width lists: `16:32:64:…`, with depths `16:32:…;3:3:3` where they are searched.

use super::super::Notation;
use super::super::recognise::{Choices, genotype_of};
use crate::fault::Faults;
use crate::space::{Genotype, Space};
use serde_json::{Value, json};

/// The widths of all convolutions from the stem on (shortcuts have the width of their block), then, behind a semicolon,
/// the blocks of each stage. A list may hold the widths of dropped blocks too, as TAS prints them. The size space has
/// five widths and no depths.
pub(super) struct WidthList;

/// A layer of the description: how often its block may stand there, and which widths it has.
struct Slot {
    layer: usize,
    /// `None` for a single block.
    repeat: Option<usize>,
    widths: &'static [&'static str],
}

impl Notation for WidthList {
    fn read(&self, space: &Space, text: &str) -> Result<Genotype, Faults> {
        let (widths, depths) = text.trim().split_once(';').map_or((text.trim(), None), |(w, d)| (w, Some(d)));
        let (widths, depths) = (numbers(widths)?, depths.map(numbers).transpose()?);
        if space.document()["shared"].get("c1").is_some() {
            return size_genotype(space, &widths);
        }
        let mut candidate = space.document()["root"].clone();
        let slots = slots(&candidate);
        fill(&mut candidate["network"]["layers"], &slots, &widths, depths.as_deref())?;
        genotype_of(space, &candidate, Choices::new())
    }

    fn write(&self, space: &Space, genotype: &Genotype) -> Result<String, Faults> {
        let candidate = space.materialise(genotype)?;
        let root = &space.document()["root"];
        let layers = &candidate["network"]["layers"];
        if space.document()["shared"].get("c1").is_some() {
            return Ok(joined(layers.as_array().into_iter().flatten().skip(1).map(|layer| &layer["channels"])));
        }
        let (mut widths, mut depths) = (Vec::new(), Vec::new());
        for slot in slots(root) {
            let layer = &layers[slot.layer];
            let blocks = if slot.repeat.is_some() {
                layer.as_array().map_or(&[][..], Vec::as_slice)
            } else {
                std::slice::from_ref(layer)
            };
            for block in blocks {
                widths.extend(slot.widths.iter().map(|width| &block[*width]));
            }
            if slot.repeat.is_some() {
                depths.push(json!(blocks.len() + 1));
            }
        }
        Ok(format!("{};{}", joined(widths.into_iter()), joined(depths.iter())))
    }
}

fn joined<'a>(numbers: impl Iterator<Item = &'a Value>) -> String {
    let texts: Vec<String> = numbers.filter(|number| number.is_number()).map(ToString::to_string).collect();
    texts.join(":")
}

fn numbers(text: &str) -> Result<Vec<usize>, Faults> {
    let form =
        || Faults::one("", "must be widths joined by `:`, such as 16:32:64, perhaps `;` and depths, such as 3:3:3");
    text.split(':').map(|number| number.trim().parse().map_err(|_| form())).collect()
}

fn size_genotype(space: &Space, widths: &[usize]) -> Result<Genotype, Faults> {
    let offered = &space.document()["shared"]["c1"];
    let offered = offered["$oneof"]["of"].as_array().cloned().unwrap_or_else(|| vec![offered.clone()]);
    let index = |width: &usize| offered.iter().position(|offered| *offered == json!(width));
    match widths.iter().map(index).collect::<Option<Vec<_>>>() {
        Some(choices) if choices.len() == 5 && offered.len() > 1 => space.read_genotype(&json!(choices)),
        Some(choices) if choices.len() == 5 => Ok(Genotype(Vec::new())),
        _ => Err(Faults::one("", format!("must be five of the widths {}, joined by `:`", json!(offered)))),
    }
}

/// Every layer with widths, in order.
fn slots(root: &Value) -> Vec<Slot> {
    let layers = root["network"]["layers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut slots = Vec::new();
    for (layer, described) in layers.iter().enumerate() {
        let repeat = described.get("$repeat");
        let longest = |times: &Value| {
            let offered = times["$oneof"]["of"].as_array().and_then(|of| of.iter().filter_map(Value::as_u64).max());
            offered.or_else(|| times.as_u64()).unwrap_or_default() as usize
        };
        let block = repeat.map_or(described, |repeat| &repeat["body"]);
        let widths: &[&str] = match block["op"].as_str() {
            Some("conv") => &["channels"],
            Some("basic_block") => &["hidden", "channels"],
            Some("bottleneck") => &["reduced", "hidden", "channels"],
            _ => continue,
        };
        slots.push(Slot { layer, repeat: repeat.map(|repeat| longest(&repeat["times"])), widths });
    }
    slots
}

/// Puts widths and depths into the layers, whose decisions are closed by it.
fn fill(layers: &mut Value, slots: &[Slot], widths: &[usize], depths: Option<&[usize]>) -> Result<(), Faults> {
    let longest: Vec<usize> = slots.iter().filter_map(|slot| slot.repeat).collect();
    let depths: Vec<usize> = depths.map_or_else(|| longest.iter().map(|n| n + 1).collect(), <[usize]>::to_vec);
    let allowed = |(depth, longest): (&usize, &usize)| (1..=longest + 1).contains(depth);
    if depths.len() != longest.len() || !depths.iter().zip(&longest).all(allowed) {
        let most: Vec<usize> = longest.iter().map(|n| n + 1).collect();
        return Err(Faults::one("", format!("needs {} depths, at most {most:?}", longest.len())));
    }
    let count = |kept: bool| -> usize {
        let mut depth = depths.iter();
        let mut total = 0;
        for slot in slots {
            let blocks = match (slot.repeat, kept) {
                (None, _) => 1,
                (Some(_), true) => depth.next().map_or(0, |depth| depth - 1),
                (Some(longest), false) => longest,
            };
            total += blocks * slot.widths.len();
        }
        total
    };
    let dropped_too = widths.len() == count(false);
    if !dropped_too && widths.len() != count(true) {
        let detail = format!(
            "needs {} widths for these depths, or {} for the whole network, not {}",
            count(true),
            count(false),
            widths.len()
        );
        return Err(Faults::one("", detail));
    }
    let (mut widths, mut depths) = (widths.iter(), depths.iter());
    for slot in slots {
        let described = layers[slot.layer].clone();
        let mut next = |block: &Value| {
            let mut block = block.clone();
            slot.widths.iter().zip(&mut widths).for_each(|(name, width)| block[*name] = json!(width));
            block
        };
        let Some(longest) = slot.repeat else {
            layers[slot.layer] = next(&described);
            continue;
        };
        let kept = depths.next().map_or(0, |depth| depth - 1);
        let listed = if dropped_too { longest } else { kept };
        let blocks: Vec<Value> = (0..listed).map(|_| next(&described["$repeat"]["body"])).collect();
        layers[slot.layer] = json!(blocks[..kept]);
    }
    Ok(())
}
