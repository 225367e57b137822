#pragma once

/// What a person sees while the song is being made.

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace music::service {

/// A bar that grows with the stages, on a terminal; one line for each stage elsewhere. Writes to stderr.
class progress_display {
 public:
  progress_display();

  /// `stage` as in the job. Call it about once a second as well, so that the seconds go on.
  void show(std::string_view stage);

  /// Leaves the line, so that what follows begins on a new one.
  void finish();

 private:
  void draw(std::string_view stage) const;

  bool terminal_;
  std::string last_stage_;
  std::chrono::steady_clock::time_point started_;
};

/// Indents JSON by two spaces for people. The text must be valid JSON.
[[nodiscard]] std::string indent_json(std::string_view json);

/// A file name from a title: lower case, words joined by '-', letters of any script kept; "song" if nothing is left.
[[nodiscard]] std::string file_name_for(std::string_view title, std::string_view content_type);

}  // namespace music::service
