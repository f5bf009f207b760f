//! What the worker computes on: devices, their number formats, and how the process is set up for them.

mod choice;
mod precision;
mod process;

pub use choice::DeviceChoice;
pub use precision::{Bf16, bf16, profits_from_bf16};
pub use process::tune_process;
