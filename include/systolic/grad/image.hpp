#pragma once
// Images and clips on a tape, and the operations between their convolutions.

#include "systolic/grad/operations.hpp"
#include "systolic/nn/elu.hpp"
#include "systolic/nn/image.hpp"
#include "systolic/nn/pool2d.hpp"

namespace systolic::grad {

/// A variable whose sequence runs over the pixels of an image.
template <class T>
struct ImageVariable {
  Variable<T> pixels;
  nn::ImageExtent extent;

  nn::Image<T> value() const noexcept { return {pixels.value, extent}; }
};

/// act(x), a number at a time.
template <class T>
Variable<T> activate(const nn::Activation& activation, const Variable<T>& x, Tape<T>& tape) {
  const nn::Sequence<T> z = nn::copy(x.value, tape.workspace());
  nn::activate_in_place(activation, z);
  return tape.record(z, [=, &tape](nn::Sequence<T> dz) {
    activation_backward<T>(activation, z, dz);
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index i = 0; i < dz.batch * dz.batch_stride(); ++i) dx.data[i] += dz.data[i];
  });
}

/// elu(x): where x <= 0 the slope is exp(x) = elu(x) + 1.
template <class T>
Variable<T> apply_elu(const Variable<T>& x, Tape<T>& tape) {
  const nn::Sequence<T> y = nn::apply_elu(x.value, tape.workspace());
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index i = 0; i < dy.batch * dy.batch_stride(); ++i)
      dx.data[i] += y.data[i] > T(0) ? dy.data[i] : dy.data[i] * (y.data[i] + T(1));
  });
}

/// Batch norm with the batch's own statistics.
template <class T>
Variable<T> apply(const nn::BatchNorm1d<T>& norm, const Variable<T>& x, Tape<T>& tape) {
  assert(x.value.margin == 0);
  const auto statistics = measure<T>(norm, x.value, tape.parameter_value(norm.running_mean),
                                     tape.parameter_value(norm.running_var), tape.threads(), tape.shard());
  const nn::Sequence<T> z = nn::make_sequence<T>(tape.workspace(), x.value.batch, x.value.length, x.value.channels);
  normalize<T>(norm, statistics, {}, x.value, z, tape.threads());
  const nn::BatchNorm1d<T>* source = &norm;
  return tape.record(z, [=, &tape](nn::Sequence<T> dz) {
    backward<T>(*source, statistics, {}, x.value, z, dz, tape.parameter_gradient(source->weight),
                tape.parameter_gradient(source->bias), tape.threads(), tape.shard());
    if (!tape.wanted(x)) return;
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index i = 0; i < dz.batch * dz.batch_stride(); ++i) dx.data[i] += dz.data[i];
  });
}
template <class T>
ImageVariable<T> apply(const nn::BatchNorm1d<T>& norm, const ImageVariable<T>& x, Tape<T>& tape) {
  return {apply(norm, x.pixels, tape), x.extent};
}

template <class T>
ImageVariable<T> concatenate_channels(const ImageVariable<T>& a, const ImageVariable<T>& b, Tape<T>& tape) {
  assert(a.extent == b.extent);
  return {concatenate_channels(a.pixels, b.pixels, tape), a.extent};
}

/// The gradient of a window goes to its first largest pixel.
template <class T>
ImageVariable<T> max_pool2d(const ImageVariable<T>& x, Index kernel, Tape<T>& tape) {
  const nn::Image<T> in = x.value();
  const nn::Image<T> y = nn::max_pool2d(in, kernel, tape.workspace());
  const Variable<T> result = tape.record(y.pixels, [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x.pixels);
    std::vector<bool> given;
    for (Index b = 0; b < dy.batch; ++b) {
      given.assign(static_cast<std::size_t>(dy.batch_stride()), false);
      nn::for_each_pooled(in.extent, in.channels(), kernel, [&](Index o, Index i, bool) {
        const auto place = static_cast<std::size_t>(o);
        if (given[place] || in.item(b)[i] != y.item(b)[o]) return;
        given[place] = true;
        dx.item(b)[i] += dy.item(b)[o];
      });
    }
  });
  return {result, y.extent};
}

}  // namespace systolic::grad
