# Warnings for our own targets only; third-party headers come in as SYSTEM.
option(MUSIC_WERROR "Treat warnings as errors" OFF)
add_library(music_warnings INTERFACE)
add_library(music::warnings ALIAS music_warnings)
target_compile_options(music_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wformat=2 -Wimplicit-fallthrough -Wswitch -Wundef -Wnull-dereference
  $<$<CXX_COMPILER_ID:Clang>:-Wextra-semi -Wunreachable-code -Wno-missing-field-initializers -Wno-missing-designated-field-initializers>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers>
  $<$<BOOL:${MUSIC_WERROR}>:-Werror>)
