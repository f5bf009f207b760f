//! One operator at its place, with what may be open in it.

use super::document::{cannot_stay_open, closed, text};
use super::sequence::label;
use super::{Lowered, Lowering, at};
use crate::fault::Fault;
use crate::network::{OpenWidth, Port, Site};
use crate::operator;
use crate::space::Template;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Members of an operator's object that belong to its place, not to the operator.
const PLACE: [&str; 4] = ["op", "name", "channels", "stride"];

pub(super) fn is_open(template: &Template) -> bool {
    closed(template).is_err()
}

impl Lowering<'_> {
    /// An operator of a sequence: it keeps the channels unless it says otherwise.
    pub(super) fn operator(&mut self, x: Port, template: &Template, pointer: &str) -> Lowered {
        let (classes, depth) = (self.document.classes, self.depth());
        let site = Site { channels: x.channels(), classes, depth, ..Site::plain(1) };
        let lowered = self.operator_at(x, template, site, pointer);
        self.passed += 1;
        lowered
    }

    /// An operator at a site. Choices between operators and inside an operator become choice nodes.
    pub(super) fn operator_at(&mut self, x: Port, template: &Template, site: Site, pointer: &str) -> Lowered {
        match template {
            Template::Constant(Value::String(name)) => self.closed_operator(x, name, Map::new(), site, pointer),
            Template::Object(members) => self.operator_object(x, members, site, pointer),
            Template::OneOf { decision, candidates, .. } => {
                self.between(x, decision, candidates.iter().collect::<Vec<_>>().as_slice(), site, pointer)
            }
            other => match closed(other) {
                Err(decision) => Err(cannot_stay_open(decision, pointer)),
                Ok(_) => Err(Fault::new(pointer, "must be an operator: its name, or {\"op\": name, …}")),
            },
        }
    }

    fn between(&mut self, x: Port, decision: &str, candidates: &[&Template], site: Site, pointer: &str) -> Lowered {
        let mut ports = Vec::with_capacity(candidates.len());
        for (index, candidate) in candidates.iter().enumerate() {
            ports.push(self.scoped(&index.to_string(), |g| g.operator_at(x, candidate, site, pointer))?);
        }
        let labels = candidates.iter().map(|candidate| label(candidate)).collect();
        self.g.choice(decision, 1, labels, &ports).map_err(at(pointer))
    }

    fn operator_object(&mut self, x: Port, members: &BTreeMap<String, Template>, site: Site, pointer: &str) -> Lowered {
        if let Some(Template::OneOf { decision, candidates, .. }) = members.get("channels") {
            return self.open_width(x, members, decision, candidates, site, pointer);
        }
        if let Some(key) = inner_width(members) {
            return self.open_inner_width(x, members, &key, site, pointer);
        }
        if let Some((key, Template::OneOf { decision, candidates, .. })) = members.iter().find(|(_, m)| is_open(m)) {
            // An open parameter is a choice between operators that differ in it.
            let with = |candidate: &Template| {
                let mut copy = members.clone();
                copy.insert(key.clone(), candidate.clone());
                Template::Object(copy)
            };
            let operators: Vec<Template> = candidates.iter().map(with).collect();
            return self.between(x, decision, &operators.iter().collect::<Vec<_>>(), site, pointer);
        }
        let mut parameters = Map::new();
        for (key, member) in members {
            let value = closed(member).map_err(|decision| cannot_stay_open(decision, &format!("{pointer}/{key}")))?;
            parameters.insert(key.clone(), value);
        }
        let name = parameters.get("op").and_then(Value::as_str).unwrap_or_default().to_owned();
        let site = Site {
            channels: number(&parameters, "channels", site.channels, pointer)?,
            stride: number(&parameters, "stride", site.stride, pointer)?,
            ..site
        };
        parameters.retain(|key, _| !PLACE.contains(&key.as_str()));
        self.closed_operator(x, &name, parameters, site, pointer)
    }

    /// The widest operator, its trailing channels masked by the choice (FBNetV2, section 3.1).
    fn open_width(
        &mut self,
        x: Port,
        members: &BTreeMap<String, Template>,
        decision: &str,
        candidates: &[Template],
        site: Site,
        pointer: &str,
    ) -> Lowered {
        let options = widths(decision, candidates, &format!("{pointer}/channels"))?;
        let widest = options.iter().copied().max().unwrap_or_default();
        let mut copy = members.clone();
        copy.insert("channels".into(), Template::Constant(widest.into()));
        let port = self.operator_object(x, &copy, site, pointer)?;
        self.g.width_choice(port, decision, &options).map_err(at(pointer))
    }

    /// An operator with an open number of channels inside it: built with the widest, which it masks itself.
    fn open_inner_width(
        &mut self,
        x: Port,
        members: &BTreeMap<String, Template>,
        key: &str,
        site: Site,
        pointer: &str,
    ) -> Lowered {
        let Some(Template::OneOf { decision, candidates, .. }) = members.get(key) else {
            return self.operator_object(x, members, site, pointer);
        };
        let options = widths(decision, candidates, &format!("{pointer}/{key}"))?;
        let widest = options.iter().copied().max().unwrap_or_default();
        let mut copy = members.clone();
        copy.insert(key.to_owned(), Template::Constant(widest.into()));
        let parameter = key.to_owned();
        self.inner_widths.push(OpenWidth { parameter, decision: decision.clone(), options });
        self.operator_object(x, &copy, site, pointer)
    }

    fn closed_operator(
        &mut self,
        x: Port,
        name: &str,
        parameters: Map<String, Value>,
        site: Site,
        pointer: &str,
    ) -> Lowered {
        let operator = operator::read(name, parameters).map_err(|detail| Fault::new(pointer, detail))?;
        self.g.room().map_err(at(pointer))?;
        let mark = self.g.enter_block(name);
        let outer = self.g.exchange_widths(std::mem::take(&mut self.inner_widths));
        let lowered = operator.lower(x, &site, &mut self.g);
        self.g.exchange_widths(outer);
        self.g.leave_block(mark);
        lowered.map_err(at(pointer))
    }
}

/// An open parameter of the operator that is a number of channels inside it.
fn inner_width(members: &BTreeMap<String, Template>) -> Option<String> {
    let (entry, _) = operator::find(members.get("op").and_then(text)?)?;
    let open = |key: &&&str| matches!(members.get(**key), Some(Template::OneOf { .. }));
    // Any other open parameter would copy the operator: it is closed first.
    let others = members.iter().any(|(key, m)| is_open(m) && !entry.widths.contains(&key.as_str()));
    if others { None } else { entry.widths.iter().find(open).map(|key| (*key).to_owned()) }
}

/// The options of an open number of channels.
pub(super) fn widths(decision: &str, candidates: &[Template], pointer: &str) -> Result<Vec<usize>, Fault> {
    let width = |candidate: &Template| match candidate {
        Template::Constant(value) => value.as_u64().and_then(|n| usize::try_from(n).ok()),
        _ => None,
    };
    let options: Option<Vec<usize>> = candidates.iter().map(width).collect();
    options.ok_or_else(|| Fault::new(pointer, format!("the candidates of decision `{decision}` must be whole numbers")))
}

fn number(parameters: &Map<String, Value>, key: &str, default: usize, pointer: &str) -> Result<usize, Fault> {
    match parameters.get(key) {
        None => Ok(default),
        Some(value) => {
            let number = value.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
            number.ok_or_else(|| Fault::new(format!("{pointer}/{key}"), "must be a whole number above 0"))
        }
    }
}
