#pragma once
// Images and clips on a tape, and the operations between their convolutions.

#include "systolic/grad/operations.hpp"
#include "systolic/grad/pool.hpp"
#include "systolic/nn/elu.hpp"
#include "systolic/nn/image_operations.hpp"
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
    activation_backward<T>(activation, z, dz, nullptr);
    if (tape.wanted(x)) tape.pass(x, dz);
  });
}
template <class T>
ImageVariable<T> activate(const nn::Activation& activation, const ImageVariable<T>& x, Tape<T>& tape) {
  return {activate(activation, x.pixels, tape), x.extent};
}

/// elu(x): where x <= 0 the slope is exp(x) = elu(x) + 1.
template <class T>
Variable<T> apply_elu(const Variable<T>& x, Tape<T>& tape) {
  const nn::Sequence<T> y = nn::apply_elu(x.value, tape.workspace());
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    for (Index i = 0; i < dy.batch * dy.batch_stride(); ++i)
      if (y.data[i] <= T(0)) dy.data[i] *= y.data[i] + T(1);
    if (tape.wanted(x)) tape.pass(x, dy);
  });
}

/// act(norm(x)), with the batch's own statistics.
template <class T>
Variable<T> apply(const nn::BatchNorm1d<T>& norm, const Variable<T>& x, const nn::Activation& activation,
                  Tape<T>& tape) {
  assert(x.value.margin == 0 && activation.kind != nn::Activation::Kind::tanh);
  const auto statistics = measure<T>(norm, x.value, tape.parameter_value(norm.running_mean),
                                     tape.parameter_value(norm.running_var), tape.threads(), tape.shard());
  const nn::Sequence<T> z = nn::make_sequence<T>(tape.workspace(), x.value.batch, x.value.length, x.value.channels);
  normalize<T>(statistics, activation, x.value, z, tape.threads());
  const nn::BatchNorm1d<T>* source = &norm;
  return tape.record(z, [=, &tape](nn::Sequence<T> dz) {
    const NormGradient<T> gradient(statistics, activation, x.value, dz, tape.parameter_gradient(source->weight),
                                   tape.parameter_gradient(source->bias), tape.threads(), tape.shard());
    if (!tape.wanted(x)) return;
    gradient.pass_back_all(x.value, dz, tape.threads());
    tape.pass(x, dz);
  });
}
template <class T>
Variable<T> apply(const nn::BatchNorm1d<T>& norm, const Variable<T>& x, Tape<T>& tape) {
  return apply(norm, x, nn::Activation{}, tape);
}
template <class T>
ImageVariable<T> apply(const nn::BatchNorm1d<T>& norm, const ImageVariable<T>& x, Tape<T>& tape) {
  return {apply(norm, x.pixels, tape), x.extent};
}

/// a + b.
template <class T>
ImageVariable<T> add(const ImageVariable<T>& a, const ImageVariable<T>& b, Tape<T>& tape) {
  assert(a.extent == b.extent);
  return {add(a.pixels, b.pixels, tape), a.extent};
}

/// The mean of each channel over time, rows and columns: -> [batch][1][channel].
template <class T>
Variable<T> mean_over_pixels(const ImageVariable<T>& x, Tape<T>& tape) {
  return mean_over_time(x.pixels, tape);
}

/// The channels of a, then those of b.
template <class T>
ImageVariable<T> concatenate_channels(const ImageVariable<T>& a, const ImageVariable<T>& b, Tape<T>& tape) {
  const nn::Image<T> y = nn::concatenate_channels(a.value(), b.value(), tape.workspace());
  const Variable<T> result = tape.record(y.pixels, [=, &tape](nn::Sequence<T> dy) {
    Index offset = 0;
    for (const Variable<T>* x : {&a.pixels, &b.pixels}) {
      const Index channels = x->value.channels, pixels = dy.batch * dy.length;
      if (tape.wanted(*x)) {
        const auto [dx, fresh] = tape.destination(*x);
        if (fresh)
          kernels::detail::copy_pixels<T>(dy.data + offset, dy.channels, pixels, channels, dx.data, channels);
        else
          for (Index i = 0; i < pixels; ++i)
            for (Index c = 0; c < channels; ++c) dx.data[i * channels + c] += dy.data[i * dy.channels + offset + c];
      }
      offset += channels;
    }
  });
  return {result, a.extent};
}

/// The gradient of a window goes to its first largest pixel.
template <class T>
ImageVariable<T> max_pool2d(const ImageVariable<T>& x, Index kernel, Tape<T>& tape) {
  const nn::Image<T> in = x.value();
  const nn::Image<T> y = nn::max_pool2d(in, kernel, tape.workspace());
  const Variable<T> result = tape.record(y.pixels, [=, &tape](nn::Sequence<T> dy) {
    if (!tape.wanted(x.pixels)) return;
    const nn::Sequence<T> dx = tape.gradient(x.pixels);
    for (Index b = 0; b < dy.batch; ++b) {
      const T *from = in.item(b), *largest = y.item(b);
      T *to = dx.item(b), *left = dy.item(b);  // what is left of a window's gradient
      nn::for_each_pooled(in.extent, in.channels(), kernel, [=](Index o, Index i, Index channels, bool) {
        for (Index c = 0; c < channels; ++c) {
          const T given = from[i + c] == largest[o + c] ? left[o + c] : T(0);
          to[i + c] += given;
          left[o + c] -= given;
        }
      });
    }
  });
  return {result, y.extent};
}

}  // namespace systolic::grad
