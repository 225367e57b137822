#!/usr/bin/env python3
"""Every configuration variable is in .env.template with the program's own default and a line that says what it means."""

import re

import tree

ASSIGNMENT = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$")
ENTRY = re.compile(r'\{"([A-Z][A-Z0-9_]*)",\s*"([^"]*)"')
READ = re.compile(r'\b(?:text|set_\w+|read_base_url|read_own_url)(?:<[^>]*>)?\((?:in,\s*)?"([A-Z][A-Z0-9_]*)"')
SERVICE = re.compile(r'\bmusic_service (\w+)\{"\1", "([A-Z][A-Z0-9_]*)"')
OF_SERVICE = re.compile(r'\bvariable_of\(service, "([A-Z][A-Z0-9_]*)"\)')


def documented(lines):
    """name -> (default, line number, whether a comment stands right above)."""
    found = {}
    for number, line in enumerate(lines, 1):
        match = ASSIGNMENT.match(line)
        if match:
            above = lines[number - 2] if number > 1 else ""
            shares = ASSIGNMENT.match(above)  # two variables that one comment explains
            commented = above.startswith("# ") or bool(shares and found[shares.group(1)][2])
            found[match.group(1)] = (match.group(2), number, commented)
    return found


def read_by(source, services):
    """The variables that are read; those of a music service are its key and its name before what all of them have."""
    used = set(READ.findall(source))
    for name, key in SERVICE.findall(services):
        used |= {key, *(f"{name.upper()}_{what}" for what in OF_SERVICE.findall(source))}
    return used


def main():
    top = tree.root()
    sources = [path.read_text() for path in sorted((top / "service").glob("config*.cpp"))]
    table = dict(ENTRY.findall((top / "service/config.cpp").read_text()))
    used = read_by("\n".join(sources), (top / "service/config.hpp").read_text())
    template = documented((top / ".env.template").read_text().splitlines())

    problems = [f".env.template lacks {name}" for name in sorted(table.keys() - template.keys())]
    problems += [f".env.template:{template[name][1]}: {name} is not in the table of service/config.cpp"
                 for name in sorted(template.keys() - table.keys())]
    problems += [f"service/ reads {name}, which is not in the table of config.cpp" for name in sorted(used - table.keys())]
    problems += [f"service/ never reads {name}" for name in sorted(table.keys() - used)]
    for name in sorted(table.keys() & template.keys()):
        default, number, commented = template[name]
        if default != table[name]:
            problems.append(f".env.template:{number}: the default of {name} is '{table[name]}' in the program")
        if not commented:
            problems.append(f".env.template:{number}: no comment above {name}")
    tree.finish(problems, len(table))


main()
