#include "commands.hpp"

#include "../app.hpp"
#include "generate.hpp"

#include <cstdio>
#include <cstdlib>

namespace music::service {
namespace {

constexpr const char* usage =
    "usage: openclaw-music serve\n"
    "       openclaw-music generate THEME [--tags T] [--output FILE] [--json] [--server URL]\n"
    "       openclaw-music check-config\n"
    "       openclaw-music --version | --help\n"
    "\n"
    "serve         run the service; POST /generate asks for a song\n"
    "generate      make one song from a theme and save it; starts a service of its own unless --server names one\n"
    "check-config  read the environment and .env, say whether they can be used\n"
    "\n"
    "Configuration comes from environment variables and .env; .env.template lists them all.\n";

int refuse(const std::string& line) {
  std::fprintf(stderr, "openclaw-music: %s\n", line.c_str());
  return exit_usage;
}

std::variant<config, config_error> configured() {
  auto lookup = read_environment();
  if (auto* problem = std::get_if<config_error>(&lookup)) return *problem;
  return load_config(std::get<environment>(lookup));
}

int serve(config settings, termination_signals& signals) {
  log::start({settings.log_level, settings.log_format, {}});
  auto started = start_app(std::move(settings));
  if (const auto* problem = std::get_if<start_error>(&started)) {
    log::stop();
    return refuse(problem->message);
  }
  auto& service = *std::get<std::unique_ptr<app>>(started);
  std::printf("listening on %s\n", service.listening_at().c_str());
  std::fflush(stdout);
  log::info({"service", "process", "start", "success"}, {{"address", service.listening_at()}});

  signals.wait();
  termination_signals::end_at_next();
  return end_service(service, exit_done);
}

/// Takes the value that follows an option; false if there is none.
bool take_value(const std::vector<std::string>& arguments, std::size_t& i, std::string& into) {
  if (i + 1 >= arguments.size()) return false;
  into = arguments[++i];
  return true;
}

std::variant<generate_options, std::string> parse_generate(const std::vector<std::string>& arguments) {
  generate_options options;
  bool only_words = false;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto& word = arguments[i];
    const bool flag = !only_words && word.starts_with("--");
    if (flag && word == "--") only_words = true;
    else if (flag && word == "--json") options.json = true;
    else if (flag && word == "--tags") {
      if (!take_value(arguments, i, options.tags)) return "--tags needs a value";
    } else if (flag && word == "--output") {
      if (!take_value(arguments, i, options.output)) return "--output needs a file name";
    } else if (flag && word == "--server") {
      if (!take_value(arguments, i, options.server)) return "--server needs a URL";
    } else if (flag) return "generate does not know this option; it knows --tags, --output, --json and --server";
    else if (options.theme.empty()) options.theme = word;
    else return "generate takes one theme: put it in quotes";
  }
  if (options.theme.empty()) return "generate needs a theme, for example: generate \"rainy night in Tokyo, lofi\"";
  return options;
}

int generate(const std::vector<std::string>& arguments, termination_signals& signals) {
  const auto options = parse_generate(arguments);
  if (const auto* problem = std::get_if<std::string>(&options)) return refuse(*problem);
  auto settings = configured();
  if (const auto* problem = std::get_if<config_error>(&settings)) return refuse(problem->message);
  return run_generate(std::get<generate_options>(options), std::move(std::get<config>(settings)), signals);
}

}  // namespace

int end_service(app& service, int code) {
  log::info({"service", "process", "drain", "started"});
  const bool at_rest = service.drain();
  log::info({"service", "process", "drain", at_rest ? "success" : "timeout"});
  log::stop();
  if (at_rest) return code;
  std::fflush(nullptr);
  std::_Exit(code);
}

int run_command(const std::vector<std::string>& arguments, termination_signals& signals) {
  const std::string command = arguments.empty() ? "" : arguments.front();
  if (command == "--help" || command == "help") {
    std::fputs(usage, stdout);
    return exit_done;
  }
  if (command == "--version") {
    std::puts("openclaw-music " MUSIC_VERSION);
    return exit_done;
  }
  if (command == "generate") return generate(arguments, signals);
  if (command != "serve" && command != "check-config") {
    std::fputs(usage, stderr);
    return exit_usage;
  }
  if (arguments.size() > 1) return refuse(command + " takes no arguments");
  auto settings = configured();
  if (const auto* problem = std::get_if<config_error>(&settings)) return refuse(problem->message);
  if (command == "serve") return serve(std::move(std::get<config>(settings)), signals);
  std::puts("the configuration can be used");
  return exit_done;
}

}  // namespace music::service
