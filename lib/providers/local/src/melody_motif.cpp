#include "melody_motif.hpp"

#include <algorithm>

namespace music::local {

namespace {

enum class contour { arch, climb, fall, wave, turn, valley };

int degree_at(contour shape, int index, int count, int height) {
  const int last = std::max(1, count - 1);
  // No steeper than a third from note to note: few notes make a flat contour.
  const bool returns = shape == contour::arch || shape == contour::valley;
  height = std::min(height, returns ? last / 2 + 1 : last + 1);
  switch (shape) {
    case contour::climb: return height * index / last;
    case contour::fall: return height - height * index / last;
    case contour::arch: return height - std::abs(2 * height * index / last - height);
    case contour::valley: return std::abs(2 * height * index / last - height) - height / 2;
    case contour::wave: return (index % 4 == 1 ? 2 : index % 4 == 3 ? -1 : index % 4 == 2 ? 1 : 0);
    case contour::turn: return (index % 3 == 1 ? 1 : index % 3 == 2 ? -1 : 0) + index * height / (2 * last);
  }
  return 0;
}

}  // namespace

motif make_motif(std::string_view cell, rng& draw) {
  motif m;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] == 'x') {
      m.push_back({static_cast<int>(i), 1, 0});
    } else if (cell[i] == '-' && !m.empty()) {
      ++m.back().length;
    }
  }
  const auto shape = static_cast<contour>(draw.below(6));
  const int height = draw.between(2, 5);
  const int count = static_cast<int>(m.size());
  for (int i = 0; i < count; ++i) {
    m[static_cast<std::size_t>(i)].degree = degree_at(shape, i, count, height) + (draw.chance(20) ? draw.between(-1, 1) : 0);
  }
  return m;
}

motif sequence(motif m, int degrees) {
  for (auto& n : m) {
    n.degree += degrees;
  }
  return m;
}

motif invert(motif m) {
  const int axis = m.empty() ? 0 : m.front().degree;
  for (auto& n : m) {
    n.degree = 2 * axis - n.degree;
  }
  return m;
}

motif diminish(motif m) {
  const auto longest =
      std::max_element(m.begin(), m.end(), [](const motif_note& a, const motif_note& b) { return a.length < b.length; });
  if (longest == m.end() || longest->length < 4) {
    return m;
  }
  motif_note second = *longest;
  longest->length /= 2;
  second.step += longest->length;
  second.length -= longest->length;
  second.degree += 1;
  m.insert(longest + 1, second);
  return m;
}

motif fragment(const motif& m, int steps_per_bar) {
  // Three beats divide as two and one, four as two and two: the figure is the first two beats.
  const int half = std::min(8, steps_per_bar);
  motif result;
  for (const auto& n : m) {
    if (n.step < half) {
      result.push_back(n);
      result.back().length = std::min(n.length, half - n.step);
    }
  }
  const motif said = result;
  for (auto n : said) {
    n.step += half;
    n.degree += 1;
    if (n.step < steps_per_bar) {
      n.length = std::min(n.length, steps_per_bar - n.step);
      result.push_back(n);
    }
  }
  return result;
}

motif broaden(const motif& m) {
  motif result;
  for (std::size_t i = 0; i < m.size(); i += 2) {
    result.push_back(m[i]);
    if (i + 1 < m.size()) {
      result.back().length = m[i + 1].step + m[i + 1].length - m[i].step;
    }
  }
  return result;
}

}  // namespace music::local
