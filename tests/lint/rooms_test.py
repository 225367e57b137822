#!/usr/bin/env python3
"""Who may include whom: holds the table of proto-docs/architecture.md against the tree."""

import re

import tree

# What a room may include: other rooms, and libraries beside the standard library, POSIX and Boost's small change.
ROOMS = {
    "base": ([], []),
    "async": (["base"], ["asio"]),
    "net": (["async", "base"], ["asio", "beast", "openssl"]),
    "core": (["async", "base"], ["asio"]),
    "view": (["core", "async", "base"], []),
    "skills": (["core", "async", "base"], ["asio"]),
    "jobs": (["core", "skills", "async", "base"], ["asio"]),
    "providers/upstream": (["core", "net", "async", "base"], ["asio", "json"]),
    "providers/openai": (["providers/upstream", "core", "net", "async", "base"], ["asio", "json"]),
    "providers/suno": (["providers/upstream", "core", "net", "async", "base"], ["asio", "json"]),
    **{f"providers/{service}": (["providers/upstream", "core", "net", "async", "base"], ["asio", "json"])
       for service in ("elevenlabs", "fal", "replicate", "minimax", "stability", "acestep")},
    "providers/template": (["core", "async", "base"], ["asio"]),
    "providers/local": (["core", "async", "base"], ["asio", "audio"]),
    "webhooks": (["core", "view", "net", "async", "base"], ["asio", "json"]),
    "store": (["core", "async", "base"], ["asio", "json", "sqlite"]),
    "http": (["core", "view", "async", "base"], ["asio", "beast", "json"]),
}

# Single doors in that wall: (room, file name pattern, what that file may include besides).
DOORS = [
    ("base", r"log.*\.cpp", "library spdlog"),
    ("base", r"(hash|secret|random)\.cpp", "library openssl"),
    ("base", r"text\.cpp", "library re2"),
    ("http", r".*", "header music/net/transport.hpp"),  # the seam: the session drives bytes over it
    ("http", r".*", "header music/net/tls.hpp"),
]

LIBRARIES = {
    "asio": r"boost/asio[/.]",
    "beast": r"boost/beast[/.]",
    "json": r"boost/json[/.]",
    "openssl": r"openssl/",
    "spdlog": r"(spdlog|fmt)/",
    "re2": r"re2/",
    "sqlite": r"sqlite3\.h",
    "audio": r"(fluidsynth|sndfile|ebur128|zlib)\.h|"
             r"(attachedpictureframe|fileref|flacfile|flacpicture|id3v2\w*|mpegfile|opusfile|rifffile|t\w+|vorbisfile|"
             r"wavfile|xiphcomment)\.h",
}
SMALL_BOOST = r"boost/(assert|system|throw_exception|container_hash|core|config|intrusive|unordered|version)[/.]"
STANDARD = r"[a-z0-9_]+|(sys|netinet|arpa|linux)/\w+\.h|" \
           r"(dirent|fcntl|ifaddrs|malloc|netdb|poll|pthread|resolv|sched|signal|spawn|syslog|time|unistd|cxxabi|execinfo|errno|string)\.h"
INCLUDE = re.compile(r'^\s*#\s*include\s*(<[^>]+>|"[^"]+")')


def room_of(path):
    """The room a file of lib/ belongs to: its folder, one deeper below providers/."""
    parts = path.parts
    return "/".join(parts[1:3]) if parts[1] == "providers" else parts[1]


def room_of_header(header):
    """The room that owns a public header music/<room>/..."""
    parts = header.split("/")
    return "/".join(parts[1:3]) if parts[1] == "providers" else parts[1]


def library_of(header):
    return next((name for name, pattern in LIBRARIES.items() if re.match(pattern, header)), None)


def has_door(room, path, what):
    return any(room == where and re.fullmatch(who, path.name) and what == through for where, who, through in DOORS)


def refuse(room, path, header):
    """Why this file may not include <header>, or None."""
    rooms, libraries = ROOMS[room]
    if header.startswith("music/"):
        other = room_of_header(header)
        if other == room or other in rooms or has_door(room, path, f"header {header}"):
            return None
        return f"room {room} may not include room {other}"
    library = library_of(header)
    if library:
        if library in libraries or has_door(room, path, f"library {library}"):
            return None
        return f"room {room} may not use {library} here"
    if re.match(SMALL_BOOST, header) or re.fullmatch(STANDARD, header):
        return None
    return "a library that the table does not know"


def refuse_own(top, path, header):
    """A quoted include stays inside its room."""
    room = room_of(path)
    folder = top / "lib" / room
    candidates = [(top / path).parent / header, folder / "src" / header]
    found = [candidate.resolve() for candidate in candidates if candidate.is_file()]
    if any(folder in candidate.parents for candidate in found):
        return None
    return "a quoted include must name a file of its own room"


def main():
    top = tree.root()
    problems = []
    sources = [path for path in tree.files(top)
               if path.suffix in (".cpp", ".hpp") and path.parts[0] == "lib" and path.parts[1] != "cmake"]
    for path in sources:
        room = room_of(path)
        if room not in ROOMS:
            problems.append(f"{path}: room {room} is not in the table")
            continue
        for number, line in enumerate((top / path).read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            header = match.group(1)[1:-1]
            why = refuse(room, path, header) if match.group(1)[0] == "<" else refuse_own(top, path, header)
            if why:
                problems.append(f"{path}:{number}: {match.group(1)}: {why}")
    tree.finish(problems, len(sources))


main()
