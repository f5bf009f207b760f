//! The shape rule of every primitive: which inputs it takes and what it makes of them.

use super::{Primitive, Rearrangement, Shape};

/// No tensor of one sample may hold more values than this: a description that asks for more is a mistake, and it is
/// refused before it costs memory.
pub const MAX_VALUES: usize = 1 << 32;

/// Largest side, step or padding of a window.
const MAX_WINDOW: usize = 65_536;

type Rule = Result<Shape, String>;

impl Primitive {
    /// Shape of the output for inputs of these shapes, or a sentence that says what does not fit.
    pub fn output(&self, inputs: &[Shape]) -> Rule {
        let shape = self.rule(inputs)?;
        if self.params() > MAX_VALUES as u64 {
            return Err(format!("would have {} parameters, more than {MAX_VALUES}", self.params()));
        }
        let values = shape.dims().iter().try_fold(1usize, |all, &axis| all.checked_mul(axis));
        match values {
            Some(0) => Err(format!("the output {shape} would be empty")),
            Some(n) if n <= MAX_VALUES => Ok(shape),
            _ => Err(format!("the output {shape} would be larger than {MAX_VALUES} values")),
        }
    }

    fn rule(&self, inputs: &[Shape]) -> Rule {
        match self {
            Primitive::Add => equal(inputs),
            Primitive::Subtract => two(inputs).and_then(|(a, b)| equal(&[a, b])),
            Primitive::Multiply => two(inputs).and_then(|(a, b)| multiply(a, b)),
            Primitive::Concat => concat(inputs),
            Primitive::AttentionCore { heads, head_channels, .. } => attention(inputs, *heads, *head_channels),
            _ => match inputs {
                [one] => self.unary(*one),
                _ => Err(format!("takes one input, not {}", inputs.len())),
            },
        }
    }

    fn unary(&self, x: Shape) -> Rule {
        match self {
            Primitive::Conv2d { in_channels, out_channels, kernel, stride, padding, dilation, groups, .. } => {
                let (channels, size) = image(x)?;
                expect("input channels", *in_channels, channels)?;
                if *groups == 0 || in_channels % groups != 0 || out_channels % groups != 0 {
                    return Err(format!("{groups} groups do not divide {in_channels} and {out_channels} channels"));
                }
                let [h, w] = windows(size, *kernel, *stride, *padding, *dilation)?;
                Ok(Shape::image(*out_channels, h, w))
            }
            Primitive::Pool { kernel, stride, padding, .. } => {
                let (channels, size) = image(x)?;
                if padding[0] > kernel[0] / 2 || padding[1] > kernel[1] / 2 {
                    return Err("a pooling window may be padded by at most half its size".into());
                }
                let [h, w] = windows(size, *kernel, *stride, *padding, [1, 1])?;
                Ok(Shape::image(channels, h, w))
            }
            Primitive::Linear { in_features, out_features, .. } => {
                expect("input features", *in_features, x.channels())?;
                match x {
                    Shape::Tokens { tokens, .. } => Ok(Shape::Tokens { tokens, channels: *out_features }),
                    Shape::Vector { .. } => Ok(Shape::Vector { channels: *out_features }),
                    _ => Err(format!("a linear layer takes tokens or a vector, not {}", kind(x))),
                }
            }
            Primitive::BatchNorm { channels, .. }
            | Primitive::LayerNorm { channels, .. }
            | Primitive::Scale { channels, .. } => expect("channels", *channels, x.channels()).map(|()| x),
            Primitive::GroupNorm { groups, channels, .. } => {
                expect("channels", *channels, x.channels())?;
                match *groups > 0 && channels % groups == 0 {
                    true => Ok(x),
                    false => Err(format!("{groups} groups do not divide {channels} channels")),
                }
            }
            Primitive::GlobalAveragePool => match x {
                Shape::Image { channels, .. } => Ok(Shape::image(channels, 1, 1)),
                Shape::Tokens { channels, .. } => Ok(Shape::Vector { channels }),
                _ => Err(format!("global pooling takes an image or tokens, not {}", kind(x))),
            },
            Primitive::Rearrange { to } => rearrange(*to, x),
            Primitive::Embedding { channels, .. } => match x {
                Shape::Ids { tokens } => Ok(Shape::Tokens { tokens, channels: *channels }),
                _ => Err(format!("an embedding takes token ids, not {}", kind(x))),
            },
            Primitive::Position { tokens, channels } => {
                let found = token_axes(x)?;
                same_tokens(found, (*tokens, *channels)).map(|()| x)
            }
            Primitive::RandomMix { tokens } => expect("tokens", *tokens, token_axes(x)?.0).map(|()| x),
            Primitive::Spectral { .. } => token_axes(x).map(|_| x),
            Primitive::Slice { start, end } => match start < end && *end <= x.channels() {
                true => Ok(x.with_channels(end - start)),
                false => Err(format!("channels {start}..{end} do not exist in {x}")),
            },
            Primitive::Shift => {
                let (c, [h, w]) = image(x)?;
                Ok(Shape::image(c, h - 1, w - 1))
            }
            Primitive::Pad { bottom, right } => {
                let (c, [h, w]) = image(x)?;
                Ok(Shape::image(c, h.saturating_add(*bottom), w.saturating_add(*right)))
            }
            Primitive::ChannelShuffle { groups } => match *groups > 0 && image(x)?.0 % groups == 0 {
                true => Ok(x),
                false => Err(format!("{groups} groups do not divide the channels of {x}")),
            },
            Primitive::Zero { stride: 1 } => Ok(x),
            Primitive::Zero { stride } => {
                let (c, [h, w]) = image(x)?;
                match stride {
                    0 => Err("a stride is at least 1".into()),
                    s => Ok(Shape::image(c, h.div_ceil(*s), w.div_ceil(*s))),
                }
            }
            Primitive::Upsample { factor } => {
                let (c, [h, w]) = image(x)?;
                Ok(Shape::image(c, h.saturating_mul(*factor), w.saturating_mul(*factor)))
            }
            Primitive::Activation { .. }
            | Primitive::Identity
            | Primitive::Dropout { .. }
            | Primitive::DropPath { .. }
            | Primitive::Noise { .. } => Ok(x),
            Primitive::Add
            | Primitive::Subtract
            | Primitive::Multiply
            | Primitive::Concat
            | Primitive::AttentionCore { .. } => Err("takes several inputs".into()),
        }
    }
}

