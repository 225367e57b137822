# What the OpenSSF compiler guide recommends and clang-19 on Debian 12 supports (2026-06 edition).
# Not with sanitizers: they bring checks of their own, and _FORTIFY_SOURCE hides calls from them.
if(NOT MUSIC_SANITIZE)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
  add_compile_definitions($<$<CONFIG:RelWithDebInfo>:_FORTIFY_SOURCE=3> _GLIBCXX_ASSERTIONS)
endif()
