//! The operators by name. Adding one: its file, a line in `mod.rs`, a line here.

use super::*;
use serde_json::{Map, Value};

type Parse = fn(Map<String, Value>) -> Result<Box<dyn AnyOperator>, String>;

/// What is known of an operator without its parameters.
pub struct Entry {
    pub name: &'static str,
    pub summary: &'static str,
    /// Parameters that are numbers of channels inside the operator.
    pub widths: &'static [&'static str],
    /// JSON schema of the parameters.
    pub schema: fn() -> Value,
    parse: Parse,
}

const fn entry<T: Operator>() -> Entry {
    Entry { name: T::NAME, summary: T::SUMMARY, widths: T::WIDTHS, schema: schema::<T>, parse: parse::<T> }
}

fn schema<T: Operator>() -> Value {
    schemars::schema_for!(T).to_value()
}

fn parse<T: Operator>(parameters: Map<String, Value>) -> Result<Box<dyn AnyOperator>, String> {
    let operator: T = serde_json::from_value(Value::Object(parameters)).map_err(|e| e.to_string())?;
    operator.check()?;
    Ok(Box::new(operator))
}

static REGISTRY: &[Entry] = &[
    entry::<AttentionMixer>(),
    entry::<AuxiliaryHead>(),
    entry::<AveragePool>(),
    entry::<BasicBlock>(),
    entry::<Bottleneck>(),
    entry::<ChokeConv>(),
    entry::<Classifier>(),
    entry::<Conv7x1Conv1x7>(),
    entry::<Convolution>(),
    entry::<DilChokeConv>(),
    entry::<DilFloodConv>(),
    entry::<DilatedConv>(),
    entry::<Downsample>(),
    entry::<FactorizedReduce>(),
    entry::<FeedForward>(),
    entry::<FloodConv>(),
    entry::<InvertedResidual>(),
    entry::<IrPool>(),
    entry::<Linear>(),
    entry::<MaxPool>(),
    entry::<MetaformerBlock>(),
    entry::<MetaformerHead>(),
    entry::<MixerBlock>(),
    entry::<Noise>(),
    entry::<NorConv>(),
    entry::<Normalisation>(),
    entry::<PoolMixer>(),
    entry::<RaftLevel>(),
    entry::<RandomMixer>(),
    entry::<ReductionBlock>(),
    entry::<ResizablePool>(),
    entry::<SelfAttention>(),
    entry::<SepConvMixer>(),
    entry::<SeparableConv>(),
    entry::<SharpDilConv>(),
    entry::<SharpSepConv>(),
    entry::<Skip>(),
    entry::<SkipConnect>(),
    entry::<SpectralMixer>(),
    entry::<TokenEmbedding>(),
    entry::<Zero>(),
];

/// All operators.
pub fn registry() -> &'static [Entry] {
    REGISTRY
}

/// The operator of a name, and the kernel size that the name carries: `sep_conv_5x5` is `sep_conv` with kernel 5.
pub fn find(name: &str) -> Option<(&'static Entry, Option<usize>)> {
    let exact = |name: &str| REGISTRY.iter().find(|entry| entry.name == name);
    exact(name).map(|entry| (entry, None)).or_else(|| {
        let (stem, size) = name.rsplit_once('_')?;
        let (rows, columns) = size.split_once('x')?;
        let kernel: usize = rows.parse().ok().filter(|_| rows == columns)?;
        exact(stem).map(|entry| (entry, Some(kernel)))
    })
}

/// Reads an operator from its name and parameters.
pub fn read(name: &str, mut parameters: Map<String, Value>) -> Result<Box<dyn AnyOperator>, String> {
    let Some((entry, kernel)) = find(name) else {
        let names: Vec<&str> = REGISTRY.iter().map(|entry| entry.name).collect();
        return Err(format!("there is no operator `{name}`; known are {}", names.join(", ")));
    };
    if let Some(kernel) = kernel
        && parameters.insert("kernel".into(), kernel.into()).is_some()
    {
        return Err(format!("`{name}` says the kernel by its name; leave out `kernel`"));
    }
    (entry.parse)(parameters).map_err(|detail| format!("operator `{}`: {detail}", entry.name))
}