/// What a shape is, for a sentence.
fn kind(x: Shape) -> String {
    match x {
        Shape::Image { .. } => format!("an image {x}"),
        Shape::Tokens { .. } => format!("tokens {x}"),
        Shape::Vector { .. } => format!("a vector {x}"),
        Shape::Ids { .. } => format!("token ids {x}"),
    }
}

fn image(x: Shape) -> Result<(usize, [usize; 2]), String> {
    match x {
        Shape::Image { channels, height, width } => Ok((channels, [height, width])),
        _ => Err(format!("takes an image, not {}", kind(x))),
    }
}

fn token_axes(x: Shape) -> Result<(usize, usize), String> {
    match x {
        Shape::Tokens { tokens, channels } => Ok((tokens, channels)),
        _ => Err(format!("takes tokens, not {}", kind(x))),
    }
}

fn expect(what: &str, wanted: usize, found: usize) -> Result<(), String> {
    if wanted == found { Ok(()) } else { Err(format!("expects {wanted} {what}, but there are {found}")) }
}

fn same_tokens(found: (usize, usize), wanted: (usize, usize)) -> Result<(), String> {
    expect("tokens", wanted.0, found.0)?;
    expect("channels", wanted.1, found.1)
}

fn two(inputs: &[Shape]) -> Result<(Shape, Shape), String> {
    match inputs {
        [a, b] => Ok((*a, *b)),
        _ => Err(format!("takes two inputs, not {}", inputs.len())),
    }
}

fn equal(inputs: &[Shape]) -> Rule {
    let first = *inputs.first().ok_or("takes at least one input")?;
    match inputs.iter().find(|other| **other != first) {
        None => Ok(first),
        Some(other) => Err(format!("cannot add {other} to {first}: the shapes differ")),
    }
}

fn multiply(a: Shape, b: Shape) -> Rule {
    let per_channel = match (a, b) {
        (Shape::Image { channels, .. }, Shape::Image { channels: c, height: 1, width: 1 }) => channels == c,
        _ => false,
    };
    if a == b || per_channel { Ok(a) } else { Err(format!("cannot multiply {a} by {b}")) }
}

fn concat(inputs: &[Shape]) -> Rule {
    let first = *inputs.first().ok_or("takes at least one input")?;
    let mut channels = 0usize;
    for x in inputs {
        if x.with_channels(1) != first.with_channels(1) {
            return Err(format!("cannot concatenate {x} with {first}: sizes differ"));
        }
        channels = channels.saturating_add(x.channels());
    }
    Ok(first.with_channels(channels))
}

