//! Changes of layout.

use super::{Layer, Pass};
use search::network::Rearrangement;
use tch::{TchError, Tensor};

pub struct Rearrange(pub Rearrangement);

impl Layer for Rearrange {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let x = inputs[0];
        // The batch stays open: a traced network keeps the numbers of its shapes.
        let (batch, rest) = (-1, x.size()[1..].to_vec());
        let side = |side: usize| side as i64;
        match self.0 {
            Rearrangement::ImageToTokens => x.f_flatten(2, 3)?.f_transpose(1, 2),
            Rearrangement::TokensToImage { height, width } => {
                x.f_transpose(1, 2)?.f_reshape([batch, rest[1], side(height), side(width)])
            }
            Rearrangement::Transpose => x.f_transpose(1, 2),
            Rearrangement::Patches { size } => {
                let (p, c) = (side(size), rest[0]);
                let (rows, columns) = (rest[1] / p, rest[2] / p);
                x.f_reshape([batch, c, rows, p, columns, p])?.f_permute([0, 2, 4, 3, 5, 1])?.f_reshape([
                    batch,
                    rows * columns,
                    p * p * c,
                ])
            }
            Rearrangement::RaftVertical { height, width, raft } => {
                let (h, w, r) = (side(height), side(width), side(raft));
                let co = rest[1] / r;
                x.f_reshape([batch, h, w, r, co])?.f_permute([0, 4, 2, 3, 1])?.f_reshape([batch, co * w, r * h])
            }
            Rearrangement::RaftVerticalBack { height, width, raft } => {
                let (h, w, r) = (side(height), side(width), side(raft));
                let co = rest[0] / w;
                x.f_reshape([batch, co, w, r, h])?.f_permute([0, 4, 2, 3, 1])?.f_reshape([batch, h * w, r * co])
            }
            Rearrangement::RaftHorizontal { height, width, raft } => {
                let (h, w, r) = (side(height), side(width), side(raft));
                let co = rest[1] / r;
                x.f_reshape([batch, h, w, r, co])?.f_permute([0, 4, 1, 3, 2])?.f_reshape([batch, co * h, r * w])
            }
            Rearrangement::RaftHorizontalBack { height, width, raft } => {
                let (h, w, r) = (side(height), side(width), side(raft));
                let co = rest[0] / h;
                x.f_reshape([batch, co, h, r, w])?.f_permute([0, 2, 4, 3, 1])?.f_reshape([batch, h * w, r * co])
            }
            Rearrangement::Flatten => x.f_flatten(1, -1),
        }
    }
}
