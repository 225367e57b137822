#pragma once

/// Why a request is refused, before it is an answer of this or that protocol.

#include "problem.hpp"

#include <music/base/error.hpp>

#include <boost/system/result.hpp>

#include <string_view>
#include <vector>

namespace music::http {

/// The fields are named, their values never quoted.
struct refusal {
  problem what = problem::malformed_json;
  std::vector<field_error> fields{};
};

template <class T>
using decoded_body = boost::system::result<T, refusal>;

/// What a port's failure means to the client. What is ours to mend is also said in the log, under the route's pattern.
[[nodiscard]] refusal refusal_for(const error& why, std::string_view route, std::string_view request_id);

}  // namespace music::http
