#pragma once

#include <string>

namespace music::http {

/// The answer of GET /styles: `{"data":[…]}` with every style of the house. It never changes while the program runs.
[[nodiscard]] const std::string& styles_document();

}  // namespace music::http
