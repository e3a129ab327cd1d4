#pragma once
// Which lead stands where on the paper, and when.

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace systolic::report {

/// Three rows of four leads, 2.5 s each, over lead II throughout; six rows of two leads, 5 s each; twelve rows. All
/// leads of a column are simultaneous, and time runs on from column to column.
enum class Layout { three_by_four, six_by_two, twelve_by_one };

inline constexpr std::array<Layout, 3> all_layouts = {Layout::three_by_four, Layout::six_by_two, Layout::twelve_by_one};

/// "3x4+1", "6x2" or "12x1".
inline const char* layout_name(Layout layout) noexcept {
  return layout == Layout::three_by_four ? "3x4+1" : layout == Layout::six_by_two ? "6x2" : "12x1";
}
/// The layout of that name ("3x4" is one, too), or nothing.
template <class = void>
inline std::optional<Layout> parse_layout(std::string_view name) noexcept {
  if (name == "3x4") return Layout::three_by_four;
  for (const Layout layout : all_layouts)
    if (name == layout_name(layout)) return layout;
  return std::nullopt;
}

/// A stretch of a lead on the paper.
struct Cell {
  std::size_t lead;  ///< 0..11, canonical order
  std::size_t row;   ///< 0 is the topmost
  double from, to;   ///< parts of the window, 0 to 1
};

/// The cells of a layout, row by row.
template <class = void>
inline std::vector<Cell> layout_cells(Layout layout) {
  const std::size_t columns = layout == Layout::three_by_four ? 4 : layout == Layout::six_by_two ? 2 : 1;
  const std::size_t rows = 12 / columns;
  std::vector<Cell> cells;
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column)
      cells.push_back({column * rows + row, row, static_cast<double>(column) / static_cast<double>(columns),
                       static_cast<double>(column + 1) / static_cast<double>(columns)});
  constexpr std::size_t rhythm_lead = 1;
  if (layout == Layout::three_by_four) cells.push_back({rhythm_lead, rows, 0, 1});
  return cells;
}

inline std::size_t layout_rows(Layout layout) noexcept {
  return layout == Layout::three_by_four ? 4 : layout == Layout::six_by_two ? 6 : 12;
}

}  // namespace systolic::report
