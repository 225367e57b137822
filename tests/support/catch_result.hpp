#pragma once

/// Lets Catch2 print results whose values have no stream operator.

#include <boost/system/result.hpp>
#include <catch2/catch.hpp>

#include <string>

namespace Catch {

template <class T, class E>
struct StringMaker<boost::system::result<T, E>> {
  static std::string convert(const boost::system::result<T, E>& shown) { return shown ? "a value" : "an error"; }
};

}  // namespace Catch
