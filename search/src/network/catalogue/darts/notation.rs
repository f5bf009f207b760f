//! The JSON form of DARTS' genotypes.

use super::operators::published_name;
use crate::fault::Faults;
use crate::network::catalogue::Notation;
use crate::space::{Genotype, Space};
use serde_json::{Value, json};

/// `{"normal": [["sep_conv_3x3", 1], …], "normal_concat": [2, 3, 4, 5], "reduce": …, "reduce_concat": …}`
pub struct GenotypeJson;

/// What a genotype of a space is made of.
struct Form {
    /// Names of the operations, in the order of the candidates.
    operations: Vec<String>,
    nodes: usize,
}

impl Form {
    fn of(space: &Space) -> Form {
        let document = space.document();
        let candidates = document["defs"]["op"]["$oneof"].as_array();
        let nodes = document["root"]["network"]["cells"]["normal"]["nodes"].as_array();
        Form {
            operations: candidates.into_iter().flatten().map(published_name).collect(),
            nodes: nodes.map_or(0, Vec::len),
        }
    }

    fn concat(&self) -> Vec<usize> {
        (2..2 + self.nodes).collect()
    }

    /// `(state, index of the operation)` of a pair.
    fn edge(&self, pair: &Value) -> Option<(usize, usize)> {
        let operation = self.operations.iter().position(|operation| pair[0] == operation.as_str())?;
        Some((usize::try_from(pair[1].as_u64()?).ok()?, operation))
    }
}

impl Notation for GenotypeJson {
    fn read(&self, space: &Space, text: &str) -> Result<Genotype, Faults> {
        let form = Form::of(space);
        let wrong = |what: &str| Faults::one("", format!("must be a DARTS genotype in JSON: {what}"));
        let value: Value = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
        let mut choices = Vec::new();
        for cell in ["normal", "reduce"] {
            let pairs = value[cell].as_array().filter(|pairs| pairs.len() == 2 * form.nodes);
            let pairs =
                pairs.ok_or_else(|| wrong(&format!("`{cell}` needs {} [operation, state] pairs", 2 * form.nodes)))?;
            for pair in pairs.chunks(2) {
                let edges = pair.iter().map(|pair| form.edge(pair)).collect::<Option<Vec<_>>>();
                let mut edges = edges.ok_or_else(|| {
                    wrong(&format!("the operations of this space are {}", form.operations.join(", ")))
                })?;
                // The space lists a node's edges by state; the order in a genotype is by strength and means nothing.
                edges.sort_unstable();
                choices.extend(edges.into_iter().flat_map(|(from, operation)| [from, operation]));
            }
            let concat = &value[format!("{cell}_concat")];
            if !concat.is_null() && concat != &json!(form.concat()) {
                return Err(wrong(&format!("`{cell}_concat` is {:?} in this space", form.concat())));
            }
        }
        space.read_genotype(&json!(choices))
    }

    fn write(&self, space: &Space, genotype: &Genotype) -> Result<String, Faults> {
        let candidate = space.materialise(genotype)?;
        let pairs = |cell: &str| -> Vec<Value> {
            let nodes = candidate["network"]["cells"][cell]["nodes"].as_array().into_iter().flatten();
            let edges = nodes.flat_map(|node| node.as_array().into_iter().flatten());
            edges.map(|edge| json!([published_name(&edge["op"]), edge["from"]])).collect()
        };
        let concat = Form::of(space).concat();
        let written = json!({"normal": pairs("normal"), "normal_concat": concat, "reduce": pairs("reduce"),
            "reduce_concat": concat});
        Ok(written.to_string())
    }
}
