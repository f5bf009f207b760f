//! A sequence of layers: operators, stages, cells and nested sequences, one after another.

use super::document::{cannot_stay_open, closed, text};
use super::operator::is_open;
use super::{Lowered, Lowering, at};
use crate::fault::Fault;
use crate::network::Port;
use crate::space::Template;
use serde_json::Value;
use std::collections::BTreeMap;

const KINDS: &str =
    "a layer is an operator {\"op\": …}, {\"stage\": …}, {\"cell\": …}, {\"sequence\": […]}, an array or null";

impl Lowering<'_> {
    pub(super) fn sequence(&mut self, mut x: Port, layers: &[&Template], pointer: &str) -> Lowered {
        for (index, layer) in layers.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            let name = match layer {
                Template::Object(members) => members.get("name").and_then(text).map(str::to_owned),
                _ => None,
            };
            let scope = name.clone().unwrap_or_else(|| format!("layers.{index}"));
            x = self.scoped(&scope, |lowering| lowering.layer(x, layer, &pointer))?;
            self.values.push(x);
            self.auxiliary_head(name.as_deref(), x)?;
        }
        Ok(x)
    }

    fn layer(&mut self, x: Port, layer: &Template, pointer: &str) -> Lowered {
        match layer {
            Template::Constant(Value::Null) => Ok(x),
            Template::Array(layers) => self.inner(x, &layers.iter().collect::<Vec<_>>(), pointer),
            Template::Repeat { decision, times, bodies } => self.repeat(x, decision.as_deref(), times, bodies, pointer),
            Template::Object(members) => self.object(x, layer, members, pointer),
            Template::Constant(Value::String(_)) => self.operator(x, layer, pointer),
            Template::OneOf { decision, candidates, .. } => {
                // All candidates stand at one depth; what follows stands behind the longest.
                let (before, mut behind) = (self.passed, self.passed);
                let lowered = |(i, candidate): (usize, &Template)| {
                    self.passed = before;
                    let port = self.scoped(&i.to_string(), |lowering| lowering.layer(x, candidate, pointer));
                    behind = behind.max(self.passed);
                    port
                };
                let ports = candidates.iter().enumerate().map(lowered).collect::<Result<Vec<_>, _>>()?;
                self.passed = behind;
                let labels = candidates.iter().map(label).collect();
                self.g.choice(decision, 1, labels, &ports).map_err(at(pointer))
            }
            other => match closed(other) {
                Err(decision) => Err(cannot_stay_open(decision, pointer)),
                Ok(_) => Err(Fault::new(pointer, KINDS)),
            },
        }
    }

    fn object(&mut self, x: Port, layer: &Template, members: &BTreeMap<String, Template>, pointer: &str) -> Lowered {
        if members.contains_key("op") {
            return self.operator(x, layer, pointer);
        }
        if let Some(stage) = members.get("stage") {
            return self.stage(x, stage, &format!("{pointer}/stage"));
        }
        if let Some(cell) = members.get("cell") {
            return self.cell(cell, members, pointer);
        }
        match members.get("sequence") {
            Some(Template::Array(layers)) => {
                self.inner(x, &layers.iter().collect::<Vec<_>>(), &format!("{pointer}/sequence"))
            }
            _ => Err(Fault::new(pointer, KINDS)),
        }
    }

    /// Layers inside a layer: cells do not see their values one by one.
    fn inner(&mut self, mut x: Port, layers: &[&Template], pointer: &str) -> Lowered {
        for (index, layer) in layers.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            x = self.scoped(&index.to_string(), |lowering| lowering.layer(x, layer, &pointer))?;
        }
        Ok(x)
    }

    /// `$repeat` of layers; an open length becomes a choice between the exits.
    fn repeat(
        &mut self,
        mut x: Port,
        decision: Option<&str>,
        times: &[usize],
        bodies: &[Template],
        pointer: &str,
    ) -> Lowered {
        let mut exits = vec![x];
        for (index, body) in bodies.iter().enumerate() {
            x = self.scoped(&index.to_string(), |lowering| lowering.layer(x, body, pointer))?;
            exits.push(x);
        }
        match decision {
            None => Ok(x),
            Some(decision) => self.exits(decision, times, &exits, pointer),
        }
    }

    /// A choice between the values after so many repeats.
    pub(super) fn exits(&mut self, decision: &str, times: &[usize], exits: &[Port], pointer: &str) -> Lowered {
        let labels = times.iter().map(ToString::to_string).collect();
        let ports: Vec<Port> = times.iter().map(|times| exits[*times]).collect();
        self.g.choice(decision, 1, labels, &ports).map_err(at(pointer))
    }

    fn auxiliary_head(&mut self, name: Option<&str>, x: Port) -> Result<(), Fault> {
        if let Some((after, head)) = self.document.auxiliary
            && Some(after) == name
        {
            let passed = self.passed;
            let lowered = self.scoped("auxiliary_head", |lowering| lowering.operator(x, head, "/auxiliary/head"))?;
            self.passed = passed;
            self.auxiliary = Some(lowered);
        }
        Ok(())
    }

    /// Runs `body` with names under `name`.
    pub(super) fn scoped<T>(&mut self, name: &str, body: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.g.enter(name);
        let result = body(self);
        self.g.leave(mark);
        result
    }
}

/// What people see of a candidate.
pub(super) fn label(candidate: &Template) -> String {
    match candidate {
        Template::Constant(Value::String(name)) => name.clone(),
        Template::Object(members) if !is_open(candidate) => match members.get("op").and_then(text) {
            Some(name) if members.len() == 1 => name.to_owned(),
            _ => closed(candidate).map(|value| value.to_string()).unwrap_or_default(),
        },
        Template::Object(members) => members.get("op").and_then(text).unwrap_or("open").to_owned(),
        other => closed(other).map(|value| value.to_string()).unwrap_or_else(|decision| decision.to_owned()),
    }
}
