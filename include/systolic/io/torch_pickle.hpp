#pragma once
// A pickle is a program for a stack machine that may call any Python function. This machine knows the instructions and
// the few names that a state dict needs (protocols 2 to 5) and stops at anything else, naming it.
// Instructions: Lib/pickletools.py of CPython.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/torch_pickle_instruction.hpp"
#include "systolic/io/torch_pickle_stack.hpp"
#include "systolic/io/torch_pickle_value.hpp"

namespace systolic::io {

/// Runs one pickle. The values refer to its bytes, which must outlive them.
class TorchPickleReader : private detail::TorchPickleStack {
 public:
  explicit TorchPickleReader(std::string_view bytes) noexcept : TorchPickleStack(bytes) {}

  /// The pickle's values; an Error is "byte N: CAUSE".
  template <class = void>
  Result<TorchPickle> run() {
    while (!stopped_ && problem_.empty()) {
      start_ = position_;
      step();
    }
    if (!problem_.empty()) return failure({"byte ", start_, ": ", problem_});
    return std::move(pickle_);
  }

 private:
  // -- Names, and what stands for calling them.
  template <class = void>
  void push_global(std::string_view module, std::string_view name) {
    struct Known {
      std::string_view module, name;
      PickleGlobal global;
    };
    static constexpr Known known[] = {
        {"collections", "OrderedDict", PickleGlobal::ordered_dict},
        {"torch._utils", "_rebuild_tensor", PickleGlobal::tensor},
        {"torch._utils", "_rebuild_tensor_v2", PickleGlobal::tensor_v2},
        {"torch._utils", "_rebuild_parameter", PickleGlobal::parameter},
        {"torch", "Size", PickleGlobal::size},
        {"torch", "device", PickleGlobal::device},
    };
    for (const Known& candidate : known)
      if (module == candidate.module && name == candidate.name) {
        push({.kind = Kind::global, .global = candidate.global, .text = {}});
        return;
      }
    for (const ElementType& type : element_types)
      if (module == "torch" && name == type.storage) {
        push({.kind = Kind::global, .global = PickleGlobal::storage_type, .type = &type, .text = {}});
        return;
      }
    fail(joined(
        {"asks for ", in_quotes(joined({module, ".", name})), ", which a state dict does not need; nothing was run"}));
  }
  template <class = void>
  bool is_index_list(Place place) {
    const PickleValue& value = at(place);
    constexpr std::size_t most_dimensions = 64;  // of PyTorch
    if (value.kind != Kind::sequence || value.items.size() > most_dimensions) return false;
    for (const Place item : value.items)
      if (at(item).kind != Kind::integer || at(item).integer < 0) return false;
    return true;
  }
  template <class = void>
  void reduce() {
    const auto operands = pop(2);
    if (stopped_) return;
    if (at(operands[0]).kind != Kind::global || at(operands[1]).kind != Kind::sequence)
      return fail("calls what is not a function");
    const PickleGlobal global = at(operands[0]).global;
    const std::vector<Place>& arguments = at(operands[1]).items;
    const auto is = [&](std::size_t i, Kind kind) { return i < arguments.size() && at(arguments[i]).kind == kind; };
    if (global == PickleGlobal::ordered_dict && arguments.empty()) return push(Kind::dictionary);
    if (global == PickleGlobal::device && is(0, Kind::text)) return push(Kind::none);
    if ((global == PickleGlobal::size && is(0, Kind::sequence)) ||
        (global == PickleGlobal::parameter && is(0, Kind::tensor)))
      return stack_.push_back(arguments[0]);
    if ((global == PickleGlobal::tensor || global == PickleGlobal::tensor_v2) && is(0, Kind::storage) &&
        is(1, Kind::integer) && at(arguments[1]).integer >= 0 && arguments.size() >= 4 && is_index_list(arguments[2]) &&
        is_index_list(arguments[3]) && at(arguments[2]).items.size() == at(arguments[3]).items.size()) {
      push({.kind = Kind::tensor,
            .integer = at(arguments[1]).integer,
            .text = {},
            .items = {arguments[0], arguments[2], arguments[3]}});
      return;
    }
    fail("a call with unexpected arguments");
  }
  /// ('storage', TYPE, NAME, DEVICE, ELEMENTS) names the numbers of a tensor.
  template <class = void>
  void push_storage() {
    const PickleValue& id = at(pop(1)[0]);
    if (stopped_) return;
    const auto is = [&](std::size_t i, Kind kind) {
      return id.kind == Kind::sequence && id.items.size() == 5 && at(id.items[i]).kind == kind;
    };
    if (!is(0, Kind::text) || at(id.items[0]).text != "storage" || !is(1, Kind::global) || !at(id.items[1]).type ||
        !is(2, Kind::text) || !is(4, Kind::integer) || at(id.items[4]).integer < 0)
      return fail("a persistent id that is not the storage of a tensor");
    push({.kind = Kind::storage,
          .type = at(id.items[1]).type,
          .integer = at(id.items[4]).integer,
          .text = at(id.items[2]).text});
  }
  template <class = void>
  void push_long(std::uint64_t size) {
    const std::string_view raw = take(size);
    if (raw.size() > 8) return fail("an integer of more than 64 bits");
    std::uint64_t bits = raw.empty() || static_cast<signed char>(raw.back()) >= 0 ? 0 : ~std::uint64_t{0};
    for (std::size_t i = raw.size(); i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(raw[i]);
    push(Kind::integer, static_cast<std::int64_t>(bits));
  }

  template <class = void>
  void step() {
    if (position_ == bytes_.size()) return fail("the pickle has no end");
    const std::string_view instruction = take(1);
    switch (static_cast<PickleInstruction>(instruction[0])) {
      using enum PickleInstruction;
      case PROTO:
        if (const int version = number<std::uint8_t>(); version < 2 || version > 5)
          fail(joined({"protocol ", version, " is not read"}));
        return;
      case FRAME:
        take(8);
        return;
      case STOP:
        pickle_.root = pop(1)[0];
        stopped_ = true;
        return;
      case MARK:
        marks_.push_back(stack_.size());
        return;
      case POP:
        pop(1);
        return;
      case POP_MARK:
        pop_to_mark();
        return;
      case NONE:
        return push(Kind::none);
      case NEWTRUE:
        return push(Kind::boolean, 1);
      case NEWFALSE:
        return push(Kind::boolean, 0);
      case BININT:
        return push(Kind::integer, number<std::int32_t>());
      case BININT1:
        return push(Kind::integer, number<std::uint8_t>());
      case BININT2:
        return push(Kind::integer, number<std::uint16_t>());
      case LONG1:
        return push_long(number<std::uint8_t>());
      case LONG4:
        return push_long(number<std::uint32_t>());
      case BINFLOAT:
        take(8);
        return push(Kind::real);
      case SHORT_BINUNICODE:
        return push_text(take(number<std::uint8_t>()));
      case BINUNICODE:
        return push_text(take(number<std::uint32_t>()));
      case BINUNICODE8:
        return push_text(take(number<std::uint64_t>()));
      case EMPTY_LIST:
      case EMPTY_TUPLE:
        return push(Kind::sequence);
      case EMPTY_DICT:
        return push(Kind::dictionary);
      case TUPLE1:
        return push_sequence(pop(1));
      case TUPLE2:
        return push_sequence(pop(2));
      case TUPLE3:
        return push_sequence(pop(3));
      case TUPLE:
        return push_sequence(pop_to_mark());
      case APPEND: {
        const auto items = pop(1);
        return extend(Kind::sequence, items);
      }
      case APPENDS: {
        const auto items = pop_to_mark();
        return extend(Kind::sequence, items);
      }
      case SETITEM: {
        const auto items = pop(2);
        return extend(Kind::dictionary, items);
      }
      case SETITEMS: {
        const auto items = pop_to_mark();
        return extend(Kind::dictionary, items);
      }
      case GLOBAL: {
        const auto module = line();
        return push_global(module, line());
      }
      case STACK_GLOBAL: {
        const auto names = pop(2);
        if (at(names[0]).kind != Kind::text || at(names[1]).kind != Kind::text) return fail("a name that is no text");
        return push_global(at(names[0]).text, at(names[1]).text);
      }
      case REDUCE:
        return reduce();
      case BUILD:  // attributes of a dictionary (_metadata: versions of modules), which are not needed
        if (const auto operands = pop(2); !stopped_) {
          if (at(operands[0]).kind != Kind::dictionary) return fail("attributes are set on what has none");
          stack_.push_back(operands[0]);
        }
        return;
      case BINPERSID:
        return push_storage();
      case BINGET:
        return recall(number<std::uint8_t>());
      case LONG_BINGET:
        return recall(number<std::uint32_t>());
      case BINPUT:
        return remember(number<std::uint8_t>());
      case LONG_BINPUT:
        return remember(number<std::uint32_t>());
      case MEMOIZE:
        return remember(remembered_);
      default: {
        const auto code = static_cast<unsigned char>(instruction[0]);
        constexpr char digits[] = "0123456789abcdef";
        return fail(joined({"instruction 0x", digits[code >> 4], digits[code & 15], " is not needed by a state dict"}));
      }
    }
  }
};

}  // namespace systolic::io
