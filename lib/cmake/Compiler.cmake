# g++ 12 miscompiles ordinary coroutine code (ADR 0001): it builds only when its preset is asked for.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(WARNING "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines; this build is for compatibility checks only")
endif()

# One set of switches for everything that includes Asio or Beast: they change the layout of their headers (ABI).
add_library(music_options INTERFACE)
add_library(music::options ALIAS music_options)
target_compile_definitions(music_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_compile_features(music_options INTERFACE cxx_std_20)

# Everything ends in executables: one model for libraries and programs, so that they can share a precompiled header.
add_compile_options(-fPIE -pthread)
add_link_options(-pie -pthread)
