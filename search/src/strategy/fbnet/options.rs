//! Options of FBNet and their ranges.

use crate::fault::Faults;
use crate::strategy::shared_weights::{Common, Logits, not_negative};
use crate::supernet::{CostForm, LatencyTable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a network costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cost {
    /// Time of a forward pass on the device, microseconds.
    Latency,
    /// Multiply-adds.
    Flops,
    Params,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    #[serde(flatten)]
    pub common: Common,
    #[serde(flatten)]
    pub logits: Logits,
    /// What a network costs: `latency`, `flops` or `params`; by default the latency where operators can be timed one by
    /// one, otherwise `flops`.
    pub cost: Option<Cost>,
    /// How the cost enters the loss: `paper` (`CE alpha (ln cost)^beta`), `log_of_power` (`alpha CE ln(cost^beta)`) or
    /// `additive` (`CE + alpha cost^beta`).
    pub loss: CostForm,
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    #[schemars(range(min = 0.0))]
    pub beta: f64,
    /// Temperature of the Gumbel softmax in the first epoch.
    pub temperature_start: f64,
    /// It is multiplied by `exp(-rate)` every epoch.
    #[schemars(range(min = 0.0))]
    pub temperature_rate: f64,
    /// Latencies of the target device; without it a worker measures them first.
    pub latency_table: Option<LatencyTable>,
    /// Images in one measured pass.
    #[schemars(range(min = 1))]
    pub measure_batch: u32,
    /// Timed runs of each operator.
    #[schemars(range(min = 50))]
    pub measure_runs: u32,
    /// Whole networks that are measured at the end beside their predictions; 0 for none.
    pub measured_networks: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            common: Common { epochs: 90, candidates: 6, ..Common::default() },
            logits: Logits { architecture_weight_decay: 5e-4, ..Logits::default() },
            cost: None,
            loss: CostForm::Paper,
            alpha: 0.2,
            beta: 0.6,
            temperature_start: 5.0,
            temperature_rate: 0.045,
            latency_table: None,
            measure_batch: 1,
            measure_runs: 50,
            measured_networks: 8,
        }
    }
}

impl Options {
    pub fn check(&self, faults: &mut Faults) {
        self.logits.check(self.common.epochs, faults);
        for (name, value) in [("alpha", self.alpha), ("beta", self.beta), ("temperature_rate", self.temperature_rate)] {
            not_negative(name, value, faults);
        }
        if !(self.temperature_start > 0.0 && self.temperature_start.is_finite()) {
            faults.push("/temperature_start", "must be above 0");
        }
        if self.measure_batch == 0 {
            faults.push("/measure_batch", "must be at least 1");
        }
        if self.measure_runs < 50 {
            faults.push("/measure_runs", "must be at least 50: fewer runs do not tell operators apart");
        }
        if self.latency_table.is_some() && matches!(self.cost, Some(Cost::Flops | Cost::Params)) {
            faults.push("/latency_table", "means something only with the cost `latency`");
        }
    }
}
