// The kernels of one instruction set; included by a file per set, which names the table and the set.
#pragma once

#include "../kernels.h"
#include "norm.h"
#include "pointwise.h"
#include "sum.h"
#include "window.h"

namespace nascent {

extern const Kernels NASCENT_TABLE;
const Kernels NASCENT_TABLE = {
    NASCENT_INSTRUCTIONS,
    LANES,          window_scratch, depthwise_forward, depthwise_backward, average_forward, average_backward,
    max_forward,    max_backward,   pointwise,         pointwise_weight,   moments,         affine,
    norm_sums,      norm_backward,  normed_sum,        weighted_sum,       dots,
    scale,
};

}  // namespace nascent
