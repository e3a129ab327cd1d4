#pragma once
// What simulations draw from.

#include "systolic/core/random.hpp"

namespace systolic::synthetic {

using systolic::Random;

}  // namespace systolic::synthetic
