//! What tch lacks: layers in 32 bit on the CPU, fast for images with their channels innermost in memory. The C++ half
//! is in `bridge/`. Every function gives `None` where its kernels do not know the case (another device or number
//! format, another memory format, unusual sizes, a TorchScript recording): libtorch's own operators then do it.

// Calls across the language border; nothing else in the crate needs it.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use tch::{TchError, Tensor};

type Handle = *const c_void;
type Out = *mut *mut c_void;

unsafe extern "C" {
    fn nascent_free_text(text: *mut c_char);
    fn nascent_instructions() -> *const c_char;
    fn nascent_depthwise(
        out: Out,
        x: Handle,
        weight: Handle,
        stride: *const i64,
        padding: *const i64,
        dilation: *const i64,
        relu: bool,
    ) -> *mut c_char;
    fn nascent_pointwise(out: Out, x: Handle, weight: Handle, bias: Handle) -> *mut c_char;
    fn nascent_batch_norm(out: Out, x: Handle, norm: *const NormArguments, relu: bool) -> *mut c_char;
    fn nascent_average_pool(
        out: Out,
        x: Handle,
        kernel: *const i64,
        stride: *const i64,
        padding: *const i64,
        count_padding: bool,
    ) -> *mut c_char;
    fn nascent_max_pool(
        out: Out,
        x: Handle,
        kernel: *const i64,
        stride: *const i64,
        padding: *const i64,
    ) -> *mut c_char;
    fn nascent_weighted_sum(
        out: Out,
        x: *const Handle,
        count: usize,
        weights: Handle,
        picks: *const i64,
    ) -> *mut c_char;
    fn nascent_normed_sum(
        out: Out,
        x: *const Handle,
        norms: *const *const NormArguments,
        count: usize,
        weights: Handle,
        picks: *const i64,
    ) -> *mut c_char;
}

/// A [`Norm`] as C++ reads it.
#[repr(C)]
struct NormArguments {
    weight: Handle,
    bias: Handle,
    running_mean: Handle,
    running_var: Handle,
    momentum: f64,
    eps: f64,
}

type Pair = [i64; 2];

fn handle(tensor: &Tensor) -> Handle {
    tensor.as_ptr().cast()
}

fn maybe(tensor: Option<&Tensor>) -> Handle {
    tensor.map_or(null(), handle)
}

/// The tensor or the fault that `call` leaves behind.
fn taken(call: impl FnOnce(Out) -> *mut c_char) -> Result<Option<Tensor>, TchError> {
    let mut out = null_mut();
    let fault = call(&mut out);
    if !fault.is_null() {
        // SAFETY: the bridge gives a text that ends in 0 and is ours to free.
        let text = unsafe { CStr::from_ptr(fault) }.to_string_lossy().into_owned();
        unsafe { nascent_free_text(fault) };
        return Err(TchError::Torch(text));
    }
    // SAFETY: a pointer that is not null is a new tensor, ours alone.
    Ok((!out.is_null()).then(|| unsafe { Tensor::from_ptr(out.cast()) }))
}

/// The instruction set of the kernels on this machine: `avx512`, `avx2` or `portable`.
pub fn instructions() -> &'static str {
    // SAFETY: a constant text.
    unsafe { CStr::from_ptr(nascent_instructions()) }.to_str().unwrap_or("unknown")
}

/// A convolution of each channel for itself: `[batch, channels, height, width]` by `[channels, 1, rows, columns]`;
/// of `relu(x)` where asked for.
pub fn depthwise(
    x: &Tensor,
    weight: &Tensor,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    relu: bool,
) -> Result<Option<Tensor>, TchError> {
    // SAFETY: the tensors and numbers live through the call; the bridge keeps references of its own.
    taken(|out| unsafe {
        let [stride, padding, dilation] = [&stride, &padding, &dilation].map(|pair| pair.as_ptr());
        nascent_depthwise(out, handle(x), handle(weight), stride, padding, dilation, relu)
    })
}

