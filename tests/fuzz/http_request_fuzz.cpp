// The parser glue under libFuzzer: whatever the bytes are and wherever they are cut, nothing crashes, buffers stay within
// their bounds, and requests that are executed are the same as if the bytes had come in one piece.
#include "batch_json.hpp"
#include "request_json.hpp"
#include "request_reader.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace music::http;

struct outcome {
  std::vector<std::string> executed;  ///< target and body of each request
  bool refused = false;
};

void require(bool holds) {
  if (!holds) std::abort();
}

/// A request means the same alone and in a batch.
void check_alike(const std::string& body) {
  const auto alone = decode_generate(body);
  if (!alone && alone.error().what == problem::malformed_json) return;  // may still be several requests
  const auto in_batch = decode_batch("{\"requests\":[" + body + "]}");
  require(alone.has_value() == in_batch.has_value());
  if (alone) require(*in_batch == std::vector{*alone});
  if (!alone) require(in_batch.error().what == problem::validation_error);
}

outcome run(std::string_view bytes, std::string_view cuts) {
  block_pool pool;
  input_buffer in{pool};
  request_reader reader;
  outcome result;
  for (std::size_t turn = 0; !bytes.empty(); ++turn) {
    const auto room = in.prepare();
    require(room.size() > 0);
    const std::size_t wanted = cuts.empty() ? bytes.size() : 1 + static_cast<unsigned char>(cuts[turn % cuts.size()]);
    const auto count = std::min({room.size(), bytes.size(), wanted});
    std::memcpy(room.data(), bytes.data(), count);
    in.commit(count);
    bytes.remove_prefix(count);
    for (bool waiting = false; !waiting;) {
      switch (reader.advance(in)) {
        case request_reader::progress::need_more: waiting = true; break;
        case request_reader::progress::head_done: break;
        case request_reader::progress::complete:
          require(reader.body().size() <= body_limit);
          result.executed.push_back(std::string{reader.head().target()} + '\n' + reader.body());
          static_cast<void>(decode_batch(reader.body()));
          check_alike(reader.body());
          reader.next(in);
          break;
        case request_reader::progress::refused: result.refused = true; return result;
      }
    }
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view all{reinterpret_cast<const char*>(data), size};  // NOLINT: libFuzzer's type
  const auto cut_count = std::min<std::size_t>(data[0] % 16, size - 1);
  const auto cuts = all.substr(1, cut_count);
  const auto bytes = all.substr(1 + cut_count);
  const auto whole = run(bytes, {});
  const auto cut = run(bytes, cuts);
  require(whole.executed == cut.executed);
  return 0;
}
