#include "postgres_connection.hpp"

#include <music/async/deadline.hpp>

#include <boost/endian/conversion.hpp>

#include <array>
#include <cstdlib>
#include <cstring>

namespace music::postgres {
namespace {

using namespace std::chrono_literals;

/// How long one statement may take. The server's own limit is shorter, so that as a rule it is the server that gives up,
/// which says for certain that nothing was changed.
constexpr auto statement_patience = 6s;

/// The session as every statement expects it. `synchronous_commit` may be stricter than `on` where the operator chose so.
constexpr const char* session_settings = R"sql(
  SET statement_timeout = '5s';
  SET idle_in_transaction_session_timeout = '30s';
  SET default_transaction_isolation = 'read committed';
  SET default_transaction_read_only = off;
  SET client_min_messages = error;
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
)sql";

constexpr int binary = 1;
constexpr int textual = 0;

/// SQLSTATE codes (PostgreSQL 15, appendix A) that say: not on this connection, or not at this moment.
bool passes_by_itself(std::string_view state) {
  return state == "40001" || state == "40P01";  // serialization failure, deadlock
}
bool another_session_may(std::string_view state) {
  // no more the primary; a statement's result changed its form (another instance migrated); a prepared statement is gone
  return state == "25006" || state == "0A000" || state == "26000";
}

std::string trimmed(const char* message) {
  std::string text = message == nullptr ? "" : message;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  for (char& each : text) {
    if (each == '\n' || each == '\t') each = ' ';
  }
  return text;
}

void quiet(void*, const PGresult*) {}

}  // namespace

// --- values -----------------------------------------------------------------------------------------------------------

parameters& parameters::text(std::string value) {
  values_.emplace_back(std::move(value));
  formats_.push_back(binary);
  return *this;
}

parameters& parameters::number(std::int64_t value) { return number(std::optional{value}); }

parameters& parameters::number(std::optional<std::int64_t> value) {
  values_.push_back(value ? std::optional{std::to_string(*value)} : std::nullopt);
  formats_.push_back(textual);
  return *this;
}

parameters& parameters::truth(bool value) {
  values_.emplace_back(value ? "t" : "f");
  formats_.push_back(textual);
  return *this;
}

parameters& parameters::array(const std::vector<std::string>& elements) {
  std::string literal = "{";
  for (const auto& element : elements) {
    literal += literal.size() > 1 ? ",\"" : "\"";
    for (const char each : element) {
      if (each == '"' || each == '\\') literal += '\\';
      literal += each;
    }
    literal += '"';
  }
  values_.emplace_back(literal + '}');
  formats_.push_back(textual);
  return *this;
}

std::size_t rows::affected() const noexcept { return std::strtoull(PQcmdTuples(result_.get()), nullptr, 10); }

bool rows::null(std::size_t row, int column) const noexcept {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
}

std::string rows::text(std::size_t row, int column) const {
  const auto at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column), static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}

std::int64_t rows::number(std::size_t row, int column) const {
  const auto bytes = text(row, column);
  const auto* first = reinterpret_cast<const unsigned char*>(bytes.data());
  if (bytes.size() == sizeof(std::int64_t)) return boost::endian::load_big_s64(first);
  return bytes.size() == sizeof(std::int32_t) ? boost::endian::load_big_s32(first) : 0;
}

bool rows::truth(std::size_t row, int column) const { return text(row, column) == std::string_view{"\1", 1}; }

// --- connecting -------------------------------------------------------------------------------------------------------

task<result<std::unique_ptr<connection>>> connection::open(executor ex, clock& clock, std::string url, time_point until) {
  std::unique_ptr<connection> opening{new connection{ex, clock}};
  auto connecting = opening->establish(std::move(url));
  auto done = co_await with_deadline(clock, until, std::move(connecting));
  if (done) done = co_await opening->script(session_settings, until);
  if (!done && done.error().code == errc::deadline_exceeded) co_return opening->lost("connect: no answer in time");
  if (!done) co_return done.error();
  co_return opening;
}

