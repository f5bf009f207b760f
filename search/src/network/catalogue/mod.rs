//! Ready-made spaces by name. One file each and one line in [`CATALOGUE`].

mod darts;
mod digits;
mod fbnet;
mod metaformer;
mod multi_channel;
mod nasbench201;
mod options;
mod recognise;
mod resnet;

pub use nasbench201::isomorphism_key;

use crate::fault::Faults;
use crate::options as typed;
use crate::space::{Genotype, Space};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What the author of a ready-made space writes.
pub trait ReadyMade: Send + Sync + 'static {
    const NAME: &'static str;
    /// One sentence with the source.
    const SUMMARY: &'static str;
    type Options: Serialize + DeserializeOwned + JsonSchema + Default;

    fn check(options: &Self::Options, faults: &mut Faults);

    /// The space document.
    fn document(options: &Self::Options) -> Value;

    /// How its literature writes genotypes, if it has a notation of its own.
    fn notation() -> Option<&'static dyn Notation> {
        None
    }
}

/// The literature's way to write a genotype.
pub trait Notation: Send + Sync {
    fn read(&self, space: &Space, text: &str) -> Result<Genotype, Faults>;
    fn write(&self, space: &Space, genotype: &Genotype) -> Result<String, Faults>;
}

/// A ready-made space as the catalogue holds it.
pub struct Entry {
    pub name: &'static str,
    pub summary: &'static str,
    /// JSON schema of the options.
    pub schema: fn() -> Value,
    build: fn(&Value) -> Result<Space, Faults>,
    pub notation: fn() -> Option<&'static dyn Notation>,
}

const fn entry<S: ReadyMade>() -> Entry {
    Entry {
        name: S::NAME,
        summary: S::SUMMARY,
        schema: typed::schema::<S::Options>,
        build: build_one::<S>,
        notation: S::notation,
    }
}

fn build_one<S: ReadyMade>(options: &Value) -> Result<Space, Faults> {
    let options: S::Options = typed::read(options)?;
    let mut faults = Faults::default();
    S::check(&options, &mut faults);
    faults.or(())?;
    Space::parse(&S::document(&options))
}

static CATALOGUE: &[Entry] = &[
    entry::<digits::DigitsQuickstart>(),
    entry::<nasbench201::NasBench201>(),
    entry::<darts::Darts>(),
    entry::<fbnet::Fbnet>(),
    entry::<fbnet::FbnetBlocks>(),
    entry::<fbnet::FbnetV3>(),
    entry::<resnet::ResnetWidths>(),
    entry::<metaformer::Metaformer>(),
    entry::<multi_channel::MultiChannel>(),
];

/// All ready-made spaces.
pub fn catalogue() -> &'static [Entry] {
    CATALOGUE
}

/// The ready-made space of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.name == name)
}

/// Builds a ready-made space; faults point into the options.
pub fn build(name: &str, options: &Map<String, Value>) -> Result<Space, Faults> {
    match find(name) {
        Some(entry) => (entry.build)(&Value::Object(options.clone())),
        None => {
            let names: Vec<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
            Err(Faults::one("", format!("there is no ready-made space `{name}`; known are {}", names.join(", "))))
        }
    }
}