fn attention(inputs: &[Shape], heads: usize, head_channels: usize) -> Rule {
    let [q, k, v] = inputs else { return Err(format!("takes queries, keys and values, not {} inputs", inputs.len())) };
    let (tokens, channels) = token_axes(*q)?;
    expect("channels in the queries", heads.saturating_mul(head_channels), channels)?;
    let keys = token_axes(*k)?;
    expect("channels in the keys", channels, keys.1)?;
    same_tokens(token_axes(*v)?, keys)?;
    Ok(Shape::Tokens { tokens, channels })
}

/// Number of positions of a sliding window along both axes.
fn windows(
    size: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
) -> Result<[usize; 2], String> {
    let mut out = [0; 2];
    for axis in 0..2 {
        let sizes = [kernel[axis], stride[axis], dilation[axis]];
        if sizes.contains(&0) || sizes.iter().chain([&padding[axis]]).any(|size| *size > MAX_WINDOW) {
            return Err(format!("kernel, stride and dilation are 1 to {MAX_WINDOW}, padding at most as much"));
        }
        let reach = dilation[axis].saturating_mul(kernel[axis] - 1).saturating_add(1);
        let padded = size[axis].saturating_add(padding[axis].saturating_mul(2));
        if reach > padded {
            return Err(format!("a window of {reach} does not fit an image of {}×{}", size[0], size[1]));
        }
        out[axis] = (padded - reach) / stride[axis] + 1;
    }
    Ok(out)
}

fn rearrange(to: Rearrangement, x: Shape) -> Rule {
    match to {
        Rearrangement::ImageToTokens => {
            let (channels, [h, w]) = image(x)?;
            Ok(Shape::Tokens { tokens: h * w, channels })
        }
        Rearrangement::TokensToImage { height, width } => {
            let (tokens, channels) = token_axes(x)?;
            expect("tokens", height.saturating_mul(width), tokens)?;
            Ok(Shape::image(channels, height, width))
        }
        Rearrangement::Transpose => {
            let (tokens, channels) = token_axes(x)?;
            Ok(Shape::Tokens { tokens: channels, channels: tokens })
        }
        Rearrangement::Patches { size } => {
            let (channels, [h, w]) = image(x)?;
            if size == 0 || h % size != 0 || w % size != 0 {
                return Err(format!("patches of {size}×{size} do not tile an image of {h}×{w}"));
            }
            Ok(Shape::Tokens { tokens: (h / size) * (w / size), channels: size * size * channels })
        }
        Rearrangement::RaftVertical { height, width, raft } => raft_forth(x, [height, width], raft, true),
        Rearrangement::RaftHorizontal { height, width, raft } => raft_forth(x, [height, width], raft, false),
        Rearrangement::RaftVerticalBack { height, width, raft } => raft_back(x, [height, width], raft, true),
        Rearrangement::RaftHorizontalBack { height, width, raft } => raft_back(x, [height, width], raft, false),
        Rearrangement::Flatten => match x {
            Shape::Image { .. } | Shape::Tokens { .. } => Ok(Shape::Vector { channels: x.numel() }),
            Shape::Vector { .. } => Ok(x),
            Shape::Ids { .. } => Err("token ids cannot be flattened; embed them first".into()),
        },
    }
}

fn raft_forth(x: Shape, [height, width]: [usize; 2], raft: usize, vertical: bool) -> Rule {
    let (tokens, channels) = token_axes(x)?;
    expect("tokens", height.saturating_mul(width), tokens)?;
    if raft == 0 || channels % raft != 0 {
        return Err(format!("a raft of {raft} does not divide {channels} channels"));
    }
    let (along, across) = if vertical { (height, width) } else { (width, height) };
    Ok(Shape::Tokens { tokens: channels / raft * across, channels: raft * along })
}

fn raft_back(x: Shape, [height, width]: [usize; 2], raft: usize, vertical: bool) -> Rule {
    let (tokens, channels) = token_axes(x)?;
    let (along, across) = if vertical { (height, width) } else { (width, height) };
    expect("channels", raft.saturating_mul(along), channels)?;
    if across == 0 || tokens % across != 0 {
        return Err(format!("{tokens} tokens cannot be split into rows of {across}"));
    }
    Ok(Shape::Tokens { tokens: height * width, channels: tokens / across * raft })
}
