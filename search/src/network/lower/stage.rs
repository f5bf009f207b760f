//! A stage: one block repeated; only the first has the stride and may differ in parameters.

use super::document::{cannot_stay_open, closed, whole};
use super::operator::widths;
use super::{Lowered, Lowering, at};
use crate::fault::Fault;
use crate::network::{Port, Site};
use crate::space::Template;
use std::collections::BTreeMap;

impl Lowering<'_> {
    pub(super) fn stage(&mut self, x: Port, stage: &Template, pointer: &str) -> Lowered {
        let Template::Object(members) = stage else {
            return Err(Fault::new(pointer, "must be an object with repeat, channels, stride, block and first"));
        };
        if let Some(key) =
            members.keys().find(|key| !["repeat", "channels", "stride", "block", "first"].contains(&key.as_str()))
        {
            return Err(Fault::new(
                format!("{pointer}/{key}"),
                "unknown member; a stage has repeat, channels, stride, block, first",
            ));
        }
        let Some(block) = members.get("block") else {
            return Err(Fault::new(format!("{pointer}/block"), "is missing: the operator that is repeated"));
        };
        match members.get("channels") {
            Some(Template::OneOf { decision, candidates, .. }) => {
                let options = widths(decision, candidates, &format!("{pointer}/channels"))?;
                let widest = options.iter().copied().max().unwrap_or_default();
                self.blocks(x, members, block, widest, Some((decision, &options)), pointer)
            }
            Some(channels) => {
                let channels = whole(Some(channels), &format!("{pointer}/channels"))?;
                self.blocks(x, members, block, channels, None, pointer)
            }
            None => self.blocks(x, members, block, x.channels(), None, pointer),
        }
    }

    fn blocks(
        &mut self,
        mut x: Port,
        members: &BTreeMap<String, Template>,
        block: &Template,
        channels: usize,
        width: Option<(&str, &[usize])>,
        pointer: &str,
    ) -> Lowered {
        let stride = members.get("stride").map_or(Ok(1), |s| whole(Some(s), &format!("{pointer}/stride")))?;
        let (decision, times) = times(members.get("repeat"), &format!("{pointer}/repeat"))?;
        let longest = times.iter().copied().max().unwrap_or(1);
        let mut exits = vec![x];
        for index in 0..longest {
            let operator = if index == 0 { with_first(block, members.get("first")) } else { block.clone() };
            let site = Site {
                channels,
                stride: if index == 0 { stride } else { 1 },
                classes: self.document.classes,
                depth: self.depth(),
                ..Site::plain(channels)
            };
            x = self.scoped(&index.to_string(), |g| {
                let port = g.operator_at(x, &operator, site, &format!("{pointer}/block"))?;
                match width {
                    Some((decision, options)) => g.g.width_choice(port, decision, options).map_err(at(pointer)),
                    None => Ok(port),
                }
            })?;
            exits.push(x);
            self.passed += 1;
        }
        match decision {
            Some(decision) => self.exits(&decision, &times, &exits, pointer),
            None => Ok(x),
        }
    }
}

/// The first block's parameters: those of the block, replaced by `first`'s.
fn with_first(block: &Template, first: Option<&Template>) -> Template {
    match (block, first) {
        (Template::Object(block), Some(Template::Object(first))) => {
            let mut merged = block.clone();
            merged.extend(first.iter().map(|(key, value)| (key.clone(), value.clone())));
            Template::Object(merged)
        }
        _ => block.clone(),
    }
}

/// Possible numbers of blocks, and the decision if there are several.
fn times(repeat: Option<&Template>, pointer: &str) -> Result<(Option<String>, Vec<usize>), Fault> {
    match repeat {
        None => Ok((None, vec![1])),
        Some(Template::OneOf { decision, candidates, .. }) => {
            Ok((Some(decision.clone()), widths(decision, candidates, pointer)?))
        }
        Some(other) => match closed(other) {
            Err(decision) => Err(cannot_stay_open(decision, pointer)),
            Ok(_) => {
                let times = whole(Some(other), pointer)?;
                if times > 1000 {
                    return Err(Fault::new(pointer, "a stage may repeat its block at most 1,000 times"));
                }
                Ok((None, vec![times]))
            }
        },
    }
}