connection::~connection() {
  if (socket_.is_open()) socket_.release();  // libpq closes it
}

task<result<void>> connection::establish(std::string url) {
  // What comes first may be overridden by the URL. A peer that vanished is noticed within half a minute.
  const std::array<const char*, 8> names{"keepalives_idle",           "keepalives_interval",
                                         "keepalives_count",          "tcp_user_timeout",
                                         "fallback_application_name", "dbname",
                                         "client_encoding",           nullptr};
  const std::array<const char*, 8> values{"10", "5", "3", "15000", "openclaw-music", url.c_str(), "UTF8", nullptr};
  constexpr int expand_dbname = 1;
  handle_.reset(PQconnectStartParams(names.data(), values.data(), expand_dbname));
  if (!handle_) co_return error{errc::store_unavailable, "PostgreSQL: out of memory"};
  PQsetNoticeReceiver(handle_.get(), &quiet, nullptr);
  auto connected = co_await poll_connecting();
  if (!connected) co_return connected.error();
  boost::system::error_code failed;
  socket_.assign(PQsocket(handle_.get()), failed);
  if (failed || PQsetnonblocking(handle_.get(), 1) != 0) co_return lost("connect: the socket cannot be watched");
  co_return result<void>{};
}

task<result<void>> connection::poll_connecting() {
  if (PQstatus(handle_.get()) == CONNECTION_BAD) co_return lost("connect");
  auto wanted = PGRES_POLLING_WRITING;
  while (wanted != PGRES_POLLING_OK) {
    if (wanted == PGRES_POLLING_FAILED) co_return lost("connect");
    // libpq may have another socket after each step (the next address, TLS refused), even under the same number
    boost::system::error_code failed;
    socket_.assign(PQsocket(handle_.get()), failed);
    if (failed) co_return lost("connect: the socket cannot be watched");
    const auto direction = wanted == PGRES_POLLING_READING ? wait_type::wait_read : wait_type::wait_write;
    co_await socket_.async_wait(direction, use_task);
    socket_.release();
    wanted = PQconnectPoll(handle_.get());
  }
  co_return result<void>{};
}

// --- statements -------------------------------------------------------------------------------------------------------

task<result<rows>> connection::execute(std::string_view statement, parameters with, time_point until) {
  busy_ = true;
  auto running = run_prepared(statement, std::move(with));
  const auto limit = earlier(until, clock_.now() + statement_patience);
  auto done = co_await with_deadline(clock_, limit, std::move(running));
  if (!done && done.error().code == errc::deadline_exceeded) co_return lost("no answer in time");
  co_return done;
}

task<result<rows>> connection::run_prepared(std::string_view statement, parameters with) {
  auto name = co_await prepared(statement);
  if (!name) co_return name.error();
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const auto& value : with.values_) {
    values.push_back(value ? value->c_str() : nullptr);
    lengths.push_back(value ? static_cast<int>(value->size()) : 0);
  }
  busy_ = true;
  const int count = static_cast<int>(values.size());
  if (PQsendQueryPrepared(handle_.get(), name->c_str(), count, values.data(), lengths.data(), with.formats_.data(), binary) ==
      0) {
    co_return lost("send");
  }
  co_return co_await answer();
}

task<result<std::string>> connection::prepared(std::string_view statement) {
  std::string text{statement};
  if (const auto known = names_.find(text); known != names_.end()) co_return known->second;
  auto name = "music_" + std::to_string(names_.size());
  if (PQsendPrepare(handle_.get(), name.c_str(), text.c_str(), 0, nullptr) == 0) co_return lost("send");
  auto done = co_await answer();
  if (!done) co_return done.error();
  names_.emplace(std::move(text), name);
  co_return name;
}

task<result<void>> connection::script(std::string_view statements, time_point until) {
  busy_ = true;
  auto running = run_script(statements);
  auto done = co_await with_deadline(clock_, until, std::move(running));
  if (!done && done.error().code == errc::deadline_exceeded) co_return lost("no answer in time");
  co_return done;
}

