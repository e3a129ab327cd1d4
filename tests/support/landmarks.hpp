#pragma once
// The shipped networks for landmarks of the left ventricle.

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "systolic/io/landmark_weights.hpp"

namespace testing {

/// `name`: echo_m_mode or echo_landmarks.
inline systolic::echo::LandmarkNetwork shipped_landmarks(const std::string& name) {
  auto network =
      systolic::io::load_landmark_network(std::string(SYSTOLIC_SOURCE_DIR) + "/weights/" + name + ".safetensors");
  REQUIRE(network);
  return std::move(*network);
}

}  // namespace testing
