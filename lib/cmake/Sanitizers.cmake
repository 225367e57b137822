# The same sanitizers everywhere: a half-instrumented program reports what is not there.
if(MUSIC_SANITIZE)
  list(JOIN MUSIC_SANITIZE "," music_sanitizers)
  add_compile_options(-fsanitize=${music_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${music_sanitizers})
endif()