task<result<void>> connection::run_script(std::string_view statements) {
  const std::string text{statements};
  if (PQsendQuery(handle_.get(), text.c_str()) == 0) co_return lost("send");
  auto done = co_await answer();
  if (!done) co_return done.error();
  co_return result<void>{};
}

/// Reads to the end of an answer, which may consist of several results: gives the last, or the first failure.
task<result<rows>> connection::answer() {
  auto moved = co_await flush();
  if (!moved) co_return moved.error();
  rows last{nullptr};
  std::optional<error> failure;
  for (;;) {
    moved = co_await receive();
    if (!moved) co_return moved.error();
    rows next{PQgetResult(handle_.get())};
    if (!next.result_) break;
    const auto status = PQresultStatus(next.result_.get());
    const bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!good && !failure) failure = refused(next.result_.get());
    last = std::move(next);
  }
  busy_ = false;
  if (failure) co_return *failure;
  if (!last.result_) co_return lost("no answer");
  co_return last;
}

task<result<void>> connection::flush() {
  for (int left = PQflush(handle_.get()); left != 0; left = PQflush(handle_.get())) {
    if (left < 0) co_return lost("send");
    co_await socket_.async_wait(wait_type::wait_write, use_task);
  }
  co_return result<void>{};
}

task<result<void>> connection::receive() {
  while (PQisBusy(handle_.get()) != 0) {
    co_await socket_.async_wait(wait_type::wait_read, use_task);
    if (PQconsumeInput(handle_.get()) == 0) co_return lost("receive");
  }
  co_return result<void>{};
}

// --- notifications ----------------------------------------------------------------------------------------------------

task<result<bool>> connection::notified(time_point until) {
  auto waiting = receive_notification();
  auto done = co_await with_deadline(clock_, until, std::move(waiting));
  if (!done && done.error().code == errc::deadline_exceeded) co_return false;
  co_return done;
}

task<result<bool>> connection::receive_notification() {
  struct freer {
    void operator()(PGnotify* notification) const noexcept { PQfreemem(notification); }
  };
  for (bool any = false;;) {
    while (const std::unique_ptr<PGnotify, freer> one{PQnotifies(handle_.get())}) any = true;
    if (any) co_return true;
    co_await socket_.async_wait(wait_type::wait_read, use_task);
    if (PQconsumeInput(handle_.get()) == 0) co_return lost("receive");
  }
}

// --- failures ---------------------------------------------------------------------------------------------------------

error connection::lost(std::string_view what) const {
  error failure{errc::store_unavailable, "PostgreSQL: " + std::string{what}};
  const auto said = trimmed(handle_ ? PQerrorMessage(handle_.get()) : nullptr);
  if (!said.empty()) failure.detail += ": " + said;
  failure.transient = true;
  return failure;
}

error connection::refused(const PGresult* why) {
  const char* const state_field = PQresultErrorField(why, PG_DIAG_SQLSTATE);
  const char* const severity_field = PQresultErrorField(why, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (state_field == nullptr || severity_field == nullptr) return lost("receive");
  const std::string_view state{state_field};
  error failure{errc::store_unavailable, "PostgreSQL " + std::string{state}};
  const bool value_refused = state.starts_with("22");
  if (!value_refused) failure.detail += ": " + trimmed(PQresultErrorField(why, PG_DIAG_MESSAGE_PRIMARY));  // it quotes values
  if (state == "23505") failure.code = errc::conflict;
  else if (value_refused || state.starts_with("23")) failure.code = errc::internal;
  // A session that ends (shutdown, crash) may do so after its commit. An ERROR is always rolled back.
  const bool ending = std::string_view{severity_field} != "ERROR";
  spoilt_ = spoilt_ || ending || another_session_may(state);
  failure.transient = spoilt_ || passes_by_itself(state);
  return failure;
}

}  // namespace music::postgres
