//! Whether a layer of a child can take over the weights of a layer of a supernet.

use search::network::{Layer, Primitive};

/// How many numbers of channels differ; `None` when the layers compute different things. Open widths make supernets
/// wider than their children; biases and factors of norms do not count.
pub(super) fn mismatch(child: &Primitive, open: &Primitive) -> Option<u64> {
    use Primitive as P;
    let differs = |pairs: &[(usize, usize)]| pairs.iter().filter(|(one, other)| one != other).count() as u64;
    match (child, open) {
        (
            P::Conv2d { in_channels: a, out_channels: b, kernel, stride, padding, dilation, groups, .. },
            P::Conv2d {
                in_channels: c,
                out_channels: d,
                kernel: other_kernel,
                stride: other_stride,
                padding: other_padding,
                dilation: other_dilation,
                groups: other_groups,
                ..
            },
        ) => {
            let same_form =
                [kernel, stride, padding, dilation] == [other_kernel, other_stride, other_padding, other_dilation];
            let depthwise = groups == a && other_groups == c;
            (same_form && (depthwise || groups == other_groups)).then(|| differs(&[(*a, *c), (*b, *d)]))
        }
        (P::Linear { in_features: a, out_features: b, .. }, P::Linear { in_features: c, out_features: d, .. }) => {
            Some(differs(&[(*a, *c), (*b, *d)]))
        }
        (P::BatchNorm { channels: a, .. }, P::BatchNorm { channels: b, .. })
        | (P::GroupNorm { channels: a, .. }, P::GroupNorm { channels: b, .. })
        | (P::LayerNorm { channels: a, .. }, P::LayerNorm { channels: b, .. })
        | (P::Scale { channels: a, .. }, P::Scale { channels: b, .. }) => Some(differs(&[(*a, *b)])),
        _ => (child == open).then_some(0),
    }
}

/// Layers that hand their only input on as far as weights are concerned.
pub(super) fn is_transparent(layer: &Layer) -> bool {
    match layer {
        Layer::Primitive { primitive } => matches!(primitive, Primitive::Identity | Primitive::DropPath { .. }),
        Layer::Choice { pick, .. } => *pick == 1,
        Layer::WidthChoice { .. } => true,
        Layer::Input => false,
    }
}

/// The norm without parameters behind a pooling of a search network.
pub(super) fn is_search_norm(layer: &Layer, before: &Layer) -> bool {
    matches!(layer, Layer::Primitive { primitive: Primitive::BatchNorm { affine: false, .. } })
        && matches!(before, Layer::Primitive { primitive: Primitive::Pool { .. } })
}