/// A convolution of one pixel: `[batch, inputs, height, width]` by `[outputs, inputs, 1, 1]`.
pub fn pointwise(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Option<Tensor>, TchError> {
    // SAFETY: as above.
    taken(|out| unsafe { nascent_pointwise(out, handle(x), handle(weight), maybe(bias)) })
}

/// The tensors of a batch norm.
pub struct Norm<'a> {
    pub weight: Option<&'a Tensor>,
    pub bias: Option<&'a Tensor>,
    pub running_mean: Option<&'a Tensor>,
    pub running_var: Option<&'a Tensor>,
    pub momentum: f64,
    pub eps: f64,
}

impl Norm<'_> {
    fn arguments(&self) -> NormArguments {
        NormArguments {
            weight: maybe(self.weight),
            bias: maybe(self.bias),
            running_mean: maybe(self.running_mean),
            running_var: maybe(self.running_var),
            momentum: self.momentum,
            eps: self.eps,
        }
    }
}

/// Batch norm of a training pass: by the batch's own statistics, which move the running ones; then ReLU where asked
/// for.
pub fn batch_norm(x: &Tensor, norm: &Norm<'_>, relu: bool) -> Result<Option<Tensor>, TchError> {
    // SAFETY: as above.
    taken(|out| unsafe { nascent_batch_norm(out, handle(x), &norm.arguments(), relu) })
}

/// The mean of each window; padding counts where asked for.
pub fn average_pool(
    x: &Tensor,
    kernel: Pair,
    stride: Pair,
    padding: Pair,
    count_padding: bool,
) -> Result<Option<Tensor>, TchError> {
    // SAFETY: as above.
    taken(|out| unsafe {
        nascent_average_pool(out, handle(x), kernel.as_ptr(), stride.as_ptr(), padding.as_ptr(), count_padding)
    })
}

/// The largest value of each window.
pub fn max_pool(x: &Tensor, kernel: Pair, stride: Pair, padding: Pair) -> Result<Option<Tensor>, TchError> {
    // SAFETY: as above.
    taken(|out| unsafe { nascent_max_pool(out, handle(x), kernel.as_ptr(), stride.as_ptr(), padding.as_ptr()) })
}

/// Factors of a sum: of the tensor `i` it is `weights[picks[i]]`.
pub struct Factors<'a> {
    /// `[labels]`
    pub weights: &'a Tensor,
    pub picks: &'a [i64],
}

/// The sum of tensors of one shape, each times its factor.
pub fn weighted_sum(x: &[&Tensor], factors: Option<&Factors<'_>>) -> Result<Option<Tensor>, TchError> {
    let handles: Vec<Handle> = x.iter().map(|tensor| handle(tensor)).collect();
    let (weights, picks) = factor_handles(factors, x.len())?;
    // SAFETY: as above; there are as many picks as tensors.
    taken(|out| unsafe { nascent_weighted_sum(out, handles.as_ptr(), handles.len(), weights, picks) })
}

fn factor_handles(factors: Option<&Factors<'_>>, count: usize) -> Result<(Handle, *const i64), TchError> {
    match factors {
        None => Ok((null(), null())),
        Some(Factors { weights, picks }) if picks.len() == count => Ok((handle(weights), picks.as_ptr())),
        Some(Factors { picks, .. }) => Err(TchError::Shape(format!("{} factors for {count} tensors", picks.len()))),
    }
}

/// The same of images some of which are normed on the way, by the batch's own statistics.
pub fn normed_sum(
    terms: &[(&Tensor, Option<Norm<'_>>)],
    factors: Option<&Factors<'_>>,
) -> Result<Option<Tensor>, TchError> {
    let handles: Vec<Handle> = terms.iter().map(|(x, _)| handle(x)).collect();
    let described: Vec<Option<NormArguments>> =
        terms.iter().map(|(_, norm)| norm.as_ref().map(Norm::arguments)).collect();
    let norms: Vec<*const NormArguments> =
        described.iter().map(|norm| norm.as_ref().map_or(null(), |n| n as _)).collect();
    let (weights, picks) = factor_handles(factors, terms.len())?;
    // SAFETY: as above; norms and picks are as many as terms.
    taken(|out| unsafe { nascent_normed_sum(out, handles.as_ptr(), norms.as_ptr(), terms.len(), weights, picks) })
}

#[cfg(test)]
mod tests;
