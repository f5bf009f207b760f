//! Block lists, the notation in which FBNets are published: rows `[op, channels, stride, repeats, arguments]`.
//!
//! `op` is `conv_k3`, `ir_k5`, `skip` or `ir_pool`, with `_se` or `_sehsig` for squeeze-and-excitation with a sigmoid or
//! hard sigmoid gate and `_hs` for hard swish in place of ReLU. Only the first repeat has the stride.

use crate::fault::Faults;
use serde_json::{Map, Value, json};

/// Arguments that an inverted residual may have in a list.
const ARGUMENTS: [&str; 10] = [
    "expansion",
    "hidden",
    "groups",
    "bias",
    "less_se",
    "always_pw",
    "dw_skip_bnrelu",
    "padding",
    "width_divisor",
    "squeeze",
];

/// One row of a block list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub op: String,
    pub channels: u64,
    pub stride: u64,
    pub repeats: u64,
    pub arguments: Map<String, Value>,
}

/// Reads a block list, all faults at once.
pub(super) fn rows(list: &Value) -> Result<Vec<Row>, Faults> {
    let Some(items) = list.as_array().filter(|items| !items.is_empty()) else {
        return Err(Faults::one("", "a block list is an array of rows [op, channels, stride, repeats, {arguments}]"));
    };
    let mut faults = Faults::default();
    let mut rows = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match row(item) {
            Ok(row) => rows.push(row),
            Err(detail) => faults.push(format!("/{index}"), detail),
        }
    }
    faults.or(rows)
}

fn row(item: &Value) -> Result<Row, String> {
    let form = "must be [op, channels, stride, repeats] or [op, channels, stride, repeats, {arguments}]";
    let (fields, arguments) = match item.as_array().map(Vec::as_slice) {
        Some([fields @ .., Value::Object(arguments)]) if fields.len() == 4 => (fields, arguments.clone()),
        Some(fields) if fields.len() == 4 => (fields, Map::new()),
        _ => return Err(form.into()),
    };
    let number = |index: usize| fields[index].as_u64().filter(|number| (1..=100_000).contains(number)).ok_or(form);
    let row = Row {
        op: fields[0].as_str().ok_or(form)?.to_owned(),
        channels: number(1)?,
        stride: number(2)?,
        repeats: number(3)?,
        arguments,
    };
    if let Some(name) = row.arguments.keys().find(|name| !ARGUMENTS.contains(&name.as_str())) {
        return Err(format!("there is no argument `{name}`; known are {}", ARGUMENTS.join(", ")));
    }
    operator(&row)?;
    Ok(row)
}

/// The operator of a row, without channels and stride.
pub(super) fn operator(row: &Row) -> Result<Value, String> {
    let unknown =
        || format!("there is no block `{}`; known are conv_k3, ir_k5_se_hs, ir_k3_sehsig, skip, ir_pool_hs …", row.op);
    let (stem, activation) = match row.op.strip_suffix("_hs") {
        Some(stem) => (stem, "hswish"),
        None => (row.op.as_str(), "relu"),
    };
    let (stem, gate) = match (stem.strip_suffix("_sehsig"), stem.strip_suffix("_se")) {
        (Some(stem), _) => (stem, Some("hsigmoid")),
        (None, Some(stem)) => (stem, Some("sigmoid")),
        (None, None) => (stem, None),
    };
    let mut operator = match stem {
        "skip" => json!({"op": "skip"}),
        "ir_pool" => json!({"op": "ir_pool", "se": gate, "activation": activation}),
        _ => {
            let (kind, kernel) = stem.split_once("_k").ok_or_else(unknown)?;
            let kernel: usize = kernel.parse().ok().filter(|k| k % 2 == 1 && *k < 32).ok_or_else(unknown)?;
            match kind {
                "conv" => json!({"op": "conv", "kernel": kernel, "bias": true, "activation": activation}),
                "ir" => json!({"op": "mbconv", "kernel": kernel, "se": gate, "activation": activation}),
                _ => return Err(unknown()),
            }
        }
    };
    if let Value::Object(members) = &mut operator {
        if gate.is_none() {
            members.remove("se");
        }
        members.extend(row.arguments.clone());
    }
    Ok(operator)
}

/// The layers of a block list.
pub(super) fn layers(rows: &[Row]) -> Result<Vec<Value>, Faults> {
    let mut faults = Faults::default();
    let mut layers = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        match operator(row) {
            Err(detail) => faults.push(format!("/{index}"), detail),
            Ok(mut block) if row.repeats == 1 => {
                block["channels"] = json!(row.channels);
                block["stride"] = json!(row.stride);
                layers.push(block);
            }
            // A padding of its own belongs to the strided block.
            Ok(mut block) => {
                let padding = block.as_object_mut().and_then(|block| block.remove("padding"));
                let mut stage = json!({
                    "repeat": row.repeats, "channels": row.channels, "stride": row.stride, "block": block,
                });
                if let Some(padding) = padding {
                    stage["first"] = json!({"padding": padding});
                }
                layers.push(json!({"stage": stage}));
            }
        }
    }
    faults.or(layers)
}

/// The row of an operator's description.
pub(super) fn written(operator: &Value, channels: u64, stride: u64, repeats: u64) -> Value {
    let hs = if operator["activation"] == "hswish" { "_hs" } else { "" };
    let gate = match operator["se"].as_str() {
        Some("hsigmoid") => "_sehsig",
        Some(_) => "_se",
        None => "",
    };
    let kernel = operator["kernel"].as_u64().unwrap_or(3);
    let op = match operator["op"].as_str().unwrap_or_default() {
        "conv" => format!("conv_k{kernel}{hs}"),
        "mbconv" => format!("ir_k{kernel}{gate}{hs}"),
        "ir_pool" => format!("ir_pool{gate}{hs}"),
        other => other.to_owned(),
    };
    let arguments: Map<String, Value> = match (operator["op"].as_str(), operator.as_object()) {
        (Some("mbconv" | "ir_pool"), Some(members)) => {
            let kept = members.iter().filter(|(key, _)| ARGUMENTS.contains(&key.as_str()));
            kept.map(|(key, value)| (key.clone(), value.clone())).collect()
        }
        _ => Map::new(),
    };
    match arguments.is_empty() {
        true => json!([op, channels, stride, repeats]),
        false => json!([op, channels, stride, repeats, arguments]),
    }
}
