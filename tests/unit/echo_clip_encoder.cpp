#include "systolic/echo/clip_encoder.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "systolic/core/formula.hpp"
#include "systolic/grad/image_block.hpp"

using namespace systolic;
using namespace systolic::echo;

namespace {

const ClipEncoderOptions small{1, {3, 4, 5, 6}, 2};

template <class T>
void set_weights(ClipEncoder<T>& encoder) {
  visit_parameters(encoder, "", [](const std::string& name, Tensor<T>& tensor) {
    tensor = formula_tensor<T>(name, tensor.shape());
    if (name.ends_with("running_var"))
      for (T& value : tensor) value += T(1.5);
  });
}

template <class Model>
struct Named {
  Model& model;
};
template <class Model, class Visitor>
void visit_parameters(Named<Model>& named, Visitor&& visitor) {
  visit_parameters(named.model, "", visitor);
}

}  // namespace

// The expected numbers: the same network from torch.nn's Conv3d, BatchNorm3d and ReLU, PyTorch 1.13 in double.
TEST_CASE("the encoder equals PyTorch's in inference, folded and not") {
  const double expected[] = {174.84452085261879, 485.32562763083564, 113.92458936124233, 143.86761036169997,
                             493.1885512208902,  219.1575577649179,  388.5327522363409,  534.248215594664,
                             205.82999427417087, 212.35131335529513, 505.3535241692491,  353.9719951241141};
  Workspace workspace;
  ClipEncoder<double> exact(small);
  set_weights(exact);
  const auto clip = formula_tensor<double>("clip", {2, 9, 20, 18, 1});
  const auto y = mean_over_pixels(run_encoder(exact, nn::as_image(clip.view()), workspace), workspace);
  for (Index i = 0; i < 12; ++i) CHECK(y.data[i] == doctest::Approx(expected[i]).epsilon(1e-11));

  ClipEncoder<float> fast(small);
  set_weights(fast);
  fast.prepare();
  const auto clip_f32 = formula_tensor<float>("clip", {2, 9, 20, 18, 1});
  const auto z = mean_over_pixels(run_encoder(fast, nn::as_image(clip_f32.view()), workspace), workspace);
  for (Index i = 0; i < 12; ++i) CHECK(z.data[i] == doctest::Approx(expected[i]).epsilon(1e-5));
  CHECK(fast.output_extent({9, 20, 18}) == nn::ImageExtent{2, 2, 2});
}

TEST_CASE("the encoder equals PyTorch's in training: outputs and gradients") {
  const double expected[] = {
      0.4579170365929679, 0.03231969068578387, 0.0, 0.06492714356729998, 0.7896015052028496, 0.21785835084250615,
      0.5052997648138118, 0.06322918442598764, 0.0, 0.3944575865367626,  0.9127834197299949, 0.3384965687619984};
  ClipEncoder<double> encoder(small);
  set_weights(encoder);
  Named<ClipEncoder<double>> named{encoder};
  grad::Parameters<double> parameters(named);
  grad::Tape<double> tape(parameters);
  const auto clip = formula_tensor<double>("clip", {2, 9, 20, 18, 1});
  const auto image = nn::as_image(clip.view());
  const grad::ImageVariable<double> x{tape.input(image.pixels), image.extent};
  const auto y = mean_over_pixels(run_encoder(encoder, x, tape), tape);
  Tensor<double> seed({12});
  for (Index i = 0; i < 12; ++i) {
    CHECK(y.value.data[i] == doctest::Approx(expected[i]).epsilon(1e-9));
    seed(i) = std::sin(static_cast<double>(i));
  }
  tape.backward(y, std::as_const(seed).view());
  const std::pair<const char*, double> norms[] = {{"stem.0.weight", 0.8568717678601998},
                                                  {"layer1.0.conv1.0.weight", 0.2870968846570711},
                                                  {"layer2.0.downsample.0.weight", 0.179769616952121},
                                                  {"layer3.1.conv2.0.weight", 0.4341093937631869},
                                                  {"layer4.0.conv1.1.weight", 0.1909753364619558},
                                                  {"layer4.1.conv2.1.bias", 2.0274447267820404}};
  for (const auto& expected_norm : norms) {
    const char* const name = expected_norm.first;
    CAPTURE(name);
    double squares = 0;
    for (const auto& parameter : parameters)
      if (parameter.name == name)
        for (const double value : parameter.gradient) squares += value * value;
    CHECK(std::sqrt(squares) == doctest::Approx(expected_norm.second).epsilon(1e-8));
  }
}

TEST_CASE("the published width has the published number of weights") {
  ClipEncoder<float> encoder({3, {64, 128, 256, 512}, 2});
  Index count = 0;
  visit_parameters(encoder, "", [&](const std::string& name, Tensor<float>& tensor) {
    if (name.find("running") == std::string::npos) count += tensor.size();
  });
  CHECK(count == 33166272);
}
