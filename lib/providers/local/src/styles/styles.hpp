#pragma once

/// One function and one file a style; style.cpp lists them. Pure data: see style.hpp for what the texts mean.

#include "../style.hpp"

namespace music::local::styles {

[[nodiscard]] style lofi();
[[nodiscard]] style ambient();
[[nodiscard]] style lullaby();

[[nodiscard]] style synthwave();
[[nodiscard]] style house();
[[nodiscard]] style chiptune();
[[nodiscard]] style trap();

[[nodiscard]] style folk();
[[nodiscard]] style celtic();
[[nodiscard]] style bossa();

[[nodiscard]] style cinematic();
[[nodiscard]] style classical();
[[nodiscard]] style waltz();

[[nodiscard]] style jazz();
[[nodiscard]] style rock();
[[nodiscard]] style funk();
[[nodiscard]] style reggae();

}  // namespace music::local::styles
