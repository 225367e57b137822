# music_add_room(NAME SOURCES ... DEPENDS ... [PRIVATE_DEPENDS ...] [NO_PCH])
#
# A room is a static library with an include root of its own, so that including a room that is not declared does not
# compile. DEPENDS are the rooms and libraries that its public headers show; PRIVATE_DEPENDS stay in its sources. NO_PCH is
# for rooms that do not include Asio.
function(music_add_room name)
  cmake_parse_arguments(room "NO_PCH" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  set(target music_${name})
  add_library(${target} STATIC ${room_SOURCES})
  add_library(music::${name} ALIAS ${target})
  target_include_directories(${target} PUBLIC include PRIVATE src)
  target_link_libraries(${target} PUBLIC music::options ${room_DEPENDS} PRIVATE music::warnings ${room_PRIVATE_DEPENDS})
  if(NOT room_NO_PCH)
    music_use_pch(${target})
  endif()
endfunction()
