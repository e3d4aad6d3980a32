# Warnings, hardening and sanitizers for every target of ours (design: control plane, section 8).
option(VTB_FUZZ "build libFuzzer harnesses (clang)" OFF)
set(VTB_SANITIZE "" CACHE STRING "sanitizers for every target, e.g. address,undefined")

function(vtb_harden target)
  set_target_properties(${target} PROPERTIES C_STANDARD 17 C_STANDARD_REQUIRED ON
    C_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wformat=2
    -Werror=format-security -Werror=implicit-function-declaration -Wvla -Wshadow
    -fno-strict-overflow -fno-delete-null-pointer-checks -fstack-protector-strong
    -ftrivial-auto-var-init=zero)
  if(CMAKE_C_COMPILER_ID STREQUAL "Clang" AND CMAKE_C_COMPILER_VERSION VERSION_LESS 16)
    # Debian 12's clang 14 wants to be told twice.
    target_compile_options(${target} PRIVATE
      -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang)
  endif()
  if(NOT VTB_NO_SANITIZE_${target} AND VTB_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${VTB_SANITIZE} -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${VTB_SANITIZE})
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    target_compile_options(${target} PRIVATE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
      -fstack-clash-protection -fcf-protection=full)
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -fzero-call-used-regs=used-gpr)
    endif()
  endif()
  target_link_options(${target} PRIVATE -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
endfunction()
