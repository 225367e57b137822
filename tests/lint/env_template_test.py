#!/usr/bin/env python3
"""Every configuration variable is in .env.template with the program's own default and a line that says what it means."""

import re

import tree

ASSIGNMENT = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$")
ENTRY = re.compile(r'\{"([A-Z][A-Z0-9_]*)",\s*"([^"]*)"')


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


def main():
    top = tree.root()
    table = dict(ENTRY.findall((top / "service/config.cpp").read_text()))
    template = documented((top / ".env.template").read_text().splitlines())

    problems = [f".env.template lacks {name}" for name in sorted(table.keys() - template.keys())]
    problems += [f".env.template:{template[name][1]}: {name} is not in the table of service/config.cpp"
                 for name in sorted(template.keys() - table.keys())]
    for name in sorted(table.keys() & template.keys()):
        default, number, commented = template[name]
        if default != table[name]:
            problems.append(f".env.template:{number}: the default of {name} is '{table[name]}' in the program")
        if not commented:
            problems.append(f".env.template:{number}: no comment above {name}")
    tree.finish(problems, len(table))


main()
