//! Strategies: the search algorithms. A strategy is a deterministic, serialisable state machine that proposes work and
//! observes outcomes. It knows no I/O, no network and no libtorch. The contract is explained in `README.md`.

mod contract;
mod darts;
mod draw;
mod enas;
mod evolution;
mod fbnet;
mod gdas;
mod grid;
mod local;
mod method;
mod permutation;
mod random;
mod registry;
mod rsps;
mod seen;
mod setn;
mod shared_weights;
mod sharpdarts;
mod spos;

pub use contract::{
    FreeStatistics, Insight, Observed, ObservedResult, Order, Problem, Proposal, StateDocument, Strategy, StrategyKind,
};
pub use method::{Method, Registered};
pub use registry::{find, registry};
