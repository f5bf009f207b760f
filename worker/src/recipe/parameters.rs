//! All parameters of a network as views of one flat tensor, and their gradients of another.

use tch::{Kind, Tensor, no_grad};

/// Every parameter starts at a multiple of this many values, so that vector instructions find it aligned.
const ALIGNMENT: i64 = 16;

/// Weights and gradients of a network, flat. Weights that decay come first.
pub struct FlatParameters {
    weights: Tensor,
    gradients: Tensor,
    decaying: i64,
    layout: Vec<String>,
    // The network holds the same tensors; they are kept here so that their gradients stay ours.
    _parameters: Vec<Tensor>,
}

impl FlatParameters {
    /// Moves the data of `parameters` (leaf tensors of one device, dense in any order of axes) into one tensor and
    /// makes them views of it; their gradients become views of a second one. Weights of one axis (biases,
    /// normalisation) do not decay, unless `decay_all`.
    pub fn adopt(parameters: Vec<(String, Tensor)>, decay_all: bool) -> FlatParameters {
        let (decay, keep): (Vec<_>, Vec<_>) = parameters.into_iter().partition(|(_, p)| decay_all || p.dim() > 1);
        let options = match decay.first().or(keep.first()) {
            Some((_, parameter)) => (parameter.kind(), parameter.device()),
            None => (Kind::Float, tch::Device::Cpu),
        };
        let padded = |p: &Tensor| (p.numel() as i64 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        let decaying = decay.iter().map(|(_, p)| padded(p)).sum();
        let total: i64 = decaying + keep.iter().map(|(_, p)| padded(p)).sum::<i64>();
        let (weights, gradients) = (Tensor::zeros([total], options), Tensor::zeros([total], options));
        let mut layout = Vec::new();
        let mut held = Vec::new();
        let mut offset = 0;
        for (name, mut parameter) in decay.into_iter().chain(keep) {
            let length = padded(&parameter);
            attach(&mut parameter, &weights, &gradients, offset);
            layout.push(format!("{name} {:?} {:?}", parameter.size(), parameter.stride()));
            held.push(parameter);
            offset += length;
        }
        FlatParameters { weights, gradients, decaying, layout, _parameters: held }
    }

    /// All weights, `[values]`.
    pub fn weights(&self) -> Tensor {
        self.weights.shallow_clone()
    }

    /// The gradients of the last backward passes since [`Self::clear_gradients`], `[values]`.
    pub fn gradients(&self) -> Tensor {
        self.gradients.shallow_clone()
    }

    /// How many of the values, from the first, decay.
    pub fn decaying(&self) -> i64 {
        self.decaying
    }

    /// Name, shape and strides of each parameter in order: weights saved flat fit another network only if this is
    /// the same.
    pub fn layout(&self) -> &[String] {
        &self.layout
    }

    pub fn clear_gradients(&self) {
        let _ = self.gradients.shallow_clone().zero_();
    }
}

fn attach(parameter: &mut Tensor, weights: &Tensor, gradients: &Tensor, offset: i64) {
    let (size, stride) = (parameter.size(), parameter.stride());
    no_grad(|| {
        let mut view = weights.as_strided(&size, &stride, offset);
        view.copy_(parameter);
        parameter.set_data(&view);
    });
    // A first backward pass makes the gradient exist; from then on the engine adds to it in place.
    (parameter.sum(parameter.kind()) * 0.0).backward();
    no_grad(|| parameter.grad().set_data(&gradients.as_strided(&size, &stride, offset)));
}
