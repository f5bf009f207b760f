//! Work of kind `supernet`: shared weights under a relaxation, and the architecture with them.

mod derive;
mod epoch;
mod finalists;
mod images;
pub(crate) mod judge;
mod run;
mod state;
mod watch;
pub(crate) mod weights;

pub use run::supernet;
