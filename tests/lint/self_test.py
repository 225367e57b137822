#!/usr/bin/env python3
"""The checks find what they are for: each is run on a small clean tree, then on the same tree with one thing wrong."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent

CLEAN = {
    "README.md": "# Top\n\nSee [the rooms](proto-docs/a.md#who-may) and [top](#top).\n",
    "proto-docs/a.md": "# A\n\n## Who may\n",
    ".env.template": "# The port.\nPORT=8080\n# A service.\nACME_TOKEN=\nACME_MODEL=m\n",
    "service/config.hpp": 'music_service acme{"acme", "ACME_TOKEN", {}, "m"};\n',
    "service/config.cpp": 'x{{"PORT", "8080"}, {"ACME_TOKEN", ""}, {"ACME_MODEL", "m"}}; in.set_number<std::uint16_t>("PORT", port, 0, 1);\n',
    "service/config_music.cpp": 'in.set_text(variable_of(service, "MODEL"), model);\n',
    "service/CMakeLists.txt": "add_library(s config.cpp config_music.cpp)\n",
    "lib/base/CMakeLists.txt": "music_add_room(base SOURCES src/log.cpp)\n",
    "lib/base/src/log.cpp": "#include <music/base/log.hpp>\n#include <spdlog/async.h>\n#include <vector>\n#include \"own.hpp\"\n",
    "lib/base/src/own.hpp": "#include <boost/system/result.hpp>\n",
    "lib/http/include/music/http/server.hpp": "#include <music/net/transport.hpp>\n#include <music/core/ports.hpp>\n",
    "tests/CMakeLists.txt": "foreach(case log)\n",
    "tests/unit/base/log_test.cpp": "int main() {}\n",
}

# check, file, what is added to it, what the check must name
PLANTED = [
    ("rooms_test", "lib/base/src/own.hpp", "#include <spdlog/async.h>\n", "may not use spdlog"),
    ("rooms_test", "lib/base/src/own.hpp", "#include <music/core/ports.hpp>\n", "may not include room core"),
    ("rooms_test", "lib/base/src/own.hpp", "#include \"../../http/src/x.hpp\"\n", "its own room"),
    ("rooms_test", "lib/base/src/own.hpp", "#include <curl/curl.h>\n", "does not know"),
    ("rooms_test", "lib/http/include/music/http/server.hpp", "#include <music/net/http_client.hpp>\n", "may not include room net"),
    ("rooms_test", "lib/http/include/music/http/server.hpp", "#include <music/store/sqlite_store.hpp>\n", "room store"),
    ("rooms_test", "lib/core/src/x.cpp", "#include <boost/json/value.hpp>\n", "may not use json"),
    ("rooms_test", "lib/core/src/x.cpp", "#include <app.hpp>\n", "does not know"),
    ("rooms_test", "lib/providers/suno/src/x.cpp", "#include <music/providers/openai/w.hpp>\n", "room providers/openai"),
    ("rooms_test", "lib/attic/src/x.cpp", "\n", "not in the table"),
    ("no_sleep_test", "tests/unit/base/log_test.cpp", "std::this_thread::sleep_for(1s);\n", "sleeps"),
    ("no_sleep_test", "tests/contract/flow.py", "time.sleep" + "(1)\n", "sleeps"),
    ("no_sleep_test", "tests/contract/flow.sh", "while true; do sleep 1; done\n", "sleeps"),
    ("clean_files_test", "README.md", "cd /ho" + "me/somebody/x\n", "somebody's machine"),
    ("clean_files_test", "README.md", "from deb.debian" + ".org\n", "registry"),
    ("clean_files_test", "README.md", "key sk-" + "a1b2c3d4e5f6g7h8i9j0\n", "like a key"),
    ("clean_files_test", "lib/base/src/own.hpp", "int a; \n", "white space"),
    ("clean_files_test", "lib/base/src/own.hpp", "int a;", "no newline"),
    ("env_template_test", ".env.template", "# More.\nMORE=1\n", "MORE is not in the table"),
    ("env_template_test", "service/config.cpp", 'y{"LESS", ""};\n', "lacks LESS"),
    ("env_template_test", "service/config.cpp", 'in.text("OTHER");\n', "reads OTHER"),
    ("env_template_test", "service/config_music.cpp", 'in.text("OTHER");\n', "reads OTHER"),
    ("env_template_test", "service/config_music.cpp", 'variable_of(service, "TIMEOUT");\n', "reads ACME_TIMEOUT"),
    ("env_template_test", "service/config.hpp", 'music_service other{"other", "OTHER_KEY"};\n', "reads OTHER_KEY"),
    ("env_template_test", "service/config.cpp", 'y{"LESS", ""};\n', "never reads LESS"),
    ("env_template_test", ".env.template", "# Other default.\nPORT=1\n", "default of PORT"),
    ("env_template_test", ".env.template", "\nPORT=8080\n", "no comment"),
    ("sources_listed_test", "lib/base/src/new.cpp", "\n", "no CMakeLists.txt above it names it"),
    ("sources_listed_test", "tests/unit/base/new_test.cpp", "\n", "no CMakeLists.txt above it names it"),
    ("links_test", "README.md", "[x](proto-docs/b.md)\n", "leads nowhere"),
    ("links_test", "README.md", "[x](proto-docs/a.md#nobody)\n", "no such heading"),
]


def check(name, files):
    """(exit code, output) of one check over a tree with these files."""
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        ended = subprocess.run([sys.executable, str(HERE / f"{name}.py"), folder], capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout + ended.stderr


class Checks(unittest.TestCase):
    def test_a_clean_tree_passes(self):
        for name in sorted({planted[0] for planted in PLANTED}):
            with self.subTest(name):
                code, output = check(name, CLEAN)
                self.assertEqual((code, output.splitlines()[-1].split(" in ")[0]), (0, "0 problems"), output)

    def test_one_planted_mistake_is_found_and_named(self):
        for name, path, added, expected in PLANTED:
            with self.subTest(f"{name}: {expected}"):
                code, output = check(name, CLEAN | {path: CLEAN.get(path, "") + added})
                self.assertEqual(code, 1, output)
                self.assertIn(expected, output)

    def test_an_empty_tree_is_a_failure(self):
        code, _ = check("rooms_test", {"README.md": "nothing\n"})
        self.assertEqual(code, 1)


if __name__ == "__main__":
    unittest.main()
